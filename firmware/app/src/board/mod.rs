//! What differs between boards: the wire and the way to stop.

include!(concat!(env!("OUT_DIR"), "/board.rs"));

/// Why the firmware stops.
#[derive(Clone, Copy)]
pub enum Exit {
    /// The host has gone.
    #[cfg_attr(not(family = "mps2"), allow(dead_code, reason = "a probe that goes leaves no trace"))]
    Idle,
    /// After a panic or fault.
    Failed,
}

#[cfg(family = "mps2")]
mod mps2;
#[cfg(family = "mps2")]
pub use mps2::{Wire, exit};

#[cfg(not(family = "mps2"))]
pub use crate::rtt::{Wire, exit};
