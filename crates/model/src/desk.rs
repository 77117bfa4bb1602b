//! What staff see and send at the desk. Residents download none of it: plain serde, and
//! nothing that a widget of theirs uses.

pub mod roll;
