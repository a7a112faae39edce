//! STM32F7: sectors of 32, 128 and 256 KiB, or 16, 64 and 128 KiB where the option bytes ask for two banks.

use super::{Banks, ReadProtection, SectorFlash, Sectors};

const KIB: u32 = 1024;

/// OPTCR as delivered: no write protection, both watchdogs started by software (RM0410 section 3.7.7). RDP and OPTLOCK
/// are added by [`SectorFlash`].
const OPTCR: u32 = 0xFFFF_00FC;
/// OPTCR of the F74x and F75x, which have eight sectors and neither nDBANK nor nDBOOT (RM0385 section 3.7.7).
const OPTCR_ONE_BANK: u32 = 0xC0FF_00FC;
/// nDBANK: clear where the flash is divided into two banks.
const NDBANK: u32 = 1 << 29;
/// OPTCR1 as delivered: boot addresses 0x0020_0000 and 0x0010_0000.
const OPTCR1: u32 = 0x0040_0080;

/// Flash interface of an STM32F7 with `bytes` of flash. Only the F76x and F77x (2 MiB) can be divided into two banks; in a
/// smaller flash `banks` is ignored.
#[must_use]
pub fn stm32f7(bytes: u32, banks: Banks, protection: ReadProtection) -> SectorFlash {
    let divisible = bytes > 1024 * KIB;
    match banks {
        Banks::Dual if divisible => SectorFlash::new(Sectors::dual(bytes), protection, [OPTCR & !NDBANK, OPTCR1]),
        Banks::Dual | Banks::Single => {
            let optcr = if divisible { OPTCR } else { OPTCR_ONE_BANK };
            SectorFlash::new(Sectors::single(32 * KIB, bytes), protection, [optcr, OPTCR1])
        }
    }
}
