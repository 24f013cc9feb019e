//! Do all mails read as they were reviewed? Set `CAIRN_UPDATE_GOLDEN=1` to write them anew, then read the difference.
use std::{fs, path::PathBuf};

use api::mail::{Words, render, template_names};

/// Names that try to break out of text, HTML and headers.
fn words() -> Words {
    Words {
        name: "Ana <script>alert(1)</script>".to_owned(),
        organization: "Bright & \"Futures\"".to_owned(),
        url: "https://app.example/page#token".to_owned(),
        program: "Reading <b>friends</b>".to_owned(),
        partner: "Ünal 李小龍 & {{ name }}".to_owned(),
        title: "Read \r\nBcc: eve@example.org".to_owned(),
        when: "Tuesday, 24 November 2026, 17:00 (Europe/Berlin)".to_owned(),
        minutes: 45,
        place: "Library </mj-text><mj-raw>".to_owned(),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/mail")
}

#[test]
fn every_mail_reads_as_it_was_reviewed() {
    let write = std::env::var_os("CAIRN_UPDATE_GOLDEN").is_some();
    let mut different = Vec::new();
    for name in template_names() {
        let mail = render(name, &words()).expect(name);
        assert!(!mail.subject.contains(['\r', '\n']), "{name}");
        for hostile in ["<script>", "<b>", "<mj-raw"] {
            assert!(!mail.html.contains(hostile), "{name} has {hostile}");
        }
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        for (file, now) in [(format!("{name}.txt"), text), (format!("{name}.html"), mail.html)] {
            let path = folder().join(&file);
            let now = now.trim_end().to_owned() + "\n";
            if write {
                fs::create_dir_all(folder()).expect("a folder");
                fs::write(&path, &now).expect(&file);
            } else if fs::read_to_string(&path).ok().as_ref() != Some(&now) {
                different.push(file);
            }
        }
    }
    assert!(different.is_empty(), "changed: {different:?}; see the top of this file");
}
