//! From which address does a request come, when proxies stand in between?
use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::Network;

/// Networks whose `X-Forwarded-For` is believed. Without any, the peer itself is the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub Vec<Network>);

impl TrustedProxies {
    /// Walks from the peer back along the proxies, and stops at the first address that is not trusted: what
    /// stands before it was written by a stranger.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all("x-forwarded-for").into_iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut client = peer.to_canonical();
        for hop in hops.into_iter().rev() {
            if !self.0.iter().any(|network| network.contains(client)) {
                break;
            }
            let Ok(address) = hop.parse::<IpAddr>() else { break };
            client = address.to_canonical();
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let networks = trusted.split(' ').filter(|part| !part.is_empty());
        let trusted = TrustedProxies(networks.map(|network| network.parse().unwrap()).collect());
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (trusted, peer, forwarded, expected) in [
            ("", "198.51.100.7", &["203.0.113.9"][..], "198.51.100.7"),
            ("10.0.0.0/8", "10.1.2.3", &["203.0.113.9"][..], "203.0.113.9"),
            ("10.0.0.0/8", "10.1.2.3", &[][..], "10.1.2.3"),
            ("10.0.0.0/8", "10.1.2.3", &["1.1.1.1, 203.0.113.9, 10.9.9.9"][..], "203.0.113.9"),
            ("10.0.0.0/8", "10.1.2.3", &["1.1.1.1", "203.0.113.9, 10.9.9.9"][..], "203.0.113.9"),
            ("10.0.0.0/8", "11.1.2.3", &["203.0.113.9"][..], "11.1.2.3"),
            ("10.0.0.0/8", "10.1.2.3", &["not an address"][..], "10.1.2.3"),
            ("127.0.0.1", "::ffff:127.0.0.1", &["2001:db8::7"][..], "2001:db8::7"),
            ("fd00::/8 10.0.0.0/8", "fd12::1", &["203.0.113.9, 10.0.0.1"][..], "203.0.113.9"),
        ] {
            assert_eq!(client(trusted, peer, forwarded), expected, "{trusted} {peer} {forwarded:?}");
        }
    }
}
