-- A signed-in device, and the keys that sign what it carries.

create table session (
    id uuid primary key,
    account_id uuid not null references account on delete cascade,
    client text not null,
    device_name text,
    status text not null check (status in ('ACTIVE', 'REVOKED')),
    revoked_reason text,
    refresh_key_sealed bytea not null,
    generation integer not null,
    proven integer not null,
    presented integer not null,
    repeats integer not null default 0,
    rotated_at timestamptz not null,
    authenticated_at timestamptz not null,
    last_seen_at timestamptz not null,
    idle_expires_at timestamptz not null,
    absolute_expires_at timestamptz not null,
    created_at timestamptz not null,
    constraint session_generations check (proven <= generation and presented <= generation)
);
comment on table session is
    'A signed-in device with its family of refresh tokens. No token is stored: they follow from the sealed key and a generation. Deletion: hard, 90 days after the end.';
comment on column session.proven is 'The newest generation that the client has shown to have received.';
create index session_account_id on session (account_id, status);
comment on index session_account_id is 'The devices of an account.';

create table signing_key (
    id text primary key,
    algorithm text not null check (algorithm in ('EdDSA')),
    state text not null check (state in ('NEXT', 'ACTIVE', 'RETIRING', 'RETIRED')),
    public_key bytea not null,
    private_key_sealed bytea not null,
    state_since timestamptz not null,
    created_at timestamptz not null
);
comment on table signing_key is
    'Keys that sign access tokens, sealed, shared by all instances. The id is the RFC 7638 thumbprint. Deletion: hard, when retired.';
create unique index signing_key_one on signing_key (state) where state in ('ACTIVE', 'NEXT');
comment on index signing_key_one is 'Instances that start together must agree on one key, and on the next one.';
