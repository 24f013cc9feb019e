//! From ids to a letter: who gets it, in which language, and what it says.
use std::sync::Arc;

use domain::{access::Scope, id::Id, organization::Organization};
use persistence::request::RequestConnection;

use url::Url;

use super::{Mail, template};
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
}

/// What the words of a mail may use.
#[derive(Debug, Clone)]
pub struct Words {
    /// The person it goes to.
    pub name: String,
    /// On whose behalf it is sent.
    pub organization: String,
    /// Where it leads.
    pub url: String,
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
            let token = token::text(app, organization, &found)?;
            let words = Words {
                name: found.email.address.clone(),
                organization: tenant.name,
                url: page(app, "invitation", Some(&token)),
            };
            Some(letter("invitation", &words, found.email.address.clone())?)
        }
        Mail::Notification { notification } => {
            let Some(organization) = organization else { return Ok(None) };
            let (told, tenant) = connection
                .load(async move |conn| {
                    futures_util::try_join!(
                        persistence::notification::find(conn, organization, notification),
                        persistence::organization::find(conn, organization),
                    )
                })
                .await?;
            let (Some(told), Some(tenant)) = (told, tenant) else { return Ok(None) };
            let account = told.account;
            let found =
                connection.load(async move |conn| persistence::account::find(conn, account).await).await?;
            let address = found.and_then(|account| Some((account.name, account.email?.address)));
            let Some((person, address)) = address else { return Ok(None) };
            let url = page(app, &domain::id::encode(&told.subject_kind, told.subject), None);
            Some(letter(
                &told.kind.folder(),
                &Words { name: person, organization: tenant.name, url },
                address,
            )?)
        }
    };
    connection.finish().await;
    Ok(letter)
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
    })
}
