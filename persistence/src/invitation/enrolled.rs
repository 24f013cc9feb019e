//! Inviting everybody in a cohort at once.
use diesel::sql_types::{Array, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    account::{Account, Email},
    cohort::Cohort,
    id::Id,
    invitation::Invitation,
    organization::Organization,
    profile::Profile,
};
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// A person who takes part in a cohort, as far as inviting them is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub profile: Id<Profile>,
    pub email: Option<Email>,
    pub has_account: bool,
    /// An invitation was sent and not answered yet.
    pub is_invited: bool,
}

/// Profile, its address as typed and normalized, whether there is an account, whether one was invited.
type Row = (Uuid, Option<String>, Option<String>, bool, bool);
type Columns = (SqlUuid, Nullable<Text>, Nullable<Text>, Bool, Bool);

/// Everybody who takes part in the cohort now.
pub async fn candidates(
    mut conn: &Connection,
    organization: Id<Organization>,
    cohort: Id<Cohort>,
) -> Result<Vec<Candidate>> {
    let rows: Vec<Row> = Sql::<Columns>::new(
        "select p.id, p.email, p.email_normalized,
             exists (select from membership m where m.organization_id = p.organization_id and m.profile_id = p.id),
             exists (select from invitation i where i.organization_id = p.organization_id
                 and i.profile_id = p.id and i.status = 'PENDING')
         from enrollment e join profile p on p.organization_id = e.organization_id and p.id = e.profile_id
         where e.organization_id = $1 and e.cohort_id = $2 and e.status in ('APPROVED', 'ON_HOLD')
         order by e.id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(cohort.uuid())
    .load(&mut conn)
    .await?;
    let candidate = |(profile, address, normalized, has_account, is_invited): Row| {
        let email =
            Option::zip(address, normalized).map(|(address, normalized)| Email { address, normalized });
        Candidate { profile: profile.into(), email, has_account, is_invited }
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// Stores invitations of people, each with the hash of its token, and answers which were new. Somebody who was
/// invited meanwhile keeps that invitation.
pub async fn insert_all(
    mut conn: &Connection,
    organization: Id<Organization>,
    by: Id<Account>,
    invitations: &[(Invitation, Vec<u8>)],
) -> Result<Vec<Id<Invitation>>> {
    let Some((first, _)) = invitations.first() else { return Ok(Vec::new()) };
    let all = || invitations.iter().map(|(invitation, _)| invitation);
    let new: Vec<Uuid> = Sql::<SqlUuid>::new(
        "insert into invitation (organization_id, id, profile_id, email, email_normalized, status, token_hash,
             invited_by, expires_at, version, created_at, updated_at)
         select $1, id, profile, email, normalized, 'PENDING', hash, $2, $3, 1, $4, $4
         from unnest($5, $6, $7, $8, $9) as new (id, profile, email, normalized, hash)
         on conflict do nothing returning id",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(by.uuid())
    .bind::<Timestamptz, _>(first.expires_at)
    .bind::<Timestamptz, _>(first.created_at)
    .bind::<Array<SqlUuid>, _>(all().map(|it| it.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(all().map(|it| it.purpose.profile().map(Id::uuid)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(all().map(|it| it.email.address.clone()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(all().map(|it| it.email.normalized.clone()).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(invitations.iter().map(|(_, hash)| hash.clone()).collect::<Vec<_>>())
    .load(&mut conn)
    .await?;
    Ok(new.into_iter().map(Id::new).collect())
}
