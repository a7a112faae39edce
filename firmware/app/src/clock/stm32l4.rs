//! STM32L4R5: PLL from the 16 MHz internal oscillator, range 1 in boost mode.
//!
//! RM0432: PWR, "Dynamic voltage scaling management", whose steps from 80 to 120 MHz this follows (the bus clock is
//! halved while the core's source changes); RCC; "Embedded flash memory", wait states and accelerator.

use crate::{
    board::{CLOCK_HZ, WAIT_STATES},
    register::{Register, Stuck},
};

/// The multi-speed oscillator's range after a reset.
pub const RESET_HZ: u32 = 4_000_000;

const RCC_CR: Register = Register::at(0x4002_1000);
const RCC_CFGR: Register = Register::at(0x4002_1008);
const RCC_PLLCFGR: Register = Register::at(0x4002_100c);
const RCC_APB1ENR1: Register = Register::at(0x4002_1058);
const PWR_CR1: Register = Register::at(0x4000_7000);
const PWR_SR2: Register = Register::at(0x4000_7014);
const PWR_CR5: Register = Register::at(0x4000_7080);
const FLASH_ACR: Register = Register::at(0x4002_2000);

const HSION: u32 = 1 << 8;
const HSIRDY: u32 = 1 << 10;
const PLLON: u32 = 1 << 24;
const PLLRDY: u32 = 1 << 25;
const PWREN: u32 = 1 << 28;
const VOS: u32 = 0b11 << 9;
const RANGE_1: u32 = 0b01 << 9;
const VOSF: u32 = 1 << 10;
/// Set: range 1 in normal mode; clear: boost.
const R1MODE: u32 = 1 << 8;
/// Prefetch, instruction and data cache of the accelerator.
const ACCELERATOR: u32 = 0b111 << 8;
const BY_2: u32 = 0b1000 << 4;
const SWITCH_TO_PLL: u32 = 0b11;

/// 16 MHz / 2 = 8 MHz into the PLL, times 30 = 240 MHz (64 to 344), output R by 2.
const DIVIDE_IN: u32 = 2;
const MULTIPLY: u32 = 30;
const _: () = assert!(16_000_000 / DIVIDE_IN * MULTIPLY / 2 == CLOCK_HZ);
const SOURCE_HSI16: u32 = 0b10;
const PLLREN: u32 = 1 << 24;

pub fn start() -> Result<(), Stuck> {
    RCC_APB1ENR1.set(PWREN);
    RCC_APB1ENR1.read(); // A clock takes two cycles to start.
    PWR_CR1.modify(VOS, RANGE_1);
    PWR_SR2.wait(VOSF, 0)?;
    RCC_CR.set(HSION);
    RCC_CR.wait(HSIRDY, HSIRDY)?;
    RCC_PLLCFGR.write(PLLREN | MULTIPLY << 8 | (DIVIDE_IN - 1) << 4 | SOURCE_HSI16);
    RCC_CR.set(PLLON);
    RCC_CR.wait(PLLRDY, PLLRDY)?;

    RCC_CFGR.modify(0xf << 4, BY_2);
    PWR_CR5.modify(R1MODE, 0);
    FLASH_ACR.modify(0xf, WAIT_STATES | ACCELERATOR);
    FLASH_ACR.wait(0xf, WAIT_STATES)?;
    RCC_CFGR.modify(0b11, SWITCH_TO_PLL);
    RCC_CFGR.wait(0b11 << 2, SWITCH_TO_PLL << 2)?;
    // At least 1 µs at 60 MHz, then the bus at full speed.
    for _ in 0..100 {
        RCC_CFGR.read();
    }
    RCC_CFGR.modify(0xf << 4, 0);
    Ok(())
}
