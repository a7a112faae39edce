//! The core's clock: from what the chip starts with to the board's rated one, one file per family.
//!
//! Every wait for a ready bit ends after a bound. A clock that cannot be had is no reason to hang: the chip goes on
//! with the clock that it started with, and the host is told which one that is.

#[cfg_attr(family = "stm32f4", path = "stm32f4.rs")]
#[cfg_attr(family = "mps2", path = "fixed.rs")]
mod family;

use crate::board::CLOCK_HZ;

/// Sets clock, wait states and caches. Gives the core's clock in Hz.
pub fn start() -> u32 {
    match family::start() {
        Ok(()) => CLOCK_HZ,
        Err(_) => family::RESET_HZ,
    }
}
