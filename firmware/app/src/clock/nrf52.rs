//! nRF52840: 64 MHz from the crystal, flash cache, and the debug port kept open.
//!
//! nRF52840 Product Specification: CLOCK (the core always runs at 64 MHz; the crystal makes them exact), NVMC
//! (`ICACHECNF`), "Debug and trace, access port protection": from build code F on the port is closed after a reset unless
//! `UICR.APPROTECT` and the firmware both say otherwise.

use crate::register::{Register, Stuck};

/// The internal oscillator has the crystal's frequency, less exactly.
pub const RESET_HZ: u32 = 64_000_000;

const TASKS_HFCLKSTART: Register = Register::at(0x4000_0000);
const EVENTS_HFCLKSTARTED: Register = Register::at(0x4000_0100);
const APPROTECT_DISABLE: Register = Register::at(0x4000_0558);
const NVMC_READY: Register = Register::at(0x4001_e400);
const NVMC_CONFIG: Register = Register::at(0x4001_e504);
const NVMC_ICACHECNF: Register = Register::at(0x4001_e540);
const FICR_VARIANT: Register = Register::at(0x1000_0104);
const UICR_APPROTECT: Register = Register::at(0x1000_1208);

const OPEN: u32 = 0x5a;
const ERASED: u32 = !0;
const CACHE_ENABLE: u32 = 1;

pub fn start() -> Result<(), Stuck> {
    open_debug_port()?;
    NVMC_ICACHECNF.set(CACHE_ENABLE);
    EVENTS_HFCLKSTARTED.write(0);
    TASKS_HFCLKSTART.write(1);
    EVENTS_HFCLKSTARTED.wait(1, 1)
}

/// So that the probe gets in again after the next reset, without an erase of the whole chip.
fn open_debug_port() -> Result<(), Stuck> {
    let build_code = (FICR_VARIANT.read() >> 8) as u8;
    if build_code < b'F' {
        return Ok(());
    }
    if UICR_APPROTECT.read() == ERASED {
        NVMC_CONFIG.write(1); // Write enable.
        NVMC_READY.wait(1, 1)?;
        UICR_APPROTECT.write(OPEN);
        NVMC_READY.wait(1, 1)?;
        NVMC_CONFIG.write(0);
    }
    APPROTECT_DISABLE.write(OPEN);
    Ok(())
}
