//! STM32F401, F412 and F446: PLL from the 16 MHz internal oscillator.
//!
//! Not from the crystal: not every board has one. RM0368 (F401), RM0402 (F412), RM0390 (F446), the same registers in
//! all three: chapter PWR for scale and over-drive, RCC for the PLL, "Embedded flash memory interface" for wait states
//! and accelerator. The order is that of RM0390, PWR, "Entering Over-drive mode".

use crate::{
    board::{CLOCK_HZ, WAIT_STATES},
    register::{Register, Stuck},
};

pub const RESET_HZ: u32 = 16_000_000;

const RCC_CR: Register = Register::at(0x4002_3800);
const RCC_PLLCFGR: Register = Register::at(0x4002_3804);
const RCC_CFGR: Register = Register::at(0x4002_3808);
const RCC_APB1ENR: Register = Register::at(0x4002_3840);
const PWR_CR: Register = Register::at(0x4000_7000);
const PWR_CSR: Register = Register::at(0x4000_7004);
const FLASH_ACR: Register = Register::at(0x4002_3c00);

const PLLON: u32 = 1 << 24;
const PLLRDY: u32 = 1 << 25;
const PWREN: u32 = 1 << 28;
const ODEN: u32 = 1 << 16;
const ODSWEN: u32 = 1 << 17;
/// Prefetch, instruction and data cache of the accelerator.
const ACCELERATOR: u32 = 0b111 << 8;
const SWITCH_TO_PLL: u32 = 0b10;

/// What depends on the chip.
struct Settings {
    /// `PWR_CR.VOS`.
    scale: u32,
    /// VCO in MHz from 2 MHz steps, and `PLLP` (0: by 2, 1: by 4).
    vco_mhz: u32,
    divide: u32,
    /// `PPRE1` and `PPRE2`: the buses' limits are 42/84, 50/100 and 45/90 MHz.
    bus1: u32,
    bus2: u32,
    over_drive: bool,
}

const SETTINGS: Settings = match CLOCK_HZ {
    84_000_000 => Settings { scale: 0b10, vco_mhz: 336, divide: 1, bus1: 0b100, bus2: 0, over_drive: false },
    100_000_000 => Settings { scale: 0b11, vco_mhz: 200, divide: 0, bus1: 0b100, bus2: 0, over_drive: false },
    180_000_000 => Settings { scale: 0b11, vco_mhz: 360, divide: 0, bus1: 0b101, bus2: 0b100, over_drive: true },
    _ => panic!("no STM32F4 of this clock"),
};

pub fn start() -> Result<(), Stuck> {
    RCC_APB1ENR.set(PWREN);
    PWR_CR.modify(0b11 << 14, SETTINGS.scale << 14);
    // M = 8: 2 MHz into the PLL. Q = 15, R = 7: outputs that nobody uses, as slow as they go.
    RCC_PLLCFGR.write(7 << 28 | 15 << 24 | SETTINGS.divide << 16 | (SETTINGS.vco_mhz / 2) << 6 | 8);
    RCC_CR.set(PLLON);
    if SETTINGS.over_drive {
        PWR_CR.set(ODEN);
        PWR_CSR.wait(ODEN, ODEN)?; // ODRDY has ODEN's place.
        PWR_CR.set(ODSWEN);
        PWR_CSR.wait(ODSWEN, ODSWEN)?; // ODSWRDY has ODSWEN's place.
    }
    FLASH_ACR.modify(0xf, WAIT_STATES | ACCELERATOR);
    FLASH_ACR.wait(0xf, WAIT_STATES)?;
    RCC_CFGR.modify(0b111 << 10 | 0b111 << 13 | 0b1111 << 4, SETTINGS.bus1 << 10 | SETTINGS.bus2 << 13);
    RCC_CR.wait(PLLRDY, PLLRDY)?;
    RCC_CFGR.modify(0b11, SWITCH_TO_PLL);
    RCC_CFGR.wait(0b11 << 2, SWITCH_TO_PLL << 2)
}
