//! A Cortex-M simulator: instructions, modelled cycles, flash controllers and a debug port.
//!
//! Every cycle it counts is *modelled*.

pub mod bus;
pub mod core;
pub mod decode;
pub mod op;
pub mod timing;
