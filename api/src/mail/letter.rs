//! From ids to a letter: who gets it, in which language, and what it says.
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{access::Scope, id::Id, invitation::Status, notification::Kind, organization::Organization};
use persistence::{notification::Facts, request::RequestConnection};
use url::Url;

use super::{
    Mail,
    calendar::{self, Calendar, Method},
    template,
};
use crate::{
    App,
    error::{Failure, Result},
    graphql::invitation::token,
};

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub calendar: Option<Calendar>,
}

/// What the words of a mail may use.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The person it goes to.
    pub name: String,
    /// On whose behalf it is sent.
    pub organization: String,
    /// Where it leads.
    pub url: String,
    pub program: String,
    /// The other side of the match.
    pub partner: String,
    /// Of the objective, resource or survey.
    pub title: String,
    /// When the meeting is, or until when to answer; empty when there is no such time.
    pub when: String,
    pub minutes: i16,
    /// Where the meeting is; empty when nobody has said so.
    pub place: String,
}

/// `None` when there is nobody to write to any more.
pub async fn write(
    app: &Arc<App>,
    organization: Option<Id<Organization>>,
    mail: Mail,
) -> Result<Option<Letter>> {
    let connection = RequestConnection::new(app.pool.clone(), organization.map(Id::uuid));
    let letter = match mail {
        Mail::Account { name, account, link } => {
            let found =
                connection.load(async move |conn| persistence::account::find(conn, account).await).await?;
            let address = found.and_then(|account| Some((account.name, account.email?.address)));
            let Some((person, address)) = address else { return Ok(None) };
            let token = link.map(|link| app.identity.link_token(link)).transpose()?;
            let words = Words {
                name: person,
                organization: "Cairn".to_owned(),
                url: page(app, &name.to_ascii_lowercase(), token.as_deref()),
                ..Words::default()
            };
            Some(letter(&name.to_ascii_lowercase(), &words, address)?)
        }
        Mail::Invitation { invitation } => {
            let Some(organization) = organization else { return Ok(None) };
            let everything = Scope::organization();
            let (found, tenant) = connection
                .load(async move |conn| {
                    futures_util::try_join!(
                        persistence::invitation::find(conn, &everything, organization, invitation),
                        persistence::organization::find(conn, organization),
                    )
                })
                .await?;
            let (Some(found), Some(tenant)) = (found, tenant) else { return Ok(None) };
            // Revoked or answered since: there is no link to send.
            if found.status != Status::Pending {
                return Ok(None);
            }
            let token = token::text(app, organization, &found)?;
            let words = Words {
                name: found.email.address.clone(),
                organization: tenant.name,
                url: page(app, "invitation", Some(&token)),
                ..Words::default()
            };
            Some(letter("invitation", &words, found.email.address.clone())?)
        }
        Mail::Notification { notification } => {
            let Some(organization) = organization else { return Ok(None) };
            let (told, tenant, facts) = connection
                .load(async move |conn| {
                    futures_util::try_join!(
                        persistence::notification::find(conn, organization, notification),
                        persistence::organization::find(conn, organization),
                        persistence::notification::facts(conn, organization, notification),
                    )
                })
                .await?;
            let (Some(told), Some(tenant), Some(facts)) = (told, tenant, facts) else { return Ok(None) };
            let account = told.account;
            let found =
                connection.load(async move |conn| persistence::account::find(conn, account).await).await?;
            let address = found.and_then(|account| Some((account.name, account.email?.address)));
            let Some((person, address)) = address else { return Ok(None) };
            let url = page(app, &domain::id::encode(&told.subject_kind, told.subject), None);
            let words = Words { name: person, organization: tenant.name, url, ..words_of(&facts) };
            let mut letter = letter(&told.kind.folder(), &words, address)?;
            letter.calendar = calendar_of(app, told.kind, &facts, &words, &letter.to_address);
            Some(letter)
        }
    };
    connection.finish().await;
    Ok(letter)
}

/// What the facts say, in words; what is missing is named in general.
fn words_of(facts: &Facts) -> Words {
    let meeting = facts.meeting.as_ref();
    let at = meeting.map(|meeting| meeting.starts_at).or(facts.until);
    let or = |text: &Option<String>, otherwise: &str| text.clone().unwrap_or_else(|| otherwise.to_owned());
    Words {
        program: or(&facts.program, "your program"),
        partner: or(&facts.partner, "your partner"),
        title: facts.title.clone().unwrap_or_default(),
        when: at.map(|at| wall_clock(at, &facts.time_zone)).unwrap_or_default(),
        minutes: meeting.map(|meeting| meeting.minutes).unwrap_or_default(),
        place: meeting.and_then(|m| m.place.clone().or_else(|| m.video_url.clone())).unwrap_or_default(),
        ..Words::default()
    }
}

/// A time as the person's clock shows it, with the name of the zone, as pairs may live in two.
fn wall_clock(at: DateTime<Utc>, zone: &str) -> String {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    format!("{} ({zone})", at.with_timezone(&zone).format("%A, %-d %B %Y, %H:%M"))
}

/// What a calendar must learn from this mail.
fn calendar_of(app: &App, kind: Kind, facts: &Facts, words: &Words, to: &str) -> Option<Calendar> {
    let method = match kind {
        Kind::CheckInScheduled => Method::Request,
        Kind::CheckInCancelled => Method::Cancel,
        _ => return None,
    };
    let title = format!("{}: {}", words.program, words.partner);
    let invitation = calendar::Invitation {
        title: &title,
        organizer: app.mailer.address(),
        attendee: to,
        url: &words.url,
        now: app.clock.now(),
    };
    Some(calendar::write(method, facts.meeting.as_ref()?, &invitation))
}

/// A page of the app. Tokens stand in the fragment, which no server and no log sees.
fn page(app: &App, place: &str, token: Option<&str>) -> String {
    let base = app.config.page("/");
    let url = Url::parse(&base).and_then(|base| base.join(&format!("app/{place}")));
    let url = url.map_or(base, |url| url.to_string());
    token.map_or_else(|| url.clone(), |token| format!("{url}#{token}"))
}

fn letter(folder: &str, words: &Words, to_address: String) -> Result<Letter> {
    let written = template::render(folder, words).map_err(Failure::internal)?;
    Ok(Letter {
        to_name: words.name.clone(),
        to_address,
        subject: written.subject,
        text: written.text,
        html: written.html,
        calendar: None,
    })
}
