//! How are the answers of a wave distributed? Counted by the database, so that no single answer leaves it.
use std::collections::{BTreeMap, HashMap};

use diesel::sql_types::{Array, BigInt, Integer, Nullable, SmallInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    access::{Role, Scope},
    id::Id,
    organization::Organization,
    survey::{
        Survey,
        question::{Kind, Question},
        result::Tally,
        wave::Wave,
    },
};
use uuid::Uuid;

use crate::{Connection, Result, sql::Sql, stored};

/// The answers to one question by one side of the pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub question: Id<Question>,
    pub role: Role,
    pub tally: Tally,
}

/// Everything that the results of one wave are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub questions: Vec<Question>,
    pub parts: Vec<Part>,
    /// How small a group may be shown, after the policy that the wave follows.
    pub minimum: u32,
}

/// The parts of several waves, in three statements.
pub async fn by_waves(
    conn: &Connection,
    organization: Id<Organization>,
    waves: &[Wave],
) -> Result<Vec<(Id<Wave>, Parts)>> {
    let ids: Vec<Uuid> = waves.iter().map(|wave| wave.id.uuid()).collect();
    let surveys: Vec<Id<Survey>> = waves.iter().map(|wave| wave.survey).collect();
    let everything = Scope::organization();
    let (surveys, counts, minimums) = futures_util::try_join!(
        super::by_ids(conn, &everything, organization, &surveys),
        counts(conn, organization, &ids),
        minimums(conn, organization, &ids),
    )?;
    let mut counts: HashMap<Uuid, Vec<Count>> = counts;
    let parts = |wave: &Wave| {
        let survey = surveys.iter().find(|survey| survey.id == wave.survey);
        let questions = survey.map(|survey| survey.questions.clone()).unwrap_or_default();
        let minimum = minimums.get(&wave.id.uuid()).copied().unwrap_or(u32::MAX);
        let parts = parts(counts.remove(&wave.id.uuid()).unwrap_or_default(), &questions)?;
        Ok((wave.id, Parts { questions, parts, minimum }))
    };
    waves.iter().map(parts).collect()
}

/// How many people of one role gave one question one value; a `None` value counts the people, since one person can
/// choose several options.
struct Count {
    question: Uuid,
    role: String,
    value: Option<i32>,
    people: u32,
}

async fn counts(
    mut conn: &Connection,
    organization: Id<Organization>,
    waves: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Count>>> {
    let rows = Sql::<(SqlUuid, SqlUuid, Text, Nullable<Integer>, BigInt)>::new(
        "select r.wave_id, a.question_id, e.role, v.value, count(distinct r.id)
         from survey_response r
         join survey_answer a on a.organization_id = r.organization_id and a.response_id = r.id
         join enrollment e on e.organization_id = r.organization_id and e.id = r.enrollment_id
         cross join lateral (select null::integer as value
                             union all select a.number where a.number is not null
                             union all select unnest(a.choices)::integer) v
         where r.organization_id = $1 and r.wave_id = any($2) and r.status = 'SUBMITTED'
         group by r.wave_id, a.question_id, e.role, v.value
         order by v.value",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(waves.to_vec())
    .load::<(Uuid, Uuid, String, Option<i32>, i64)>(&mut conn)
    .await?;
    let mut by_wave: HashMap<Uuid, Vec<Count>> = HashMap::new();
    for (wave, question, role, value, people) in rows {
        let people = u32::try_from(people).unwrap_or(u32::MAX);
        by_wave.entry(wave).or_default().push(Count { question, role, value, people });
    }
    Ok(by_wave)
}

async fn minimums(
    mut conn: &Connection,
    organization: Id<Organization>,
    waves: &[Uuid],
) -> Result<HashMap<Uuid, u32>> {
    let rows = Sql::<(SqlUuid, SmallInt)>::new(
        "select w.id, p.anonymity_minimum from survey_wave w
         join program_policy p on p.organization_id = w.organization_id and p.program_id = w.program_id
                              and p.number = w.policy_number
         where w.organization_id = $1 and w.id = any($2)",
    )
    .bind::<SqlUuid, _>(organization.uuid())
    .bind::<Array<SqlUuid>, _>(waves.to_vec())
    .load::<(Uuid, i16)>(&mut conn)
    .await?;
    Ok(rows.into_iter().map(|(id, minimum)| (id, u32::try_from(minimum).unwrap_or(u32::MAX))).collect())
}

fn parts(counts: Vec<Count>, questions: &[Question]) -> Result<Vec<Part>> {
    let mut tallies: BTreeMap<(Uuid, String), Tally> = BTreeMap::new();
    for count in counts {
        let kind = questions
            .iter()
            .find(|question| question.id.uuid() == count.question)
            .map(|question| question.kind);
        let numeric = matches!(kind, Some(Kind::Scale | Kind::Number));
        let empty = Tally { n: 0, counts: Vec::new(), numeric };
        let tally = tallies.entry((count.question, count.role)).or_insert(empty);
        match count.value {
            None => tally.n = count.people,
            Some(value) => tally.counts.push((value, count.people)),
        }
    }
    let part = |((question, role), tally): ((Uuid, String), Tally)| {
        Ok(Part { question: question.into(), role: stored("enrollment", "role", &role)?, tally })
    };
    tallies.into_iter().map(part).collect()
}
