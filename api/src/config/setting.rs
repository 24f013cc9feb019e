//! How does one declaration become a field, a flag, an environment variable and a line of the docs?
use super::{Faults, Given, Source};

/// What is known about a setting before any value is given.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Name of the field, which is also the key in the configuration file.
    pub key: &'static str,
    /// Name of the environment variable.
    pub env: &'static str,
    /// Heading under which the docs show it.
    pub group: &'static str,
    /// What it means, in one or two sentences.
    pub doc: &'static [&'static str],
    pub default: Default,
    /// Secrets have no flag, as command lines are visible to every process of the machine.
    pub secret: bool,
}

/// Where the value comes from if nobody gives one.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    Unset,
    Text(&'static str),
    /// Depends on the machine; the text says how.
    Computed(&'static str, fn() -> String),
}

impl Row {
    /// The doc comment as one line.
    #[must_use]
    pub fn description(&self) -> String {
        self.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    }

    /// Name of the flag without dashes; secrets have none.
    #[must_use]
    pub fn flag(&self) -> Option<String> {
        (!self.secret).then(|| self.key.replace('_', "-"))
    }

    /// The value in force as people may see it, and where it comes from.
    #[must_use]
    pub fn shown(&self, given: &Given) -> Shown {
        let (value, source) = match (given.get(self.key), self.default) {
            (Some((_, source)), _) if self.secret => (Some("(hidden)".to_owned()), source),
            (Some((text, source)), _) => (Some(text.to_owned()), source),
            (None, Default::Unset) => (None, Source::Default),
            (None, Default::Text(text)) => (Some(text.to_owned()), Source::Default),
            (None, Default::Computed(_, compute)) => (Some(compute()), Source::Default),
        };
        Shown { key: self.key, env: self.env, value, source }
    }

    /// Parses what was given or the default; a fault names the variable and where the text came from.
    pub(super) fn read<T: Setting>(&self, given: &Given, faults: &mut Faults) -> Option<T> {
        let parsed = match (given.get(self.key), self.default) {
            (Some((text, source)), _) => T::parse(Some(text)).map_err(|problem| match self.secret {
                true => format!("from {source} {problem}"),
                false => format!("{text:?} from {source} {problem}"),
            }),
            (None, Default::Unset) => T::parse(None),
            (None, Default::Text(text)) => T::parse(Some(text)),
            (None, Default::Computed(_, compute)) => T::parse(Some(&compute())),
        };
        parsed.map_err(|problem| faults.add(self.env, problem)).ok()
    }
}

/// A setting with its value, for `cairn config show`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Shown {
    pub key: &'static str,
    pub env: &'static str,
    pub value: Option<String>,
    pub source: Source,
}

/// A type that a setting can have; the error completes the sentence that begins with the text.
pub trait Setting: Sized {
    const SECRET: bool = false;
    fn parse(text: Option<&str>) -> Result<Self, String>;
}

/// Declares a struct of settings: `field: Type, "VARIABLE", default "text";` in groups, where `unset` and
/// `computed "explanation" by function` can stand for the default, and fields of nested structs.
macro_rules! settings {
    (
        $(#[doc = $struct_doc:literal])+ pub struct $name:ident {
            $($group:literal { $(
                $(#[doc = $doc:literal])+ $field:ident: $type:ty, $env:literal, $how:ident $($default:literal $(by $compute:path)?)?;
            )+ })+
        }
        nested { $($nested:ident: $nested_type:ty,)* }
    ) => {
        $(#[doc = $struct_doc])+
        #[derive(Debug, Clone)]
        pub struct $name {
            $($( $(#[doc = $doc])+ pub $field: $type, )+)+
            $(pub $nested: $nested_type,)*
        }

        impl $name {
            const OWN_ROWS: &'static [$crate::config::setting::Row] = &[$($(
                $crate::config::setting::Row {
                    key: stringify!($field),
                    env: $env,
                    group: $group,
                    doc: &[$($doc),+],
                    default: $crate::config::setting::settings!(@ $how $($default $(, $compute)?)?),
                    secret: <$type as $crate::config::setting::Setting>::SECRET,
                },
            )+)+];

            /// Every setting, nested ones too, in the order of the docs.
            pub fn rows() -> impl Iterator<Item = &'static $crate::config::setting::Row> {
                Self::OWN_ROWS.iter() $(.chain(<$nested_type>::rows()))*
            }

            pub(in $crate::config) fn read(
                given: &$crate::config::Given,
                faults: &mut $crate::config::Faults,
            ) -> Option<Self> {
                let mut rows = Self::OWN_ROWS.iter();
                // Every field is read before the first absent one ends the function, to collect all faults.
                $($( let $field = rows.next().and_then(|row| row.read::<$type>(given, faults)); )+)+
                $( let $nested = <$nested_type>::read(given, faults); )*
                Some(Self { $($($field: $field?,)+)+ $($nested: $nested?,)* })
            }
        }
    };
    (@ unset) => { $crate::config::setting::Default::Unset };
    (@ default $text:literal) => { $crate::config::setting::Default::Text($text) };
    (@ computed $text:literal, $compute:path) => {
        $crate::config::setting::Default::Computed($text, $compute)
    };
}
pub(super) use settings;
