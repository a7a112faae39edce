//! A Cortex-M simulator: instructions, modelled cycles, flash controllers and a debug port.
//!
//! Every cycle it counts is *modelled*.

pub mod bus;
pub mod chip;
mod code;
pub mod core;
mod cpu;
mod debug;
pub mod decode;
mod dwt;
mod exception;
mod execute;
pub mod flash;
pub mod machine;
mod mpu;
pub mod op;
pub mod probe;
pub mod profile;
mod scs;
mod semihosting;
mod softfloat;
mod systick;
pub mod timing;
pub mod virtual_board;
pub mod waits;
