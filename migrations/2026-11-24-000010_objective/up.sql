-- What a pair wants to reach.

create table objective (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    match_id uuid not null,
    title text not null check (char_length(title) between 1 and 200),
    description text,
    status text not null check (status in ('PROPOSED', 'AGREED', 'IN_PROGRESS', 'SUBMITTED_FOR_REVIEW', 'RATED', 'DROPPED')),
    target_on date,
    proposed_by uuid not null,
    submitted_by uuid,
    rating smallint check (rating between -2 and 2),
    rated_by uuid,
    rated_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint objective_match foreign key (organization_id, match_id) references matches,
    constraint objective_proposed_by foreign key (organization_id, proposed_by) references profile,
    constraint objective_submitted_by foreign key (organization_id, submitted_by) references profile,
    constraint objective_rated_by foreign key (organization_id, rated_by) references profile,
    constraint objective_rated check ((status = 'RATED') = (rating is not null))
);
comment on table objective is 'An objective of a pair, rated by goal attainment scaling. Deletion: never; dropped instead.';
comment on column objective.rating is '-2 much less than expected, 0 as expected, +2 much more than expected.';
create index objective_match_id on objective (organization_id, match_id, id);
comment on index objective_match_id is 'The objectives of a pair.';
create index objective_proposed_by on objective (organization_id, proposed_by);
comment on index objective_proposed_by is 'A profile that proposed cannot be deleted unseen.';
create index objective_submitted_by on objective (organization_id, submitted_by);
comment on index objective_submitted_by is 'A profile that submitted cannot be deleted unseen.';
create index objective_rated_by on objective (organization_id, rated_by);
comment on index objective_rated_by is 'A profile that rated cannot be deleted unseen.';
call cairn_protect('objective');
