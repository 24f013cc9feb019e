-- Matching runs, and the matches that come of them.

create table matching_run (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    cohort_id uuid not null,
    policy_number integer not null,
    status text not null check (status in ('QUEUED', 'RUNNING', 'COMPLETED', 'PUBLISHED', 'DISCARDED', 'CANCELLED', 'FAILED')),
    progress smallint not null default 0 check (progress between 0 and 100),
    engine_version text,
    input_hash bytea,
    mentee_count integer not null default 0,
    mentor_count integer not null default 0,
    matched_count integer not null default 0,
    total_score integer not null default 0,
    report json,
    failure text,
    requested_by uuid not null,
    finished_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint matching_run_program foreign key (organization_id, program_id) references program,
    constraint matching_run_policy foreign key (organization_id, program_id, policy_number) references program_policy,
    constraint matching_run_cohort foreign key (organization_id, cohort_id) references cohort
);
comment on table matching_run is
    'One run of the matching engine over a cohort. Its proposals are matches in state SUGGESTED. Deletion: hard, after retention.';
comment on column matching_run.input_hash is 'SHA-256 of the canonical input: the same input and engine give the same result.';
comment on column matching_run.report is 'Ids and counts only: who stayed unmatched and why, alternates, load.';
create unique index matching_run_one_open on matching_run (organization_id, cohort_id)
    where status in ('QUEUED', 'RUNNING', 'COMPLETED');
comment on index matching_run_one_open is 'A cohort has one draft at a time; publish or discard it first.';
create index matching_run_cohort_id on matching_run (organization_id, cohort_id, id);
comment on index matching_run_cohort_id is 'The runs of a cohort, newest first.';
create index matching_run_program_id on matching_run (organization_id, program_id, policy_number);
comment on index matching_run_program_id is 'Runs by policy version.';
call cairn_protect('matching_run');

create table exclusion (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    mentor_id uuid not null,
    mentee_id uuid not null,
    reason text,
    created_by uuid not null,
    created_at timestamptz not null,
    primary key (organization_id, id),
    constraint exclusion_once unique (organization_id, mentor_id, mentee_id),
    constraint exclusion_mentor foreign key (organization_id, mentor_id) references profile on delete cascade,
    constraint exclusion_mentee foreign key (organization_id, mentee_id) references profile on delete cascade,
    constraint exclusion_of_two check (mentor_id <> mentee_id)
);
comment on table exclusion is
    'Two people who must not become a pair, such as relatives. The reason is for staff only. Deletion: hard.';
create index exclusion_mentee_id on exclusion (organization_id, mentee_id);
comment on index exclusion_mentee_id is 'The exclusions of a mentee.';
call cairn_protect('exclusion');

create table matches (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    cohort_id uuid not null,
    run_id uuid,
    policy_number integer not null,
    mentor_enrollment_id uuid not null,
    mentee_enrollment_id uuid not null,
    mentor_id uuid not null,
    mentee_id uuid not null,
    status text not null check (status in ('SUGGESTED', 'DISCARDED', 'OFFERED', 'ACCEPTED', 'ACTIVE', 'DECLINED', 'EXPIRED', 'SUPERSEDED', 'WITHDRAWN', 'CLOSED')),
    score smallint not null check (score between 0 and 10000),
    criteria json not null,
    mentor_answer text not null default 'NONE' check (mentor_answer in ('NONE', 'ACCEPTED', 'DECLINED')),
    mentee_answer text not null default 'NONE' check (mentee_answer in ('NONE', 'ACCEPTED', 'DECLINED')),
    decline_reason text,
    offered_at timestamptz,
    offer_expires_at timestamptz,
    accepted_at timestamptz,
    activated_at timestamptz,
    closed_at timestamptz,
    outcome text check (outcome in ('COMPLETED', 'ENDED_EARLY', 'NEVER_STARTED')),
    check_ins_held integer not null default 0 check (check_ins_held >= 0),
    check_ins_missed integer not null default 0 check (check_ins_missed >= 0),
    minutes_held integer not null default 0 check (minutes_held >= 0),
    objectives_agreed integer not null default 0 check (objectives_agreed >= 0),
    objectives_reached integer not null default 0 check (objectives_reached >= 0),
    last_check_in_id uuid,
    last_check_in_at timestamptz,
    next_check_in_id uuid,
    next_check_in_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint matches_program foreign key (organization_id, program_id) references program,
    constraint matches_policy foreign key (organization_id, program_id, policy_number) references program_policy,
    constraint matches_cohort foreign key (organization_id, cohort_id) references cohort,
    constraint matches_run foreign key (organization_id, run_id) references matching_run on delete set null (run_id),
    constraint matches_mentor_enrollment foreign key (organization_id, mentor_enrollment_id) references enrollment,
    constraint matches_mentee_enrollment foreign key (organization_id, mentee_enrollment_id) references enrollment,
    constraint matches_mentor foreign key (organization_id, mentor_id) references profile,
    constraint matches_mentee foreign key (organization_id, mentee_id) references profile,
    constraint matches_of_two check (mentor_id <> mentee_id)
);
comment on table matches is 'A mentor and a mentee, from suggestion to close. Deletion: never; closed instead.';
comment on column matches.criteria is 'The points of each criterion, which add up to the score, with their evidence.';
comment on column matches.check_ins_held is 'Counters and the last and next check-in are kept where every screen reads them; a job verifies them.';
create unique index matches_one_mentor on matches (organization_id, mentee_enrollment_id)
    where status in ('ACCEPTED', 'ACTIVE');
comment on index matches_one_mentor is 'A mentee has at most one mentor in a cohort.';
create unique index matches_one_open on matches (organization_id, mentor_enrollment_id, mentee_enrollment_id)
    where status in ('SUGGESTED', 'OFFERED', 'ACCEPTED', 'ACTIVE');
comment on index matches_one_open is 'The same two people are not suggested or offered twice at a time.';
create index matches_mentor_id on matches (organization_id, mentor_id, id);
comment on index matches_mentor_id is 'The matches of a mentor.';
create index matches_mentee_id on matches (organization_id, mentee_id, id);
comment on index matches_mentee_id is 'The matches of a mentee.';
create index matches_program_id on matches (organization_id, program_id, policy_number);
comment on index matches_program_id is 'The matches of a program, and by policy version.';
create index matches_cohort_id on matches (organization_id, cohort_id, id);
comment on index matches_cohort_id is 'The matches of a cohort in the order of their making.';
create index matches_run_id on matches (organization_id, run_id, score desc, id);
comment on index matches_run_id is 'The proposals of a run, best first.';
create index matches_mentor_enrollment_id on matches (organization_id, mentor_enrollment_id);
comment on index matches_mentor_enrollment_id is 'What holds or could take a place of a mentor.';
create index matches_mentee_enrollment_id on matches (organization_id, mentee_enrollment_id);
comment on index matches_mentee_enrollment_id is 'What a mentee was offered.';
create index matches_offer_expires_at on matches (offer_expires_at) where status = 'OFFERED';
comment on index matches_offer_expires_at is 'The scheduler expires offers that nobody answered.';
call cairn_protect('matches');
