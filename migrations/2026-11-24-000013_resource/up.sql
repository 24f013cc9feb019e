-- Links and files that are shared with a pair or a whole program.

create table resource (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    match_id uuid,
    title text not null check (char_length(title) between 1 and 200),
    description text,
    url text check (url like 'https://%'),
    file_id uuid,
    shared_by uuid not null,
    archived_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint resource_program foreign key (organization_id, program_id) references program,
    constraint resource_match foreign key (organization_id, match_id) references matches,
    constraint resource_file foreign key (organization_id, file_id) references file,
    constraint resource_one_content check (num_nonnulls(url, file_id) = 1)
);
comment on table resource is 'A link or file shared with a pair, or with everybody in a program. Deletion: archived, then hard after retention.';
comment on column resource.shared_by is 'The account of the person who shared it.';
create index resource_match_id on resource (organization_id, match_id, id);
comment on index resource_match_id is 'What a pair has shared.';
create index resource_program_id on resource (organization_id, program_id, id);
comment on index resource_program_id is 'What a program has shared.';
create index resource_file_id on resource (organization_id, file_id);
comment on index resource_file_id is 'Who may read a file follows from what shares it.';
call cairn_protect('resource');
