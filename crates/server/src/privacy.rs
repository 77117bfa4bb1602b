//! What is kept of people, and how it is kept: fields under encryption, the map of every
//! personal field, the notices that consents name.
//!
//! What is deleted when, and what a person may ask for, are the service's and the store's.

pub mod fields;
pub mod map;
pub mod notice;

pub use fields::{FieldKeys, Place, SealFault};
