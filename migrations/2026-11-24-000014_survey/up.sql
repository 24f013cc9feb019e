-- Questions to the people of a program, and their answers.

create table survey (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    title text not null check (char_length(title) between 1 and 200),
    description text,
    status text not null check (status in ('DRAFT', 'PUBLISHED', 'RETIRED')),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint survey_program foreign key (organization_id, program_id) references program
);
comment on table survey is 'A questionnaire. Published ones never change, so that answers stay comparable. Deletion: hard while a draft.';
create index survey_program_id on survey (organization_id, program_id, id);
comment on index survey_program_id is 'The surveys of a program.';
call cairn_protect('survey');

create table survey_question (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    survey_id uuid not null,
    position smallint not null,
    kind text not null check (kind in ('SCALE', 'NUMBER', 'SINGLE_CHOICE', 'MULTIPLE_CHOICE', 'TEXT')),
    text text not null check (char_length(text) between 1 and 500),
    required boolean not null,
    minimum integer,
    maximum integer,
    minimum_label text,
    maximum_label text,
    options text[] not null default '{}',
    primary key (organization_id, id),
    constraint survey_question_position unique (organization_id, survey_id, position),
    constraint survey_question_survey foreign key (organization_id, survey_id) references survey on delete cascade,
    constraint survey_question_range check ((kind in ('SCALE', 'NUMBER')) = (minimum is not null and maximum is not null and minimum < maximum)),
    constraint survey_question_options check ((kind in ('SINGLE_CHOICE', 'MULTIPLE_CHOICE')) = (cardinality(options) >= 2))
);
comment on table survey_question is 'A question of a survey. Deletion: with the survey.';
call cairn_protect('survey_question');

create table survey_wave (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    survey_id uuid not null,
    cohort_id uuid not null,
    policy_number integer not null,
    status text not null check (status in ('SCHEDULED', 'OPEN', 'CLOSED', 'CANCELLED')),
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    invited_count integer not null default 0 check (invited_count >= 0),
    submitted_count integer not null default 0 check (submitted_count >= 0),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint survey_wave_survey foreign key (organization_id, survey_id) references survey,
    constraint survey_wave_cohort foreign key (organization_id, cohort_id) references cohort,
    constraint survey_wave_program foreign key (organization_id, program_id) references program,
    constraint survey_wave_policy foreign key (organization_id, program_id, policy_number) references program_policy,
    constraint survey_wave_dates check (closes_at > opens_at)
);
comment on table survey_wave is 'One time that a cohort is asked a survey. Deletion: never; cancelled instead.';
create index survey_wave_survey_id on survey_wave (organization_id, survey_id, id);
comment on index survey_wave_survey_id is 'The waves of a survey.';
create index survey_wave_cohort_id on survey_wave (organization_id, cohort_id, id);
comment on index survey_wave_cohort_id is 'The waves of a cohort.';
create index survey_wave_program_id on survey_wave (organization_id, program_id, policy_number);
comment on index survey_wave_program_id is 'The waves of a program, and by policy version.';
create index survey_wave_due on survey_wave (opens_at, closes_at) where status in ('SCHEDULED', 'OPEN');
comment on index survey_wave_due is 'The scheduler opens and closes waves.';
call cairn_protect('survey_wave');

create table survey_response (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    wave_id uuid not null,
    enrollment_id uuid not null,
    profile_id uuid not null,
    status text not null check (status in ('INVITED', 'SUBMITTED', 'EXPIRED')),
    submitted_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint survey_response_once unique (organization_id, wave_id, enrollment_id),
    constraint survey_response_wave foreign key (organization_id, wave_id) references survey_wave,
    constraint survey_response_enrollment foreign key (organization_id, enrollment_id) references enrollment,
    constraint survey_response_profile foreign key (organization_id, profile_id) references profile
);
comment on table survey_response is 'One person''s place in a wave. Staff see counts, never who answered what. Deletion: hard, after retention.';
create index survey_response_profile_id on survey_response (organization_id, profile_id, id);
comment on index survey_response_profile_id is 'What a person was asked.';
create index survey_response_enrollment_id on survey_response (organization_id, enrollment_id);
comment on index survey_response_enrollment_id is 'For the foreign key.';
call cairn_protect('survey_response');

create table survey_answer (
    organization_id uuid not null references organization on delete cascade,
    response_id uuid not null,
    question_id uuid not null,
    number integer,
    text text check (char_length(text) <= 4000),
    choices smallint[],
    primary key (organization_id, response_id, question_id),
    constraint survey_answer_response foreign key (organization_id, response_id) references survey_response on delete cascade,
    constraint survey_answer_question foreign key (organization_id, question_id) references survey_question,
    constraint survey_answer_one_value check (num_nonnulls(number, text, choices) = 1)
);
comment on table survey_answer is 'One answer. Choices are positions in the question''s options. Deletion: with the response.';
create index survey_answer_question_id on survey_answer (organization_id, question_id);
comment on index survey_answer_question_id is 'Results are computed by question.';
call cairn_protect('survey_answer');
