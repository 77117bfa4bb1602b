//! Fields under encryption: XChaCha20-Poly1305 by keys of `field-keys.json`.
//!
//! A sealed field is `1 ‖ key id (8) ‖ nonce (24) ‖ ciphertext and tag`, and is bound to its
//! community, table, field and row: moved elsewhere, it does not open. The newest key
//! seals; all of them open. A running server sees a changed file within a second.
//!
//! Looking for a phone number needs no opening: [`FieldKeys::blind_index`] gives the same
//! 32 bytes for the same number, and nothing to who has no key. Its key never changes.

use crate::files;
use crate::seal::{self, hex, unhex};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

const VERSION: u8 = 1;
const ID_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;
const HEAD_BYTES: usize = 1 + ID_BYTES + NONCE_BYTES;
/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The community.
    pub community: &'a str,
    /// The table.
    pub table: &'a str,
    /// The column.
    pub field: &'a str,
    /// The row's key after the community.
    pub row: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut out = b"linli field\0".to_vec();
        for part in [self.community, self.table, self.field, self.row] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            out.extend(length.to_be_bytes());
            out.extend(part.as_bytes());
        }
        out
    }
}

/// Why a sealed field does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// Its key is not in the file any more.
    #[error("field key {key_id} is not in field-keys.json: restore that file")]
    KeyLost {
        /// Which, in hexadecimal.
        key_id: String,
    },
    /// It was changed, or stood elsewhere.
    #[error("a sealed field was changed or moved")]
    Damaged,
    /// The file cannot be read.
    #[error("{0}")]
    File(String),
}

/// The keys of one installation.
#[derive(Clone)]
pub struct FieldKeys {
    path: Arc<PathBuf>,
    known: Arc<Mutex<Known>>,
}

struct Known {
    keys: Arc<Keys>,
    changed_at: Option<SystemTime>,
    looked_at: Instant,
}

struct Keys {
    /// Newest first.
    keys: Vec<Key>,
    index_key: [u8; 32],
}

struct Key {
    id: [u8; ID_BYTES],
    secret: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    /// 64 hexadecimal digits each, newest first.
    keys: Vec<String>,
    index_key: String,
}

impl FieldKeys {
    /// Reads the file, or makes it (mode 0600).
    pub fn load_or_create(path: &Path) -> Result<Self, String> {
        let make = || KeyFile {
            keys: vec![hex(&seal::chance::<32>())],
            index_key: hex(&seal::chance::<32>()),
        };
        files::read_or_create_secret(path, || written(&make()))?;
        let (keys, changed_at) = read(path)?;
        Ok(Self {
            path: Arc::new(path.to_owned()),
            known: Arc::new(Mutex::new(Known {
                keys: Arc::new(keys),
                changed_at,
                looked_at: Instant::now(),
            })),
        })
    }

    /// Seals `plain` for `place`.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealFault> {
        let keys = self.keys(false)?;
        let key = keys.newest()?;
        let nonce: [u8; NONCE_BYTES] = seal::chance();
        let aad = place.bytes();
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let cipher = XChaCha20Poly1305::new(&key.secret.into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| SealFault::Damaged)?;
        Ok([&[VERSION][..], &key.id, &nonce, &sealed].concat())
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealFault> {
        let (id, nonce, rest) = parts(sealed).ok_or(SealFault::Damaged)?;
        let mut keys = self.keys(false)?;
        if keys.named(id).is_none() {
            // Another process may have turned to a new key just now.
            keys = self.keys(true)?;
        }
        let key = keys
            .named(id)
            .ok_or_else(|| SealFault::KeyLost { key_id: hex(&id) })?;
        let aad = place.bytes();
        let payload = Payload {
            msg: rest,
            aad: &aad,
        };
        let cipher = XChaCha20Poly1305::new(&key.secret.into());
        let opened = cipher.decrypt(&XNonce::from(nonce), payload);
        opened.map_err(|_| SealFault::Damaged)
    }

    /// [`Self::seal`] of a text.
    pub fn seal_text(&self, place: Place<'_>, plain: &str) -> Result<Vec<u8>, SealFault> {
        self.seal(place, plain.as_bytes())
    }

    /// [`Self::open`] of a text.
    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<String, SealFault> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| SealFault::Damaged)
    }

    /// Whether the newest key sealed it.
    pub fn is_current(&self, sealed: &[u8]) -> Result<bool, SealFault> {
        let (id, ..) = parts(sealed).ok_or(SealFault::Damaged)?;
        Ok(self.keys(false)?.newest()?.id == id)
    }

    /// The same for the same value of the same field in the same community; says nothing
    /// of the value to who has no key. Callers bring values into one form first (a phone
    /// number: digits with the country's code).
    pub fn blind_index(
        &self,
        community: &str,
        field: &str,
        value: &str,
    ) -> Result<[u8; 32], SealFault> {
        let keys = self.keys(false)?;
        let place = Place {
            community,
            table: "blind index",
            field,
            row: value,
        };
        let mac = Hmac::<Sha256>::new_from_slice(&keys.index_key);
        let mut mac = mac.map_err(|_| SealFault::Damaged)?;
        mac.update(&place.bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    /// Puts a new key first. What other keys sealed stays as it is until it is sealed anew.
    pub fn add_key(&self) -> Result<(), String> {
        self.rewrite(|file| file.keys.insert(0, hex(&seal::chance::<32>())))
    }

    /// Takes out every key but the newest and those of `used`. Answers how many.
    pub fn drop_unused(&self, used: &[[u8; ID_BYTES]]) -> Result<usize, String> {
        let mut dropped = 0;
        self.rewrite(|file| {
            let before = file.keys.len();
            let mut nth = 0;
            file.keys.retain(|text| {
                nth += 1;
                let id = unhex::<32>(text).map(|secret| key_id(&secret));
                nth == 1 || id.is_none_or(|id| used.contains(&id))
            });
            dropped = before - file.keys.len();
        })?;
        Ok(dropped)
    }

    fn rewrite(&self, change: impl FnOnce(&mut KeyFile)) -> Result<(), String> {
        let mut file = parse(&self.path)?;
        change(&mut file);
        files::replace_secret(&self.path, &written(&file))
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        self.keys(true).map(drop).map_err(|fault| fault.to_string())
    }

    /// The keys as the file has them, at most [`LOOK_EVERY`] old unless `now`.
    fn keys(&self, now: bool) -> Result<Arc<Keys>, SealFault> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if now || known.looked_at.elapsed() >= LOOK_EVERY {
            known.looked_at = Instant::now();
            let changed_at = changed_at(&self.path);
            if now || changed_at != known.changed_at {
                let (keys, changed_at) = read(&self.path).map_err(SealFault::File)?;
                known.keys = Arc::new(keys);
                known.changed_at = changed_at;
            }
        }
        Ok(Arc::clone(&known.keys))
    }
}

/// The identifier of the key that sealed a field.
pub fn sealed_by(sealed: &[u8]) -> Option<[u8; ID_BYTES]> {
    parts(sealed).map(|(id, ..)| id)
}

impl Keys {
    fn newest(&self) -> Result<&Key, SealFault> {
        let none = || SealFault::File("field-keys.json has no key".to_owned());
        self.keys.first().ok_or_else(none)
    }

    fn named(&self, id: [u8; ID_BYTES]) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }
}

fn key_id(secret: &[u8; 32]) -> [u8; ID_BYTES] {
    let hash = seal::tagged("linli field key", &[secret]);
    let mut id = [0; ID_BYTES];
    id.copy_from_slice(&hash[..ID_BYTES]);
    id
}

type Parts<'a> = ([u8; ID_BYTES], [u8; NONCE_BYTES], &'a [u8]);

fn parts(sealed: &[u8]) -> Option<Parts<'_>> {
    let (head, rest) = sealed.split_at_checked(HEAD_BYTES)?;
    let (version, head) = head.split_first()?;
    let (id, nonce) = head.split_at(ID_BYTES);
    (*version == VERSION).then_some((id.try_into().ok()?, nonce.try_into().ok()?, rest))
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|known| known.modified())
        .ok()
}

fn parse(path: &Path) -> Result<KeyFile, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
    serde_json::from_str(&text).map_err(|error| told(&error))
}

fn read(path: &Path) -> Result<(Keys, Option<SystemTime>), String> {
    let changed_at = changed_at(path);
    let file = parse(path)?;
    let key = |text: &String| {
        let secret = unhex::<32>(text);
        secret.ok_or_else(|| format!("{}: a key is not 64 hexadecimal digits", path.display()))
    };
    let secrets = file.keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    if secrets.is_empty() {
        return Err(format!("{}: no key", path.display()));
    }
    let keys = secrets.into_iter().map(|secret| Key {
        id: key_id(&secret),
        secret,
    });
    let keys = Keys {
        keys: keys.collect(),
        index_key: key(&file.index_key)?,
    };
    Ok((keys, changed_at))
}

fn written(file: &KeyFile) -> String {
    // Strings in a list: writing them cannot fail.
    serde_json::to_string_pretty(file).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'static> = Place {
        community: "jiangpan",
        table: "request",
        field: "contact",
        row: "7",
    };

    fn keys() -> (tempfile::TempDir, FieldKeys) {
        let dir = tempfile::tempdir().unwrap();
        let keys = FieldKeys::load_or_create(&dir.path().join("field-keys.json")).unwrap();
        (dir, keys)
    }

    #[test]
    fn a_field_opens_where_it_was_sealed_and_nowhere_else() {
        let (_dir, keys) = keys();
        let sealed = keys.seal_text(HERE, "138 0000 0000").unwrap();
        assert_eq!(keys.open_text(HERE, &sealed).unwrap(), "138 0000 0000");
        assert_ne!(keys.seal_text(HERE, "138 0000 0000").unwrap(), sealed);
        let moved = [
            Place {
                community: "yunping",
                ..HERE
            },
            Place {
                table: "consent",
                ..HERE
            },
            Place {
                field: "name",
                ..HERE
            },
            Place { row: "8", ..HERE },
            // The same letters, cut elsewhere.
            Place {
                table: "requestc",
                field: "ontact",
                ..HERE
            },
        ];
        for place in moved {
            assert_eq!(
                keys.open(place, &sealed),
                Err(SealFault::Damaged),
                "{place:?}"
            );
        }
        for at in [0, 3, HEAD_BYTES - 1, HEAD_BYTES, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.open(HERE, &changed).is_err(), "byte {at}");
        }
        for cut in 0..sealed.len() {
            assert!(keys.open(HERE, &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn a_new_key_seals_and_old_ones_open_until_nothing_needs_them() {
        let (dir, keys) = keys();
        let path = dir.path().join("field-keys.json");
        let other = FieldKeys::load_or_create(&path).unwrap();
        let old = keys.seal_text(HERE, "x").unwrap();
        keys.add_key().unwrap();
        assert_eq!(keys.is_current(&old), Ok(false));
        let new = keys.seal_text(HERE, "y").unwrap();
        assert_eq!(keys.is_current(&new), Ok(true));
        // A server that runs meets the new key, and looks.
        assert_eq!(other.open_text(HERE, &new).unwrap(), "y");
        assert_eq!(other.open_text(HERE, &old).unwrap(), "x");
        assert_eq!(keys.drop_unused(&[sealed_by(&old).unwrap()]), Ok(0));
        assert_eq!(keys.drop_unused(&[]), Ok(1));
        let key_id = hex(&sealed_by(&old).unwrap());
        assert_eq!(keys.open(HERE, &old), Err(SealFault::KeyLost { key_id }));
        assert_eq!(keys.open_text(HERE, &new).unwrap(), "y");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn the_index_of_a_value_outlives_its_key() {
        let (_dir, keys) = keys();
        let index = keys
            .blind_index("jiangpan", "phone", "+8613800000000")
            .unwrap();
        keys.add_key().unwrap();
        let again = keys
            .blind_index("jiangpan", "phone", "+8613800000000")
            .unwrap();
        assert_eq!(index, again);
        for (community, field, value) in [
            ("yunping", "phone", "+8613800000000"),
            ("jiangpan", "name", "+8613800000000"),
            ("jiangpan", "phone", "+8613800000001"),
        ] {
            assert_ne!(keys.blind_index(community, field, value).unwrap(), index);
        }
    }

    #[test]
    fn a_file_that_is_no_key_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("field-keys.json");
        for text in [
            "",
            "{}",
            r#"{"keys":[],"index_key":"00"}"#,
            r#"{"keys":["zz"],"index_key":"00"}"#,
        ] {
            let _ = std::fs::remove_file(&path);
            files::read_or_create_secret(&path, || text.to_owned()).unwrap();
            assert!(FieldKeys::load_or_create(&path).is_err(), "{text}");
        }
    }
}
