//! How does what belongs to a pair come into each of its states?
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Case, Pair, World};

impl World {
    pub(super) async fn match_in(&mut self, state: &str) -> (Case, Value) {
        let pair = self.offered().await;
        let id = json!({ "id": pair.id });
        match state {
            "OFFERED" => {}
            "OFFERED and accepted by one" => _ = self.run(&pair.mentor, "acceptMatch", id, "").await,
            "OFFERED for too long" => {
                self.stage.set_time("matches", "offer_expires_at", &pair.id, -TimeDelta::hours(1)).await;
            }
            "ACCEPTED" => self.accept(&pair).await,
            "ACTIVE" => {
                self.accept(&pair).await;
                let objective = self.objective(&pair).await;
                self.run(&pair.mentee, "agreeObjective", json!({ "id": objective }), "").await;
            }
            "CLOSED" => {
                self.accept(&pair).await;
                self.close(&pair).await;
            }
            "DECLINED" => _ = self.run(&pair.mentee, "declineMatch", id, "").await,
            "WITHDRAWN" => self.by_owner(&["withdrawOffer"], "id", &pair.id).await,
            _ => self.stage.set_status("matches", &pair.id, state).await,
        }
        (pair.case(pair.id.clone()), pair.program)
    }

    pub(super) async fn objective(&self, pair: &Pair) -> Value {
        let input = json!({ "matchId": pair.id, "title": "Read a book" });
        self.make(&pair.mentor, "proposeObjective", input, "objective").await
    }

    pub(super) async fn objective_in(&mut self, state: &str) -> (Case, Value) {
        let pair = self.accepted().await;
        let id = self.objective(&pair).await;
        let steps: &[&str] = match state {
            "PROPOSED" | "PROPOSED in a closed match" => &[],
            "AGREED" => &["agreeObjective"],
            "IN_PROGRESS" => &["agreeObjective", "startObjective"],
            "DROPPED" => &["dropObjective"],
            _ => &["agreeObjective", "startObjective", "submitObjective"],
        };
        for name in steps {
            self.run(&pair.mentee, name, json!({ "id": id }), "").await;
        }
        match state {
            "RATED" => {
                let input = json!({ "id": id, "rating": 0 });
                self.run(&pair.mentor, "rateObjective", input, "").await;
            }
            "PROPOSED in a closed match" => self.close(&pair).await,
            _ => {}
        }
        (pair.case(id), pair.program)
    }

    pub(super) async fn check_in_in(&mut self, state: &str) -> (Case, Value) {
        let pair = self.accepted().await;
        let (now, mentor) = (self.stage.test.clock().now(), pair.mentor.clone());
        let at = now + TimeDelta::days(2);
        let input = json!({ "matchId": pair.id, "mode": "PHONE", "startsAt": at });
        let id = self.make(&mentor, "scheduleCheckIn", input, "checkIn").await;
        let input = json!({ "id": id });
        match state {
            "SCHEDULED and past" | "MISSED" => {
                self.stage.set_time("check_in", "starts_at", &id, -TimeDelta::hours(1)).await;
            }
            "HELD" | "HELD in a closed match" => {
                self.run(&mentor, "recordCheckIn", json!({ "id": id, "startsAt": now }), "").await;
            }
            "CANCELLED" => _ = self.run(&mentor, "cancelCheckIn", input.clone(), "").await,
            "RESCHEDULED" => {
                let input = json!({ "id": id, "mode": "PHONE", "startsAt": at + TimeDelta::days(1) });
                self.run(&mentor, "rescheduleCheckIn", input, "").await;
            }
            _ => {}
        }
        match state {
            "MISSED" => _ = self.run(&mentor, "markCheckInMissed", input, "").await,
            "HELD in a closed match" => self.close(&pair).await,
            _ => {}
        }
        (pair.case(id), pair.program)
    }

    pub(super) async fn message_in(&mut self, state: &str) -> (Case, Value) {
        let pair = self.accepted().await;
        let input = json!({ "matchId": pair.id, "body": "Hello" });
        let id = self.make(&pair.mentor, "sendMessage", input, "message").await;
        match state {
            "RETRACTED" => _ = self.run(&pair.mentor, "retractMessage", json!({ "id": id }), "").await,
            "VISIBLE in a closed match" => self.close(&pair).await,
            _ => {}
        }
        (pair.case(id), pair.program)
    }

    pub(super) async fn resource_in(&mut self, state: &str) -> (Case, Value) {
        let pair = self.accepted().await;
        let mut input = json!({ "title": "A book", "url": "https://example.org/book" });
        let id = if state == "of a program" {
            input["programId"] = pair.program.clone();
            self.make(&self.stage.owner, "shareResource", input, "resource").await
        } else {
            input["matchId"] = pair.id.clone();
            self.make(&pair.mentor, "shareResource", input, "resource").await
        };
        match state {
            "archived" => _ = self.run(&pair.mentor, "archiveResource", json!({ "id": id }), "").await,
            "of a closed match" => self.close(&pair).await,
            _ => {}
        }
        (pair.case(id), pair.program)
    }
}
