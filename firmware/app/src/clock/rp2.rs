//! RP2040 and RP2350: system PLL from the 12 MHz crystal that both Picos have.
//!
//! RP2040 Datasheet, 2.15 "Clocks", 2.16 "XOSC", 2.18 "PLL", 2.14 "Subsystem resets"; RP2350 Datasheet, the chapters of
//! the same names: the same registers at other addresses. The flash is read through a cache that the boot ROM leaves on.
//! A reset through the debug port does not stop the PLL, so the core leaves it first.

use crate::{
    board::CLOCK_HZ,
    register::{Register, Stuck},
};

#[cfg(family = "rp2040")]
mod chip {
    pub const RESETS: usize = 0x4000_c000;
    pub const CLOCKS: usize = 0x4000_8000;
    pub const XOSC: usize = 0x4002_4000;
    pub const PLL_SYS: usize = 0x4002_8000;
    pub const RESET_PLL_SYS: u32 = 1 << 12;
    /// 12 MHz × 133 = 1,596 MHz / 6 / 2 = 133 MHz.
    pub const MULTIPLY: u32 = 133;
    pub const DIVIDE: [u32; 2] = [6, 2];
    /// The ring oscillator, nominal.
    pub const RESET_HZ: u32 = 6_500_000;
}

#[cfg(family = "rp235x")]
mod chip {
    pub const RESETS: usize = 0x4002_0000;
    pub const CLOCKS: usize = 0x4001_0000;
    pub const XOSC: usize = 0x4004_8000;
    pub const PLL_SYS: usize = 0x4005_0000;
    pub const RESET_PLL_SYS: u32 = 1 << 14;
    /// 12 MHz × 125 = 1,500 MHz / 5 / 2 = 150 MHz.
    pub const MULTIPLY: u32 = 125;
    pub const DIVIDE: [u32; 2] = [5, 2];
    /// The ring oscillator, nominal.
    pub const RESET_HZ: u32 = 11_000_000;
}

pub use chip::RESET_HZ;
use chip::{CLOCKS, DIVIDE, MULTIPLY, PLL_SYS, RESET_PLL_SYS, RESETS, XOSC};

const _: () = assert!(12_000_000 * MULTIPLY / (DIVIDE[0] * DIVIDE[1]) == CLOCK_HZ);

const RESET: Register = Register::at(RESETS);
const RESET_DONE: Register = Register::at(RESETS + 0x08);
const XOSC_CTRL: Register = Register::at(XOSC);
const XOSC_STATUS: Register = Register::at(XOSC + 0x04);
const XOSC_STARTUP: Register = Register::at(XOSC + 0x0c);
const CLK_REF_CTRL: Register = Register::at(CLOCKS + 0x30);
const CLK_REF_SELECTED: Register = Register::at(CLOCKS + 0x38);
const CLK_SYS_CTRL: Register = Register::at(CLOCKS + 0x3c);
const CLK_SYS_SELECTED: Register = Register::at(CLOCKS + 0x44);
const PLL_CS: Register = Register::at(PLL_SYS);
const PLL_PWR: Register = Register::at(PLL_SYS + 0x04);
const PLL_FBDIV: Register = Register::at(PLL_SYS + 0x08);
const PLL_PRIM: Register = Register::at(PLL_SYS + 0x0c);

/// Enable with the range of 1 to 15 MHz.
const XOSC_ENABLE: u32 = 0xfab << 12 | 0xaa0;
const XOSC_STABLE: u32 = 1 << 31;
/// 1 ms in units of 256 crystal cycles.
const XOSC_DELAY: u32 = 47;
const REF_FROM_XOSC: u32 = 2;
const SYS_FROM_REF: u32 = 0;
const SYS_FROM_AUX: u32 = 1;
const AUX: u32 = 0b111 << 5;
const PLL_LOCK: u32 = 1 << 31;
const PLL_OFF: u32 = 1 | 1 << 5;
const POST_DIVIDER_OFF: u32 = 1 << 3;

pub fn start() -> Result<(), Stuck> {
    XOSC_STARTUP.write(XOSC_DELAY);
    XOSC_CTRL.write(XOSC_ENABLE);
    XOSC_STATUS.wait(XOSC_STABLE, XOSC_STABLE)?;
    CLK_SYS_CTRL.modify(1, SYS_FROM_REF);
    CLK_SYS_SELECTED.wait(0b11, 1 << SYS_FROM_REF)?;
    CLK_REF_CTRL.modify(0b11, REF_FROM_XOSC);
    CLK_REF_SELECTED.wait(0b111, 1 << REF_FROM_XOSC)?;

    RESET.set(RESET_PLL_SYS);
    RESET.modify(RESET_PLL_SYS, 0);
    RESET_DONE.wait(RESET_PLL_SYS, RESET_PLL_SYS)?;
    PLL_CS.write(1); // The crystal's frequency, undivided.
    PLL_FBDIV.write(MULTIPLY);
    PLL_PWR.modify(PLL_OFF, 0);
    PLL_CS.wait(PLL_LOCK, PLL_LOCK)?;
    PLL_PRIM.write(DIVIDE[0] << 16 | DIVIDE[1] << 12);
    PLL_PWR.modify(POST_DIVIDER_OFF, 0);

    CLK_SYS_CTRL.modify(AUX, 0); // The auxiliary source 0 is the system PLL.
    CLK_SYS_CTRL.modify(1, SYS_FROM_AUX);
    CLK_SYS_SELECTED.wait(0b11, 1 << SYS_FROM_AUX)
}
