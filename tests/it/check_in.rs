//! Do pairs plan, hold and judge their check-ins, and stay their judgments private?
use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};

use crate::matches::Pair;

const SCHEDULE: &str = "mutation($input: ScheduleCheckInInput!) { scheduleCheckIn(input: $input) { checkIn { id status minutes } userErrors { code path } } }";
const RECORD: &str = "mutation($input: RecordCheckInInput!) { recordCheckIn(input: $input) { checkIn { id status } userErrors { code path } } }";

async fn schedule(pair: &Pair, hours: i64) -> Value {
    let at = pair.stage.house.test.clock().now() + TimeDelta::hours(hours);
    let input =
        json!({ "matchId": pair.id, "mode": "IN_PERSON", "place": "Library", "startsAt": at.to_rfc3339() });
    pair.mentor.done(SCHEDULE, json!({ "input": input })).await["checkIn"]["id"].clone()
}

#[tokio::test]
async fn a_check_in_is_planned_held_and_counted() {
    let pair = Pair::accepted().await;
    let at = pair.stage.house.test.clock().now() + TimeDelta::hours(1);
    let no_link = json!({ "matchId": pair.id, "mode": "ONLINE", "startsAt": at.to_rfc3339() });
    let refused = pair.mentee.refused(SCHEDULE, json!({ "input": no_link })).await;
    assert_eq!(refused, "REQUIRED input.videoUrl");
    let id = schedule(&pair, 1).await;
    assert_eq!(pair.read(&pair.mentee, "nextCheckIn { id }").await["nextCheckIn"]["id"], id);
    let early = pair.mentee.refused(RECORD, json!({ "input": { "id": id } })).await;
    assert_eq!(early, "OUT_OF_RANGE input.startsAt");
    pair.stage.house.test.advance(TimeDelta::hours(3));
    let input = json!({ "id": id, "summary": "We read", "rating": 5, "feedback": "Fun" });
    pair.mentee.done(RECORD, json!({ "input": input })).await;
    let ad_hoc = json!({ "matchId": pair.id, "minutes": 30 });
    pair.mentor.done(RECORD, json!({ "input": ad_hoc })).await;
    let seen = pair
        .read(&pair.mentor, "checkInsHeld minutesHeld nextCheckIn { id } checkIns { nodes { status } }")
        .await;
    assert_eq!((&seen["checkInsHeld"], &seen["minutesHeld"]), (&json!(2), &json!(90)));
    assert_eq!(seen["nextCheckIn"], Value::Null);
    pair.figures_hold().await;
}

#[tokio::test]
async fn what_one_side_says_about_it_the_other_never_reads() {
    let pair = Pair::accepted().await;
    let id = schedule(&pair, 1).await;
    pair.stage.house.test.advance(TimeDelta::hours(3));
    let input = json!({ "id": id, "summary": "We read", "rating": 2, "feedback": "Too fast" });
    pair.mentee.done(RECORD, json!({ "input": input })).await;
    let document =
        "query($id: ID!) { checkIn(id: $id) { summary menteeRating menteeFeedback mentorRating } }";
    let lead = pair.stage.house.staff(Role::SafeguardingLead, None).await;
    let owner = &pair.stage.owner.0;
    for (who, summary, feedback) in
        [(&pair.mentee, true, true), (&pair.mentor, true, false), (&lead, true, true), (owner, false, false)]
    {
        let seen = who.data(document, json!({ "id": id })).await["checkIn"].clone();
        assert_eq!(seen["summary"].is_string(), summary);
        assert_eq!(seen["menteeFeedback"].is_string(), feedback);
        assert_eq!(seen["menteeRating"].is_number(), feedback);
    }
}

#[tokio::test]
async fn a_moved_check_in_leaves_a_trace_and_one_that_nobody_records_is_missed() {
    let pair = Pair::accepted().await;
    let id = schedule(&pair, 1).await;
    let at = pair.stage.house.test.clock().now() + TimeDelta::hours(5);
    let moved = "mutation($input: RescheduleCheckInInput!) { rescheduleCheckIn(input: $input) { checkIn { id status } userErrors { code } } }";
    let input = json!({ "id": id, "mode": "ONLINE", "videoUrl": "https://meet.example/a", "startsAt": at.to_rfc3339() });
    let new = pair.mentee.done(moved, json!({ "input": input })).await["checkIn"]["id"].clone();
    let old = pair
        .mentor
        .data("query($id: ID!) { checkIn(id: $id) { status replacedById } }", json!({ "id": id }))
        .await;
    assert_eq!(old["checkIn"], json!({ "status": "RESCHEDULED", "replacedById": new }));
    let organization = pair.stage.house.organization;
    let later = at + TimeDelta::hours(49);
    let missed = pair.stage.house.inside(async move |conn| {
        let missed = persistence::check_in::mark_missed_due(conn, organization, later).await?;
        for (_, of) in &missed {
            persistence::matches::counter::refresh(conn, organization, *of).await?;
        }
        Ok(missed.len())
    });
    assert_eq!(missed.await, 1);
    assert_eq!(pair.read(&pair.mentor, "checkInsMissed").await["checkInsMissed"], 1);
    pair.figures_hold().await;
}

#[tokio::test]
async fn figures_that_somebody_changed_by_hand_are_counted_anew_once_a_day() {
    let pair = Pair::accepted().await;
    let ad_hoc = json!({ "matchId": pair.id, "minutes": 30 });
    pair.mentor.done(RECORD, json!({ "input": ad_hoc })).await;
    pair.stage
        .house
        .inside(async |mut conn| {
            use diesel_async::RunQueryDsl;
            let wrong =
                persistence::sql::Sql::<()>::new("update matches set check_ins_held = 9, minutes_held = 7");
            Ok(wrong.execute(&mut conn).await?)
        })
        .await;
    assert_eq!(pair.read(&pair.mentor, "checkInsHeld").await["checkInsHeld"], 9);
    pair.stage.house.test.advance(TimeDelta::days(1));
    pair.stage.house.work().await;
    pair.figures_hold().await;
    assert_eq!(
        pair.read(&pair.mentor, "checkInsHeld minutesHeld").await,
        json!({ "checkInsHeld": 1, "minutesHeld": 30 })
    );
}

#[tokio::test]
async fn figures_stay_those_of_the_rows_whatever_a_pair_does() {
    let pair = Pair::accepted().await;
    let step = |name: &str| {
        format!(
            "mutation($input: {}Input!) {{ {name}(input: $input) {{ checkIn {{ id }} userErrors {{ code }} }} }}",
            {
                let (first, rest) = name.split_at(1);
                first.to_uppercase() + rest
            }
        )
    };
    let clock = pair.stage.house.test.clock().clone();
    // Always the same walk: numbers of Park and Miller.
    let mut chance = 7_u64;
    let mut done = 0;
    for _ in 0..120 {
        chance = chance * 48_271 % 2_147_483_647;
        let at =
            (clock.now() + TimeDelta::hours(i64::try_from(chance % 60).expect("small") + 1)).to_rfc3339();
        let listed = pair.read(&pair.mentee, "checkIns(first: 100) { nodes { id } }").await;
        let all = listed["checkIns"]["nodes"].as_array().expect("check-ins").clone();
        let one = usize::try_from(chance / 7)
            .expect("small")
            .checked_rem(all.len())
            .map(|place| all[place]["id"].clone());
        let who = if chance.is_multiple_of(2) { &pair.mentor } else { &pair.mentee };
        let (name, input) = match (chance / 3 % 7, one) {
            (0, Some(id)) => ("recordCheckIn", json!({ "id": id, "minutes": 30 })),
            (1, Some(id)) => ("cancelCheckIn", json!({ "id": id })),
            (2, Some(id)) => ("rescheduleCheckIn", json!({ "id": id, "mode": "PHONE", "startsAt": at })),
            (3, Some(id)) => ("markCheckInMissed", json!({ "id": id })),
            (4, _) => ("recordCheckIn", json!({ "matchId": pair.id, "minutes": 20 })),
            _ => ("scheduleCheckIn", json!({ "matchId": pair.id, "mode": "PHONE", "startsAt": at })),
        };
        let payload = who.payload(&step(name), json!({ "input": input })).await;
        done += usize::from(payload["userErrors"] == json!([]));
        pair.stage.house.test.advance(TimeDelta::hours(9));
        if chance.is_multiple_of(5) {
            pair.stage.house.work().await;
            pair.figures_hold().await;
        }
    }
    assert!(done > 60, "{done} steps were taken");
    pair.figures_hold().await;
}
