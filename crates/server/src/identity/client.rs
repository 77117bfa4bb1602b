//! The address that limits are counted by.
//!
//! Behind a reverse proxy every request comes from the proxy, and `X-Forwarded-For` is
//! whatever the client wrote plus what each proxy appended. Only proxies named in the
//! configuration are believed, from the right.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};

/// The address nearest to the person that can be believed.
pub fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(&ip.to_canonical()));
    let mut nearest = peer.to_canonical();
    let forwarded = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok());
    let hops: Vec<&str> = forwarded
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&nearest) {
            break;
        }
        let Ok(ip) = hop.parse::<IpAddr>() else { break };
        nearest = ip.to_canonical();
    }
    nearest
}

/// What counts as one client: an IPv4 address, or an IPv6 network of 64 bits, which is
/// what one subscriber gets.
pub fn subscriber(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => Ipv6Addr::octets(&v6)[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_proxies_are_believed() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let cases = [
            (
                "203.0.113.9",
                Some("1.2.3.4"),
                "203.0.113.9",
                "an untrusted peer's word is ignored",
            ),
            (
                "10.0.0.1",
                Some("1.2.3.4"),
                "1.2.3.4",
                "a trusted proxy's word counts",
            ),
            (
                "10.0.0.1",
                Some("6.6.6.6, 1.2.3.4"),
                "1.2.3.4",
                "what the client wrote itself does not",
            ),
            (
                "10.0.0.1",
                Some("1.2.3.4, 10.0.0.2"),
                "1.2.3.4",
                "through two proxies",
            ),
            ("10.0.0.1", Some("junk"), "10.0.0.1", "junk stops the walk"),
            ("10.0.0.1", None, "10.0.0.1", "nothing forwarded"),
            (
                "::ffff:10.0.0.1",
                Some("1.2.3.4"),
                "1.2.3.4",
                "IPv4 in IPv6",
            ),
        ];
        for (peer, forwarded, expected, reason) in cases {
            let mut headers = HeaderMap::new();
            if let Some(value) = forwarded {
                headers.insert("x-forwarded-for", value.parse().unwrap());
            }
            let found = address(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{reason}");
        }
    }
}
