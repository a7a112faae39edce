//! STM32L4 and STM32L4+: pages of 2, 4 or 8 KiB, programmed in double words of 64 bits.
//!
//! Sources: RM0351 section 3 (L47x, L48x), RM0432 section 3 (L4+). Option bytes can be read, not written; write protection,
//! PCROP and fast programming (FSTPG) are not modelled: a store with FSTPG is a sequence error.

use std::ops::Range;

use super::lock::{KeyLock, KeyWhenOpen, OPTION_KEYS};
use super::registers::{lane, merge};
use super::stm32_pages::{Geometry, OPTLOCK, PageRegisters};
use super::{Array, Banks, FlashController, ReadProtection};
use crate::bus::{BusError, Width};

const BASE: u32 = 0x4002_2000;
const WINDOW: Range<u32> = BASE..BASE + 0x400;
const ACR: u32 = 0x00;
const KEYR: u32 = 0x08;
const OPTKEYR: u32 = 0x0C;
const SR: u32 = 0x10;
const CR: u32 = 0x14;
const OPTR: u32 = 0x20;

/// Status bits that software clears by writing ones.
const CLEARABLE: u32 = 0xC3FB;
/// Instruction and data cache on, no wait states (RM0351 section 3.7.1).
const ACR_RESET: u32 = 0x0000_0600;
/// OPTR as delivered, without RDP (RM0432 section 3.7.8).
const OPTR_DELIVERED: u32 = 0xFFEF_F800;
/// DUALBANK, in the L4+ DB1M: a flash of at most 1 MiB is two banks.
const DUAL_1M: u32 = 1 << 21;
/// DBANK of the L4+: a flash of 2 MiB is two banks.
const DBANK: u32 = 1 << 22;

/// Write protection and PCROP areas as delivered: empty.
const EMPTY_AREAS: [(u32, u32); 8] = [
    (0x24, 0xFFFF_FFFF),
    (0x28, 0x0000_0000),
    (0x2C, 0x0000_00FF),
    (0x30, 0x0000_00FF),
    (0x44, 0xFFFF_FFFF),
    (0x48, 0x0000_0000),
    (0x4C, 0x0000_00FF),
    (0x50, 0x0000_00FF),
];

/// Flash interface of an STM32L4.
#[derive(Debug)]
pub struct Stm32L4 {
    option: u32,
    acr: u32,
    registers: PageRegisters,
    option_lock: KeyLock,
}

impl Stm32L4 {
    /// An L47x or L48x of 1 MiB: always two banks of 2 KiB pages.
    #[must_use]
    pub fn new(protection: ReadProtection) -> Self {
        Self::build(2048, Banks::Dual, OPTR_DELIVERED, protection)
    }

    /// An L4+ of 2 MiB: two banks of 4 KiB pages as delivered, or one of 8 KiB pages.
    #[must_use]
    pub fn plus(banks: Banks, protection: ReadProtection) -> Self {
        match banks {
            Banks::Dual => Self::build(4096, banks, OPTR_DELIVERED, protection),
            Banks::Single => Self::build(8192, banks, OPTR_DELIVERED & !(DBANK | DUAL_1M), protection),
        }
    }

    fn build(page: u32, banks: Banks, option: u32, protection: ReadProtection) -> Self {
        let geometry = Geometry { row: 8, page, banks, protection, waiting: 0 };
        Self {
            option: option | protection.byte(),
            acr: ACR_RESET,
            registers: PageRegisters::new(geometry),
            option_lock: KeyLock::new(OPTION_KEYS, KeyWhenOpen::Ignored),
        }
    }
}

impl FlashController for Stm32L4 {
    fn windows(&self) -> Vec<Range<u32>> {
        vec![WINDOW]
    }

    fn read(&mut self, address: u32, width: Width, _: &mut Array) -> Result<u32, BusError> {
        let offset = (address - BASE) & !3;
        let value = match offset {
            ACR => self.acr,
            SR => self.registers.status(),
            CR => self.registers.control() | if self.option_lock.is_open() { 0 } else { OPTLOCK },
            OPTR => self.option,
            _ => EMPTY_AREAS.iter().find(|(known, _)| *known == offset).map_or(0, |(_, value)| *value),
        };
        Ok(lane(value, address, width))
    }

    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let refused = |_| BusError { address };
        match (address - BASE) & !3 {
            ACR => self.acr = merge(self.acr, value, address, width),
            KEYR => self.registers.key(value).map_err(refused)?,
            // The option keys count only once the flash itself is open (RM0351 section 3.4.2).
            OPTKEYR if !self.registers.is_open() => return Err(BusError { address }),
            OPTKEYR => self.option_lock.key(value).map_err(refused)?,
            SR => self.registers.clear_status(merge(0, value, address, width) & CLEARABLE),
            CR => {
                let value = merge(self.registers.control(), value, address, width);
                self.registers.set_control(value, array);
                // LOCK sets OPTLOCK, too (RM0351 section 3.4.2).
                if value & OPTLOCK != 0 || !self.registers.is_open() {
                    self.option_lock.close();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        self.registers.store(address, value, width, array);
        Ok(())
    }

    fn reset(&mut self) {
        self.acr = ACR_RESET;
        self.registers.reset();
        self.option_lock.reset();
    }
}
