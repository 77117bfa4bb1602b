//! What carries requests: the browser's `fetch`, or a native client.

#[cfg(target_arch = "wasm32")]
pub mod fetch;
#[cfg(feature = "native")]
pub mod native;
