-- How people come in: invitations by mail, and the consents that minors need.

create table invitation (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    profile_id uuid,
    email text not null,
    email_normalized text not null,
    role text check (role in ('OWNER', 'ADMIN', 'COORDINATOR', 'SAFEGUARDING_LEAD', 'ANALYST')),
    program_id uuid,
    status text not null check (status in ('PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED', 'EXPIRED')),
    token_hash bytea not null,
    invited_by uuid not null,
    accepted_by uuid,
    expires_at timestamptz not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint invitation_profile foreign key (organization_id, profile_id) references profile on delete cascade,
    constraint invitation_program foreign key (organization_id, program_id) references program on delete cascade,
    constraint invitation_token unique (organization_id, token_hash),
    constraint invitation_purpose check (profile_id is not null or role is not null)
);
comment on table invitation is
    'An invitation by mail, to be the person of a profile or to have a staff role. Only a hash of its token is kept. Deletion: hard, after retention.';
create unique index invitation_one_pending on invitation
    (organization_id, email_normalized, coalesce(profile_id, '00000000-0000-0000-0000-000000000000'), coalesce(role, ''), coalesce(program_id, '00000000-0000-0000-0000-000000000000'))
    where status = 'PENDING';
comment on index invitation_one_pending is 'Inviting twice sends the first invitation again.';
create index invitation_profile_id on invitation (organization_id, profile_id);
comment on index invitation_profile_id is 'The invitations of a person.';
create index invitation_program_id on invitation (organization_id, program_id);
comment on index invitation_program_id is 'Deleting a program deletes its invitations.';
create index invitation_expires_at on invitation (expires_at) where status = 'PENDING';
comment on index invitation_expires_at is 'The scheduler expires what nobody answered.';
call cairn_protect('invitation');

create table consent (
    organization_id uuid not null references organization on delete cascade,
    id uuid not null,
    profile_id uuid not null,
    purpose text not null check (purpose in ('PARTICIPATION')),
    status text not null check (status in ('GRANTED', 'WITHDRAWN')),
    method text not null check (method in ('PAPER', 'PHONE', 'IN_PERSON', 'EMAIL')),
    text_version text not null,
    given_by text not null,
    evidence_file_id uuid,
    recorded_by uuid not null,
    granted_on date not null,
    withdrawn_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (organization_id, id),
    constraint consent_profile foreign key (organization_id, profile_id) references profile on delete cascade,
    constraint consent_evidence foreign key (organization_id, evidence_file_id) references file on delete set null (evidence_file_id),
    constraint consent_withdrawn check ((status = 'WITHDRAWN') = (withdrawn_at is not null))
);
comment on table consent is 'Consents of guardians, as staff recorded them. Deletion: hard, after retention.';
create unique index consent_one_granted on consent (organization_id, profile_id, purpose) where status = 'GRANTED';
comment on index consent_one_granted is 'At most one consent per person and purpose is in force.';
create index consent_profile_id on consent (organization_id, profile_id);
comment on index consent_profile_id is 'The consents of a person.';
create index consent_evidence_file_id on consent (organization_id, evidence_file_id);
comment on index consent_evidence_file_id is 'Deleting a file clears the reference.';
call cairn_protect('consent');
