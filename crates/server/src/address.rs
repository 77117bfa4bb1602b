//! What `database_url` says: where PostgreSQL is, and whether it is asked over TLS.
//!
//! `sslmode` and `sslrootcert` have the meaning that PostgreSQL's own clients give them,
//! but that `prefer` is no encryption: who wants it says so.

use std::path::PathBuf;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// Where it is, and how.
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) tls: Tls,
}

/// Whether the way there is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tls {
    Off,
    /// Encrypted, whoever answers: no one listens in, but somebody could stand between.
    Unverified,
    /// Only a server whose certificate is for its name, and is vouched for by one of a
    /// file, or by one that the system trusts.
    Verified {
        roots: Option<PathBuf>,
    },
}

/// Reads an address, `postgresql://…` or `host=… dbname=…`. The error never holds it.
pub(crate) fn read(url: &str) -> Result<Address, String> {
    let (rest, mode, roots) = split(url);
    let mut config: Config = rest
        .parse()
        .map_err(|_| "not an address like postgresql://user@host/name".to_owned())?;
    let roots = roots.map(PathBuf::from);
    let tls = match (mode.as_deref(), roots) {
        (None | Some("disable" | "allow" | "prefer"), _) => Tls::Off,
        (Some("require"), None) => Tls::Unverified,
        (Some("require" | "verify-ca" | "verify-full"), roots) => Tls::Verified { roots },
        (Some(_), _) => return Err("sslmode: disable, require or verify-full".to_owned()),
    };
    config.ssl_mode(match tls {
        Tls::Off => SslMode::Disable,
        Tls::Unverified | Tls::Verified { .. } => SslMode::Require,
    });
    Ok(Address { config, tls })
}

/// Takes out what the client library does not know.
fn split(url: &str) -> (String, Option<String>, Option<String>) {
    let (mut mode, mut roots) = (None, None);
    let mut is_other = |pair: &&str| match pair.split_once('=') {
        Some(("sslmode", value)) => {
            mode = Some(plain(value));
            false
        }
        Some(("sslrootcert", value)) => {
            roots = Some(plain(value));
            false
        }
        _ => true,
    };
    let rest = match url.split_once("://") {
        Some(_) => match url.split_once('?') {
            Some((front, query)) => {
                let kept: Vec<&str> = query.split('&').filter(&mut is_other).collect();
                format!("{front}?{}", kept.join("&"))
            }
            None => url.to_owned(),
        },
        None => {
            let kept: Vec<&str> = url.split(' ').filter(&mut is_other).collect();
            kept.join(" ")
        }
    };
    (rest, mode, roots)
}

/// Without quotes, and with `%2F` as a slash.
fn plain(value: &str) -> String {
    let mut plain = String::new();
    let mut parts = value.trim_matches('\'').split('%');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let byte = part.get(..2).map(|two| u8::from_str_radix(two, 16));
        match byte {
            Some(Ok(byte)) if byte.is_ascii() => {
                plain.push(char::from(byte));
                plain.push_str(&part[2..]);
            }
            _ => {
                plain.push('%');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_as_the_address_says() {
        let roots = |path: &str| Tls::Verified {
            roots: Some(PathBuf::from(path)),
        };
        let cases = [
            ("postgresql://linli@a,b/linli", Tls::Off),
            (
                "postgresql://linli@a/linli?sslmode=prefer&connect_timeout=3",
                Tls::Off,
            ),
            (
                "postgresql://linli@a/linli?sslmode=require",
                Tls::Unverified,
            ),
            (
                "postgresql://linli@a/linli?sslmode=verify-full",
                Tls::Verified { roots: None },
            ),
            (
                "postgresql://linli@a/linli?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
                roots("/etc/ca.pem"),
            ),
            (
                "host=a user=linli sslmode=require sslrootcert='/etc/ca.pem'",
                roots("/etc/ca.pem"),
            ),
            ("host=/run/postgresql user=linli dbname=linli", Tls::Off),
        ];
        for (url, tls) in cases {
            let address = read(url).unwrap();
            assert_eq!(address.tls, tls, "{url}");
            assert_eq!(address.config.get_user(), Some("linli"), "{url}");
        }
        assert!(read("postgresql://linli@a/linli?sslmode=verify").is_err());
        assert!(read("postgresql://linli@a/linli?nonsense=1").is_err());
    }
}
