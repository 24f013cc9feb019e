//! The words of mails: one folder each in `api/mail`, as text and as HTML.
use minijinja::{AutoEscape, Environment};

use super::letter::Words;

/// The files of the mails: name, subject, text, MJML.
const FOLDERS: &[(&str, &str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/mails.rs"));
const LAYOUT: &str = include_str!("../../mail/layout.mjml");

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The names of all mails.
pub fn names() -> impl Iterator<Item = &'static str> {
    FOLDERS.iter().map(|(name, ..)| *name)
}

/// Writes a mail. Values are escaped in HTML; a subject is one line.
pub fn render(name: &str, words: &Words) -> Result<Written, String> {
    let found = FOLDERS.iter().find(|(folder, ..)| *folder == name);
    let &(_, subject, text, mjml) = found.ok_or_else(|| format!("no mail is called {name}"))?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|file| {
        if file.ends_with(".mjml") { AutoEscape::Html } else { AutoEscape::None }
    });
    for (file, source) in
        [("layout.mjml", LAYOUT), ("subject.txt", subject), ("body.txt", text), ("body.mjml", mjml)]
    {
        environment.add_template(file, source).map_err(|error| format!("{name}/{file}: {error:#}"))?;
    }
    let values = minijinja::Value::from_pairs([
        ("name", words.name.clone().into()),
        ("organization", words.organization.clone().into()),
        ("url", words.url.clone().into()),
        ("program", words.program.clone().into()),
        ("partner", words.partner.clone().into()),
        ("title", words.title.clone().into()),
        ("when", words.when.clone().into()),
        ("minutes", minijinja::Value::from(words.minutes)),
        ("place", words.place.clone().into()),
    ]);
    let write = |file: &str| {
        let template = environment.get_template(file).map_err(|error| error.to_string())?;
        template.render(&values).map_err(|error| format!("{name}/{file}: {error:#}"))
    };
    let mjml = write("body.mjml")?;
    let parsed = mrml::parse(&mjml).map_err(|error| format!("{name}: {error}"))?;
    let html = parsed
        .element
        .render(&mrml::prelude::render::RenderOptions::default())
        .map_err(|error| format!("{name}: {error}"))?;
    let subject = write("subject.txt")?.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Written { subject, text: write("body.txt")?, html })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_can_be_written_and_escapes_what_people_write() {
        let words = Words {
            name: "<script>alert(1)</script>\r\nBcc: eve@example.org".into(),
            organization: "Bright & Futures".into(),
            url: "https://cairn.example.org/app#token".into(),
            ..Words::default()
        };
        for name in names() {
            let written = render(name, &words).expect(name);
            assert!(!written.html.contains("<script>alert"), "{name}");
            assert!(!written.subject.contains(['\r', '\n']) && !written.subject.is_empty(), "{name}");
            assert!(
                written.text.contains(&words.url) && written.html.contains("cairn.example.org"),
                "{name}"
            );
        }
    }

    #[test]
    fn every_notification_has_a_mail() {
        use domain::{notification::Kind, text::TextEnum};
        for kind in Kind::ALL {
            assert!(names().any(|name| name == kind.folder()), "{kind}");
        }
    }
}
