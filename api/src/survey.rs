//! What happens around a survey wave that opens or closes, by a person's hand or by the clock.
use chrono::{DateTime, Utc};
use domain::{
    access::Scope,
    id::{Entity, Id},
    notification::{Kind, Notice},
    organization::Organization,
    profile::Profile,
    survey::wave::{Event, Status, Wave},
};
use persistence::{
    Connection,
    history::{self, Change, Who},
};

use crate::{App, error::Result, notify};

/// Saves a wave that has just changed, and does what follows from the change. Answers who is asked now.
pub async fn save(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    wave: &Wave,
    event: Event,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Profile>>> {
    persistence::survey::wave::update(conn, organization, wave).await?;
    match event {
        Event::Open => return ask(app, conn, organization, wave, now).await,
        Event::Close => {
            persistence::survey::response::expire(conn, organization, wave.id, now).await?;
        }
        Event::Extend => {
            persistence::survey::response::reopen(conn, organization, wave.id, now).await?;
        }
        Event::Cancel => {}
    }
    Ok(Vec::new())
}

/// Asks everybody in the wave's cohort who was not asked yet.
pub async fn ask(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    wave: &Wave,
    now: DateTime<Utc>,
) -> Result<Vec<Id<Profile>>> {
    let count = persistence::survey::response::count_of_cohort(conn, organization, wave).await?;
    let ids: Vec<_> = (0..count).map(|_| app.clock.id()).collect();
    Ok(persistence::survey::response::invite_cohort(conn, organization, wave, &ids, now).await?)
}

/// What the people who are asked are told.
pub fn notice(wave: &Wave) -> Notice {
    Notice::about(Kind::SurveyOpened, wave.id, "opened")
}

/// Opens and closes the waves whose time has come.
pub async fn turn_due(
    app: &App,
    conn: &Connection,
    organization: Id<Organization>,
    now: DateTime<Utc>,
) -> Result<()> {
    let due = persistence::survey::wave::due(conn, organization, now).await?;
    let waves = persistence::survey::wave::by_ids(conn, &Scope::organization(), organization, &due).await?;
    for wave in waves {
        let event = if wave.status == Status::Scheduled { Event::Open } else { Event::Close };
        let wave = wave.change(event, None, now)?;
        let asked = save(app, conn, organization, &wave, event, now).await?;
        notify::tell(app, conn, organization, &asked, &notice(&wave), now).await?;
        let change = Change { kind: Wave::PREFIX, object: wave.id.uuid(), context: Some(wave.cohort.uuid()) };
        let who = Who { account: None, action: "schedule".to_owned(), request_id: "schedule".to_owned() };
        history::record(conn, organization, &who, &[change], &[app.clock.uuid()], now).await?;
    }
    Ok(())
}
