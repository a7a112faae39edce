//! STM32U575: PLL 1 from the 16 MHz internal oscillator, voltage range 1 with the EPOD booster, instruction cache.
//!
//! RM0456: PWR, "Dynamic voltage scaling management" (range 1 above 110 MHz, booster above 55 MHz, its clock is the
//! PLL's input); RCC, register map; "Embedded flash memory", wait states; ICACHE. TrustZone is off on these boards, so
//! the registers are at their non-secure addresses. All reads of flash, of code and of weights, pass the instruction
//! cache; the data cache serves external memories only.

use crate::{
    board::{CLOCK_HZ, WAIT_STATES},
    register::{Register, Stuck},
};

/// The multi-speed oscillator's range after a reset.
pub const RESET_HZ: u32 = 4_000_000;

const RCC_CR: Register = Register::at(0x4602_0c00);
const RCC_CFGR1: Register = Register::at(0x4602_0c1c);
const RCC_PLL1CFGR: Register = Register::at(0x4602_0c28);
const RCC_PLL1DIVR: Register = Register::at(0x4602_0c34);
const RCC_AHB3ENR: Register = Register::at(0x4602_0c94);
const PWR_VOSR: Register = Register::at(0x4602_080c);
const FLASH_ACR: Register = Register::at(0x4002_2000);
const ICACHE_CR: Register = Register::at(0x4003_0400);
const ICACHE_SR: Register = Register::at(0x4003_0404);

const HSION: u32 = 1 << 8;
const HSIRDY: u32 = 1 << 10;
const PLL1ON: u32 = 1 << 24;
const PLL1RDY: u32 = 1 << 25;
const PWREN: u32 = 1 << 2;
const VOS: u32 = 0b11 << 16;
const RANGE_1: u32 = 0b11 << 16;
const BOOSTEN: u32 = 1 << 18;
const BOOSTRDY: u32 = 1 << 14;
const VOSRDY: u32 = 1 << 15;
const PREFETCH: u32 = 1 << 8;
const CACHE_ENABLE: u32 = 1;
const CACHE_BUSY: u32 = 1;
const SWITCH_TO_PLL1R: u32 = 0b11;

/// 16 MHz into the PLL, times 20 = 320 MHz (128 to 544), output R by 2.
const MULTIPLY: u32 = 20;
const _: () = assert!(16_000_000 * MULTIPLY / 2 == CLOCK_HZ);
const SOURCE_HSI16: u32 = 0b10;
const RANGE_8_16: u32 = 0b11 << 2;
const PLL1REN: u32 = 1 << 18;

pub fn start() -> Result<(), Stuck> {
    RCC_AHB3ENR.set(PWREN);
    RCC_AHB3ENR.read(); // A clock takes two cycles to start.
    PWR_VOSR.modify(VOS, RANGE_1);
    PWR_VOSR.wait(VOSRDY, VOSRDY)?;
    RCC_CR.set(HSION);
    RCC_CR.wait(HSIRDY, HSIRDY)?;
    // M = 1, and the booster's divider is 1, too: 16 MHz is its limit.
    RCC_PLL1CFGR.write(PLL1REN | RANGE_8_16 | SOURCE_HSI16);
    RCC_PLL1DIVR.write(0b1 << 24 | 0b1 << 16 | 0b1 << 9 | (MULTIPLY - 1));
    PWR_VOSR.set(BOOSTEN);
    PWR_VOSR.wait(BOOSTRDY, BOOSTRDY)?;
    RCC_CR.set(PLL1ON);
    RCC_CR.wait(PLL1RDY, PLL1RDY)?;

    FLASH_ACR.modify(0xf, WAIT_STATES | PREFETCH);
    FLASH_ACR.wait(0xf, WAIT_STATES)?;
    ICACHE_SR.wait(CACHE_BUSY, 0)?; // It clears itself after a reset.
    ICACHE_CR.set(CACHE_ENABLE);
    RCC_CFGR1.modify(0b11, SWITCH_TO_PLL1R);
    RCC_CFGR1.wait(0b11 << 2, SWITCH_TO_PLL1R << 2)
}
