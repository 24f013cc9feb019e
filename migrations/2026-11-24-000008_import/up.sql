-- Rosters: people of a cohort, from a file.

create table roster_import (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    program_id uuid not null,
    cohort_id uuid not null,
    file_id uuid not null,
    dry_run boolean not null,
    status text not null check (status in ('QUEUED', 'RUNNING', 'COMPLETED', 'REJECTED', 'FAILED')),
    progress smallint not null default 0 check (progress between 0 and 100),
    row_count integer not null default 0,
    created_count integer not null default 0,
    updated_count integer not null default 0,
    unchanged_count integer not null default 0,
    error_count integer not null default 0,
    requested_by uuid not null,
    finished_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint roster_import_program foreign key (organization_id, program_id) references program on delete cascade,
    constraint roster_import_cohort foreign key (organization_id, cohort_id) references cohort on delete cascade,
    constraint roster_import_file foreign key (organization_id, file_id) references file on delete cascade
);
comment on table roster_import is 'One reading of a roster file, as a trial or for good. Deletion: hard, after retention.';
create index roster_import_cohort_id on roster_import (organization_id, cohort_id, id);
comment on index roster_import_cohort_id is 'The imports of a cohort, newest first.';
create index roster_import_program_id on roster_import (organization_id, program_id);
comment on index roster_import_program_id is 'Deleting a program deletes its imports.';
create index roster_import_file_id on roster_import (organization_id, file_id);
comment on index roster_import_file_id is 'Deleting a file deletes its imports.';
call cairn_protect('roster_import');

create table roster_import_error (
    organization_id uuid not null references organization on delete cascade,
    import_id uuid not null,
    position integer not null,
    line integer not null,
    column_name text,
    code text not null,
    message text not null,
    primary key (organization_id, import_id, position),
    constraint roster_import_error_import foreign key (organization_id, import_id) references roster_import on delete cascade
);
comment on table roster_import_error is 'What is wrong in a roster file, by line and column. Deletion: with the import.';
call cairn_protect('roster_import_error');
