//! Mail: does it arrive once, through good and bad mail servers, and say what it should?
mod encrypted;
mod golden;
pub mod smtp;

use std::{sync::Arc, time::Duration};

use api::{App, config::Config, error::Failure, job, notify};
use chrono::TimeDelta;
use domain::{
    id::Id,
    matching::run::Run,
    notification::{Kind, Notice},
};
use persistence::request::RequestConnection;
use secrecy::SecretString;

use crate::harness::{Stage, TestApp};
use smtp::{Manner, SmtpServer, header};

/// An organization whose mail goes to this server, and whose jobs wait until they are called for.
async fn stage(server: &SmtpServer) -> Stage {
    let mut config = Config::for_tests();
    config.smtp_url = Some(SecretString::from(server.url()));
    Stage::on(TestApp::configured(config).await).await
}

/// Tells the owner of the organization that a run is over, so many times.
async fn tell(stage: &Stage, times: u8) {
    let app = &stage.test.app;
    let connection = RequestConnection::new(app.pool.clone(), Some(stage.organization.uuid()));
    let told = connection
        .write(async |conn| {
            for _ in 0..times {
                let run: Id<Run> = app.clock.id();
                let notice = Notice::about(Kind::MatchingFinished, run, 1);
                let accounts = [stage.owner.account];
                let now = app.clock.now();
                notify::tell_accounts(app, conn, stage.organization, &accounts, &notice, now).await?;
            }
            Ok::<_, Failure>(())
        })
        .await;
    told.unwrap_or_else(|failure| panic!("{failure:?}"));
}

async fn run_due(app: &Arc<App>) {
    job::run_due(app).await.unwrap_or_else(|failure| panic!("{failure:?}"));
}

/// Jobs that wait, and jobs that were given up.
async fn standing(app: &App) -> (i64, i64) {
    let now = app.clock.now();
    let connection = RequestConnection::new(app.pool.clone(), None);
    let standing = connection.load(async |conn| persistence::job::standing(conn, now).await).await;
    let standing = standing.unwrap_or_else(|error| panic!("{error:?}"));
    (standing.waiting, standing.dead)
}

/// Why the first job that is not done has failed.
async fn last_error(app: &App) -> String {
    let connection = RequestConnection::new(app.pool.clone(), None);
    let listed = connection.load(async |conn| persistence::job::list(conn, 10).await).await;
    listed.unwrap_or_else(|error| panic!("{error:?}"))[0].last_error.clone().unwrap()
}

#[tokio::test]
async fn a_mail_is_sent_once_with_both_bodies_and_a_message_id() {
    let server = SmtpServer::start([]).await;
    let stage = stage(&server).await;
    tell(&stage, 2).await;
    run_due(&stage.test.app).await;
    run_due(&stage.test.app).await;
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_ne!(header(&received[0], "Message-ID"), header(&received[1], "Message-ID"));
    for mail in received {
        assert!(header(&mail, "Message-ID").unwrap().ends_with("@localhost>"), "{mail}");
        assert_eq!(header(&mail, "Auto-Submitted"), Some("auto-generated"));
        assert!(mail.contains("text/plain") && mail.contains("text/html"), "{mail}");
    }
    assert_eq!(standing(&stage.test.app).await, (0, 0));
}

#[tokio::test]
async fn a_server_that_is_busy_gets_the_mail_later() {
    let busy = Manner::Refuse("451 try again later");
    let server = SmtpServer::start([busy, busy, busy]).await;
    let stage = stage(&server).await;
    tell(&stage, 1).await;
    run_due(&stage.test.app).await;
    assert_eq!((server.received().len(), standing(&stage.test.app).await), (0, (1, 0)));
    // Not at once again: the first pause is 5 seconds, more or less.
    run_due(&stage.test.app).await;
    assert_eq!(server.received().len(), 0);
    for pause in [TimeDelta::seconds(7), TimeDelta::seconds(38), TimeDelta::seconds(380)] {
        stage.test.advance(pause);
        run_due(&stage.test.app).await;
    }
    assert_eq!((server.received().len(), standing(&stage.test.app).await), (1, (0, 0)));
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_not_tried_again() {
    let server = SmtpServer::start([Manner::Refuse("550 no such person owner@people.example")]).await;
    let stage = stage(&server).await;
    tell(&stage, 1).await;
    run_due(&stage.test.app).await;
    stage.test.advance(TimeDelta::days(1));
    run_due(&stage.test.app).await;
    assert_eq!((server.received().len(), standing(&stage.test.app).await), (0, (0, 1)));
    let error = last_error(&stage.test.app).await;
    assert!(
        error.contains("550") && !error.contains('@'),
        "an operator reads the code, not the address: {error}"
    );
}

#[tokio::test]
async fn a_repeat_after_a_lost_answer_can_be_recognized() {
    let server = SmtpServer::start([Manner::HangUp]).await;
    let stage = stage(&server).await;
    tell(&stage, 1).await;
    run_due(&stage.test.app).await;
    stage.test.advance(TimeDelta::seconds(7));
    run_due(&stage.test.app).await;
    let received = server.received();
    assert_eq!(received.len(), 2, "the sender cannot know that the first one arrived");
    assert_eq!(header(&received[0], "Message-ID"), header(&received[1], "Message-ID"));
}

#[tokio::test]
async fn a_server_that_never_answers_holds_up_nobody_else() {
    let server = SmtpServer::start([Manner::Stall]).await;
    let stage = stage(&server).await;
    tell(&stage, 1).await;
    let app = Arc::clone(&stage.test.app);
    let stalled = tokio::spawn(async move { run_due(&app).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let answer = stage.owner.data("{ unreadNotificationCount }", serde_json::json!({}));
    let answer = tokio::time::timeout(Duration::from_secs(2), answer).await.expect("an answer in time");
    assert_eq!(answer["unreadNotificationCount"], 1);
    assert!(!stalled.is_finished());
    stalled.abort();
}
