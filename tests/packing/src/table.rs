//! The stand-ins, one line each: `name: type, point in pairs, point in threes;`.
//!
//! `cargo xtask peers --only packing` reads this file too, with a `stand_ins!` of its
//! own.

stand_ins! {
    survey: crate::survey::Survey, hear, ask;
    results: crate::results::Results, hear, ask;
    report: crate::report::Report, care, ask;
    desk: crate::desk::Desk, care, act;
    signup: crate::signup::SignUp, give, act;
    pledge: crate::pledge::Pledge, give, act;
}
