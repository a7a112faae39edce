//! The Black Magic Probe's remote protocol, version 3: frames, commands and replies, as bytes.
//!
//! A frame is `!` … `#`; its reply `&`, a letter (`K` done, `E` failed, `P` bad parameter, `N` not supported),
//! a payload and `#`. Source: the probe's firmware, `src/remote.h` ("Remote protocol v3"), and the driver of
//! probe-rs 0.32, `src/probe/blackmagic`.
//!
//! Traps: values of the debug and access ports come back as the hex of their little-endian bytes, and so are
//! sent in `AA`; but the value in `AR` is a plain number. Lengths and addresses are plain numbers everywhere.

pub use super::command::{Command, Reply};
use crate::bus::Width;

/// The longest frame, as in the probe's firmware. Longer ones are dropped.
pub const FRAME_BYTES: usize = 1024;
/// The most bytes of memory whose hex fits a reply.
const READ_BYTES: u32 = (FRAME_BYTES as u32 - 4) / 2;

/// Splits a stream of bytes into frames.
#[derive(Clone, Debug, Default)]
pub struct Framer {
    frame: Vec<u8>,
    inside: bool,
}

impl Framer {
    /// Takes one byte. Gives the frame's content if the byte ends one; bytes between frames are ignored, as is
    /// a frame longer than [`FRAME_BYTES`].
    pub fn push(&mut self, byte: u8) -> Option<&[u8]> {
        match byte {
            b'!' => {
                self.frame.clear();
                self.inside = true;
            }
            b'#' if self.inside => {
                self.inside = false;
                return Some(&self.frame);
            }
            _ if self.inside && self.frame.len() < FRAME_BYTES => self.frame.push(byte),
            _ => self.inside = false,
        }
        None
    }
}

/// Reads a frame's content.
///
/// # Errors
/// The reply to send instead: [`Reply::NotSupported`] for a command that is not part of this probe (JTAG,
/// ADIv6, accelerators of version 4), [`Reply::BadParameter`] for one with fields missing, left over or
/// out of range.
pub fn parse(frame: &[u8]) -> Result<Command, Reply> {
    let (Some(&group), Some(&name)) = (frame.first(), frame.get(1)) else { return Err(Reply::NotSupported) };
    let mut fields = Fields(&frame[2..]);
    let command = match (group, name) {
        (b'G', b'A') => Command::Handshake,
        (b'G', b'V') => Command::Voltage,
        (b'G', b'F') => Command::SetFrequency(fields.number(8)?),
        (b'G', b'f') => Command::Frequency,
        (b'G', b'Z') => Command::SetReset(fields.switch()?),
        (b'G', b'z') => Command::Reset,
        (b'G', b'P') => fields.switch().map(|_| Command::SetPower)?,
        (b'G', b'p') => Command::Power,
        (b'G', b'E') => fields.switch().map(|_| Command::ClockOutput)?,
        (b'H', b'C') => Command::Version,
        (b'S', b'S') => Command::WireStart,
        (b'S', b'o' | b'O') => {
            let count = fields.count()?;
            Command::WireOut { count, bits: fields.rest()?, parity: name == b'O' }
        }
        (b'S', b'i' | b'I') => Command::WireIn { count: fields.count()?, parity: name == b'I' },
        (b'A', b'd') => {
            fields.byte()?;
            fields.byte()?;
            Command::ReadPort { address: fields.number(4)? as u8 }
        }
        (b'A', b'R') => {
            fields.byte()?;
            let read = fields.byte()? != 0;
            let address = fields.number(4)?;
            Command::Raw { read, access_port: address & 0x100 != 0, address: address as u8, value: fields.number(8)? }
        }
        (b'A', b'a') => {
            fields.byte()?;
            Command::ReadAccessPort { port: fields.byte()?, address: fields.number(4)? as u8 }
        }
        (b'A', b'A') => {
            fields.byte()?;
            let (port, address) = (fields.byte()?, fields.number(4)? as u8);
            Command::WriteAccessPort { port, address, value: fields.number(8)?.swap_bytes() }
        }
        (b'A', b'm') => {
            fields.byte()?;
            let (port, csw) = (fields.byte()?, fields.number(8)?);
            let (address, length) = (fields.number(8)?, fields.number(8)?);
            if length > READ_BYTES {
                return Err(Reply::BadParameter);
            }
            Command::ReadMemory { port, csw, address, length }
        }
        (b'A', b'M') => fields.write_memory()?,
        _ => return Err(Reply::NotSupported),
    };
    if fields.0.is_empty() { Ok(command) } else { Err(Reply::BadParameter) }
}

/// The hex fields of a frame that are still to be read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn number(&mut self, digits: usize) -> Result<u32, Reply> {
        let (field, rest) = self.0.split_at_checked(digits).ok_or(Reply::BadParameter)?;
        self.0 = rest;
        field.iter().try_fold(0_u32, |value, digit| Ok(value << 4 | u32::from(nibble(*digit)?)))
    }

    fn byte(&mut self) -> Result<u8, Reply> {
        self.number(2).map(|value| value as u8)
    }

    /// Number of bits, 0 to 32.
    fn count(&mut self) -> Result<u8, Reply> {
        self.byte().and_then(|count| if count <= 32 { Ok(count) } else { Err(Reply::BadParameter) })
    }

    /// A number of one to eight digits that ends the frame.
    fn rest(&mut self) -> Result<u32, Reply> {
        if (1..=8).contains(&self.0.len()) { self.number(self.0.len()) } else { Err(Reply::BadParameter) }
    }

    fn switch(&mut self) -> Result<bool, Reply> {
        match self.number(1)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Reply::BadParameter),
        }
    }

    fn write_memory(&mut self) -> Result<Command, Reply> {
        self.byte()?;
        let (port, csw) = (self.byte()?, self.number(8)?);
        let width = match self.byte()? {
            0 => Width::Byte,
            1 => Width::Half,
            2 => Width::Word,
            _ => return Err(Reply::BadParameter),
        };
        let (address, length) = (self.number(8)?, self.number(8)?);
        let hex = std::mem::take(&mut self.0);
        if hex.len() as u64 != 2 * u64::from(length) || !length.is_multiple_of(width.bytes()) {
            return Err(Reply::BadParameter);
        }
        let mut bytes = Vec::with_capacity(hex.len() / 2);
        for pair in hex.chunks_exact(2) {
            bytes.push(nibble(pair[0])? << 4 | nibble(pair[1])?);
        }
        Ok(Command::WriteMemory { port, csw, width, address, bytes })
    }
}

const fn nibble(digit: u8) -> Result<u8, Reply> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(Reply::BadParameter),
    }
}

#[cfg(test)]
#[path = "remote_tests.rs"]
mod tests;
