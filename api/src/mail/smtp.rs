//! How is the mail server reached, and what does it mean when it says no?
use std::{error::Error as _, fs, path::Path, time::Duration};

use anyhow::{Context, anyhow};
use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    transport::smtp::{
        Error,
        client::{Certificate, Tls, TlsParameters},
    },
};
use url::Url;

use crate::job::Failed;

/// For one mail, from connecting to the answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The account of ours is at fault, not the mail (RFC 4954): authentication is required, too weak, or failed.
const OUR_ACCOUNT: [u16; 4] = [530, 534, 535, 538];

/// A transport for `smtps://`, which is encrypted from the first byte, or `smtp://` with `tls=required` (STARTTLS or
/// nothing) or without. `root` names authorities that are trusted beside the system's.
pub(super) fn open(url: &str, root: Option<&Path>) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
    // The library's message would repeat the URL, which holds the password.
    let unusable = || anyhow!("CAIRN_SMTP_URL cannot be used");
    let mut builder =
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_with_secret| unusable())?;
    if let Some(root) = root {
        let url = Url::parse(url).map_err(|_with_secret| unusable())?;
        let host = url.host_str().ok_or_else(unusable)?;
        let unreadable = || format!("cannot read the certificates in {}", root.display());
        let certificates = Certificate::from_pem(&fs::read(root).with_context(unreadable)?)?;
        let tls =
            TlsParameters::builder(host.to_owned()).add_root_certificate(certificates).build_rustls()?;
        let wanted = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        builder = match (url.scheme(), wanted.as_deref()) {
            ("smtps", _) => builder.tls(Tls::Wrapper(tls)),
            (_, Some("required")) => builder.tls(Tls::Required(tls)),
            (_, Some("opportunistic")) => builder.tls(Tls::Opportunistic(tls)),
            _ => builder,
        };
    }
    Ok(builder.timeout(Some(PATIENCE)).build())
}

/// Only a mail that the server refuses for good is given up: what is wrong with our settings, an operator puts right.
pub(super) fn failed(error: &Error) -> Failed {
    let Some(status) = error.status() else {
        return Failed::Later(format!("the mail server cannot be used: {}", causes(error)));
    };
    // The text of an answer may hold the address of a person, so only its number is kept.
    if OUR_ACCOUNT.contains(&u16::from(status)) {
        return Failed::Later(format!(
            "the mail server does not accept the user name or password of CAIRN_SMTP_URL ({status})"
        ));
    }
    let answered = format!("the mail server answered {status}");
    if error.is_permanent() { Failed::Never(answered) } else { Failed::Later(answered) }
}

/// Why there was no answer, such as a certificate that nobody vouches for.
fn causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text
}
