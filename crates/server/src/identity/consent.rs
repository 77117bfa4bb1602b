//! Names of those who consented that somebody fills in for them, as they are kept.
//! Whoever encrypts fields does it here.

/// What is stored of a name.
pub fn seal_name(name: &str) -> Vec<u8> {
    name.as_bytes().to_vec()
}

/// The name that [`seal_name`] made this of.
pub fn open_name(sealed: &[u8]) -> Option<String> {
    String::from_utf8(sealed.to_vec()).ok()
}
