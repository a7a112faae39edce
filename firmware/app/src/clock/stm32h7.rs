//! STM32H743 revision V: PLL 1 from the 64 MHz internal oscillator, voltage scale 0, both caches.
//!
//! RM0433: PWR, "System supply configurations" and "VOS0 activation"; RCC, "PLLs" and register maps; "Embedded flash
//! memory", recommended wait states. Revision Y has no scale 0: there the voltage never gets ready and the chip stays
//! at its 64 MHz.

use crate::{
    board::{CLOCK_HZ, WAIT_STATES},
    cache,
    register::{Register, Stuck},
};

pub const RESET_HZ: u32 = 64_000_000;

const RCC_CR: Register = Register::at(0x5802_4400);
const RCC_CFGR: Register = Register::at(0x5802_4410);
const RCC_D1CFGR: Register = Register::at(0x5802_4418);
const RCC_D2CFGR: Register = Register::at(0x5802_441c);
const RCC_D3CFGR: Register = Register::at(0x5802_4420);
const RCC_PLLCKSELR: Register = Register::at(0x5802_4428);
const RCC_PLLCFGR: Register = Register::at(0x5802_442c);
const RCC_PLL1DIVR: Register = Register::at(0x5802_4430);
const RCC_APB4ENR: Register = Register::at(0x5802_44f4);
const PWR_CSR1: Register = Register::at(0x5802_4804);
const PWR_CR3: Register = Register::at(0x5802_480c);
const PWR_D3CR: Register = Register::at(0x5802_4818);
const SYSCFG_PWRCR: Register = Register::at(0x5800_042c);
const FLASH_ACR: Register = Register::at(0x5200_2000);

const PLL1ON: u32 = 1 << 24;
const PLL1RDY: u32 = 1 << 25;
const SYSCFGEN: u32 = 1 << 1;
const LDOEN: u32 = 1 << 1;
const BYPASS: u32 = 1 << 0;
const ACTVOSRDY: u32 = 1 << 13;
const VOSRDY: u32 = 1 << 13;
const SCALE_1: u32 = 0b11 << 14;
/// Over-drive: scale 1 becomes scale 0.
const ODEN: u32 = 1;
const SWITCH_TO_PLL1: u32 = 0b011;

/// 64 MHz / 10 = 6.4 MHz into the PLL, times 150 = 960 MHz (wide range: 192 to 960), by 2 = 480 MHz.
const DIVIDE_IN: u32 = 10;
const MULTIPLY: u32 = 150;
const DIVIDE_OUT: u32 = 2;
const _: () = assert!(64_000_000 / DIVIDE_IN * MULTIPLY / DIVIDE_OUT == CLOCK_HZ);
/// Input of 4 to 8 MHz, wide oscillator, output P on.
const PLL1_RANGE_4_8: u32 = 0b10 << 2;
const DIVP1EN: u32 = 1 << 16;
/// Bits of `PLLCFGR` that are PLL 1's.
const PLL1_CFGR: u32 = 0b1111 | 0b111 << 16;
/// Programming delay for an AXI clock of 225 to 240 MHz at scale 0.
const WRHIGHFREQ: u32 = 0b10 << 4;
/// AXI and AHB by 2 (limit 240 MHz); `D1PPRE` by 2 (limit 120 MHz).
const D1_BUSES: u32 = 0b1000 | 0b100 << 4;

pub fn start() -> Result<(), Stuck> {
    cache::start();
    // The supply is written once after power-on; until then the voltage cannot be changed.
    PWR_CR3.modify(BYPASS, LDOEN);
    PWR_CSR1.wait(ACTVOSRDY, ACTVOSRDY)?;
    PWR_D3CR.set(SCALE_1);
    PWR_D3CR.wait(VOSRDY, VOSRDY)?;
    RCC_APB4ENR.set(SYSCFGEN);
    RCC_APB4ENR.read(); // RM0433, RCC, "Clock enabling delays".
    SYSCFG_PWRCR.set(ODEN);
    PWR_D3CR.wait(VOSRDY, VOSRDY)?;

    RCC_PLLCKSELR.modify(0b11 | 0x3f << 4, DIVIDE_IN << 4);
    RCC_PLLCFGR.modify(PLL1_CFGR, PLL1_RANGE_4_8 | DIVP1EN);
    // Q and R by 128: outputs that nobody uses, as slow as they go.
    RCC_PLL1DIVR.write(0x7f << 24 | 0x7f << 16 | (DIVIDE_OUT - 1) << 9 | (MULTIPLY - 1));
    RCC_CR.set(PLL1ON);
    RCC_CR.wait(PLL1RDY, PLL1RDY)?;

    FLASH_ACR.write(WRHIGHFREQ | WAIT_STATES);
    FLASH_ACR.wait(0x3f, WRHIGHFREQ | WAIT_STATES)?;
    RCC_D1CFGR.write(D1_BUSES);
    RCC_D2CFGR.write(0b100 << 4 | 0b100 << 8);
    RCC_D3CFGR.write(0b100 << 4);
    RCC_CFGR.modify(0b111, SWITCH_TO_PLL1);
    RCC_CFGR.wait(0b111 << 3, SWITCH_TO_PLL1 << 3)
}
