//! Which settings does Cairn have, what do they mean, and where do their values come from?
//!
//! [`Config`] is the whole list. Its doc comments are the help of the command line and the page
//! `docs/configuration.md`; values come from a TOML file, then the environment, then flags.
mod fault;
mod limits;
mod reference;
mod setting;
mod source;
mod value;

use std::{net::SocketAddr, os::unix::fs::MetadataExt, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use fault::{Fault, Faults};
pub use limits::Limits;
pub use reference::reference;
pub use setting::{Row, Shown};
pub use source::{Given, Source};
pub use value::{BasePath, Bytes, LogFormat, Network};

setting::settings! {
    /// Every setting of one running Cairn.
    pub struct Config {
        "Server" {
            /// Address and port on which the public API is served.
            listen: SocketAddr, "CAIRN_LISTEN", default "127.0.0.1:8080";
            /// Address under which apps and people reach this server, as it appears in links, mails and tokens;
            /// unset, it follows from the address on which Cairn listens.
            public_url: Option<Url>, "CAIRN_PUBLIC_URL", unset;
            /// Path below which everything is served, such as `/cairn`, for a proxy that shares one host name.
            base_path: BasePath, "CAIRN_BASE_PATH", default "/";
            /// Second address, for `/metrics` and the health pages only; unset, they are served on the public one,
            /// `/metrics` to loopback addresses alone.
            admin_listen: Option<SocketAddr>, "CAIRN_ADMIN_LISTEN", unset;
            /// Addresses or networks of reverse proxies, separated by commas. Only their `X-Forwarded-For` and
            /// `X-Forwarded-Proto` are believed.
            trusted_proxies: Vec<Network>, "CAIRN_TRUSTED_PROXIES", default "";
            /// Origins of web front ends that may call the API from a browser, separated by commas.
            allowed_origins: Vec<Url>, "CAIRN_ALLOWED_ORIGINS", default "";
            /// Threads that serve requests.
            worker_threads: usize, "CAIRN_WORKER_THREADS", computed "one less than processors, at least 1" by value::worker_threads;
            /// How long a stopping server waits for requests in flight.
            drain_timeout: Duration, "CAIRN_DRAIN_TIMEOUT", default "15s";
        }
        "Data" {
            /// Folder for the private database, uploaded files and the key-encryption key.
            data_dir: PathBuf, "CAIRN_DATA_DIR", default "./data";
            /// PostgreSQL 15 or newer, as `postgres://user:password@host/name?sslmode=verify-full`; unset, Cairn
            /// runs a private one in the data folder.
            database_url: Option<SecretString>, "DATABASE_URL", unset;
            /// The same database without a transaction pooler in between, for migrations and notifications.
            database_direct_url: Option<SecretString>, "CAIRN_DATABASE_DIRECT_URL", unset;
            /// Database connections of this server.
            pool_size: usize, "CAIRN_POOL_SIZE", computed "four per processor, at most 20" by value::pool_size;
            /// File with the key-encryption key; unset, one is made in the data folder on first start.
            kek_file: Option<PathBuf>, "CAIRN_KEK_FILE", unset;
        }
        "Demo" {
            /// Fill the database with demo people and programs and show the mailbox page; unset, on with the
            /// private database and off with your own.
            demo: Option<bool>, "CAIRN_DEMO", unset;
            /// Password of the demo people; unset, a random one is printed at the start.
            demo_password: Option<SecretString>, "CAIRN_DEMO_PASSWORD", unset;
            /// Allow demo mode on an address that others can reach.
            demo_public: bool, "CAIRN_DEMO_PUBLIC", default "no";
        }
        "Mail" {
            /// Where mail goes: `smtps://user:password@host`, `smtp://user:password@host:587?tls=required`, or
            /// `file:///folder`; unset, demo mode keeps mail in its mailbox page and nothing else sends any.
            smtp_url: Option<SecretString>, "CAIRN_SMTP_URL", unset;
            /// File with the certificates of authorities, in PEM, that may vouch for the mail server beside those of
            /// the system.
            smtp_root_cert: Option<PathBuf>, "CAIRN_SMTP_ROOT_CERT", unset;
            /// Sender of every mail.
            mail_from: String, "CAIRN_MAIL_FROM", default "Cairn <no-reply@localhost>";
        }
        "Logs" {
            /// What is logged, as `info` or `warn,api=debug`.
            log: String, "CAIRN_LOG", default "info";
            /// `text` for people or `json` for machines.
            log_format: LogFormat, "CAIRN_LOG_FORMAT", default "text";
        }
    }
    nested {
        limits: Limits,
    }
}

impl Config {
    /// Reads the configuration file, the environment and the flags, and reports every fault at once.
    pub fn load(flags: Given) -> Result<Self, Faults> {
        Self::resolve(&Given::collect(flags, std::env::vars_os())?)
    }

    /// Turns collected texts into settings; all faults at once.
    pub fn resolve(given: &Given) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.unknown(given);
        match Self::read(given, &mut faults) {
            Some(config) => {
                config.check(&mut faults);
                faults.none_or(config)
            }
            None => Err(faults),
        }
    }

    /// Settings for a server inside a test: any free port, no demo people.
    ///
    /// # Panics
    /// Never in a build whose own tests pass: the defaults are checked there.
    #[must_use]
    pub fn for_tests() -> Self {
        let mut given = Given::default();
        given.set("listen", "127.0.0.1:0", Source::Flag);
        given.set("demo", "no", Source::Flag);
        // Two people on one machine have a folder each, and a key in it that only they read.
        let user = std::fs::metadata("/proc/self").map_or(0, |metadata| metadata.uid());
        let folder = std::env::temp_dir().join(format!("cairn-tests-{user}"));
        given.set("data_dir", folder.display().to_string(), Source::Flag);
        Self::resolve(&given).unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// Whether demo people, the mailbox page and the sign-in hints are on.
    #[must_use]
    pub fn demo_mode(&self) -> bool {
        self.demo.unwrap_or(self.database_url.is_none())
    }

    /// Whether the folder for a private database is needed.
    #[must_use]
    pub fn private_database(&self) -> bool {
        self.database_url.is_none()
    }

    /// The address of a page, from the public URL or the address on which the server listens;
    /// `path` begins with a slash.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        match &self.public_url {
            Some(url) => format!("{}{path}", url.as_str().trim_end_matches('/')),
            None => format!("http://{}{}{path}", self.listen, self.base_path.prefix()),
        }
    }

    /// Rules between settings.
    fn check(&self, faults: &mut Faults) {
        if self.demo_mode() && !self.demo_public {
            let advice = "demo people sign in with a printed password: set CAIRN_DEMO=no, or \
                          CAIRN_DEMO_PUBLIC=yes if strangers may use them";
            if !self.listen.ip().is_loopback() {
                faults
                    .add("CAIRN_LISTEN", format!("{} is open to others in demo mode; {advice}", self.listen));
            }
            if let Some(url) = self.public_url.as_ref().filter(|url| !value::is_loopback(url)) {
                faults.add("CAIRN_PUBLIC_URL", format!("{url} is open to others in demo mode; {advice}"));
            }
        }
        if self.admin_listen.is_some_and(|admin| admin == self.listen && admin.port() != 0) {
            faults.add("CAIRN_ADMIN_LISTEN", "is the same address as CAIRN_LISTEN".to_owned());
        }
        let smtp = self.smtp_url.as_ref().map(SecretString::expose_secret);
        if let Some(fault) = smtp.and_then(value::smtp_fault) {
            faults.add("CAIRN_SMTP_URL", fault.to_owned());
        }
        if self.pool_size < 2 {
            faults.add("CAIRN_POOL_SIZE", "must be at least 2, as jobs need a connection too".to_owned());
        }
        if self.worker_threads == 0 {
            faults.add("CAIRN_WORKER_THREADS", "must be at least 1".to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
