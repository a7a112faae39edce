//! Access ports of an Arm debug interface: the memory access port, and Nordic's control access port.
//!
//! Arm ADIv5.2 (IHI 0031), chapters C2 (MEM-AP) and E1 (AMBA AHB); nRF52840 Product Specification,
//! section "CTRL-AP - Control access port"; nRF5340 Product Specification, section "CTRL-AP".

use super::DebugTarget;
use crate::bus::{BusError, Width};

const CSW: u8 = 0x00;
const TAR: u8 = 0x04;
const DRW: u8 = 0x0c;
const BANKED: std::ops::RangeInclusive<u8> = 0x10..=0x1c;
const BASE: u8 = 0xf8;
const IDR: u8 = 0xfc;

const CSW_DEVICE_ENABLED: u32 = 1 << 6;
const CSW_SECURE_ENABLED: u32 = 1 << 23;
const CSW_WRITABLE: u32 = 0xff7f_0037;
const INCREMENT_SINGLE: u32 = 1;
const INCREMENT_PACKED: u32 = 2;
/// The address increments in its low ten bits only (IHI 0031, C2.2.2).
const INCREMENT_MASK: u32 = 0x3ff;

/// Which bus a memory access port stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bus {
    /// The bus of the simulated core.
    System,
    /// A domain that is not simulated: it answers identification, every access to its memory faults.
    Absent,
}

/// A memory access port.
#[derive(Clone, Debug)]
pub struct MemoryPort {
    identity: u32,
    base: u32,
    bus: Bus,
    /// Reads as `CSW.SPIDEN`: secure accesses are allowed.
    secure: bool,
    csw: u32,
    tar: u32,
}

impl MemoryPort {
    /// A port with its `IDR` and the address of its ROM table (`BASE` with the format and present bits).
    #[must_use]
    pub const fn new(identity: u32, base: u32, bus: Bus) -> Self {
        Self { identity, base, bus, secure: false, csw: 0x2300_0002, tar: 0 }
    }

    /// The same port with secure accesses enabled, as on an Armv8-M chip that is not locked.
    #[must_use]
    pub const fn secure(mut self) -> Self {
        self.secure = true;
        self
    }

    /// Reads a register.
    ///
    /// # Errors
    /// [`BusError`] if the register's access to memory fails.
    pub fn read(&mut self, register: u8, target: &mut dyn DebugTarget) -> Result<u32, BusError> {
        match register {
            CSW => Ok(self.csw
                | if self.enabled(target) { CSW_DEVICE_ENABLED } else { 0 }
                | if self.secure { CSW_SECURE_ENABLED } else { 0 }),
            TAR => Ok(self.tar),
            DRW => self.transfer(target, Direction::Read),
            banked if BANKED.contains(&banked) => {
                self.gate(target)?;
                target.read(self.bank(banked), Width::Word)
            }
            BASE => Ok(self.base),
            IDR => Ok(self.identity),
            _ => Ok(0),
        }
    }

    /// Writes a register.
    ///
    /// # Errors
    /// [`BusError`] if the register's access to memory fails.
    pub fn write(&mut self, register: u8, value: u32, target: &mut dyn DebugTarget) -> Result<(), BusError> {
        match register {
            CSW => {
                // A reserved size reads back as a word; so is a reserved increment as none.
                let size = if value & 7 > 2 { 2 } else { value & 7 };
                let increment = if value >> 4 & 3 == 3 { 0 } else { value & 0x30 };
                self.csw = value & CSW_WRITABLE & !0x37 | increment | size;
                Ok(())
            }
            TAR => {
                self.tar = value;
                Ok(())
            }
            DRW => self.transfer(target, Direction::Write(value)).map(|_| ()),
            banked if BANKED.contains(&banked) => {
                self.gate(target)?;
                target.write(self.bank(banked), value, Width::Word)
            }
            _ => Ok(()),
        }
    }

    fn enabled(&self, target: &dyn DebugTarget) -> bool {
        self.bus == Bus::Absent || target.is_open()
    }

    fn gate(&self, target: &dyn DebugTarget) -> Result<(), BusError> {
        if self.bus == Bus::System && target.is_open() { Ok(()) } else { Err(BusError { address: self.tar }) }
    }

    /// The banked data registers are a window of 16 bytes around the address.
    const fn bank(&self, register: u8) -> u32 {
        self.tar & !0xf | (register & 0xc) as u32
    }

    const fn width(&self) -> Width {
        match self.csw & 7 {
            0 => Width::Byte,
            1 => Width::Half,
            _ => Width::Word,
        }
    }

    /// One access of the data register: a transfer, or as many as fit a word if transfers are packed.
    fn transfer(&mut self, target: &mut dyn DebugTarget, direction: Direction) -> Result<u32, BusError> {
        self.gate(target)?;
        let width = self.width();
        let increment = self.csw >> 4 & 3;
        let transfers = if increment == INCREMENT_PACKED { 4 / width.bytes() } else { 1 };
        let mut word = 0;
        for _ in 0..transfers {
            // The address chooses the byte lanes: a byte at address 3 is in bits 31:24.
            let lane = 8 * (self.tar & 3 & !(width.bytes() - 1));
            match direction {
                Direction::Read => word |= target.read(self.tar, width)? << lane,
                Direction::Write(value) => target.write(self.tar, narrow(value >> lane, width), width)?,
            }
            if increment == INCREMENT_SINGLE || increment == INCREMENT_PACKED {
                let next = self.tar.wrapping_add(width.bytes());
                self.tar = self.tar & !INCREMENT_MASK | next & INCREMENT_MASK;
            }
        }
        Ok(word)
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Read,
    Write(u32),
}

const fn narrow(value: u32, width: Width) -> u32 {
    match width {
        Width::Byte => value & 0xff,
        Width::Half => value & 0xffff,
        Width::Word => value,
    }
}

/// Nordic's control access port: it erases a locked chip.
#[derive(Clone, Debug)]
pub struct ControlPort {
    identity: u32,
    /// nRF52 tells at 0x0c whether the chip is locked; on nRF53 that register does not exist.
    tells_protection: bool,
    reset: u32,
}

impl ControlPort {
    /// The port of an nRF52.
    pub const NRF52: Self = Self { identity: 0x0288_0000, tells_protection: true, reset: 0 };
    /// One of the two ports of an nRF53.
    pub const NRF53: Self = Self { identity: 0x1288_0000, tells_protection: false, reset: 0 };

    /// Reads a register.
    #[must_use]
    pub fn read(&self, register: u8, target: &dyn DebugTarget) -> u32 {
        match register {
            0x00 => self.reset,
            // ERASEALLSTATUS: an erase is over before it can be asked about.
            0x08 => 0,
            0x0c if self.tells_protection => u32::from(target.is_open()),
            IDR => self.identity,
            _ => 0,
        }
    }

    /// Writes a register.
    pub fn write(&mut self, register: u8, value: u32, target: &mut dyn DebugTarget) {
        match register {
            0x00 => {
                let level = if value & 1 == 1 { super::ResetPin::Asserted } else { super::ResetPin::Released };
                self.reset = value & 1;
                target.set_reset(level);
            }
            0x04 if value & 1 == 1 => target.erase_all(),
            _ => {}
        }
    }
}

/// An access port.
#[derive(Clone, Debug)]
pub enum AccessPort {
    /// Reaches memory.
    Memory(MemoryPort),
    /// Nordic's control port.
    Control(ControlPort),
}

#[cfg(test)]
#[path = "access_port_tests.rs"]
mod tests;
