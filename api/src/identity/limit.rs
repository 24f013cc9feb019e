//! May somebody try once more? Buckets in the database, so that all instances count together.
use std::{net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::rate::Limit;
use persistence::{rate, request::RequestConnection};

use super::Identity;
use crate::error::{Failure, Result};

/// Where a request comes from, as far as limits and the security history care.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub address: Option<IpAddr>,
    pub request_id: String,
}

impl Origin {
    /// The network that is counted as one: an IPv4 address, or the /64 that one household has with IPv6.
    pub fn network(&self) -> String {
        match self.address.map(|address| address.to_canonical()) {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => prefix(address, 64),
        }
    }

    /// What the history keeps: enough to recognize an attack, too little to find a person.
    pub fn prefix(&self) -> Option<String> {
        self.address.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => prefix(address, 48),
        })
    }
}

fn prefix(address: std::net::Ipv6Addr, bits: u32) -> String {
    let kept = u128::from(address) & (u128::MAX << (128 - bits));
    format!("{}/{bits}", std::net::Ipv6Addr::from(kept))
}

impl Identity {
    /// Takes one token from each bucket, and refuses if one is empty. It commits whatever happens to the request.
    pub async fn take(&self, tries: &[(Limit, &str)]) -> Result<()> {
        let now = self.clock.now();
        let keys = self.keys_of(tries)?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        let wait = connection
            .write(async |conn| {
                let mut longest = 0.0_f64;
                for (key, (limit, _)) in keys.iter().zip(tries) {
                    let rule = limit.rule();
                    let wait = rate::take(conn, key, f64::from(rule.burst), rule.per_second(), now).await?;
                    longest = longest.max(wait);
                }
                Ok::<_, Failure>(longest)
            })
            .await?;
        connection.finish().await;
        if wait > 0.0 {
            let retry_after = Duration::try_from_secs_f64(wait).unwrap_or(Duration::from_secs(60));
            return Err(Failure::RateLimited { retry_after });
        }
        Ok(())
    }

    /// Puts the tokens back: for tries that turned out to be right.
    pub async fn give_back(&self, tries: &[(Limit, &str)]) -> Result<()> {
        let keys = self.keys_of(tries)?;
        let connection = RequestConnection::new(self.pool.clone(), None);
        connection
            .write(async |conn| {
                for (key, (limit, _)) in keys.iter().zip(tries) {
                    rate::give_back(conn, key, f64::from(limit.rule().burst)).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
        connection.finish().await;
        Ok(())
    }

    /// Keys say what is counted, and of whom only a code.
    fn keys_of(&self, tries: &[(Limit, &str)]) -> Result<Vec<String>> {
        let key = |(limit, subject): &(Limit, &str)| {
            let code = self.vault.code("rate limit", format!("{limit} {subject}").as_bytes())?;
            Ok(format!("{limit} {}", URL_SAFE_NO_PAD.encode(code)))
        };
        tries.iter().map(key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_to_networks() {
        for (address, network, kept) in [
            ("203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ] {
            let origin =
                Origin { address: Some(address.parse().expect("an address")), request_id: String::new() };
            assert_eq!((origin.network().as_str(), origin.prefix().as_deref()), (network, Some(kept)));
        }
    }
}
