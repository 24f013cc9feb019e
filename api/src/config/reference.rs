//! What does the page `docs/configuration.md` say?
use std::fmt::Write as _;

use super::{Config, setting::Default};

const OPENING: &str = "\
# Configuration

`cairn config reference` prints this page. `cairn config check` reports every fault of your settings at once,
and `cairn config show` lists the values in force and where each comes from, with secrets hidden.

Each setting can be given in three ways; a later one wins:

1. a TOML file, `cairn.toml` in the working directory or the one named by `CAIRN_CONFIG` or `--config`;
2. an environment variable; an empty one counts as unset;
3. a flag of the command line, except for secrets, as other processes of the machine can read those.

Switches take `yes` or `no`, times `500ms`, `10s`, `15m`, `2h` or `90d`, sizes `128KiB` or `10MiB`. A name that
begins with `CAIRN_` and is not on this page is refused, as it is most likely a typing error.

`CAIRN_CONSOLE` is read while Cairn is built: `off` leaves the console out, `require` fails the build without it.
";

/// The configuration page, in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    let mut group = "";
    for row in Config::rows() {
        if row.group != group {
            group = row.group;
            // Writing to a string cannot fail.
            let _ = write!(page, "\n## {group}\n");
        }
        let default = match row.default {
            Default::Unset => "unset".to_owned(),
            Default::Text("") => "empty".to_owned(),
            Default::Text(text) => format!("`{text}`"),
            Default::Computed(explanation, _) => explanation.to_owned(),
        };
        let flag = row.flag().map_or_else(|| "none (secret)".to_owned(), |flag| format!("`--{flag}`"));
        let _ = write!(
            page,
            "\n### `{}`\n\n{}\n\nDefault: {default}. File: `{}`. Flag: {flag}.\n",
            row.env,
            row.description(),
            row.key,
        );
    }
    page
}
