//! What may a setting's text look like?
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use super::setting::Setting;

/// A size such as `128KiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub usize);

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The path below which everything is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// What stands before every path: empty, or `/cairn` without a slash at its end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.0
    }
}

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether the address lies in this network; an IPv4 address written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(other)) => {
                (u32::from(mine) ^ u32::from(other)).checked_shr(32 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(mine), IpAddr::V6(other)) => {
                (u128::from(mine) ^ u128::from(other)).checked_shr(128 - u32::from(self.bits)).unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let problem = || "is no address or network such as 10.0.0.0/8".to_owned();
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address = address.parse::<IpAddr>().map_err(|_| problem())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| problem())?;
        if bits > most { Err(problem()) } else { Ok(Self { address, bits }) }
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What keeps a mail server's URL from being used. The URL itself is a secret.
pub(super) fn smtp_fault(text: &str) -> Option<&'static str> {
    let form = "must be like smtps://user:password@host, smtp://user:password@host:587?tls=required or file:///folder";
    let Ok(url) = Url::parse(text) else { return Some(form) };
    if url.scheme() == "file" {
        return None;
    }
    let Some(host) = url.host_str() else { return Some(form) };
    let encrypted = match url.scheme() {
        "smtps" => true,
        "smtp" => url.query_pairs().any(|(name, value)| name == "tls" && value == "required"),
        _ => return Some(form),
    };
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let near = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    (url.password().is_some() && !encrypted && !near)
        .then_some("would send the password in clear text: add ?tls=required or use smtps://")
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

pub(super) fn worker_threads() -> String {
    processors().saturating_sub(1).max(1).to_string()
}

pub(super) fn pool_size() -> String {
    (4 * processors()).min(20).to_string()
}

/// Declares how the text of a type is understood: `Type, "problem", |text| Option<Type>`.
macro_rules! understood {
    ($($type:ty, $problem:literal, $parse:expr;)+) => {$(
        impl Setting for $type {
            fn parse(text: Option<&str>) -> Result<Self, String> {
                let understand: fn(&str) -> Option<$type> = $parse;
                text.and_then(understand).ok_or_else(|| $problem.to_owned())
            }
        }
    )+};
}

understood! {
    SocketAddr, "is no address with a port such as 127.0.0.1:8080", |text| text.parse().ok();
    PathBuf, "is no path", |text| Some(PathBuf::from(text)).filter(|path| !path.as_os_str().is_empty());
    String, "must not be empty", |text| Some(text.to_owned()).filter(|text| !text.is_empty());
    usize, "is no whole number", |text| text.parse().ok();
    bool, "is neither yes nor no", |text| match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    };
    LogFormat, "is neither text nor json", |text| match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    };
    Url, "is no address such as https://cairn.example", |text| {
        Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none())
    };
    Duration, "is no time such as 500ms, 10s, 15m or 2h", |text| {
        let (number, unit) = split_unit(text)?;
        let milliseconds = match unit { "ms" => 1, "s" => 1_000, "m" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => return None };
        number.checked_mul(milliseconds).map(Duration::from_millis)
    };
    Bytes, "is no size such as 128KiB or 10MiB", |text| {
        let (number, unit) = split_unit(text)?;
        let bytes = match unit { "" | "B" => 1, "KiB" => 1 << 10, "MiB" => 1 << 20, _ => return None };
        usize::try_from(number.checked_mul(bytes)?).ok().map(Bytes)
    };
    BasePath, "is no path such as /cairn", |text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
        let good = text.starts_with('/') && text.chars().all(plain) && !text.contains("//") && !text.contains("..");
        good.then(|| BasePath(text.trim_end_matches('/').to_owned()))
    };
}

impl Setting for SecretString {
    const SECRET: bool = true;

    fn parse(text: Option<&str>) -> Result<Self, String> {
        String::parse(text).map(Self::from)
    }
}

impl<T: Setting> Setting for Option<T> {
    const SECRET: bool = T::SECRET;

    fn parse(text: Option<&str>) -> Result<Self, String> {
        text.map(|text| T::parse(Some(text))).transpose()
    }
}

impl Setting for Vec<Network> {
    fn parse(text: Option<&str>) -> Result<Self, String> {
        items(text).map(str::parse).collect()
    }
}

impl Setting for Vec<Url> {
    fn parse(text: Option<&str>) -> Result<Self, String> {
        items(text).map(|item| <Url as Setting>::parse(Some(item))).collect()
    }
}

fn items(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim()))
}
