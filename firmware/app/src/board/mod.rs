//! What differs between boards: the wire and the way to stop. One file per family.

include!(concat!(env!("OUT_DIR"), "/board.rs"));

/// Why the firmware stops.
#[derive(Clone, Copy)]
pub enum Exit {
    /// The host has gone.
    Idle,
    /// After a panic or fault.
    Failed,
}

#[cfg(board = "qemu-mps2-an386")]
mod mps2;
#[cfg(board = "qemu-mps2-an386")]
pub use mps2::{Wire, exit};

#[cfg(not(board = "qemu-mps2-an386"))]
compile_error!("no port for this board: add a file beside src/board/mps2.rs");
