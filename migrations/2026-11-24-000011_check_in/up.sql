-- When a pair meets, and what became of it.

create table check_in (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    match_id uuid not null,
    status text not null check (status in ('SCHEDULED', 'RESCHEDULED', 'CANCELLED', 'HELD', 'MISSED')),
    mode text not null check (mode in ('IN_PERSON', 'ONLINE', 'PHONE')),
    starts_at timestamptz not null,
    minutes smallint not null check (minutes between 5 and 480),
    place text,
    video_url text,
    agenda text,
    summary text,
    mentor_rating smallint check (mentor_rating between 1 and 5),
    mentor_feedback text,
    mentee_rating smallint check (mentee_rating between 1 and 5),
    mentee_feedback text,
    cancel_reason text,
    replaced_by uuid,
    scheduled_by uuid not null,
    recorded_by uuid,
    recorded_at timestamptz,
    reminded_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint check_in_match foreign key (organization_id, match_id) references matches,
    constraint check_in_replaced_by foreign key (organization_id, replaced_by) references check_in deferrable initially deferred,
    constraint check_in_scheduled_by foreign key (organization_id, scheduled_by) references profile,
    constraint check_in_recorded_by foreign key (organization_id, recorded_by) references profile,
    constraint check_in_held check (status <> 'HELD' or recorded_at is not null)
);
comment on table check_in is 'A meeting of a pair, planned or held, in person, online or by phone. Deletion: never; cancelled instead.';
comment on column check_in.mentor_feedback is 'For the mentor and the safeguarding lead only.';
comment on column check_in.mentee_feedback is 'For the mentee and the safeguarding lead only.';
comment on column check_in.reminded_at is 'When both sides were reminded of it, so that nobody is reminded twice.';
create index check_in_match_id on check_in (organization_id, match_id, starts_at, id);
comment on index check_in_match_id is 'The check-ins of a pair in the order of time.';
create index check_in_replaced_by on check_in (organization_id, replaced_by);
comment on index check_in_replaced_by is 'What a moved check-in was before.';
create index check_in_scheduled_by on check_in (organization_id, scheduled_by);
comment on index check_in_scheduled_by is 'A profile that scheduled cannot be deleted unseen.';
create index check_in_recorded_by on check_in (organization_id, recorded_by);
comment on index check_in_recorded_by is 'A profile that recorded cannot be deleted unseen.';
create index check_in_starts_at on check_in (starts_at) where status = 'SCHEDULED';
comment on index check_in_starts_at is 'The scheduler looks for what nobody recorded in time.';
call cairn_protect('check_in');
alter table matches add constraint matches_last_check_in
    foreign key (organization_id, last_check_in_id) references check_in deferrable initially deferred;
alter table matches add constraint matches_next_check_in
    foreign key (organization_id, next_check_in_id) references check_in deferrable initially deferred;
create index matches_last_check_in_id on matches (organization_id, last_check_in_id);
comment on index matches_last_check_in_id is 'For the foreign key.';
create index matches_next_check_in_id on matches (organization_id, next_check_in_id);
comment on index matches_next_check_in_id is 'For the foreign key.';
