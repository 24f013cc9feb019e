-- What a person was told, in the app and by mail.

create table notification (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    account_id uuid not null references account on delete cascade,
    kind text not null,
    subject_kind text not null,
    subject_id uuid not null,
    dedupe_key text not null,
    read_at timestamptz,
    created_at timestamptz not null,
    primary key (organization_id, id),
    constraint notification_once unique (organization_id, account_id, dedupe_key)
);
comment on table notification is
    'One thing that one account was told. Text is made when it is shown, so nothing personal is stored. Deletion: hard, after retention.';
create index notification_account_id on notification (organization_id, account_id, id);
comment on index notification_account_id is 'The notifications of a person, newest first.';
create index notification_account on notification (account_id);
comment on index notification_account is 'For the foreign key.';
call cairn_protect('notification');
