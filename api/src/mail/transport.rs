//! How does a letter leave the house: by SMTP, into files, or into the mailbox of the demo?
use lettre::{
    Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment, Mailbox as Sender, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{Letter, mailbox::Mailbox, smtp};
use crate::{config::Config, job::Failed};

/// Where mail goes.
pub struct Mailer {
    from: Sender,
    domain: String,
    way: Way,
    /// What was sent, in demo mode.
    pub mailbox: Mailbox,
}

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    File(AsyncFileTransport<Tokio1Executor>),
    /// Kept in the process, for the page of the demo.
    Mailbox,
    /// Nothing is configured: mail is dropped, and the log says so.
    Nowhere,
}

impl Mailer {
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let from: Sender = config.mail_from.parse()?;
        let way = match &config.smtp_url {
            None if config.demo_mode() => Way::Mailbox,
            None => Way::Nowhere,
            Some(url) => match url.expose_secret().strip_prefix("file://") {
                Some(folder) => {
                    std::fs::create_dir_all(folder)?;
                    Way::File(AsyncFileTransport::new(folder))
                }
                None => {
                    Way::Smtp(Box::new(smtp::open(url.expose_secret(), config.smtp_root_cert.as_deref())?))
                }
            },
        };
        let domain = from.email.domain().to_owned();
        Ok(Self { from, domain, way, mailbox: Mailbox::default() })
    }

    /// Sends a letter. The message id follows from the job, so that a repeat can be recognized.
    pub async fn send(&self, job: Uuid, letter: &Letter) -> Result<(), Failed> {
        let message = self.message(job, letter).map_err(|error| Failed::Never(error.to_string()))?;
        match &self.way {
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_accepted) => Ok(()),
                Err(error) => Err(smtp::failed(&error)),
            },
            Way::File(transport) => {
                let sent = transport.send(message).await;
                sent.map(|_file| ()).map_err(|error| Failed::Later(error.to_string()))
            }
            Way::Mailbox => {
                self.mailbox.keep(letter.clone(), message.formatted());
                Ok(())
            }
            Way::Nowhere => {
                tracing::warn!("no mail is sent: set CAIRN_SMTP_URL");
                Ok(())
            }
        }
    }

    /// The sender's address.
    pub fn address(&self) -> &str {
        self.from.email.as_ref()
    }

    /// Names come from people: lettre encodes them, so that no line break of theirs begins a header.
    fn message(&self, job: Uuid, letter: &Letter) -> anyhow::Result<Message> {
        let address: Address = letter.to_address.parse()?;
        let bodies = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
        let content = match &letter.calendar {
            None => bodies,
            Some(calendar) => {
                let kind = format!("text/calendar; charset=utf-8; method={}", calendar.method.as_str());
                let attachment = Attachment::new("check-in.ics".to_owned());
                let attachment = attachment.body(calendar.text.clone(), kind.parse()?);
                MultiPart::mixed().multipart(bodies).singlepart(attachment)
            }
        };
        let message = Message::builder()
            .from(self.from.clone())
            .to(Sender::new(Some(one_line(&letter.to_name)), address))
            .subject(letter.subject.clone())
            .message_id(Some(format!("<{job}@{}>", self.domain)))
            .header(AutoSubmitted)
            .multipart(content)?;
        Ok(message)
    }
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Keeps holiday notices from answering (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
