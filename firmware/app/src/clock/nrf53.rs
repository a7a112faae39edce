//! nRF5340, application core: 128 MHz from the crystal, cache, and the debug port kept open.
//!
//! nRF5340 Product Specification: CLOCK (`HFCLKCTRL`: after a reset the core runs at half speed), CACHE, NVMC, CTRL-AP
//! ("Access port protection": closed after a reset unless UICR and the firmware both say otherwise). The core starts in
//! secure state; the registers are at their secure addresses.

use crate::register::{Register, Stuck};

pub const RESET_HZ: u32 = 64_000_000;

const TASKS_HFCLKSTART: Register = Register::at(0x5000_5000);
const EVENTS_HFCLKSTARTED: Register = Register::at(0x5000_5100);
const HFCLKSRC: Register = Register::at(0x5000_5514);
const HFCLKCTRL: Register = Register::at(0x5000_5558);
const APPROTECT_DISABLE: Register = Register::at(0x5000_6544);
const SECUREAPPROTECT_DISABLE: Register = Register::at(0x5000_654c);
const CACHE_ENABLE: Register = Register::at(0x5000_1500);
const NVMC_READY: Register = Register::at(0x5003_9400);
const NVMC_CONFIG: Register = Register::at(0x5003_9504);
const UICR_APPROTECT: Register = Register::at(0x00ff_8000);
const UICR_SECUREAPPROTECT: Register = Register::at(0x00ff_801c);

const OPEN: u32 = 0x50fa_50fa;
const ERASED: u32 = !0;
const CRYSTAL: u32 = 1;
const BY_1: u32 = 0;

pub fn start() -> Result<(), Stuck> {
    for (uicr, disable) in [(UICR_APPROTECT, APPROTECT_DISABLE), (UICR_SECUREAPPROTECT, SECUREAPPROTECT_DISABLE)] {
        open_debug_port(uicr, disable)?;
    }
    CACHE_ENABLE.write(1);
    HFCLKSRC.write(CRYSTAL);
    EVENTS_HFCLKSTARTED.write(0);
    TASKS_HFCLKSTART.write(1);
    EVENTS_HFCLKSTARTED.wait(1, 1)?;
    HFCLKCTRL.write(BY_1);
    Ok(())
}

/// So that the probe gets in again after the next reset, without an erase of the whole chip.
fn open_debug_port(uicr: Register, disable: Register) -> Result<(), Stuck> {
    if uicr.read() == ERASED {
        NVMC_CONFIG.write(1); // Write enable.
        NVMC_READY.wait(1, 1)?;
        uicr.write(OPEN);
        NVMC_READY.wait(1, 1)?;
        NVMC_CONFIG.write(0);
    }
    disable.write(OPEN);
    Ok(())
}
