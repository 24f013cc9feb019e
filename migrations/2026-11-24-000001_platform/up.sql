-- What every feature stands on: tenancy, jobs, idempotency, history, rate limits.

do $$
begin
    -- The pool acts as this role. It owns nothing, so row-level security binds it.
    if not exists (select from pg_roles where rolname = 'cairn_app') then
        create role cairn_app nologin;
    end if;
    execute format('grant cairn_app to %I', current_user);
end
$$;
grant usage on schema public to cairn_app;
alter default privileges in schema public grant select, insert, update, delete on tables to cairn_app;
alter default privileges in schema public grant usage on sequences to cairn_app;

create function cairn_organization() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('cairn.organization', true), '')::uuid;
comment on function cairn_organization() is
    'The organization of the running transaction; null, and so no row at all, when none is set.';

create procedure cairn_protect(tenant_table regclass)
    language plpgsql as $$
begin
    execute format('alter table %s enable row level security', tenant_table);
    execute format('alter table %s force row level security', tenant_table);
    execute format(
        'create policy tenant on %s using (organization_id = (select cairn_organization())) with check (organization_id = (select cairn_organization()))',
        tenant_table);
end
$$;
comment on procedure cairn_protect(regclass) is
    'Puts a tenant table behind the second wall: only rows of the transaction''s organization exist.';

create table organization (
    id uuid primary key,
    name text not null check (char_length(name) between 1 and 120),
    time_zone text not null,
    locale text not null,
    digital_consent_age smallint not null default 16 check (digital_consent_age between 13 and 18),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table organization is 'A tenant: whose programs these are. Deletion: hard, with everything in it.';
comment on column organization.digital_consent_age is
    'Age from which a person may consent alone; below it a guardian''s consent is needed (GDPR article 8: 13 to 16).';

create table job (
    id uuid primary key,
    organization_id uuid references organization on delete cascade,
    kind text not null,
    payload json not null,
    dedupe_key text unique,
    run_at timestamptz not null,
    attempts integer not null default 0,
    lease_token uuid,
    lease_until timestamptz,
    progress smallint not null default 0 check (progress between 0 and 100),
    cancel_requested boolean not null default false,
    done_at timestamptz,
    dead_at timestamptz,
    last_error text,
    created_at timestamptz not null
);
comment on table job is
    'Outbox and queue: whoever must be told and whatever must be done later, written in the transaction that causes it. Payloads hold ids, never personal text. Deletion: hard, after retention.';
comment on column job.lease_until is 'On the clock of the database, so that instances with wrong clocks cannot steal.';
create index job_due on job (run_at) where done_at is null and dead_at is null;
comment on index job_due is 'Workers ask for due jobs many times a minute.';
create index job_organization_id on job (organization_id);
comment on index job_organization_id is 'Deleting an organization deletes its jobs.';

create table idempotency_key (
    principal uuid not null,
    mutation text not null,
    key text not null check (char_length(key) between 1 and 255),
    fingerprint bytea not null,
    outcome json,
    expires_at timestamptz not null,
    primary key (principal, mutation, key)
);
comment on table idempotency_key is
    'What a mutation with this key did, so that a repeat answers the same. Deletion: hard, after 72 hours.';
comment on column idempotency_key.outcome is 'The ids the mutation answered with, never personal data.';
create index idempotency_key_expires_at on idempotency_key (expires_at);
comment on index idempotency_key_expires_at is 'The purge looks for old keys.';

create table audit_event (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    at timestamptz not null,
    account_id uuid,
    action text not null,
    object_kind text not null,
    object_id uuid not null,
    request_id text not null,
    outcome text not null default 'DONE' constraint audit_event_outcome check (outcome in ('DONE', 'DENIED')),
    primary key (organization_id, id)
);
comment on column audit_event.outcome is 'A denied attempt changed nothing; its object is the organization.';
comment on table audit_event is
    'Who did what to which object. No free text; account ids stay after an account is erased and then name nobody. Deletion: hard, after retention.';
create index audit_event_object on audit_event (organization_id, object_id, id);
comment on index audit_event_object is 'The history of one object.';
create index audit_event_denied on audit_event (organization_id, account_id, action, at) where outcome = 'DENIED';
comment on index audit_event_denied is 'A repeated attempt is noted once an hour: nobody fills the log.';
call cairn_protect('audit_event');

create table change (
    organization_id uuid not null references organization on delete cascade,
    sequence bigint generated always as identity,
    transaction_id xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    object_kind text not null,
    object_id uuid not null,
    context_id uuid,
    primary key (organization_id, sequence)
);
comment on table change is
    'The order of changes in an organization, for subscriptions and synchronization. Deletion: hard, after 90 days.';
comment on column change.transaction_id is
    'A reader may only go as far as the oldest running transaction, else it would miss rows that commit late.';
comment on column change.context_id is 'The match or cohort that the object belongs to, to filter subscriptions by.';
call cairn_protect('change');

create table rate_bucket (
    key text primary key,
    tokens double precision not null,
    refilled_at timestamptz not null
);
comment on table rate_bucket is
    'Token buckets of rate limits, shared by all instances. Keys are hashes. Deletion: hard, when full again.';
