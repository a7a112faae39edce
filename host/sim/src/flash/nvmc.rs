//! NVMC of the nRF52 and of the nRF53's application core: pages of 4 KiB, programmed in words.
//!
//! Sources: nRF52840 Product Specification v1.7 section 4.3, nRF5340 Product Specification v1.5 section 7.23. Partial erase
//! and the limit on writes per word are not modelled. The specifications do not say what a store without write enable
//! does; here it is a bus error, because a store that vanishes would hide a mistake.

use std::ops::Range;

use super::registers::{lane, merge};
use super::{Array, Busy, FlashController};
use crate::bus::{BusError, Width};

const PAGE: u32 = 4096;
const ALL_ONES: u32 = u32::MAX;

const READY: u32 = 0x400;
const READYNEXT: u32 = 0x408;
const CONFIG: u32 = 0x504;
const ERASEPAGE: u32 = 0x508;
const ERASEALL: u32 = 0x50C;
const ERASEPCR0: u32 = 0x510;
const ERASEUICR: u32 = 0x514;
const ICACHECNF: u32 = 0x540;
/// Write enable for non-secure code (nRF53).
const CONFIGNS: u32 = 0x584;

const WRITE_ENABLED: u32 = 1;
const ERASE_ENABLED: u32 = 2;

/// Which chip's NVMC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chip {
    Nrf52,
    Nrf53,
}

/// Non-volatile memory controller of an nRF chip, with the cells of its user information registers (UICR).
#[derive(Debug)]
pub struct Nvmc {
    chip: Chip,
    config: u32,
    config_non_secure: u32,
    cache: u32,
    uicr: Array,
    busy: Busy,
}

impl Nvmc {
    /// NVMC of an nRF52832, nRF52833 or nRF52840.
    #[must_use]
    pub fn nrf52() -> Self {
        Self::new(Chip::Nrf52, 0x1000_1000)
    }

    /// NVMC of the nRF5340's application core.
    #[must_use]
    pub fn nrf53() -> Self {
        Self::new(Chip::Nrf53, 0x00FF_8000)
    }

    fn new(chip: Chip, uicr: u32) -> Self {
        let uicr = Array::new(uicr, PAGE as usize);
        Self { chip, config: 0, config_non_secure: 0, cache: 0, uicr, busy: Busy(0) }
    }

    /// The user information registers' cells.
    #[must_use]
    pub const fn uicr(&self) -> &Array {
        &self.uicr
    }

    /// Bases of the register window: one, or the secure and the non-secure alias.
    const fn bases(&self) -> &'static [u32] {
        match self.chip {
            Chip::Nrf52 => &[0x4001_E000],
            Chip::Nrf53 => &[0x5003_9000, 0x4003_9000],
        }
    }

    fn is_uicr(&self, address: u32) -> bool {
        self.uicr.contains(address, 1)
    }

    /// CONFIG belongs to secure code; the nRF53's other alias reads zero and ignores writes.
    const fn is_privileged(&self, address: u32) -> bool {
        matches!(self.chip, Chip::Nrf52) || address >= 0x5000_0000
    }

    fn task(&mut self, offset: u32, value: u32, address: u32, array: &mut Array) {
        let erasing = self.config == ERASE_ENABLED;
        match (self.chip, offset) {
            (Chip::Nrf52, ERASEPAGE | ERASEPCR0) if erasing && value.is_multiple_of(PAGE) => {
                array.erase(value..value.saturating_add(PAGE));
                self.busy.start(Busy::ERASE);
            }
            (_, ERASEALL) if erasing && value == 1 && self.is_privileged(address) => {
                array.erase_all();
                self.uicr.erase_all();
                self.busy.start(Busy::ERASE);
            }
            (Chip::Nrf52, ERASEUICR) if erasing && value == 1 => {
                self.uicr.erase_all();
                self.busy.start(Busy::ERASE);
            }
            _ => {}
        }
    }

    /// A store into flash or UICR: programs a word or, in the nRF53, erases the page that begins there.
    fn store_word(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let refused = Err(BusError { address });
        // "Byte or half-word-aligned writes will result in a hard fault" (nRF52840, section 4.3.1).
        if width != Width::Word || !address.is_multiple_of(4) {
            return refused;
        }
        let in_uicr = self.is_uicr(address);
        let cells = if in_uicr { &mut self.uicr } else { array };
        match self.config {
            WRITE_ENABLED => {
                cells.program(address, &value.to_le_bytes());
                self.busy.start(Busy::PROGRAM);
            }
            // nRF5340, section 7.23.3: all ones to the first word of a page erase it; UICR only by ERASEALL.
            ERASE_ENABLED
                if self.chip == Chip::Nrf53 && value == ALL_ONES && address.is_multiple_of(PAGE) && !in_uicr =>
            {
                cells.erase(address..address + PAGE);
                self.busy.start(Busy::ERASE);
            }
            _ => return refused,
        }
        Ok(())
    }
}

impl FlashController for Nvmc {
    fn windows(&self) -> Vec<Range<u32>> {
        let starts = self.bases().iter().chain([&self.uicr.origin]);
        starts.map(|start| *start..*start + PAGE).collect()
    }

    fn read(&mut self, address: u32, width: Width, _: &mut Array) -> Result<u32, BusError> {
        if self.is_uicr(address) {
            let bytes = self.uicr.at(address & !3, 4).first_chunk().copied().unwrap_or([u8::MAX; 4]);
            return Ok(lane(u32::from_le_bytes(bytes), address, width));
        }
        let value = match address & 0xFFC {
            READY => u32::from(!self.busy.poll()),
            READYNEXT => 1,
            CONFIG if self.is_privileged(address) => self.config,
            CONFIGNS if self.chip == Chip::Nrf53 => self.config_non_secure,
            ICACHECNF => self.cache,
            _ => 0,
        };
        Ok(lane(value, address, width))
    }

    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        if self.is_uicr(address) {
            return self.store_word(address, value, width, array);
        }
        match address & 0xFFC {
            CONFIG if self.is_privileged(address) => self.config = merge(self.config, value, address, width) & 7,
            CONFIGNS if self.chip == Chip::Nrf53 => self.config_non_secure = value & 3,
            ICACHECNF => self.cache = merge(self.cache, value, address, width),
            offset => self.task(offset, value, address, array),
        }
        Ok(())
    }

    fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        self.store_word(address, value, width, array)
    }

    fn reset(&mut self) {
        (self.config, self.config_non_secure, self.cache) = (0, 0, 0);
        self.busy = Busy(0);
    }
}
