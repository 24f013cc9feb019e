-- Uploaded files, in the database: one store to back up, and every instance sees them.

create table file (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    uploaded_by uuid not null,
    name text not null check (char_length(name) between 1 and 255),
    content_type text not null,
    size integer not null check (size between 0 and 10485760),
    sha256 bytea not null,
    created_at timestamptz not null,
    primary key (organization_id, id)
);
comment on table file is 'An uploaded file of at most 10 MiB. Deletion: hard.';
comment on column file.uploaded_by is 'The account; only it may use the file in a mutation.';
call cairn_protect('file');

create table file_chunk (
    organization_id uuid not null references organization on delete cascade,
    file_id uuid not null,
    position integer not null,
    bytes bytea not null,
    primary key (organization_id, file_id, position),
    constraint file_chunk_file foreign key (organization_id, file_id) references file on delete cascade
);
comment on table file_chunk is 'The content of files in pieces, so that it streams in and out. Deletion: with the file.';
call cairn_protect('file_chunk');
