//! Commands and replies of the Black Magic Probe's remote protocol, version 3.
//!
//! Source: as [`remote`](super::remote).

use crate::bus::Width;

/// What the host asks of the probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `GA`: who are you?
    Handshake,
    /// `HC`: which protocol version?
    Version,
    /// `GV`: the target's voltage.
    Voltage,
    /// `GF`: clock of the wire, Hz.
    SetFrequency(u32),
    /// `Gf`: clock of the wire.
    Frequency,
    /// `GZ`: drive the reset pin; true is low.
    SetReset(bool),
    /// `Gz`: the reset pin.
    Reset,
    /// `GP`: power for the target.
    SetPower,
    /// `Gp`: whether the probe powers the target.
    Power,
    /// `GE`: drive the clock pin.
    ClockOutput,
    /// `SS`: start serial wire debug.
    WireStart,
    /// `So`, `SO`: drive bits, the second with their parity after them.
    WireOut {
        /// Least significant first.
        bits: u32,
        /// How many, at most 32.
        count: u8,
        /// Whether their parity follows.
        parity: bool,
    },
    /// `Si`, `SI`: sample bits, the second with their parity after them.
    WireIn {
        /// How many, at most 32.
        count: u8,
        /// Whether their parity follows.
        parity: bool,
    },
    /// `Ad`: read the debug port.
    ReadPort {
        /// The register: bits 3:2, and the bank above, which is chosen by `SELECT`.
        address: u8,
    },
    /// `AR`: raw access of the debug or the selected access port.
    Raw {
        /// A read, not a write.
        read: bool,
        /// Of the selected access port, not of the debug port.
        access_port: bool,
        /// The register: bits 3:2.
        address: u8,
        /// What to write.
        value: u32,
    },
    /// `Aa`: read an access port.
    ReadAccessPort {
        /// Number of the access port.
        port: u8,
        /// The register.
        address: u8,
    },
    /// `AA`: write an access port.
    WriteAccessPort {
        /// Number of the access port.
        port: u8,
        /// The register.
        address: u8,
        /// The value.
        value: u32,
    },
    /// `Am`: read memory.
    ReadMemory {
        /// Number of the access port.
        port: u8,
        /// Its control and status word; size and increment are the probe's to choose.
        csw: u32,
        /// First address.
        address: u32,
        /// Bytes.
        length: u32,
    },
    /// `AM`: write memory.
    WriteMemory {
        /// Number of the access port.
        port: u8,
        /// Its control and status word; size and increment are the probe's to choose.
        csw: u32,
        /// Width of each access.
        width: Width,
        /// First address.
        address: u32,
        /// What to write, in memory order.
        bytes: Vec<u8>,
    },
}

/// What the probe answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done, with a number.
    Number(u32),
    /// Done, with text.
    Text(&'static str),
    /// Done, with the hex of bytes.
    Bytes(Vec<u8>),
    /// Failed; for a fault of the debug port see [`Self::FAULT`].
    Failed(u16),
    /// The parameters make no sense, or the parity was wrong.
    BadParameter,
    /// The command is not part of this probe.
    NotSupported,
}

impl Reply {
    /// The debug port acknowledged with FAULT (4): error code 3, the acknowledge in the high byte.
    pub const FAULT: Self = Self::Failed(0x0403);
    /// Nothing acknowledged: the line reads as ones (7).
    pub const NO_RESPONSE: Self = Self::Failed(0x0703);

    /// A value as the hex of its little-endian bytes.
    #[must_use]
    pub fn little_endian(value: u32) -> Self {
        Self::Bytes(value.to_le_bytes().to_vec())
    }

    /// Appends the reply's frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'&');
        match self {
            Self::Number(value) => out.extend_from_slice(format!("K{value:x}").as_bytes()),
            Self::Text(text) => {
                out.push(b'K');
                out.extend(text.bytes().filter(|byte| !matches!(byte, b'#' | b'&' | b'!')));
            }
            Self::Bytes(bytes) => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.push(b'K');
                for byte in bytes {
                    out.push(DIGITS[usize::from(byte >> 4)]);
                    out.push(DIGITS[usize::from(byte & 0xf)]);
                }
            }
            Self::Failed(code) => out.extend_from_slice(format!("E{code:x}").as_bytes()),
            Self::BadParameter => out.extend_from_slice(b"P0"),
            Self::NotSupported => out.extend_from_slice(b"N0"),
        }
        out.push(b'#');
    }
}
