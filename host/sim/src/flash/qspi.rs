//! Serial flash of the RP2040 and RP2350 as their boot ROM's functions drive it.
//!
//! The idea: on these chips flash algorithms call the boot ROM, whose functions talk to the flash chip. [`boot_rom`] is a
//! ROM of our own with the same function table; its functions hand their arguments to this controller through a register
//! window that no real chip has. Functions and their order of calls: RP2040 data sheet section 2.8.3.1.3. A call that the
//! data sheet does not allow is a bus error, where the chip would send garbage to the flash.

use std::ops::Range;

use super::boot_rom::{Call, WINDOW};
use super::{Array, FlashController};
use crate::bus::{BusError, Width};

const REGISTERS: Range<u32> = WINDOW..WINDOW + 0x18;
/// Smallest part that the serial flash erases, bytes (command 20h).
const SECTOR: u32 = 4096;
/// Bytes of a page, the unit of `flash_range_program`.
const PAGE: u32 = 256;

/// Who may talk to the serial flash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Mapped for execution.
    Xip,
    /// `connect_internal_flash` was called.
    Connected,
    /// `flash_exit_xip` was called: the flash listens to commands.
    Command,
    /// Within `flash_range_program`: the next byte's offset.
    Programming(u32),
}

/// The serial flash behind the boot ROM's functions.
#[derive(Debug)]
pub struct QspiFlash {
    arguments: [u32; 4],
    mode: Mode,
}

impl Default for QspiFlash {
    fn default() -> Self {
        Self::new()
    }
}

impl QspiFlash {
    /// A flash that is mapped for execution.
    #[must_use]
    pub const fn new() -> Self {
        Self { arguments: [0; 4], mode: Mode::Xip }
    }

    /// Does what a ROM function does; `None` where the function may not be called so.
    fn call(&mut self, number: u32, array: &mut Array) -> Option<()> {
        let [offset, count, ..] = self.arguments;
        let listens = matches!(self.mode, Mode::Command | Mode::Programming(_));
        match Call::from_number(number)? {
            Call::ConnectInternalFlash => self.mode = Mode::Connected,
            Call::FlashExitXip if self.mode != Mode::Xip => self.mode = Mode::Command,
            Call::FlashRangeErase if listens && offset.is_multiple_of(SECTOR) && count.is_multiple_of(SECTOR) => {
                let start = array.origin.checked_add(offset)?;
                let end = start.checked_add(count)?;
                if !array.contains(start, count as usize) {
                    return None;
                }
                array.erase(start..end);
            }
            Call::FlashRangeProgram if listens && offset.is_multiple_of(PAGE) => self.mode = Mode::Programming(offset),
            Call::FlashFlushCache => {}
            Call::FlashEnterCmdXip => self.mode = Mode::Xip,
            _ => return None,
        }
        Some(())
    }

    /// One byte of `flash_range_program`.
    fn data(&mut self, byte: u8, array: &mut Array) -> Option<()> {
        let Mode::Programming(offset) = self.mode else { return None };
        let address = array.origin.checked_add(offset)?;
        if !array.contains(address, 1) {
            return None;
        }
        array.program(address, &[byte]);
        self.mode = Mode::Programming(offset + 1);
        Some(())
    }
}

impl FlashController for QspiFlash {
    fn windows(&self) -> Vec<Range<u32>> {
        vec![REGISTERS]
    }

    fn read(&mut self, _: u32, _: Width, _: &mut Array) -> Result<u32, BusError> {
        Ok(0)
    }

    fn write(&mut self, address: u32, value: u32, _: Width, array: &mut Array) -> Result<(), BusError> {
        let done = match (address - WINDOW) / 4 {
            4 => self.call(value, array),
            5 => self.data(value as u8, array),
            index => self.arguments.get_mut(index as usize).map(|argument| *argument = value),
        };
        done.ok_or(BusError { address })
    }

    fn store(&mut self, address: u32, _: u32, _: Width, _: &mut Array) -> Result<(), BusError> {
        // The mapped flash is read-only (RP2040 data sheet section 2.6.3).
        Err(BusError { address })
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
