//! What does a database URL ask for?
use std::{path::PathBuf, str::FromStr};

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// How sure a connection must be of the server's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Encrypt only; anybody in between could answer.
    Nothing,
    /// The certificate comes from a trusted root.
    Authority,
    /// And it names the host that the URL names.
    Full,
}

/// A database URL, understood.
#[derive(Debug, Clone)]
pub struct Target {
    pub config: Config,
    pub verify: Verify,
    /// File with trusted root certificates; `None` means those of the system.
    pub roots: Option<PathBuf>,
}

/// Why a database URL cannot be used. Never quotes the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("the database URL must begin with postgres:// or postgresql://")]
    Scheme,
    #[error("sslmode in the database URL must be disable, prefer, require, verify-ca or verify-full")]
    Mode,
    #[error("sslrootcert in the database URL is not UTF-8 after decoding")]
    Encoding,
    #[error("the database URL is malformed: {0}")]
    Malformed(#[source] tokio_postgres::Error),
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(TargetError::Scheme);
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut mode = None;
        let mut roots = None;
        let mut rest = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(decode(value)?),
                _ => rest.push(parameter),
            }
        }
        let mut config =
            format!("{base}?{}", rest.join("&")).parse::<Config>().map_err(TargetError::Malformed)?;
        let roots = roots.filter(|path| path != "system").map(PathBuf::from);
        let (driver_mode, verify) = match mode {
            None | Some("prefer" | "allow") => (SslMode::Prefer, Verify::Nothing),
            Some("disable") => (SslMode::Disable, Verify::Nothing),
            // As in PostgreSQL's own programs: whoever names a root file wants it to be used.
            Some("require") if roots.is_some() => (SslMode::Require, Verify::Authority),
            Some("require") => (SslMode::Require, Verify::Nothing),
            Some("verify-ca") => (SslMode::Require, Verify::Authority),
            Some("verify-full") => (SslMode::Require, Verify::Full),
            Some(_) => return Err(TargetError::Mode),
        };
        config.ssl_mode(driver_mode);
        Ok(Self { config, verify, roots })
    }
}

/// The same URL with another database name.
#[must_use]
pub fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let authority = base.find("://").map_or(0, |scheme| scheme + 3);
    let end =
        base.get(authority..).and_then(|rest| rest.find('/')).map_or(base.len(), |slash| authority + slash);
    let server = base.get(..end).unwrap_or(base);
    query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

/// Undoes percent-encoding.
fn decode(text: &str) -> Result<String, TargetError> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let code = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.ok_or(TargetError::Encoding)?);
        bytes.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| TargetError::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_means_what_it_means_for_psql() {
        for (query, mode, verify) in [
            ("", SslMode::Prefer, Verify::Nothing),
            ("?sslmode=disable", SslMode::Disable, Verify::Nothing),
            ("?sslmode=require", SslMode::Require, Verify::Nothing),
            ("?sslmode=require&sslrootcert=/ca.pem", SslMode::Require, Verify::Authority),
            ("?sslmode=verify-ca", SslMode::Require, Verify::Authority),
            ("?connect_timeout=3&sslmode=verify-full", SslMode::Require, Verify::Full),
        ] {
            let target: Target = format!("postgres://cairn:secret@db.example/cairn{query}").parse().unwrap();
            assert_eq!((target.config.get_ssl_mode(), target.verify), (mode, verify), "{query}");
        }
    }

    #[test]
    fn the_root_file_is_decoded_and_system_means_no_file() {
        let target: Target =
            "postgres:///cairn?sslmode=verify-full&sslrootcert=%2Fetc%2Fmy%20ca.pem".parse().unwrap();
        assert_eq!(target.roots, Some(PathBuf::from("/etc/my ca.pem")));
        let target: Target = "postgres:///cairn?sslrootcert=system".parse().unwrap();
        assert_eq!(target.roots, None);
    }

    #[test]
    fn a_wrong_url_is_refused_without_quoting_it() {
        for url in [
            "mysql://cairn:hunter2@h/x",
            "postgres://cairn:hunter2@h/x?sslmode=full",
            "postgres://cairn:hunter2@h:port/x",
            "postgres://cairn:hunter2@h/x?sslrootcert=%F",
        ] {
            let problem = url.parse::<Target>().unwrap_err().to_string();
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn another_database_of_the_same_server_keeps_everything_else() {
        for (url, expected) in [
            ("postgres://u:p@h:5/x?sslmode=require", "postgres://u:p@h:5/postgres?sslmode=require"),
            ("postgres://u@h", "postgres://u@h/postgres"),
            ("postgres:///x?host=/tmp/s&user=u", "postgres:///postgres?host=/tmp/s&user=u"),
        ] {
            assert_eq!(with_database(url, "postgres"), expected);
        }
    }
}
