//! What answers say about a community, and how surely: estimates with intervals, weights,
//! tests, and what must stay hidden.
//!
//! Everything starts from integer counts ([`counts::Counts`]), one pass over the responses.
//! A respondent belongs to one *cell*: a place and, where weights need it, one level of
//! each margin. Weights belong to cells ([`weights::Weights`]), so every weighted figure
//! and its standard error come from the same counts, exactly as they would from rows.
//!
//! Variances are by linearisation with one respondent as the sampling unit, the way of the
//! R package `survey` (`svydesign(ids = ~1)`): committed vectors from there run in the
//! tests. Respondents of one household are not treated as a cluster.

pub mod counts;
pub mod crosstab;
pub mod distribution;
pub mod estimate;
pub mod index;
pub mod interval;
mod linear;
pub mod quantile;
pub mod report;
pub mod suppress;
pub mod table;
pub mod wave;
pub mod weights;
