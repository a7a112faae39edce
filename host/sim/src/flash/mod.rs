//! Flash controllers: the registers through which firmware and flash algorithms erase and program a chip.
//!
//! The idea: the cells ([`Array`]) know only what silicon knows, erasing to ones and clearing bits, and each
//! [`FlashController`] decides which register sequences reach them. A sequence that the reference manual forbids sets
//! the documented error flag (or is a bus error) and leaves the cells as they were, so that the flash algorithms in
//! probe-rs's target files run unmodified and a wrong one fails as on the chip. Erasing and programming take no
//! modelled time; the busy flag is seen for a few polls ([`Busy`]) so that code that waits is exercised.

mod array;
mod boot_rom;
mod lock;
mod nvmc;
mod qspi;
mod registers;
mod samd51;
mod sectors;
mod stm32_pages;
mod stm32_sectors;
mod stm32f4;
mod stm32f7;
mod stm32h7;
mod stm32l4;
mod stm32u5;

use std::ops::Range;

pub use array::{Array, ERASED};
pub use boot_rom::boot_rom;
pub use nvmc::Nvmc;
pub use qspi::QspiFlash;
pub use samd51::Samd51;
pub use sectors::Sectors;
pub use stm32_sectors::SectorFlash;
pub use stm32f4::stm32f4;
pub use stm32f7::stm32f7;
pub use stm32h7::Stm32H7;
pub use stm32l4::Stm32L4;
pub use stm32u5::Stm32U5;

use crate::bus::{BusError, Width};

/// What protects the cells from the debugger: the option byte RDP of the ST families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReadProtection {
    /// Level 0 (0xAA): open.
    #[default]
    Open,
    /// Level 1 (here 0xBB; any value that is neither 0xAA nor 0xCC): a debugger may not read or program the flash.
    Level1,
}

impl ReadProtection {
    /// The option byte as the option register shows it.
    const fn byte(self) -> u32 {
        match self {
            Self::Open => 0xAA,
            Self::Level1 => 0xBB,
        }
    }
}

/// How the option bytes divide a flash that can be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Banks {
    /// One bank.
    #[default]
    Single,
    /// Two banks of equal size.
    Dual,
}

/// A chip's flash interface.
pub trait FlashController: Send {
    /// Register windows (absolute addresses) that this controller answers.
    fn windows(&self) -> Vec<Range<u32>>;

    /// Reads a register.
    ///
    /// # Errors
    /// [`BusError`] where the chip answers the access with a bus error.
    fn read(&mut self, address: u32, width: Width, array: &mut Array) -> Result<u32, BusError>;

    /// Writes a register; may erase or program cells.
    ///
    /// # Errors
    /// [`BusError`] where the chip answers the access with a bus error, for example a wrong unlock key.
    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError>;

    /// A store of core or debugger into the flash's own address range.
    ///
    /// # Errors
    /// [`BusError`] where the chip answers the store with a bus error instead of an error flag.
    fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError>;

    /// System reset: registers and locks as after reset; cells and option bytes stay.
    fn reset(&mut self);
}

/// The busy flag of an operation that is already done: seen set for a few polls, then clear.
#[derive(Debug, Clone, Copy, Default)]
struct Busy(u8);

impl Busy {
    /// Polls that see an erase as still running.
    const ERASE: u8 = 3;
    /// Polls that see a program operation as still running.
    const PROGRAM: u8 = 1;

    const fn start(&mut self, polls: u8) {
        self.0 = polls;
    }

    /// One poll: is the operation still running?
    const fn poll(&mut self) -> bool {
        let busy = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        busy
    }
}
