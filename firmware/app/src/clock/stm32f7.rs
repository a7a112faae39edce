//! STM32F746 and F767: PLL from the 16 MHz internal oscillator, over-drive, both caches.
//!
//! RM0385 (F746) and RM0410 (F767), the same registers in both: PWR, "Entering Over-drive mode", whose order this is;
//! RCC; "Embedded flash memory". Code and model lie at 0x08000000, on the AXI bus behind the core's caches; the flash
//! accelerator (ART) only serves the other alias and stays off.

use crate::{
    board::{CLOCK_HZ, WAIT_STATES},
    cache,
    register::{Register, Stuck},
};

pub const RESET_HZ: u32 = 16_000_000;

const RCC_CR: Register = Register::at(0x4002_3800);
const RCC_PLLCFGR: Register = Register::at(0x4002_3804);
const RCC_CFGR: Register = Register::at(0x4002_3808);
const RCC_APB1ENR: Register = Register::at(0x4002_3840);
const PWR_CR1: Register = Register::at(0x4000_7000);
const PWR_CSR1: Register = Register::at(0x4000_7004);
const FLASH_ACR: Register = Register::at(0x4002_3c00);

const PLLON: u32 = 1 << 24;
const PLLRDY: u32 = 1 << 25;
const PWREN: u32 = 1 << 28;
const SCALE_1: u32 = 0b11 << 14;
/// `ODEN` and `ODSWEN`; the ready bits of `CSR1` have the same places.
const ODEN: u32 = 1 << 16;
const ODSWEN: u32 = 1 << 17;
const PREFETCH: u32 = 1 << 8;
const SWITCH_TO_PLL: u32 = 0b10;

/// 16 MHz / 8 = 2 MHz into the PLL; P = 2 halves its oscillator.
const DIVIDE_IN: u32 = 8;
const MULTIPLY: u32 = CLOCK_HZ / 1_000_000;
/// Q = 15: an output that nobody uses, as slow as it goes.
const UNUSED: u32 = 15 << 24;
/// APB1 by 4 (limit 54 MHz), APB2 by 2 (limit 108 MHz).
const BUSES: u32 = 0b101 << 10 | 0b100 << 13;

pub fn start() -> Result<(), Stuck> {
    cache::start();
    RCC_APB1ENR.set(PWREN);
    PWR_CR1.set(SCALE_1);
    RCC_PLLCFGR.modify(0x0f43_7fff, UNUSED | MULTIPLY << 6 | DIVIDE_IN);
    RCC_CR.set(PLLON);
    PWR_CR1.set(ODEN);
    PWR_CSR1.wait(ODEN, ODEN)?;
    PWR_CR1.set(ODSWEN);
    PWR_CSR1.wait(ODSWEN, ODSWEN)?;
    FLASH_ACR.modify(0xf, WAIT_STATES | PREFETCH);
    FLASH_ACR.wait(0xf, WAIT_STATES)?;
    RCC_CFGR.modify(0b111 << 10 | 0b111 << 13 | 0b1111 << 4, BUSES);
    RCC_CR.wait(PLLRDY, PLLRDY)?;
    RCC_CFGR.modify(0b11, SWITCH_TO_PLL);
    RCC_CFGR.wait(0b11 << 2, SWITCH_TO_PLL << 2)
}
