//! Web origins: `scheme://host[:port]`, compared as browsers write them.

/// A web origin in the form that browsers send.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Accepts `http` or `https`, a host name, IPv4 or bracketed IPv6 address, and an
    /// optional port that is not the scheme's own. No path, no user, no wildcard.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (scheme, rest) = lower.split_once("://")?;
        let default_port = match scheme {
            "http" => "80",
            "https" => "443",
            _ => return None,
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let address = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
        let host_ok = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
            Some(inside) => !inside.is_empty() && inside.chars().all(address),
            None => !host.is_empty() && host.chars().all(name),
        };
        let port_ok = port.is_none_or(|p| p != default_port && p.parse::<u16>().is_ok());
        (host_ok && port_ok).then_some(Self(lower))
    }

    /// As browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn origins_are_exact() {
        for good in [
            "https://example.org",
            "http://127.0.0.1:8080",
            "http://[::1]:3000",
            "HTTPS://Example.org",
        ] {
            assert!(Origin::parse(good).is_some(), "{good}");
        }
        for bad in [
            "null",
            "*",
            "https://*.example.org",
            "https://example.org/",
            "example.org",
            "ftp://a",
            "https://a@b",
            "https://example.org:443",
            "http://a:99999",
            "https://",
            "https://a;b",
            "https://a b",
            "https://例子.cn",
        ] {
            assert!(Origin::parse(bad).is_none(), "{bad}");
        }
    }
}
