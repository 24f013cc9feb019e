//! What staff do with programs: cohorts, enrollments, matching, surveys, and what is shared with everybody in one.
use domain::access::Action as A;

use super::{Mutation, of};
use crate::access::expectation::{
    Rule::{self, May},
    Thing as T,
};

const READ_PROGRAM: Rule = May(A::ReadProgram, T::Program);
const READ_COHORT: Rule = May(A::ReadCohort, T::Program);
const READ_SURVEY: Rule = May(A::ReadSurvey, T::Program);
const PROGRAM: Rule = May(A::ManageProgram, T::Program);
const COHORT: Rule = May(A::ManageCohort, T::Program);
const ENROLLMENT: Rule = May(A::ManageEnrollment, T::AboutMentee);
const READ_ENROLLMENT: Rule = May(A::ReadEnrollment, T::AboutMentee);
const MATCHING: Rule = May(A::ManageMatching, T::Preparation);
const SURVEY: Rule = May(A::ManageSurvey, T::Program);
const ONE_PROGRAM: &str = "{ id: $program }";
const ONE_COHORT: &str = "{ id: $cohort }";
const ONE_WAVE: &str = "{ waveId: $wave }";
const NO_MATCHES: &str = "update matches set status = 'CLOSED', outcome = 'COMPLETED', closed_at = now()
    where status in ('ACCEPTED', 'ACTIVE'); update enrollment set load = 0";
const LAST_DAYS: &str = "update cohort set status = 'CLOSING'; update matches set status = 'CLOSED',
    outcome = 'COMPLETED', closed_at = now() where status in ('ACCEPTED', 'ACTIVE')";
/// Nobody was asked yet.
const DRAFT: Rule = May(A::ManageSurvey, T::Preparation);
const READ_DRAFT: Rule = May(A::ReadSurvey, T::Preparation);
const PLANNED_WAVE: &str = "update survey_wave set status = 'SCHEDULED' where status = 'OPEN'";

pub const MUTATIONS: &[Mutation] = &[
    of(
        "createProgram",
        May(A::CreateProgram, T::Organization),
        May(A::ReadOrganization, T::Organization),
        r#"{ name: "New", objectives: [{ title: "Everybody reads a book" }] }"#,
    )
    .at_home(),
    of("updateProgram", PROGRAM, READ_PROGRAM, r#"{ id: $program, description: "About books." }"#),
    of("changeProgramPolicy", PROGRAM, READ_PROGRAM, "{ programId: $program, policy: { cadenceDays: 21 } }"),
    of("publishProgram", PROGRAM, READ_PROGRAM, ONE_PROGRAM).given("update program set status = 'DRAFT'"),
    of("pauseProgram", PROGRAM, READ_PROGRAM, ONE_PROGRAM),
    of("resumeProgram", PROGRAM, READ_PROGRAM, ONE_PROGRAM).given("update program set status = 'PAUSED'"),
    of("completeProgram", PROGRAM, READ_PROGRAM, ONE_PROGRAM).given("update cohort set status = 'COMPLETED'"),
    of("archiveProgram", PROGRAM, READ_PROGRAM, ONE_PROGRAM).given("update program set status = 'COMPLETED'"),
    of(
        "createCohort",
        May(A::ManageCohort, T::Program),
        READ_PROGRAM,
        r#"{ programId: $program, name: "Autumn", startsOn: $today, endsOn: $next_year }"#,
    ),
    of("updateCohort", COHORT, READ_COHORT, r#"{ id: $cohort, name: "Late spring" }"#),
    of("openCohort", COHORT, READ_COHORT, ONE_COHORT).given("update cohort set status = 'DRAFT'"),
    of("startCohort", COHORT, READ_COHORT, ONE_COHORT).given("update cohort set status = 'OPEN'"),
    of("closeCohort", COHORT, READ_COHORT, ONE_COHORT).given("update cohort set status = 'RUNNING'"),
    of("extendCohort", COHORT, READ_COHORT, ONE_COHORT).given("update cohort set status = 'CLOSING'"),
    of("completeCohort", COHORT, READ_COHORT, ONE_COHORT).given(LAST_DAYS),
    of("cancelCohort", COHORT, READ_COHORT, ONE_COHORT).given(NO_MATCHES),
    of(
        "enroll",
        May(A::ManageEnrollment, T::Program),
        READ_COHORT,
        "{ cohortId: $cohort, profileId: $newcomer, role: MENTEE }",
    ),
    of("updateEnrollment", ENROLLMENT, READ_ENROLLMENT, "{ id: $enrollment, capacity: 1 }"),
    of("holdEnrollment", ENROLLMENT, READ_ENROLLMENT, "{ id: $enrollment }"),
    of("resumeEnrollment", ENROLLMENT, READ_ENROLLMENT, "{ id: $enrollment }")
        .given("update enrollment set status = 'ON_HOLD'"),
    of("withdrawEnrollment", ENROLLMENT, READ_ENROLLMENT, "{ id: $enrollment }").given(NO_MATCHES),
    of("startMatchingRun", May(A::ManageMatching, T::Program), READ_COHORT, "{ cohortId: $cohort }")
        .given("update matching_run set status = 'DISCARDED'"),
    of("cancelMatchingRun", MATCHING, MATCHING, "{ id: $run }")
        .given("update matching_run set status = 'QUEUED' where status = 'COMPLETED'"),
    of("discardMatchingRun", MATCHING, MATCHING, "{ id: $run }"),
    of("publishMatchingRun", MATCHING, MATCHING, "{ id: $run, matchIds: [$suggestion] }"),
    of("discardSuggestion", MATCHING, May(A::ReadMatch, T::Preparation), "{ matchId: $suggestion }"),
    of(
        "addExclusion",
        May(A::ManageMatching, T::Pair),
        May(A::ReadProfile, T::Pair),
        "{ mentorId: $mentor, menteeId: $mentee }",
    )
    .given(NO_MATCHES),
    of("removeExclusion", MATCHING, MATCHING, "{ id: $exclusion }"),
    of(
        "createSurvey",
        SURVEY,
        READ_PROGRAM,
        r#"{ programId: $program, title: "How is it?", questions: [{ kind: SCALE, text: "Do you like it?",
             minimum: 1, maximum: 5 }] }"#,
    ),
    of(
        "updateSurvey",
        DRAFT,
        READ_DRAFT,
        r#"{ surveyId: $draft_survey, title: "How was it?", questions: [{ kind: SCALE, text: "Did you like it?",
             minimum: 1, maximum: 5 }] }"#,
    ),
    of("publishSurvey", DRAFT, READ_DRAFT, "{ surveyId: $draft_survey }"),
    of("retireSurvey", SURVEY, READ_SURVEY, "{ surveyId: $survey }"),
    of(
        "scheduleSurveyWave",
        SURVEY,
        READ_SURVEY,
        "{ surveyId: $survey, cohortId: $cohort, closesAt: $later }",
    ),
    of("openSurveyWave", SURVEY, READ_SURVEY, ONE_WAVE).given(PLANNED_WAVE),
    of("closeSurveyWave", SURVEY, READ_SURVEY, ONE_WAVE),
    of("cancelSurveyWave", SURVEY, READ_SURVEY, ONE_WAVE).given(PLANNED_WAVE),
    of("extendSurveyWave", SURVEY, READ_SURVEY, "{ waveId: $wave, closesAt: $much_later }"),
    of(
        "shareResource",
        May(A::ManageResource, T::Program),
        READ_PROGRAM,
        r#"{ programId: $program, title: "A list of books", url: "https://books.example/list" }"#,
    )
    .case("with a program"),
];
