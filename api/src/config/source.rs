//! Which texts were given for settings, by file, environment or flag?
use std::{collections::BTreeMap, ffi::OsString, fmt, fs, path::Path};

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Config, Faults};

/// Names that begin like settings and belong to the build or to this module.
const OTHER_NAMES: &[&str] = &["CAIRN_CONFIG", "CAIRN_CONSOLE"];
/// Read when it exists and no other file is named.
const DEFAULT_FILE: &str = "cairn.toml";

/// Where a value comes from; a later source wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Default,
    File,
    Environment,
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Default => "the default",
            Self::File => "the configuration file",
            Self::Environment => "the environment",
            Self::Flag => "the command line",
        })
    }
}

/// Texts by setting, before they are understood. No `Debug`, as some are secrets.
#[derive(Clone, Default)]
pub struct Given {
    values: BTreeMap<&'static str, (String, Source)>,
    unknown: Vec<(String, Source)>,
    /// Configuration file named by the flag `--config`.
    file: Option<String>,
}

impl Given {
    /// Adds the file and the environment below the flags.
    pub fn collect(
        flags: Self,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let mut given = Self { file: flags.file.clone(), ..Self::default() };
        let mut named_file = flags.file.clone();
        let mut from_environment = Self::default();
        for (name, value) in environment {
            let name = name.to_string_lossy().into_owned();
            let row = Config::rows().find(|row| row.env == name);
            if row.is_none() && !name.starts_with("CAIRN_") {
                continue;
            }
            let Ok(value) = value.into_string() else {
                faults.add(name, "from the environment is not UTF-8".to_owned());
                continue;
            };
            match row {
                // An empty variable is the usual way to unset one in compose files and systemd units.
                _ if value.is_empty() => {}
                Some(row) => from_environment.set(row.key, value, Source::Environment),
                None if name == "CAIRN_CONFIG" => named_file = named_file.or(Some(value)),
                None if OTHER_NAMES.contains(&name.as_str()) => {}
                None => from_environment.unknown.push((name, Source::Environment)),
            }
        }
        let path = named_file.clone().unwrap_or_else(|| DEFAULT_FILE.to_owned());
        if named_file.is_some() || Path::new(&path).exists() {
            given.read_file(&path, &mut faults);
        }
        for above in [from_environment, flags] {
            given.values.extend(above.values);
            given.unknown.extend(above.unknown);
        }
        faults.none_or(given)
    }

    fn read_file(&mut self, path: &str, faults: &mut Faults) {
        let table = fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.to_string()));
        match table {
            Ok(table) => self.read_table(table),
            Err(problem) => faults.add(path, format!("cannot be read: {problem}")),
        }
    }

    fn read_table(&mut self, table: toml::Table) {
        for (key, value) in table {
            match (Config::rows().find(|row| row.key == key), plain_text(&value)) {
                (Some(row), Some(text)) => self.set(row.key, text, Source::File),
                _ => self.unknown.push((key, Source::File)),
            }
        }
    }

    /// Sets one value, replacing any that was there.
    pub fn set(&mut self, key: &'static str, text: impl Into<String>, source: Source) {
        self.values.insert(key, (text.into(), source));
    }

    pub(super) fn get(&self, key: &str) -> Option<(&str, Source)> {
        self.values.get(key).map(|(text, source)| (text.as_str(), *source))
    }

    pub(super) fn unknown(&self) -> &[(String, Source)] {
        &self.unknown
    }

    /// How many settings come from this source.
    #[must_use]
    pub fn count(&self, source: Source) -> usize {
        self.values.values().filter(|(_, from)| *from == source).count()
    }
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(plain_text).collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

/// One flag per setting that is no secret, understood after every command.
impl clap::Args for Given {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help("Configuration file [env: CAIRN_CONFIG] [default: cairn.toml if it exists]")
            .help_heading("Configuration")
            .global(true);
        Config::rows().fold(command.arg(file), |command, row| {
            let Some(flag) = row.flag() else { return command };
            command.arg(
                Arg::new(row.key)
                    .long(flag)
                    .value_name("VALUE")
                    .help(format!("{} [env: {}]", row.description(), row.env))
                    .help_heading(row.group)
                    .action(ArgAction::Set)
                    .hide_short_help(true)
                    .global(true),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Self { file: matches.get_one::<String>("config").cloned(), ..Self::default() };
        for row in Config::rows().filter(|row| !row.secret) {
            if let Some(text) = matches.get_one::<String>(row.key) {
                given.set(row.key, text, Source::Flag);
            }
        }
        Ok(given)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The known name that differs least, if it differs little enough to be a typing error.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|candidate| (distance(name, candidate), *candidate));
    distances.min().filter(|(distance, _)| *distance <= 3).map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped or replaced to turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(to.bytes()) {
            let cost = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = cost;
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
