//! What the two sides of a pair do, and what staff do with pairs.
use domain::access::{Action as A, Role as R};

use super::{Mutation, of};
use crate::access::expectation::{
    Rule::{self, Either, May, Nobody, Only},
    Thing as T,
};

const READ: Rule = May(A::ReadMatch, T::Pair);
const ANSWER: Rule = May(A::AnswerMatch, T::Pair);
const READ_OBJECTIVE: Rule = May(A::ReadObjective, T::Pair);
const OBJECTIVE: Rule = May(A::ManageObjective, T::Pair);
/// The mentor proposed the objective and says that it is done, so that it is for the mentee to judge.
const JUDGES_OBJECTIVE: Rule = Only(A::ManageObjective, T::Pair, &[R::Mentee]);
const READ_CHECK_IN: Rule = May(A::ReadCheckIn, T::Pair);
const CHECK_IN: Rule = May(A::ManageCheckIn, T::Pair);
const WRITE: Rule = May(A::WriteMessage, T::Pair);
const ONE_OBJECTIVE: &str = "{ id: $objective }";
const OFFERED: &str = "update matches set status = 'OFFERED', mentor_answer = 'NONE', mentee_answer = 'NONE',
    accepted_at = null, activated_at = null, offer_expires_at = now() + interval '9 days' where status = 'ACTIVE';
    update enrollment set load = 0";
const SUBMITTED: &str = "update objective set status = 'SUBMITTED_FOR_REVIEW', submitted_by = proposed_by";

pub const MUTATIONS: &[Mutation] = &[
    of("acceptMatch", ANSWER, READ, "{ id: $match }").given(OFFERED),
    of("declineMatch", ANSWER, READ, r#"{ id: $match, reason: "No time" }"#).given(OFFERED),
    of("withdrawOffer", May(A::ManageMatching, T::Pair), READ, "{ id: $match }").given(OFFERED),
    of(
        "closeMatch",
        Either(&[May(A::AnswerMatch, T::Pair), May(A::ManageMatching, T::Pair)]),
        READ,
        "{ id: $match, outcome: COMPLETED }",
    ),
    of("proposeObjective", OBJECTIVE, READ, r#"{ matchId: $match, title: "Read two books" }"#),
    of("agreeObjective", JUDGES_OBJECTIVE, READ_OBJECTIVE, ONE_OBJECTIVE)
        .given("update objective set status = 'PROPOSED'"),
    of("startObjective", OBJECTIVE, READ_OBJECTIVE, ONE_OBJECTIVE),
    of("submitObjective", OBJECTIVE, READ_OBJECTIVE, ONE_OBJECTIVE)
        .given("update objective set status = 'IN_PROGRESS'"),
    of("returnObjective", JUDGES_OBJECTIVE, READ_OBJECTIVE, ONE_OBJECTIVE).given(SUBMITTED),
    of("rateObjective", JUDGES_OBJECTIVE, READ_OBJECTIVE, "{ id: $objective, rating: 1 }").given(SUBMITTED),
    of("dropObjective", OBJECTIVE, READ_OBJECTIVE, ONE_OBJECTIVE),
    of("scheduleCheckIn", CHECK_IN, READ, "{ matchId: $match, mode: PHONE, startsAt: $soon }"),
    of("rescheduleCheckIn", CHECK_IN, READ_CHECK_IN, "{ id: $due, mode: PHONE, startsAt: $later }"),
    of("cancelCheckIn", CHECK_IN, READ_CHECK_IN, r#"{ id: $due, reason: "Ill" }"#),
    of("recordCheckIn", CHECK_IN, READ_CHECK_IN, r#"{ id: $due, summary: "We read." }"#),
    of("recordCheckIn", CHECK_IN, READ, "{ matchId: $match, minutes: 30 }").case("unplanned"),
    of("rateCheckIn", CHECK_IN, READ_CHECK_IN, "{ id: $held, rating: 4 }"),
    of("markCheckInMissed", CHECK_IN, READ_CHECK_IN, "{ id: $due }"),
    of("sendMessage", WRITE, READ, r#"{ matchId: $match, body: "See you on Monday." }"#),
    of(
        "retractMessage",
        Only(A::WriteMessage, T::Pair, &[R::Mentor]),
        May(A::ReadConversation, T::Pair),
        "{ id: $message }",
    ),
    of("markConversationRead", WRITE, READ, "{ matchId: $match, messageId: $message }"),
    of(
        "shareResource",
        May(A::ShareResource, T::Pair),
        READ,
        r#"{ matchId: $match, title: "A list of books", url: "https://books.example/list" }"#,
    )
    .case("with a pair"),
    of(
        "archiveResource",
        Either(&[May(A::ManageResource, T::Pair), Only(A::ShareResource, T::Pair, &[R::Mentor])]),
        May(A::ReadResource, T::Pair),
        "{ id: $resource }",
    ),
    // Whoever was not asked learns nothing of the wave, whether or not they may read it otherwise.
    of(
        "submitSurveyResponse",
        May(A::AnswerSurvey, T::Program),
        Nobody,
        "{ waveId: $wave, answers: [{ questionId: $question, number: 4 }] }",
    ),
];
