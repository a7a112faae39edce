//! Programs that must behave alike on QEMU and on the simulator: start-up, output, and the groups of instructions.
//!
//! They talk by semihosting and print nothing that depends on time, so two runs can be compared line by line.
#![no_std]

pub mod control;
pub mod exception;
pub mod groups;
pub mod random;
pub mod semihosting;
mod start;
pub mod state;
mod stub;
