//! STM32U5: two banks of 8 KiB pages, programmed in quad words of 128 bits.
//!
//! Source: RM0456 section 7. TrustZone is off, as delivered (OPTR.TZEN = 0): the secure register set then reads as zero and
//! ignores writes. Option bytes can be read, not written; write protection is off and burst programming (BWR) is not
//! modelled.

use std::ops::Range;

use super::lock::{KeyLock, KeyWhenOpen, OPTION_KEYS};
use super::registers::{lane, merge};
use super::stm32_pages::{Geometry, OPTLOCK, PageRegisters};
use super::{Array, Banks, FlashController, ReadProtection};
use crate::bus::{BusError, Width};

/// Non-secure and secure alias of the register window.
const BASES: [u32; 2] = [0x4002_2000, 0x5002_2000];
const BYTES: u32 = 0x400;
const ACR: u32 = 0x00;
const NSKEYR: u32 = 0x08;
const OPTKEYR: u32 = 0x10;
const NSSR: u32 = 0x20;
const NSCR: u32 = 0x28;
const OPTR: u32 = 0x40;

/// Status bits that software clears by writing ones: EOP, the errors and OPTWERR.
const CLEARABLE: u32 = 0x20FB;
/// Wait data to write: a quad word is incomplete.
const WDW: u32 = 1 << 17;
/// Three wait states (RM0456 section 7.9.1).
const ACR_RESET: u32 = 0x0000_0003;
/// OPTR as delivered, without RDP: two banks, TrustZone off (RM0456 section 7.9.13).
const OPTR_DELIVERED: u32 = 0x1FEF_F800;

/// Write protection areas and boot addresses as delivered (RM0456 sections 7.9.14 to 7.9.23).
const DELIVERED: [(u32, u32); 8] = [
    (0x44, 0x0800_007C),
    (0x48, 0x0BF9_007C),
    (0x4C, 0x0C00_007C),
    (0x50, 0xFFFF_FF80),
    (0x58, 0x80FF_FFFF),
    (0x5C, 0x80FF_FFFF),
    (0x68, 0x80FF_FFFF),
    (0x6C, 0x80FF_FFFF),
];

/// Flash interface of an STM32U575 or U585.
#[derive(Debug)]
pub struct Stm32U5 {
    option: u32,
    acr: u32,
    registers: PageRegisters,
    option_lock: KeyLock,
}

impl Stm32U5 {
    /// Two banks of equal size, TrustZone off.
    #[must_use]
    pub fn new(protection: ReadProtection) -> Self {
        let geometry = Geometry { row: 16, page: 8192, banks: Banks::Dual, protection, waiting: WDW };
        Self {
            option: OPTR_DELIVERED | protection.byte(),
            acr: ACR_RESET,
            registers: PageRegisters::new(geometry),
            option_lock: KeyLock::new(OPTION_KEYS, KeyWhenOpen::Ignored),
        }
    }
}

/// Offset of the register that holds `address`, in either alias.
const fn offset(address: u32) -> u32 {
    address & (BYTES - 1) & !3
}

impl FlashController for Stm32U5 {
    fn windows(&self) -> Vec<Range<u32>> {
        BASES.map(|base| base..base + BYTES).to_vec()
    }

    fn read(&mut self, address: u32, width: Width, _: &mut Array) -> Result<u32, BusError> {
        let value = match offset(address) {
            ACR => self.acr,
            NSSR => self.registers.status(),
            NSCR => self.registers.control() | if self.option_lock.is_open() { 0 } else { OPTLOCK },
            OPTR => self.option,
            other => DELIVERED.iter().find(|(known, _)| *known == other).map_or(0, |(_, value)| *value),
        };
        Ok(lane(value, address, width))
    }

    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let refused = |_| BusError { address };
        match offset(address) {
            ACR => self.acr = merge(self.acr, value, address, width),
            NSKEYR => self.registers.key(value).map_err(refused)?,
            OPTKEYR if !self.registers.is_open() => return Err(BusError { address }),
            OPTKEYR => self.option_lock.key(value).map_err(refused)?,
            NSSR => self.registers.clear_status(merge(0, value, address, width) & CLEARABLE),
            NSCR => {
                let value = merge(self.registers.control(), value, address, width);
                self.registers.set_control(value, array);
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
