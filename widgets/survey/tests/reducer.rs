//! The reducer, through its actions.
