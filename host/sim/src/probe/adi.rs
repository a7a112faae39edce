//! The debug port of an Arm debug interface, and the way through it to the access ports.
//!
//! Arm ADIv5.2 (IHI 0031), chapter B2 (DP) and section B4.2 (when SWD answers FAULT).
//! Not modelled: transaction counter, pushed compare and verify (`CTRL/STAT.TRNMODE`), multi-drop.

use super::DebugTarget;
use super::access_port::AccessPort;

/// Bits of `CTRL/STAT`.
mod ctrl {
    pub const WRITABLE: u32 = 0x5400_0f0d;
    pub const STICKY_OVERRUN: u32 = 1 << 1;
    pub const STICKY_COMPARE: u32 = 1 << 4;
    pub const STICKY_ERROR: u32 = 1 << 5;
    pub const READ_OK: u32 = 1 << 6;
    pub const WRITE_ERROR: u32 = 1 << 7;
    pub const STICKY: u32 = STICKY_OVERRUN | STICKY_COMPARE | STICKY_ERROR | WRITE_ERROR;
    pub const POWER_REQUESTED: u32 = 1 << 28;
    /// Each acknowledge is the bit above its request (debug reset, debug power, system power).
    pub const REQUESTS: u32 = 1 << 26 | 1 << 28 | 1 << 30;
}

/// The debug port answered FAULT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

/// A register of the debug port, by address bits 3:2 and, for the second, by `SELECT.DPBANKSEL`.
const ABORT_OR_IDENTITY: u8 = 0x0;
const CTRL_STAT: u8 = 0x4;
const SELECT_OR_RESEND: u8 = 0x8;
const READ_BUFFER: u8 = 0xc;

/// A debug port and its access ports.
#[derive(Clone, Debug)]
pub struct DebugPort {
    identity: u32,
    ctrl: u32,
    select: u32,
    buffer: u32,
    ports: Vec<AccessPort>,
}

impl DebugPort {
    /// A debug port as after power-on, with its `DPIDR`; `ports[n]` is access port `n`.
    #[must_use]
    pub const fn new(identity: u32, ports: Vec<AccessPort>) -> Self {
        Self { identity, ctrl: 0, select: 0, buffer: 0, ports }
    }

    /// Whether an error is kept that makes most accesses answer FAULT.
    #[must_use]
    pub const fn is_faulted(&self) -> bool {
        self.ctrl & ctrl::STICKY != 0
    }

    /// Clears every kept error, as a write of `ABORT` with all clear bits.
    pub const fn clear_errors(&mut self) {
        self.ctrl &= !ctrl::STICKY;
    }

    /// Reads a register of the debug port.
    ///
    /// # Errors
    /// [`Fault`] while an error is kept, but for `DPIDR` and `CTRL/STAT`.
    pub const fn read(&mut self, address: u8) -> Result<u32, Fault> {
        match address & 0xc {
            ABORT_OR_IDENTITY => Ok(self.identity),
            CTRL_STAT => Ok(match self.select & 0xf {
                0 => self.ctrl | (self.ctrl & ctrl::REQUESTS) << 1,
                // DLCR: one turnaround bit. TARGETID, DLPIDR and EVENTSTAT are not implemented and read as zero.
                1 => 0x40,
                _ => 0,
            }),
            _ if self.is_faulted() => Err(Fault),
            _ => Ok(self.buffer),
        }
    }

    /// Writes a register of the debug port.
    ///
    /// # Errors
    /// [`Fault`] while an error is kept, but for `ABORT`.
    pub const fn write(&mut self, address: u8, value: u32) -> Result<(), Fault> {
        match address & 0xc {
            ABORT_OR_IDENTITY => {
                // STKCMPCLR, STKERRCLR, WDERRCLR, ORUNERRCLR: bits 1 to 4, in another order than the flags.
                let clear = [
                    (1, ctrl::STICKY_COMPARE),
                    (2, ctrl::STICKY_ERROR),
                    (3, ctrl::WRITE_ERROR),
                    (4, ctrl::STICKY_OVERRUN),
                ];
                let mut index = 0;
                while index < clear.len() {
                    if value >> clear[index].0 & 1 == 1 {
                        self.ctrl &= !clear[index].1;
                    }
                    index += 1;
                }
                Ok(())
            }
            _ if self.is_faulted() => Err(Fault),
            CTRL_STAT => {
                if self.select & 0xf == 0 {
                    self.ctrl = self.ctrl & !ctrl::WRITABLE | value & ctrl::WRITABLE;
                }
                Ok(())
            }
            SELECT_OR_RESEND => {
                self.select = value;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Starts a read of a register of the selected access port. Its value is what the *next* read gives, as
    /// on the wire, or [`Self::result`] at once.
    ///
    /// # Errors
    /// [`Fault`] while an error is kept, while the debug domain has no power, or if the access fails.
    pub fn read_access_port(&mut self, address: u8, target: &mut dyn DebugTarget) -> Result<u32, Fault> {
        let posted = self.buffer;
        let register = self.register(address)?;
        let value = match self.ports.get_mut(self.select as usize >> 24) {
            None => Ok(0),
            Some(AccessPort::Control(port)) => Ok(port.read(register, target)),
            Some(AccessPort::Memory(port)) => port.read(register, target),
        };
        match value {
            Ok(value) => {
                self.buffer = value;
                self.ctrl |= ctrl::READ_OK;
                Ok(posted)
            }
            Err(_) => Err(self.fail()),
        }
    }

    /// Writes a register of the selected access port.
    ///
    /// # Errors
    /// As [`Self::read_access_port`].
    pub fn write_access_port(&mut self, address: u8, value: u32, target: &mut dyn DebugTarget) -> Result<(), Fault> {
        let register = self.register(address)?;
        match self.ports.get_mut(self.select as usize >> 24) {
            None => Ok(()),
            Some(AccessPort::Control(port)) => {
                port.write(register, value, target);
                Ok(())
            }
            Some(AccessPort::Memory(port)) => port.write(register, value, target).map_err(|_| self.fail()),
        }
    }

    /// The value of the last read of an access port (`RDBUFF`).
    ///
    /// # Errors
    /// [`Fault`] while an error is kept.
    pub const fn result(&mut self) -> Result<u32, Fault> {
        self.read(READ_BUFFER)
    }

    /// The register that address bits 3:2 and `SELECT.APBANKSEL` mean.
    const fn register(&self, address: u8) -> Result<u8, Fault> {
        if self.is_faulted() || self.ctrl & ctrl::POWER_REQUESTED == 0 {
            return Err(Fault);
        }
        Ok(self.select as u8 & 0xf0 | address & 0xc)
    }

    const fn fail(&mut self) -> Fault {
        self.ctrl = self.ctrl & !ctrl::READ_OK | ctrl::STICKY_ERROR;
        Fault
    }
}

#[cfg(test)]
#[path = "adi_tests.rs"]
pub(crate) mod tests;
