-- What the two sides of a pair write to each other.

create table conversation (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    match_id uuid not null,
    message_count integer not null default 0 check (message_count >= 0),
    last_message_at timestamptz,
    created_at timestamptz not null,
    primary key (organization_id, id),
    constraint conversation_one_per_match unique (organization_id, match_id),
    constraint conversation_match foreign key (organization_id, match_id) references matches
);
comment on table conversation is 'The messages of a match. Deletion: hard, after retention.';
call cairn_protect('conversation');

create table message (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    conversation_id uuid not null,
    sender_id uuid not null,
    body text not null check (char_length(body) between 1 and 4000),
    status text not null check (status in ('VISIBLE', 'RETRACTED')),
    created_at timestamptz not null,
    retracted_at timestamptz,
    primary key (organization_id, id),
    constraint message_conversation foreign key (organization_id, conversation_id) references conversation on delete cascade,
    constraint message_sender foreign key (organization_id, sender_id) references profile
);
comment on table message is 'One message. A retracted one keeps its place and is shown without its text. Deletion: hard, after retention.';
create index message_conversation_id on message (organization_id, conversation_id, id);
comment on index message_conversation_id is 'The messages of a conversation in order.';
create index message_sender_id on message (organization_id, sender_id);
comment on index message_sender_id is 'A profile that wrote cannot be deleted unseen.';
call cairn_protect('message');

create table conversation_reader (
    organization_id uuid not null references organization on delete cascade,
    conversation_id uuid not null,
    profile_id uuid not null,
    read_until uuid not null,
    updated_at timestamptz not null,
    primary key (organization_id, conversation_id, profile_id),
    constraint conversation_reader_conversation foreign key (organization_id, conversation_id) references conversation on delete cascade,
    constraint conversation_reader_profile foreign key (organization_id, profile_id) references profile on delete cascade
);
comment on table conversation_reader is 'Up to which message somebody has read. Deletion: hard, with the conversation.';
create index conversation_reader_profile_id on conversation_reader (organization_id, profile_id);
comment on index conversation_reader_profile_id is 'For the foreign key.';
call cairn_protect('conversation_reader');
