//! From trained weights to the chip's bytes, against oracles that share no code with the crate.
#![allow(clippy::unwrap_used)]

mod cases;
mod float;
mod hostile;
mod int8;
