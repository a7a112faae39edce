//! One register set (key, control, status) of a page-erased ST flash: what STM32L4 and STM32U5 have in common.
//!
//! The idea: words stored into the flash collect in a row of 8 or 16 bytes; only a whole row, aligned and erased, is
//! programmed. Sources: RM0351 and RM0432 section 3 (L4, L4+), RM0456 section 7 (U5).

use std::ops::Range;

use super::lock::{FLASH_KEYS, KeyLock, KeyWhenOpen, WrongKey};
use super::{Array, Banks, Busy, ERASED, ReadProtection};
use crate::bus::Width;

const PG: u32 = 1 << 0;
const PER: u32 = 1 << 1;
const MER1: u32 = 1 << 2;
const BKER: u32 = 1 << 11;
const MER2: u32 = 1 << 15;
const OPERATIONS: u32 = PG | PER | MER1 | MER2;
const STRT: u32 = 1 << 16;
const EOPIE: u32 = 1 << 24;
pub(super) const OPTLOCK: u32 = 1 << 30;
const LOCK: u32 = 1 << 31;

const EOP: u32 = 1 << 0;
const PROGERR: u32 = 1 << 3;
const WRPERR: u32 = 1 << 4;
const PGAERR: u32 = 1 << 5;
const SIZERR: u32 = 1 << 6;
const PGSERR: u32 = 1 << 7;
/// Errors that refuse the next operation until software clears them.
const ERRORS: u32 = PROGERR | WRPERR | PGAERR | SIZERR | PGSERR;
const BSY: u32 = 1 << 16;

/// Words of the longest row.
const ROW_WORDS: usize = 4;

/// What differs between the families.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    /// Bytes that are programmed together: 8 (L4) or 16 (U5).
    pub row: u32,
    /// Bytes of a page.
    pub page: u32,
    /// Whether page numbers count within a bank that BKER chooses.
    pub banks: Banks,
    pub protection: ReadProtection,
    /// Status bits that are set while a row is incomplete (WDW in the U5).
    pub waiting: u32,
}

/// A row that is being filled.
#[derive(Debug, Clone, Copy)]
struct Row {
    address: u32,
    words: [u32; ROW_WORDS],
    /// Bit per word that was stored.
    filled: u32,
}

/// One register set.
#[derive(Debug)]
pub(super) struct PageRegisters {
    geometry: Geometry,
    cr: u32,
    sr: u32,
    lock: KeyLock,
    row: Option<Row>,
    busy: Busy,
}

impl PageRegisters {
    pub const fn new(geometry: Geometry) -> Self {
        let lock = KeyLock::new(FLASH_KEYS, KeyWhenOpen::Ignored);
        Self { geometry, cr: 0, sr: 0, lock, row: None, busy: Busy(0) }
    }

    pub fn reset(&mut self) {
        *self = Self::new(self.geometry);
    }

    pub fn key(&mut self, value: u32) -> Result<(), WrongKey> {
        self.lock.key(value)
    }

    pub fn is_open(&self) -> bool {
        self.lock.is_open()
    }

    pub fn control(&self) -> u32 {
        self.cr | if self.lock.is_open() { 0 } else { LOCK }
    }

    pub fn status(&mut self) -> u32 {
        let waiting = if self.row.is_some() { self.geometry.waiting } else { 0 };
        self.sr | waiting | if self.busy.poll() { BSY } else { 0 }
    }

    pub fn clear_status(&mut self, ones: u32) {
        self.sr &= !ones;
    }

    /// A write to the control register; locked, it has no effect.
    pub fn set_control(&mut self, value: u32, array: &mut Array) {
        if !self.lock.is_open() {
            return;
        }
        self.cr = value & !(STRT | LOCK | OPTLOCK);
        if self.cr & PG == 0 {
            self.row = None;
        }
        if value & STRT != 0 {
            self.start(array);
        }
        if value & LOCK != 0 {
            self.lock.close();
        }
    }

    fn start(&mut self, array: &mut Array) {
        let erased = match self.cr & OPERATIONS {
            PER => self.page(array),
            // A flash that is one bank is erased as a whole by either bit.
            MER1 | MER2 if self.geometry.banks == Banks::Single => Some(0..array.bytes.len() as u32),
            MER1 => Some(0..array.bytes.len() as u32 / 2),
            MER2 => Some(array.bytes.len() as u32 / 2..array.bytes.len() as u32),
            both if both == MER1 | MER2 => Some(0..array.bytes.len() as u32),
            _ => None,
        };
        match erased {
            Some(range) if self.sr & ERRORS == 0 => {
                if self.geometry.protection == ReadProtection::Level1 {
                    self.sr |= WRPERR;
                } else {
                    array.erase(array.origin + range.start..array.origin + range.end);
                    self.finish(Busy::ERASE);
                }
            }
            _ => self.sr |= PGSERR,
        }
    }

    /// The page that PNB and BKER name, relative to the start of the flash.
    fn page(&self, array: &Array) -> Option<Range<u32>> {
        let bytes = array.bytes.len() as u32;
        let bank = match self.geometry.banks {
            Banks::Single => 0..bytes,
            Banks::Dual if self.cr & BKER == 0 => 0..bytes / 2,
            Banks::Dual => bytes / 2..bytes,
        };
        let start = bank.start + ((self.cr >> 3) & 0xFF) * self.geometry.page;
        (start < bank.end).then_some(start..start + self.geometry.page)
    }

    /// A store into the flash.
    pub fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) {
        if self.cr & OPERATIONS != PG || self.sr & ERRORS != 0 {
            self.fail(PGSERR);
            return;
        }
        if width != Width::Word {
            self.fail(SIZERR);
            return;
        }
        let row_address = address & !(self.geometry.row - 1);
        // The first word of a row must be its lowest; the others must belong to the same row.
        let aligned = self.row.map_or(address, |row| row.address) == row_address;
        if !aligned || !address.is_multiple_of(4) {
            self.fail(PGAERR);
            return;
        }
        let mut row = self.row.unwrap_or(Row { address: row_address, words: [0; ROW_WORDS], filled: 0 });
        let index = (address - row_address) / 4;
        if let Some(word) = row.words.get_mut(index as usize) {
            *word = value;
        }
        row.filled |= 1 << index;
        let words = self.geometry.row / 4;
        if row.filled == (1 << words) - 1 {
            self.row = None;
            self.program(&row, words as usize, array);
        } else {
            self.row = Some(row);
        }
    }

    fn program(&mut self, row: &Row, words: usize, array: &mut Array) {
        let data: Vec<u8> = row.words.iter().take(words).flat_map(|word| word.to_le_bytes()).collect();
        // Zeros may be programmed over anything: their check bits are zeros, too.
        let erased = array.at(row.address, data.len()).iter().all(|cell| *cell == ERASED);
        let zeros = data.iter().all(|byte| *byte == 0);
        if self.geometry.protection == ReadProtection::Level1 {
            self.fail(WRPERR);
        } else if erased || zeros {
            array.program(row.address, &data);
            self.finish(Busy::PROGRAM);
        } else {
            self.fail(PROGERR);
        }
    }

    fn fail(&mut self, flag: u32) {
        self.sr |= flag;
        self.row = None;
    }

    fn finish(&mut self, polls: u8) {
        self.busy.start(polls);
        if self.cr & EOPIE != 0 {
            self.sr |= EOP;
        }
    }
}
