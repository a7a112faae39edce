//! STM32F4: sectors of 16, 64 and 128 KiB.

use super::{ReadProtection, SectorFlash, Sectors};

const KIB: u32 = 1024;

/// OPTCR as delivered: no write protection, software watchdog, no reset on stop or standby, brown-out reset off
/// (RM0390 section 3.9.10). RDP and OPTLOCK are added by [`SectorFlash`].
const OPTCR: u32 = 0x0FFF_00EC;
/// OPTCR1 as delivered: no write protection of bank 2 (RM0386 section 3.8.8).
const OPTCR1: u32 = 0x0FFF_0000;

/// Flash interface of an STM32F4 with `bytes` of flash: F401, F411, F412, F446 and, with two banks, the 2 MiB F42x, F43x
/// and F469.
#[must_use]
pub fn stm32f4(bytes: u32, protection: ReadProtection) -> SectorFlash {
    if bytes > 1024 * KIB {
        SectorFlash::new(Sectors::dual(bytes), protection, [OPTCR, OPTCR1])
    } else {
        SectorFlash::new(Sectors::single(16 * KIB, bytes), protection, [OPTCR, 0])
    }
}
