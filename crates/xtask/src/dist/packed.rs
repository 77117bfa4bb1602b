//! What packing gives: a script and wasm pieces, in memory.

use std::collections::BTreeMap;

/// What came out, in memory.
pub(crate) struct Packed {
    /// The script that starts the wasm, without imports.
    pub(crate) script: String,
    /// File name → wasm. `<stem>.wasm` is the one to start with.
    pub(crate) wasm: BTreeMap<String, Vec<u8>>,
    /// Split point → the files that it needs beside the first, in loading order.
    pub(crate) needs: BTreeMap<String, Vec<String>>,
}
