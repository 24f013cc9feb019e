//! Token buckets, shared by all instances.
use chrono::{DateTime, Utc};
use diesel::sql_types::{Double, Text, Timestamptz};
use diesel_async::RunQueryDsl;

use crate::{Connection, Result, sql::Sql};

/// Takes one token from a bucket that holds `capacity` and refills by `per_second`. Answers the seconds to wait, 0
/// when there was one. After a refusal the row holds one token less than there is, so below 0: nothing was taken. The row is held while it is counted, so nobody takes a token twice.
pub async fn take(
    mut conn: &Connection,
    key: &str,
    capacity: f64,
    per_second: f64,
    now: DateTime<Utc>,
) -> Result<f64> {
    let left: f64 = Sql::<Double>::new(
        "insert into rate_bucket as b (key, tokens, refilled_at) values ($1, $2 - 1, $4)
         on conflict (key) do update set
             tokens = least($2, b.tokens + case when b.tokens < 0 then 1 else 0 end
                             + $3 * greatest(0, extract(epoch from $4 - b.refilled_at))) - 1,
             refilled_at = greatest(b.refilled_at, $4)
         returning tokens",
    )
    .bind::<Text, _>(key.to_owned())
    .bind::<Double, _>(capacity)
    .bind::<Double, _>(per_second)
    .bind::<Timestamptz, _>(now)
    .get_result(&mut conn)
    .await?;
    Ok(if left >= 0.0 { 0.0 } else { -left / per_second })
}

/// Puts a token back, as after a right password.
pub async fn give_back(mut conn: &Connection, key: &str, capacity: f64) -> Result<()> {
    Sql::<()>::new("update rate_bucket set tokens = least($2, tokens + case when tokens < 0 then 2 else 1 end) where key = $1")
        .bind::<Text, _>(key.to_owned())
        .bind::<Double, _>(capacity)
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// Forgets buckets that nobody has used for a day: they are full again.
pub async fn purge(mut conn: &Connection, now: DateTime<Utc>) -> Result<usize> {
    let delete = Sql::<()>::new("delete from rate_bucket where refilled_at < $1 - interval '1 day'");
    Ok(delete.bind::<Timestamptz, _>(now).execute(&mut conn).await?)
}
