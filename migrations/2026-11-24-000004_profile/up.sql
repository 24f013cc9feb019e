-- A person in one organization, before and after they have an account.

create table profile (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    name text not null check (char_length(name) between 1 and 120),
    email text,
    email_normalized text,
    external_id text,
    birth_date_sealed bytea,
    guardian_contact_sealed bytea,
    about text,
    interests text[] not null default '{}',
    goals text[] not null default '{}',
    expertise text[] not null default '{}',
    languages text[] not null default '{}',
    time_zone text not null,
    availability json not null default '[]',
    capacity smallint not null default 1 check (capacity between 0 and 50),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint profile_email_whole check ((email is null) = (email_normalized is null)),
    constraint profile_email_unique unique (organization_id, email_normalized),
    constraint profile_external_id_unique unique (organization_id, external_id)
);
comment on table profile is 'A person in one organization. Deletion: pseudonymize, so that figures stay right.';
comment on column profile.birth_date_sealed is 'Encrypted with the field key; whether the person is a minor follows from it.';
comment on column profile.guardian_contact_sealed is 'Encrypted with the field key: name and e-mail or phone of a guardian.';
comment on column profile.availability is 'Weekly windows in the person''s own time zone.';
comment on column profile.capacity is 'How many mentees the person would take as a mentor.';
call cairn_protect('profile');

create table guardianship (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    ward_id uuid not null,
    guardian_id uuid not null,
    created_at timestamptz not null,
    primary key (organization_id, id),
    constraint guardianship_once unique (organization_id, ward_id, guardian_id),
    constraint guardianship_ward foreign key (organization_id, ward_id) references profile on delete cascade,
    constraint guardianship_guardian foreign key (organization_id, guardian_id) references profile on delete cascade,
    constraint guardianship_of_another check (ward_id <> guardian_id)
);
comment on table guardianship is 'Who is responsible for which minor. Deletion: hard.';
create index guardianship_guardian_id on guardianship (organization_id, guardian_id);
comment on index guardianship_guardian_id is 'The wards of a guardian, read with every request of theirs.';
call cairn_protect('guardianship');
alter table membership add constraint membership_profile
    foreign key (organization_id, profile_id) references profile on delete set null (profile_id);
