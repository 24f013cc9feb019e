-- Who signs in: a global login, in no organization by itself.

create table account (
    id uuid primary key,
    name text not null check (char_length(name) between 1 and 120),
    email text,
    email_normalized text unique,
    email_verified_at timestamptz,
    locale text not null,
    status text not null check (status in ('ACTIVE', 'DISABLED')),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint account_email_whole check ((email is null) = (email_normalized is null))
);
comment on table account is 'A login. Deletion: hard; what the person did in organizations keeps their profile.';
comment on column account.email_normalized is 'Lower case; compared and searched instead of the address as typed.';

create table password (
    account_id uuid primary key references account on delete cascade,
    hash text not null,
    changed_at timestamptz not null
);
comment on table password is 'Argon2id hashes in PHC form. Deletion: hard.';

create table account_link (
    id uuid primary key,
    account_id uuid not null references account on delete cascade,
    purpose text not null check (purpose in ('VERIFY_EMAIL', 'RESET_PASSWORD')),
    token_hash bytea not null unique,
    expires_at timestamptz not null,
    consumed_at timestamptz,
    created_at timestamptz not null
);
comment on table account_link is 'One-time links sent by mail, kept as hashes. Deletion: hard, after they expire.';
create index account_link_account_id on account_link (account_id);
comment on index account_link_account_id is 'A new link supersedes the older ones of the account.';

create table membership (
    account_id uuid not null references account on delete cascade,
    organization_id uuid not null references organization on delete cascade,
    profile_id uuid,
    joined_at timestamptz not null,
    primary key (account_id, organization_id)
);
comment on table membership is 'In which organizations an account acts, and as which profile. Deletion: hard.';
create index membership_organization_id on membership (organization_id, profile_id);
comment on index membership_organization_id is 'The members of an organization, and the account behind a profile.';

create table role_grant (
    id uuid primary key,
    account_id uuid not null,
    organization_id uuid not null,
    role text not null check (role in ('OWNER', 'ADMIN', 'COORDINATOR', 'SAFEGUARDING_LEAD', 'ANALYST')),
    program_id uuid,
    granted_by uuid,
    created_at timestamptz not null,
    constraint role_grant_membership foreign key (account_id, organization_id) references membership on delete cascade,
    constraint role_grant_once unique nulls not distinct (account_id, organization_id, role, program_id)
);
comment on table role_grant is 'Staff roles, for a whole organization or one program. Deletion: hard.';
create index role_grant_organization_id on role_grant (organization_id, program_id);
comment on index role_grant_organization_id is 'The staff of an organization or program.';

create table security_event (
    id uuid primary key,
    account_id uuid,
    session_id uuid,
    at timestamptz not null,
    action text not null,
    address_prefix text,
    request_id text not null
);
comment on table security_event is
    'Sign-ins, failures and revocations of accounts. Addresses are cut to a network. Deletion: hard, after retention.';
create index security_event_account_id on security_event (account_id, id);
comment on index security_event_account_id is 'The security history of one account.';
