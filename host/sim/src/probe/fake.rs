//! A target of 4 KiB of memory at 0x2000_0000 and nothing else.

use super::{BusError, DebugTarget, ResetPin, Width};

pub(crate) const ORIGIN: u32 = 0x2000_0000;

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) accesses: Vec<(u32, Width)>,
    pub(crate) erased: u32,
    pub(crate) reset: Option<ResetPin>,
    pub(crate) locked: bool,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; 4096], ..Self::default() }
    }

    fn index(&self, address: u32, width: Width) -> Result<std::ops::Range<usize>, BusError> {
        let start = address.wrapping_sub(ORIGIN) as usize;
        let range = start..start.saturating_add(width.bytes() as usize);
        if self.locked || range.end > self.bytes.len() { Err(BusError { address }) } else { Ok(range) }
    }
}

impl DebugTarget for Memory {
    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        self.accesses.push((address, width));
        let range = self.index(address, width)?;
        Ok(self.bytes[range].iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)))
    }

    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        self.accesses.push((address, width));
        let range = self.index(address, width)?;
        let bytes = value.to_le_bytes();
        self.bytes[range.clone()].copy_from_slice(&bytes[..range.len()]);
        Ok(())
    }

    fn set_reset(&mut self, level: ResetPin) {
        self.reset = Some(level);
    }

    fn erase_all(&mut self) {
        self.erased += 1;
        self.locked = false;
    }

    fn is_open(&self) -> bool {
        !self.locked
    }
}
