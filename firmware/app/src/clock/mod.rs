//! The core's clock: from what the chip starts with to the board's rated one, one file per family.
//!
//! Every wait for a ready bit ends after a bound. A clock that cannot be had is no reason to hang: the chip goes on
//! with the clock that it started with, and the host is told which one that is.

#[cfg_attr(family = "mps2", path = "fixed.rs")]
#[cfg_attr(family = "stm32f4", path = "stm32f4.rs")]
#[cfg_attr(family = "stm32f7", path = "stm32f7.rs")]
#[cfg_attr(family = "stm32h7", path = "stm32h7.rs")]
#[cfg_attr(family = "stm32l4", path = "stm32l4.rs")]
#[cfg_attr(family = "stm32u5", path = "stm32u5.rs")]
#[cfg_attr(family = "nrf52", path = "nrf52.rs")]
#[cfg_attr(family = "nrf53", path = "nrf53.rs")]
#[cfg_attr(any(family = "rp2040", family = "rp235x"), path = "rp2.rs")]
#[cfg_attr(family = "samd51", path = "samd51.rs")]
mod family;

use crate::board::CLOCK_HZ;

/// Sets clock, wait states and caches. Gives the core's clock in Hz.
pub fn start() -> u32 {
    match family::start() {
        Ok(()) => CLOCK_HZ,
        Err(_) => family::RESET_HZ,
    }
}
