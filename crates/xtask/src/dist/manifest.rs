//! What a release consists of: every file's hash and sizes, and what each widget's
//! first use loads.

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::AddAssign;

/// `manifest.json` of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Semantic version; the folder is `v<version>`.
    pub(crate) version: String,
    /// What was left out, and thus why sizes are larger than they could be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skipped: Vec<String>,
    /// Path inside the folder → file.
    pub(crate) files: BTreeMap<String, File>,
    /// Widget's name → its first use.
    pub(crate) widgets: BTreeMap<String, FirstUse>,
    /// Pages of our own, by name → their first use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) pages: BTreeMap<String, FirstUse>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    /// For `integrity` attributes.
    pub(crate) integrity: String,
    /// Bytes.
    #[serde(flatten)]
    pub(crate) sizes: Sizes,
}

/// Bytes as they are, and as they travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sizes {
    /// Uncompressed.
    pub(crate) raw: u64,
    /// gzip 9.
    pub(crate) gzip: u64,
    /// brotli 11.
    pub(crate) brotli: u64,
}

impl AddAssign for Sizes {
    fn add_assign(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }
}

/// What a page loads for a widget's first use, the topic's own data aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FirstUse {
    /// Custom element; pages have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) tag: String,
    /// Paths inside the folder, one request each. Texts are those of the reference
    /// locale.
    pub(crate) files: Vec<String>,
    /// Their sum.
    #[serde(flatten)]
    pub(crate) sizes: Sizes,
}

impl Manifest {
    /// Sums up what the files of a first use weigh. Files that the manifest does not
    /// have are an error of the caller's and named.
    pub(crate) fn sum(&self, files: &[String]) -> Result<Sizes> {
        let mut sum = Sizes::default();
        for name in files {
            let file = self.files.get(name);
            sum += file
                .ok_or_else(|| anyhow::anyhow!("{name} is not in the manifest"))?
                .sizes;
        }
        Ok(sum)
    }
}

/// A file as it is and as it travels.
pub(crate) struct Compressed {
    pub(crate) gzip: Vec<u8>,
    pub(crate) brotli: Vec<u8>,
}

/// Compresses as far as it goes: it is done once and served for years.
pub(crate) fn compress(bytes: &[u8]) -> Result<Compressed> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    let mut brotli = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &params)?;
    Ok(Compressed {
        gzip: gzip.finish()?,
        brotli,
    })
}

/// The value of an `integrity` attribute, as the loader holds it for every file: short,
/// since no compressor can shorten it.
pub(crate) fn short_integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes)))
}

/// The value of an `integrity` attribute, as the manifest tells it.
pub(crate) fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrity_is_what_browsers_compute() {
        // `openssl dgst -sha384 -binary | base64` of the W3C specification's example.
        let expected = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO";
        assert_eq!(integrity(b"alert('Hello, world.');"), expected);
    }

    #[test]
    fn compression_round_trips() {
        let text = "邻里 ".repeat(500);
        let small = compress(text.as_bytes()).unwrap();
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &small.brotli[..], &mut back).unwrap();
        assert_eq!(back, text.as_bytes());
        let mut back = String::new();
        std::io::Read::read_to_string(
            &mut flate2::read::GzDecoder::new(&small.gzip[..]),
            &mut back,
        )
        .unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn a_first_use_is_the_sum_of_its_files() {
        let sizes = |n| Sizes {
            raw: n * 10,
            gzip: n * 3,
            brotli: n,
        };
        let file = |n| File {
            integrity: String::new(),
            sizes: sizes(n),
        };
        let manifest = Manifest {
            version: "1.2.3".into(),
            skipped: vec![],
            files: [
                ("a".to_owned(), file(1)),
                ("b".to_owned(), file(2)),
                ("c".to_owned(), file(4)),
            ]
            .into(),
            widgets: BTreeMap::new(),
            pages: BTreeMap::new(),
        };
        assert_eq!(manifest.sum(&["a".into(), "c".into()]).unwrap(), sizes(5));
        assert!(manifest.sum(&["d".into()]).is_err());
        let json = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
    }
}
