//! What does the mail of a notification say beside its kind? Read when it is sent, as nothing personal is stored.
use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension,
    sql_types::{Int2, Int4, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{id::Id, notification::Notification, organization::Organization};
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql};

/// What surrounds the subject of a notification, as far as it has such things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The zone of the person, else that of the organization.
    pub time_zone: String,
    pub program: Option<String>,
    /// The other side of the match; `None` for who is on neither side.
    pub partner: Option<String>,
    /// Of the objective, resource or survey.
    pub title: Option<String>,
    /// Until when an answer counts.
    pub until: Option<DateTime<Utc>>,
    pub meeting: Option<Meeting>,
}

/// A check-in, as a calendar needs it. One that took the place of another is the same entry, changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// The first check-in of those that took each other's place.
    pub id: Uuid,
    pub starts_at: DateTime<Utc>,
    pub minutes: i16,
    /// Rises with each change, so that calendars know which word is the last.
    pub version: i32,
    pub place: Option<String>,
    pub video_url: Option<String>,
}

/// `None` when the notification is gone.
pub async fn facts(
    mut conn: &Connection,
    organization: Id<Organization>,
    notification: Id<Notification>,
) -> Result<Option<Facts>> {
    type Columns = (
        Text,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Text>,
        Nullable<Timestamptz>,
        Nullable<SqlUuid>,
        Nullable<Timestamptz>,
        Nullable<Int2>,
        Nullable<Int4>,
        Nullable<Text>,
        Nullable<Text>,
    );
    type Found = (
        String,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<DateTime<Utc>>,
        Option<Uuid>,
        Option<DateTime<Utc>>,
        Option<i16>,
        Option<i32>,
        Option<String>,
        Option<String>,
    );
    let found: Option<Found> = Sql::<Columns>::new(
        "select coalesce(self.time_zone, o.time_zone), p.name,
                case s.profile_id when m.mentor_id then mentee.name when m.mentee_id then mentor.name end,
                coalesce(j.title, r.title, y.title), coalesce(w.closes_at, m.offer_expires_at),
                moves.first, c.starts_at, c.minutes, moves.version, c.place, c.video_url
         from notification n
         join organization o on o.id = n.organization_id
         left join membership s on s.organization_id = n.organization_id and s.account_id = n.account_id
         left join profile self on self.organization_id = n.organization_id and self.id = s.profile_id
         left join check_in c on c.organization_id = n.organization_id and c.id = n.subject_id
         left join lateral (
             with recursive chain (id, version, step) as (
                 select c.id, c.version, 1 where c.id is not null
                 union all
                 select e.id, e.version + chain.version, chain.step + 1
                 from chain join check_in e on e.organization_id = n.organization_id and e.replaced_by = chain.id
             )
             select id as first, version from chain order by step desc limit 1
         ) moves on true
         left join objective j on j.organization_id = n.organization_id and j.id = n.subject_id
         left join resource r on r.organization_id = n.organization_id and r.id = n.subject_id
         left join message g on g.organization_id = n.organization_id and g.id = n.subject_id
         left join conversation v on v.organization_id = n.organization_id
             and v.id in (g.conversation_id, n.subject_id)
         left join survey_wave w on w.organization_id = n.organization_id and w.id = n.subject_id
         left join survey y on y.organization_id = n.organization_id and y.id = w.survey_id
         left join matching_run u on u.organization_id = n.organization_id and u.id = n.subject_id
         left join roster_import i on i.organization_id = n.organization_id and i.id = n.subject_id
         left join matches m on m.organization_id = n.organization_id
             and m.id = coalesce(c.match_id, j.match_id, r.match_id, v.match_id, n.subject_id)
         left join profile mentor on mentor.organization_id = n.organization_id and mentor.id = m.mentor_id
         left join profile mentee on mentee.organization_id = n.organization_id and mentee.id = m.mentee_id
         left join program p on p.organization_id = n.organization_id
             and p.id = coalesce(m.program_id, r.program_id, w.program_id, u.program_id, i.program_id)
         where n.organization_id = $1 and n.id = $2",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<SqlUuid, _>(notification.uuid())
    .get_result(&mut conn)
    .await
    .optional()?;
    let Some((time_zone, program, partner, title, until, id, starts_at, minutes, version, place, video_url)) =
        found
    else {
        return Ok(None);
    };
    let meeting = match (id, starts_at, minutes, version) {
        (Some(id), Some(starts_at), Some(minutes), Some(version)) => {
            Some(Meeting { id, starts_at, minutes, version, place, video_url })
        }
        _ => None,
    };
    Ok(Some(Facts { time_zone, program, partner, title, until, meeting }))
}
