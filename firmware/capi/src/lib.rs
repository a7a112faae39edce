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

/// Nothing in this library panics: a program that is linked with it has no code of it that gets here.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
