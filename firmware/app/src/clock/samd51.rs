//! ATSAMD51: DPLL 0 from the 48 MHz oscillator that the chip starts with, cache.
//!
//! DS60001507 (SAM D5x/E5x): GCLK, "Generator Control" and "Peripheral Channel Control"; OSCCTRL, "Digital Phase Locked
//! Loop"; NVMCTRL (`CTRLA.AUTOWS` is set after a reset: the controller finds the wait states itself); CMCC. Errata
//! DS80000748, "FDPLL: low-frequency input clock": the lock signal is bypassed.

use crate::{
    board::CLOCK_HZ,
    register::{Register, Stuck},
};

/// DFLL48M in open loop.
pub const RESET_HZ: u32 = 48_000_000;

const GCLK_SYNCBUSY: Register = Register::at(0x4000_1c04);
const GCLK_GENCTRL0: Register = Register::at(0x4000_1c20);
const GCLK_GENCTRL5: Register = Register::at(0x4000_1c34);
/// Peripheral channel 1 is the reference of DPLL 0.
const GCLK_PCHCTRL1: Register = Register::at(0x4000_1c84);
const DPLL0_CTRLA: Register = Register::at(0x4000_1030);
const DPLL0_RATIO: Register = Register::at(0x4000_1034);
const DPLL0_CTRLB: Register = Register::at(0x4000_1038);
const DPLL0_SYNCBUSY: Register = Register::at(0x4000_103c);
const DPLL0_STATUS: Register = Register::at(0x4000_1040);
const CMCC_CTRL: Register = Register::at(0x4100_6008);

const GENEN: u32 = 1 << 8;
const FROM_DFLL: u32 = 6;
const FROM_DPLL0: u32 = 7;
const CHEN: u32 = 1 << 6;
const GENERATOR_0_BUSY: u32 = 1 << 2;
const GENERATOR_5_BUSY: u32 = 1 << 7;
const RATIO_BUSY: u32 = 1 << 2;
const DPLL_ENABLE: u8 = 1 << 1;
const LBYPASS: u32 = 1 << 11;
/// Lock and clock ready.
const READY: u32 = 0b11;

/// Generator 5 divides by 24: a reference of 2 MHz (0.032 to 3.2 MHz are allowed).
const DIVIDE: u32 = 24;
const MULTIPLY: u32 = CLOCK_HZ / (RESET_HZ / DIVIDE);

pub fn start() -> Result<(), Stuck> {
    CMCC_CTRL.write(1);
    GCLK_GENCTRL5.write(DIVIDE << 16 | GENEN | FROM_DFLL);
    GCLK_SYNCBUSY.wait(GENERATOR_5_BUSY, 0)?;
    GCLK_PCHCTRL1.write(CHEN | 5);
    GCLK_PCHCTRL1.wait(CHEN, CHEN)?;
    DPLL0_RATIO.write(MULTIPLY - 1);
    DPLL0_SYNCBUSY.wait(RATIO_BUSY, 0)?;
    DPLL0_CTRLB.write(LBYPASS);
    DPLL0_CTRLA.write_byte(DPLL_ENABLE);
    DPLL0_STATUS.wait(READY, READY)?;
    GCLK_GENCTRL0.write(1 << 16 | GENEN | FROM_DPLL0);
    GCLK_SYNCBUSY.wait(GENERATOR_0_BUSY, 0)
}
