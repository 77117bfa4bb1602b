//! HTTP: decodes to model types, calls the service, encodes. Decides nothing but who
//! may ask.

pub(crate) mod answer;
pub(crate) mod caller;
pub(crate) mod decode;
pub(crate) mod desk;
pub(crate) mod envelope;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod me;
pub(crate) mod openapi;
pub(crate) mod statics;
pub(crate) mod topics;
pub(crate) mod uploads;
pub(crate) mod work;
