//! What a Black Magic Probe does with a command: wire bits, register accesses, memory accesses.

use super::adi::{DebugPort, Fault};
use super::remote::{Command, Reply};
use super::wire::Wire;
use super::{DebugTarget, ResetPin};
use crate::bus::Width;

/// What the probe says of itself. The version is the protocol's, not a firmware release.
const GREETING: &str = "Black Magic Probe (tinynas virtual board, remote protocol 3)";
const CSW: u8 = 0x00;
const TAR: u8 = 0x04;
const DRW: u8 = 0x0c;
const SIZE_AND_INCREMENT: u32 = 0x37;
const INCREMENT: u32 = 0x10;
const KIB: u32 = 1024;

/// A Black Magic Probe and the debug port at its other end.
#[derive(Clone, Debug)]
pub struct Bridge {
    port: DebugPort,
    wire: Wire,
    /// Clock of the wire in kHz: kept to be read back, the virtual wire has none.
    kilohertz: u32,
    reset: bool,
    /// The chip was without power and waits for a line reset since.
    lost: bool,
}

impl Bridge {
    /// A probe that is connected to a debug port.
    #[must_use]
    pub fn new(port: DebugPort) -> Self {
        Self { port, wire: Wire::default(), kilohertz: 4_000, reset: false, lost: false }
    }

    /// The chip loses its power and comes back with `port`; the probe keeps its own. Nothing answers until a line reset.
    pub fn lose_power(&mut self, port: DebugPort) {
        (self.port, self.wire, self.lost) = (port, Wire::default(), true);
    }

    /// Does what a command says.
    pub fn execute(&mut self, command: Command, target: &mut dyn DebugTarget) -> Reply {
        match command {
            Command::Handshake => Reply::Text(GREETING),
            Command::Version => Reply::Number(3),
            Command::Voltage => Reply::Text("3.3V"),
            Command::SetFrequency(hertz) => {
                self.kilohertz = hertz / 1000;
                Reply::Number(0)
            }
            // probe-rs takes the number for kHz.
            Command::Frequency => Reply::Number(self.kilohertz),
            Command::SetReset(low) => {
                self.set_reset(low, target);
                Reply::Number(0)
            }
            Command::Reset => Reply::Number(u32::from(self.reset)),
            Command::SetPower | Command::ClockOutput | Command::WireStart | Command::Power => Reply::Number(0),
            Command::WireOut { bits, count, parity } => {
                self.wire.drive(bits, count, &mut self.port, target);
                if parity {
                    let bits = if count < 32 { bits & ((1 << count) - 1) } else { bits };
                    self.wire.drive(bits.count_ones() & 1, 1, &mut self.port, target);
                }
                Reply::Number(0)
            }
            Command::WireIn { count, parity } => {
                let bits = self.wire.sample(count);
                if parity && self.wire.sample(1) != bits.count_ones() & 1 {
                    Reply::BadParameter
                } else {
                    Reply::Number(bits)
                }
            }
            other => self.access(other, target).unwrap_or(Reply::FAULT),
        }
    }

    fn set_reset(&mut self, low: bool, target: &mut dyn DebugTarget) {
        // Driving the level it has changes nothing: drivers release the pin when they open the probe.
        if self.reset != low {
            self.reset = low;
            target.set_reset(if low { ResetPin::Asserted } else { ResetPin::Released });
        }
    }

    /// Accesses of the debug port, each of which first clears the error that an earlier one left, as the
    /// probe's firmware does when it sees FAULT.
    fn access(&mut self, command: Command, target: &mut dyn DebugTarget) -> Result<Reply, Fault> {
        if self.lost && self.wire.is_lost() {
            return Ok(Reply::NO_RESPONSE);
        }
        self.lost = false;
        let reads_status = matches!(command, Command::ReadPort { address } if address & 0xc == 4);
        if !reads_status {
            self.port.clear_errors();
        }
        match command {
            Command::ReadPort { address } | Command::Raw { read: true, access_port: false, address, .. } => {
                self.port.read(address).map(Reply::little_endian)
            }
            Command::Raw { read: false, access_port: false, address, value } => {
                self.port.write(address, value).map(|()| Reply::Number(0))
            }
            Command::Raw { read: true, address, .. } => {
                self.port.read_access_port(address, target)?;
                self.port.result().map(Reply::little_endian)
            }
            Command::Raw { read: false, address, value, .. } => {
                self.port.write_access_port(address, value, target).map(|()| Reply::Number(0))
            }
            Command::ReadAccessPort { port, address } => {
                self.select(port, address)?;
                self.port.read_access_port(address, target)?;
                self.port.result().map(Reply::little_endian)
            }
            Command::WriteAccessPort { port, address, value } => {
                self.select(port, address)?;
                self.port.write_access_port(address, value, target).map(|()| Reply::Number(0))
            }
            Command::ReadMemory { port, csw, address, length } => {
                // The widest access that address and length allow.
                let width = match (address | length) & 3 {
                    0 => Width::Word,
                    2 => Width::Half,
                    _ => Width::Byte,
                };
                self.read_memory(port, csw, width, address, length, target).map(Reply::Bytes)
            }
            Command::WriteMemory { port, csw, width, address, bytes } => {
                if !address.is_multiple_of(width.bytes()) {
                    return Ok(Reply::BadParameter);
                }
                self.write_memory(port, csw, width, address, &bytes, target).map(|()| Reply::Number(0))
            }
            _ => Ok(Reply::NotSupported),
        }
    }

    /// Chooses an access port and the bank of its register; the debug port's own bank becomes the first.
    const fn select(&mut self, port: u8, register: u8) -> Result<(), Fault> {
        self.port.write(0x8, (port as u32) << 24 | register as u32 & 0xf0)
    }

    fn begin(
        &mut self,
        port: u8,
        csw: u32,
        width: Width,
        address: u32,
        target: &mut dyn DebugTarget,
    ) -> Result<(), Fault> {
        self.select(port, CSW)?;
        let size = match width {
            Width::Byte => 0,
            Width::Half => 1,
            Width::Word => 2,
        };
        self.port.write_access_port(CSW, csw & !SIZE_AND_INCREMENT | INCREMENT | size, target)?;
        self.port.write_access_port(TAR, address, target)
    }

    fn read_memory(
        &mut self,
        port: u8,
        csw: u32,
        width: Width,
        address: u32,
        length: u32,
        target: &mut dyn DebugTarget,
    ) -> Result<Vec<u8>, Fault> {
        self.begin(port, csw, width, address, target)?;
        let mut bytes = Vec::with_capacity(length as usize);
        let mut next = address;
        while (bytes.len() as u32) < length {
            if next.is_multiple_of(KIB) {
                // The port's own increment would wrap here.
                self.port.write_access_port(TAR, next, target)?;
            }
            self.port.read_access_port(DRW, target)?;
            let word = self.port.result()?.to_le_bytes();
            let lane = (next & 3) as usize;
            bytes.extend_from_slice(&word[lane..lane + width.bytes() as usize]);
            next = next.wrapping_add(width.bytes());
        }
        Ok(bytes)
    }

    fn write_memory(
        &mut self,
        port: u8,
        csw: u32,
        width: Width,
        address: u32,
        bytes: &[u8],
        target: &mut dyn DebugTarget,
    ) -> Result<(), Fault> {
        self.begin(port, csw, width, address, target)?;
        let mut next = address;
        for chunk in bytes.chunks_exact(width.bytes() as usize) {
            if next.is_multiple_of(KIB) {
                self.port.write_access_port(TAR, next, target)?;
            }
            let value = chunk.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
            self.port.write_access_port(DRW, value << (8 * (next & 3)), target)?;
            next = next.wrapping_add(width.bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "bridge_tests.rs"]
mod tests;
