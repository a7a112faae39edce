//! Runs a compiled model in a given arena: the executor of the host, of our firmware and of users' firmware.
//!
//! ```no_run
//! # fn classify(flash: &[u8], arena: &mut [u8], pixels: &[u8]) -> Option<()> {
//! let model = tinynas_plan::Model::parse(flash).ok()?;
//! let input = arena.get_mut(model.input().range())?;
//! for (byte, pixel) in input.iter_mut().zip(pixels) {
//!     *byte = pixel.wrapping_sub(128); // int8 input = pixel − 128
//! }
//! tinynas_engine::run(&model, arena, &mut ()).ok()?;
//! let scores = arena.get(model.output().range())?;
//! # Some(()) }
//! ```
#![no_std]

mod error;
mod observer;
mod others;
mod run;

pub use error::EngineError;
pub use observer::Observer;
pub use run::{run, run_fed, run_segment};
