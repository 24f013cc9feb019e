//! What files are taken in, and how is their kind known? By their first bytes, not by what the sender says.
use chrono::{DateTime, Utc};

use crate::{
    account::Account,
    id::{Entity, Id},
    refusal::{Code, Refuse},
    text::{self, TextFault},
};

/// Bytes from the start of a file that tell its kind.
pub const HEAD: usize = 4096;

crate::text_enum! {
    /// A kind of file that is taken in, by its media type.
    pub enum Kind as "FileKind" {
        /// A document of the Portable Document Format.
        Pdf = "application/pdf",
        /// A PNG picture.
        Png = "image/png",
        /// A JPEG picture.
        Jpeg = "image/jpeg",
        /// A GIF picture.
        Gif = "image/gif",
        /// A WebP picture.
        Webp = "image/webp",
        /// A table, one line per row.
        Csv = "text/csv",
        /// Plain text.
        Text = "text/plain",
        /// Calendar events.
        Calendar = "text/calendar",
        /// A Word document.
        Word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        /// An Excel workbook.
        Excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        /// A PowerPoint presentation.
        PowerPoint = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        /// A ZIP archive.
        Zip = "application/zip",
    }
}

/// An uploaded file, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub id: Id<File>,
    /// Only this account may use it in a mutation.
    pub uploaded_by: Id<Account>,
    pub name: String,
    pub kind: Kind,
    pub size: i32,
    pub sha256: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

impl Entity for File {
    const PREFIX: &'static str = "file";
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Text(#[from] TextFault),
    #[error("the file is empty")]
    Empty,
    #[error(
        "the content is of no kind that is taken: PDF, PNG, JPEG, GIF, WebP, CSV, plain text, iCalendar, Word, \
         Excel, PowerPoint or ZIP"
    )]
    Kind,
}

impl Refuse for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Text(fault) => fault.code(),
            Self::Empty => Code::Required,
            Self::Kind => Code::Invalid,
        }
    }
}

/// The name without the folders that some browsers send with it.
pub fn name(raw: &str) -> Result<String, Refusal> {
    // The whole of it first: what is cut off must not hide a line break either.
    let whole = text::line("name", raw, 1024)?;
    let last =
        if raw.ends_with(['/', '\\']) { "" } else { whole.rsplit(['/', '\\']).next().unwrap_or_default() };
    Ok(text::line("name", last, 255)?)
}

/// The kind of a file, by its first bytes; the name's ending only tells kinds apart that begin alike.
pub fn kind(name: &str, head: &[u8]) -> Result<Kind, Refusal> {
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let marks: [(&[u8], Kind); 6] = [
        (b"%PDF-", Kind::Pdf),
        (b"\x89PNG\r\n\x1a\n", Kind::Png),
        (b"\xff\xd8\xff", Kind::Jpeg),
        (b"GIF87a", Kind::Gif),
        (b"GIF89a", Kind::Gif),
        (b"BEGIN:VCALENDAR", Kind::Calendar),
    ];
    if let Some((_, kind)) = marks.iter().find(|(mark, _)| head.starts_with(mark)) {
        return Ok(*kind);
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Ok(Kind::Webp);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(packed(&ending, head));
    }
    match ending.as_str() {
        "csv" if is_text(head) => Ok(Kind::Csv),
        "txt" if is_text(head) => Ok(Kind::Text),
        _ => Err(Refusal::Kind),
    }
}

/// Office documents are archives that list their content types first.
fn packed(ending: &str, head: &[u8]) -> Kind {
    const LISTING: &[u8] = b"[Content_Types].xml";
    let office = head.windows(LISTING.len()).any(|window| window == LISTING);
    match ending {
        "docx" if office => Kind::Word,
        "xlsx" if office => Kind::Excel,
        "pptx" if office => Kind::PowerPoint,
        _ => Kind::Zip,
    }
}

/// Older spreadsheets do not write UTF-8, so any byte above the control characters will do. A page or a script
/// under a harmless name is none of it.
fn is_text(head: &[u8]) -> bool {
    let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0c');
    let start = head.trim_ascii_start().get(..14).unwrap_or(head.trim_ascii_start()).to_ascii_lowercase();
    let page = [&b"<!doctype"[..], b"<html", b"<script", b"<svg", b"<?xml", b"#!"];
    !head.iter().any(control) && !page.iter().any(|mark| start.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_the_kind_and_not_the_name() {
        for (name, head, expected) in [
            ("a.pdf", &b"%PDF-1.7"[..], Some(Kind::Pdf)),
            ("a.txt", b"%PDF-1.7", Some(Kind::Pdf)),
            ("a.png", b"\x89PNG\r\n\x1a\n....", Some(Kind::Png)),
            ("a", b"RIFF\0\0\0\0WEBPVP8 ", Some(Kind::Webp)),
            ("a", b"RIFF\0\0\0\0WAVEfmt ", None),
            ("roster.CSV", b"name;email\nAna;a@b.example\n", Some(Kind::Csv)),
            ("latin.csv", b"name\nJos\xe9\n", Some(Kind::Csv)),
            ("a.docx", b"PK\x03\x04........[Content_Types].xml", Some(Kind::Word)),
            ("a.docx", b"PK\x03\x04........evil.exe", Some(Kind::Zip)),
            ("a.ics", b"BEGIN:VCALENDAR\r\n", Some(Kind::Calendar)),
            ("a.txt", b"  <!DOCTYPE html><script>", None),
            ("a.csv", b"a\0b", None),
            ("a.exe", b"MZ\x90\0", None),
            ("notes", b"plain words", None),
        ] {
            assert_eq!(kind(name, head).ok(), expected, "{name} {head:?}");
        }
        assert_eq!(kind("a.pdf", b""), Err(Refusal::Empty));
    }

    #[test]
    fn a_name_has_no_folders_and_no_line_breaks() {
        assert_eq!(name("C:\\lists\\roster.csv").as_deref(), Ok("roster.csv"));
        assert_eq!(name("../../etc/passwd.txt").as_deref(), Ok("passwd.txt"));
        assert!(name("a\r\nContent-Type: text/html.csv").is_err());
        assert!(name("folder/").is_err());
    }
}
