//! NVMCTRL of the SAM D51 and E5x: blocks of 8 KiB, pages of 512 bytes, programmed by command from a page buffer.
//!
//! Source: SAM D5x/E5x data sheet DS60001507 section 25. SmartEEPROM, bank swap, ECC and the boot loader protection are not
//! modelled; of the auxiliary space only the user page exists.

use std::ops::Range;

use super::registers::{lane, merge};
use super::{Array, Busy, ERASED, FlashController};
use crate::bus::{BusError, Width};

const BASE: u32 = 0x4100_4000;
const REGISTERS: Range<u32> = BASE..BASE + 0x30;
const USER_PAGE: u32 = 0x0080_4000;
const PAGE: u32 = 512;
const BLOCK: u32 = 8192;
/// Regions that can be locked one by one.
const REGIONS: u32 = 32;

/// CTRLA; the word's other half is reserved.
const CTRLA: u32 = 0x00;
const CTRLB: u32 = 0x04;
const PARAM: u32 = 0x08;
/// INTENCLR in the lower half, INTENSET in the upper.
const INTEN: u32 = 0x0C;
/// INTFLAG in the lower half, STATUS in the upper.
const INTFLAG_STATUS: u32 = 0x10;
const ADDR: u32 = 0x14;
const RUNLOCK: u32 = 0x18;

/// Automatic wait states on (section 25.8.1).
const CTRLA_RESET: u32 = 0x0004;
const KEY: u32 = 0xA5;

const DONE: u32 = 1 << 0;
const ADDRE: u32 = 1 << 1;
const PROGE: u32 = 1 << 2;
const LOCKE: u32 = 1 << 3;
const FLAGS: u32 = 0x7FF;
/// STATUS as seen in the upper half of its word.
const READY: u32 = 1 << 16;
const LOAD: u32 = 1 << 18;
/// AFIRST (bank A at address 0) and BOOTPROT = 15 (nothing protected).
const STATUS_FIXED: u32 = (1 << 20) | (0xF << 24);

/// Commands (section 25.8.2).
mod command {
    pub const ERASE_PAGE: u32 = 0x00;
    pub const ERASE_BLOCK: u32 = 0x01;
    pub const WRITE_PAGE: u32 = 0x03;
    pub const WRITE_QUAD_WORD: u32 = 0x04;
    pub const LOCK_REGION: u32 = 0x11;
    pub const UNLOCK_REGION: u32 = 0x12;
    pub const CLEAR_PAGE_BUFFER: u32 = 0x15;
}

/// Flash controller of an ATSAMD51 or ATSAME5x.
#[derive(Debug)]
pub struct Samd51 {
    ctrla: u32,
    addr: u32,
    flags: u32,
    enabled: u32,
    /// Bit per region, set where it may be changed.
    unlocked: u32,
    buffer: [u8; PAGE as usize],
    loaded: bool,
    user_page: Array,
    busy: Busy,
}

impl Default for Samd51 {
    fn default() -> Self {
        Self::new()
    }
}

impl Samd51 {
    /// A controller with an erased user page: no region locked.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ctrla: CTRLA_RESET,
            addr: 0,
            flags: 0,
            enabled: 0,
            unlocked: u32::MAX,
            buffer: [ERASED; PAGE as usize],
            loaded: false,
            user_page: Array::new(USER_PAGE, PAGE as usize),
            busy: Busy(0),
        }
    }

    fn command(&mut self, value: u32, array: &mut Array) {
        // A wrong key, or a command before the last one was seen to end.
        if value >> 8 & 0xFF != KEY || self.busy.0 > 0 {
            self.flags |= PROGE;
            return;
        }
        match value & 0x7F {
            command::CLEAR_PAGE_BUFFER => self.clear_buffer(),
            command::LOCK_REGION => self.unlocked &= !self.region(array),
            command::UNLOCK_REGION => self.unlocked |= self.region(array),
            // Pages are erased one by one only in the auxiliary space.
            command::ERASE_PAGE if self.user_page.contains(self.addr, 1) => self.user_page.erase_all(),
            command::ERASE_BLOCK if array.contains(self.addr, 1) => {
                if !self.may_change(array) {
                    return;
                }
                let start = self.addr & !(BLOCK - 1);
                array.erase(start..start + BLOCK);
                return self.busy.start(Busy::ERASE);
            }
            command::WRITE_PAGE => return self.write(PAGE, array),
            command::WRITE_QUAD_WORD => return self.write(16, array),
            command::ERASE_BLOCK => self.flags |= ADDRE,
            _ => self.flags |= PROGE,
        }
        self.busy.start(Busy::PROGRAM);
    }

    /// Programs the group of `bytes` bytes that holds ADDR from the page buffer.
    fn write(&mut self, bytes: u32, array: &mut Array) {
        let start = self.addr & !(bytes - 1);
        let offset = (start % PAGE) as usize;
        let Some(data) = self.buffer.get(offset..offset + bytes as usize).map(<[u8]>::to_vec) else { return };
        if self.user_page.contains(start, data.len()) {
            self.user_page.program(start, &data);
        } else if !array.contains(start, data.len()) {
            self.flags |= ADDRE;
            return;
        } else if self.may_change(array) {
            array.program(start, &data);
        } else {
            return;
        }
        self.clear_buffer();
        self.busy.start(Busy::PROGRAM);
    }

    fn may_change(&mut self, array: &Array) -> bool {
        let allowed = self.unlocked & self.region(array) != 0;
        if !allowed {
            self.flags |= LOCKE;
        }
        allowed
    }

    /// The lock bit of the region that holds ADDR.
    fn region(&self, array: &Array) -> u32 {
        let size = (array.bytes.len() as u32 / REGIONS).max(1);
        1 << (self.addr.saturating_sub(array.origin) / size).min(REGIONS - 1)
    }

    fn clear_buffer(&mut self) {
        self.buffer = [ERASED; PAGE as usize];
        self.loaded = false;
    }

    /// INTFLAG and STATUS; the command is done once READY or DONE was seen set.
    fn status(&mut self) -> u32 {
        let busy = self.busy.poll();
        if !busy {
            self.flags |= DONE;
        }
        let status = if busy { 0 } else { READY } | if self.loaded { LOAD } else { 0 };
        self.flags | status | STATUS_FIXED
    }

    /// Bytes that are written by themselves when their last word is loaded (CTRLA.WMODE), if any.
    const fn automatic(&self) -> Option<u32> {
        match (self.ctrla >> 4) & 3 {
            1 => Some(8),
            2 => Some(16),
            3 => Some(PAGE),
            _ => None,
        }
    }
}

impl FlashController for Samd51 {
    fn windows(&self) -> Vec<Range<u32>> {
        vec![REGISTERS, USER_PAGE..USER_PAGE + PAGE]
    }

    fn read(&mut self, address: u32, width: Width, array: &mut Array) -> Result<u32, BusError> {
        let value = if self.user_page.contains(address, 1) {
            u32::from_le_bytes(self.user_page.at(address & !3, 4).first_chunk().copied().unwrap_or([ERASED; 4]))
        } else {
            match (address - BASE) & !3 {
                CTRLA => self.ctrla,
                // Number of pages, page size 2^6 * 8 bytes.
                PARAM => (array.bytes.len() as u32 / PAGE) | (6 << 16),
                INTEN => self.enabled | (self.enabled << 16),
                INTFLAG_STATUS => self.status(),
                ADDR => self.addr,
                RUNLOCK => self.unlocked,
                _ => 0,
            }
        };
        Ok(lane(value, address, width))
    }

    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        if self.user_page.contains(address, 1) {
            return self.store(address, value, width, array);
        }
        let word = merge(0, value, address, width);
        match (address - BASE) & !3 {
            CTRLA => self.ctrla = merge(self.ctrla, value, address, width) & 0xFFFF,
            CTRLB => self.command(word, array),
            INTEN => self.enabled = (self.enabled & !word | word >> 16) & FLAGS,
            INTFLAG_STATUS => self.flags &= !(word & FLAGS),
            ADDR => self.addr = merge(self.addr, value, address, width) & 0x00FF_FFFF,
            _ => {}
        }
        Ok(())
    }

    /// Loads the page buffer. Only words (section 25.6.6.2: narrower stores are a system exception).
    fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let offset = (address % PAGE) as usize;
        let Some(slot) = self.buffer.get_mut(offset..offset + 4).filter(|_| width == Width::Word) else {
            return Err(BusError { address });
        };
        slot.copy_from_slice(&value.to_le_bytes());
        self.loaded = true;
        self.addr = address & 0x00FF_FFFF;
        match self.automatic() {
            Some(bytes) if (address + 4).is_multiple_of(bytes) => self.write(bytes, array),
            _ => {}
        }
        Ok(())
    }

    fn reset(&mut self) {
        let user_page = std::mem::replace(&mut self.user_page, Array::new(USER_PAGE, 0));
        *self = Self { user_page, ..Self::new() };
    }
}
