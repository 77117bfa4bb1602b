//! Encryption of single fields that must be read back: the secrets of authenticators.
//!
//! XChaCha20-Poly1305 under a key derived from the server's secret; what a field belongs
//! to is bound into it, so that a row cannot be given another's. Everything that is
//! stored encrypted goes through this one pair.

use crate::seal;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

const NONCE_BYTES: usize = 24;

/// Encrypts and decrypts fields.
#[derive(Clone)]
pub struct Fields(XChaCha20Poly1305);

impl Fields {
    /// With a key of its own purpose.
    pub fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// Encrypts `plain`. `belongs_to` is needed again to read it.
    pub fn seal(&self, belongs_to: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = seal::chance::<NONCE_BYTES>();
        let payload = Payload {
            msg: plain,
            aad: belongs_to.as_bytes(),
        };
        // Fails for messages of hundreds of gigabytes only.
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        [nonce.to_vec(), sealed.unwrap_or_default()].concat()
    }

    /// Decrypts what [`Self::seal`] made; `None` for anything else.
    pub fn open(&self, belongs_to: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: belongs_to.as_bytes(),
        };
        self.0.decrypt(&XNonce::from(*nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_opens_where_it_belongs_and_nowhere_else() {
        let fields = Fields::new([7; 32]);
        let sealed = fields.seal("jiangpan/a", b"secret");
        assert_eq!(fields.open("jiangpan/a", &sealed).unwrap(), b"secret");
        assert_eq!(fields.open("jiangpan/b", &sealed), None);
        assert_eq!(Fields::new([8; 32]).open("jiangpan/a", &sealed), None);
        let mut bent = sealed.clone();
        bent[30] ^= 1;
        assert_eq!(fields.open("jiangpan/a", &bent), None);
        assert_eq!(fields.open("jiangpan/a", &sealed[..10]), None);
        assert_ne!(sealed, fields.seal("jiangpan/a", b"secret"), "a new nonce");
    }
}
