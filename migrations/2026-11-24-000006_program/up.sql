-- A mentoring program: its objectives, its rules in versions, its cohorts.

create table program (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    name text not null check (char_length(name) between 1 and 120),
    description text,
    status text not null check (status in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED', 'ARCHIVED')),
    time_zone text not null,
    policy_number integer not null default 1,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint program_name_unique unique (organization_id, name)
);
comment on table program is 'A mentoring program. Deletion: never while it has matches; archived instead.';
comment on column program.policy_number is 'The policy version in force.';
call cairn_protect('program');
alter table role_grant add constraint role_grant_program
    foreign key (organization_id, program_id) references program on delete cascade;

create table program_objective (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    position smallint not null,
    title text not null check (char_length(title) between 1 and 200),
    measure text,
    primary key (organization_id, id),
    constraint program_objective_position unique (organization_id, program_id, position) deferrable initially deferred,
    constraint program_objective_program foreign key (organization_id, program_id) references program on delete cascade
);
comment on table program_objective is 'What the program wants to reach, and how it will be seen. Deletion: hard, with the program.';
call cairn_protect('program_objective');

create table program_policy (
    organization_id uuid not null references organization on delete cascade,
    program_id uuid not null,
    number integer not null check (number > 0),
    cadence_days smallint not null check (cadence_days between 1 and 90),
    check_in_minutes smallint not null check (check_in_minutes between 10 and 480),
    missed_after_hours smallint not null check (missed_after_hours between 1 and 336),
    offer_days smallint not null check (offer_days between 1 and 60),
    minimum_score smallint not null check (minimum_score between 0 and 10000),
    minimum_overlap_minutes smallint not null check (minimum_overlap_minutes between 0 and 10080),
    weights json not null,
    anonymity_minimum smallint not null check (anonymity_minimum between 5 and 50),
    created_by uuid,
    created_at timestamptz not null,
    primary key (organization_id, program_id, number),
    constraint program_policy_program foreign key (organization_id, program_id) references program on delete cascade
);
comment on table program_policy is
    'The rules of a program, in versions that never change. Matches, runs and survey waves name the version they followed. Deletion: with the program.';
comment on column program_policy.anonymity_minimum is 'Results of fewer people are hidden; never below 5.';
comment on column program_policy.weights is 'Basis points per matching criterion, 10,000 in all.';
call cairn_protect('program_policy');
alter table program add constraint program_policy_in_force
    foreign key (organization_id, id, policy_number) references program_policy deferrable initially deferred;

create table cohort (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    name text not null check (char_length(name) between 1 and 120),
    status text not null check (status in ('DRAFT', 'OPEN', 'RUNNING', 'CLOSING', 'COMPLETED', 'CANCELLED')),
    starts_on date not null,
    ends_on date not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint cohort_name_unique unique (organization_id, program_id, name),
    constraint cohort_dates check (ends_on > starts_on),
    constraint cohort_program foreign key (organization_id, program_id) references program
);
comment on table cohort is 'One round of a program. Deletion: never while it has enrollments.';
comment on column cohort.starts_on is 'In the time zone of the program.';
call cairn_protect('cohort');

create table enrollment (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    cohort_id uuid not null,
    profile_id uuid not null,
    role text not null check (role in ('MENTOR', 'MENTEE')),
    status text not null check (status in ('APPROVED', 'ON_HOLD', 'WITHDRAWN', 'COMPLETED')),
    capacity smallint not null check (capacity between 0 and 50),
    load smallint not null default 0,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint enrollment_once unique (organization_id, cohort_id, profile_id),
    constraint enrollment_capacity check (load between 0 and capacity),
    constraint enrollment_program foreign key (organization_id, program_id) references program,
    constraint enrollment_cohort foreign key (organization_id, cohort_id) references cohort,
    constraint enrollment_profile foreign key (organization_id, profile_id) references profile
);
comment on table enrollment is 'A person in a cohort, as mentor or mentee. Deletion: never; withdrawn instead.';
comment on column enrollment.load is
    'Matches that hold a place now, kept in the transaction that takes or frees it; the check refuses one too many.';
create index enrollment_program_id on enrollment (organization_id, program_id);
comment on index enrollment_program_id is 'Everybody in a program.';
create index enrollment_profile_id on enrollment (organization_id, profile_id);
comment on index enrollment_profile_id is 'The enrollments of a person.';
call cairn_protect('enrollment');
