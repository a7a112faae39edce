//! Runs a compiled model in a given arena: the executor of the host, of our firmware and of your firmware.
//!
//! `no_std`, no allocation, no `unsafe`, nothing of any board. What a program needs:
//!
//! ```
//! use tinynas_engine::{Arena, EngineError, Model, classify};
//!
//! // The model lies in flash. It must start at a multiple of 4, which `include_model!` sees to.
//! static MODEL: &[u8] = tinynas_engine::include_model!("../../examples/stripes/stripes.tnm");
//! // As much memory as this model needs, known when the program is compiled.
//! const ARENA_BYTES: usize = tinynas_engine::arena_bytes(MODEL).expect("a model of this version");
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! // Once, at the start: checks every byte that is used later.
//! let model = Model::parse(MODEL)?;
//! let mut arena = Arena::<ARENA_BYTES>::new(); // a `static mut` in `main` with cortex-m-rt's `#[entry]`
//!
//! // Whenever there is an image: pixels row by row, of the size and in the colours that the model tells.
//! let image = model.preprocess();
//! assert_eq!((image.size, image.channels), (16, 1));
//! let pixels = include_bytes!("../../examples/stripes/rising.grey");
//! let class = classify(&model, &mut *arena, pixels)?;
//! assert_eq!(class.name, Some("rising"));
//! # Ok(()) }
//! ```
//!
//! # Step by step
//!
//! [`classify`] is three steps: [`write_pixels`] puts the input where the model wants it (`pixel − 128`, the model's
//! preprocessing), [`run`] runs, [`Scores`] reads the output.
//!
//! ```
//! # use tinynas_engine::{Arena, EngineError, Model, Scores, run, write_pixels};
//! # fn show(model: &Model<'_>, arena: &mut [u8], pixels: &[u8]) -> Result<(), EngineError> {
//! write_pixels(model, arena, pixels)?;
//! run(model, arena, &mut ())?; // or an `Observer` that reads a cycle counter around every step
//! let scores = Scores::new(model, arena)?;
//! for class in scores.classes() {
//!     println!("{} {}", class.name.unwrap_or("?"), scores.value(class.score));
//! }
//! # Ok(()) }
//! ```
//!
//! Without pixels: [`write_reals`], or int8 straight to `arena[model.input().range()]`, and the output from
//! `arena[model.output().range()]`. Between runs the arena may hold anything; nothing in it is kept.
//!
//! # Row by row
//!
//! A model that was compiled for it ([`Model::is_fed_by_rows`]) never holds its whole input: [`run_fed`] asks for one row
//! after the other, in the order in which a camera sends them.
//!
//! ```
//! # use tinynas_engine::{EngineError, Model, Scores, pixels_to_input, run_fed};
//! # struct Camera;
//! # impl Camera { fn read_row(&mut self, line: &mut [u8]) {} }
//! # fn show(model: &Model<'_>, arena: &mut [u8], camera: &mut Camera) -> Result<(), EngineError> {
//! let mut line = [0; 16]; // columns × colours
//! let feed = |_row: u16, input: &mut [i8]| {
//!     camera.read_row(&mut line);
//!     pixels_to_input(&line, input);
//! };
//! run_fed(model, arena, feed, &mut ())?;
//! let class = Scores::new(model, arena)?.best();
//! # Ok(()) }
//! ```
//!
//! A whole program is in `firmware/examples/classify`, the same in C in `firmware/capi`.
#![no_std]

mod aligned;
mod classes;
mod classify;
mod error;
mod input;
mod observer;
mod others;
mod run;

pub use aligned::{Aligned, Arena, arena_bytes};
pub use classes::{Class, Scores};
pub use classify::{check_arena, classify, run_pixels};
pub use error::EngineError;
pub use input::{pixels_to_input, reals_to_input, write_pixels, write_reals};
pub use observer::Observer;
pub use run::{run, run_fed, run_segment};
pub use tinynas_plan::{Dims, Model, ModelError, Preprocess, TensorView};
