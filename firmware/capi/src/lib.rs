//! The engine for programs in C: what `include/tinynas.h` declares.
//!
//! The header is the documentation; a test of the simulator compares both, type by type. Pointers from C are turned into
//! references in `foreign.rs` alone.
#![no_std]

mod foreign;
mod model;
mod run;
mod status;

pub use model::*;
pub use run::*;
pub use status::{Status, tinynas_status_text};

/// Every slice is taken with a check, so no model and no argument is known to get here. Should one: the program stands, and
/// a watchdog sees it.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
