//! A register file: reads back what was written, but for the bits that hardware sets.
//!
//! Enough for clock and power controllers: firmware enables a source, waits for its ready bit, goes on. The
//! simulator's clock does not depend on what is written here.

use std::ops::Range;

use crate::bus::{BusError, Peripheral, Width};

/// Bits that the hardware sets.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// `width` bits at (`to`) always equal those at (`from`), or are their inverse: offset of the register, lowest bit.
    Follow { from: (u32, u32), to: (u32, u32), width: u32, inverted: bool },
    /// Of the bits at (`to`) the one is set whose number the `width` bits at (`from`) are.
    OneHot { from: (u32, u32), to: (u32, u32), width: u32 },
    /// Bits that read as one whatever is written.
    Ones(u32, u32),
    /// Bits that read as zero whatever is written.
    Zeros(u32, u32),
    /// Writing a one to bit 0 of the first register (a task) makes the second one read as a value.
    Task { task: u32, effect: (u32, u32) },
}

/// Registers of 32 bits in one window, and in others that show the same ones.
#[derive(Clone, Debug)]
pub struct RegisterFile {
    windows: Vec<Range<u32>>,
    bytes: Vec<u8>,
    at_reset: Vec<(u32, u32)>,
    rules: Vec<Rule>,
}

impl RegisterFile {
    /// Registers that are zero after reset.
    #[must_use]
    pub fn new(window: Range<u32>) -> Self {
        let bytes = vec![0; window.len().next_multiple_of(4)];
        Self { windows: vec![window], bytes, at_reset: Vec::new(), rules: Vec::new() }
    }

    /// The same registers also at another address, as TrustZone's secure and non-secure aliases.
    #[must_use]
    pub fn also_at(mut self, origin: u32) -> Self {
        let length = self.bytes.len() as u32;
        self.windows.push(origin..origin + length);
        self
    }

    /// Value of a register after reset.
    #[must_use]
    pub fn at_reset(mut self, offset: u32, value: u32) -> Self {
        self.at_reset.push((offset, value));
        Peripheral::reset(&mut self);
        self
    }

    /// Ready bits in the register of their enable bits: (enable, ready).
    #[must_use]
    pub fn ready(self, offset: u32, pairs: &[(u32, u32)]) -> Self {
        pairs.iter().fold(self, |file, (from, to)| file.follow((offset, *from), (offset, *to), 1))
    }

    /// A status field that follows a control field: (offset, lowest bit) of both, and the width.
    #[must_use]
    pub fn follow(self, from: (u32, u32), to: (u32, u32), width: u32) -> Self {
        self.rule(Rule::Follow { from, to, width, inverted: false })
    }

    /// A status field that is the inverse of a control field.
    #[must_use]
    pub fn inverted(self, from: (u32, u32), to: (u32, u32), width: u32) -> Self {
        self.rule(Rule::Follow { from, to, width, inverted: true })
    }

    /// A status field with a bit for each value of a control field of `width` bits.
    #[must_use]
    pub fn one_hot(self, from: (u32, u32), to: (u32, u32), width: u32) -> Self {
        self.rule(Rule::OneHot { from, to, width })
    }

    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        Peripheral::reset(&mut self);
        self
    }

    /// Bits that read as one whatever is written.
    #[must_use]
    pub fn ones(self, offset: u32, mask: u32) -> Self {
        self.rule(Rule::Ones(offset, mask))
    }

    /// Bits that read as zero whatever is written.
    #[must_use]
    pub fn zeros(mut self, offset: u32, mask: u32) -> Self {
        self.rules.push(Rule::Zeros(offset, mask));
        self
    }

    /// A task register and what another register reads once it was triggered.
    #[must_use]
    pub fn task(mut self, task: u32, effect: (u32, u32)) -> Self {
        self.rules.push(Rule::Task { task, effect });
        self
    }

    fn range(&self, address: u32, width: Width) -> Result<Range<usize>, BusError> {
        let window = self.windows.iter().find(|window| window.contains(&address)).ok_or(BusError { address })?;
        let start = (address - window.start) as usize;
        let range = start..start + width.bytes() as usize;
        if range.end <= self.bytes.len() { Ok(range) } else { Err(BusError { address }) }
    }

    fn word(&self, offset: u32) -> u32 {
        let bytes = self.bytes.get(offset as usize..).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn set(&mut self, offset: u32, word: u32) {
        if let Some(bytes) = self.bytes.get_mut(offset as usize..).and_then(|bytes| bytes.first_chunk_mut()) {
            *bytes = word.to_le_bytes();
        }
    }

    /// Sets `width` bits, fewer than 32.
    fn set_field(&mut self, (offset, lowest): (u32, u32), width: u32, value: u32) {
        let mask = (1 << width) - 1;
        self.set(offset, self.word(offset) & !(mask << lowest) | (value & mask) << lowest);
    }

    fn settle(&mut self) {
        for index in 0..self.rules.len() {
            match self.rules[index] {
                Rule::Follow { from, to, width, inverted } => {
                    let value = self.word(from.0) ^ if inverted { u32::MAX } else { 0 };
                    self.set_field(to, width, value >> from.1);
                }
                Rule::OneHot { from, to, width } => {
                    let value = self.word(from.0) >> from.1 & ((1 << width) - 1);
                    self.set_field(to, 1 << width, 1 << value);
                }
                Rule::Ones(offset, mask) => self.set(offset, self.word(offset) | mask),
                Rule::Zeros(offset, mask) => self.set(offset, self.word(offset) & !mask),
                Rule::Task { task, effect } => {
                    if self.word(task) & 1 == 1 {
                        self.set(effect.0, effect.1);
                    }
                }
            }
        }
        for index in 0..self.rules.len() {
            // Tasks read as zero; several may follow from one write.
            if let Rule::Task { task, .. } = self.rules[index] {
                self.set(task, 0);
            }
        }
    }
}

impl Peripheral for RegisterFile {
    fn windows(&self) -> Vec<Range<u32>> {
        self.windows.clone()
    }

    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        let range = self.range(address, width)?;
        Ok(self.bytes[range].iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        let range = self.range(address, width)?;
        let bytes = value.to_le_bytes();
        self.bytes[range.clone()].copy_from_slice(&bytes[..range.len()]);
        self.settle();
        Ok(())
    }

    fn reset(&mut self) {
        self.bytes.fill(0);
        for index in 0..self.at_reset.len() {
            let (offset, value) = self.at_reset[index];
            self.set(offset, value);
        }
        self.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: u32 = 0x4002_3800;

    #[test]
    fn a_ready_bit_follows_its_enable_bit() {
        let mut file = RegisterFile::new(BASE..BASE + 0x100).ready(0, &[(16, 17), (24, 25)]);
        file.write(BASE, 1 << 24, Width::Word).unwrap();
        assert_eq!(file.read(BASE, Width::Word), Ok(3 << 24));
        file.write(BASE, 0xffff_ffff ^ 1 << 24, Width::Word).unwrap();
        assert_eq!(file.read(BASE, Width::Word).unwrap() >> 24 & 3, 0, "a ready bit cannot be written");
    }

    #[test]
    fn a_field_follows_across_registers_and_bytes_are_bytes() {
        let mut file = RegisterFile::new(BASE..BASE + 0x10).follow((8, 0), (12, 16), 2);
        file.write(BASE + 8, 2, Width::Byte).unwrap();
        assert_eq!(file.read(BASE + 14, Width::Half), Ok(2));
    }

    #[test]
    fn a_field_is_the_inverse_or_the_number_of_a_bit() {
        let mut file = RegisterFile::new(BASE..BASE + 16).at_reset(0, 7).inverted((0, 0), (8, 4), 3);
        file = file.one_hot((4, 1), (12, 0), 2);
        assert_eq!((file.read(BASE + 8, Width::Word), file.read(BASE + 12, Width::Word)), (Ok(0), Ok(1)));
        file.write(BASE, 5, Width::Word).unwrap();
        file.write(BASE + 4, 3 << 1, Width::Word).unwrap();
        assert_eq!((file.read(BASE + 8, Width::Word), file.read(BASE + 12, Width::Word)), (Ok(2 << 4), Ok(8)));
    }

    #[test]
    fn reset_values_return_and_fixed_bits_stay() {
        let mut file = RegisterFile::new(BASE..BASE + 8).at_reset(0, 0x83).ones(4, 0x10).zeros(4, 1);
        file.write(BASE, 0, Width::Word).unwrap();
        file.write(BASE + 4, 3, Width::Word).unwrap();
        assert_eq!(file.read(BASE + 4, Width::Word), Ok(0x12));
        file.reset();
        assert_eq!((file.read(BASE, Width::Word), file.read(BASE + 4, Width::Word)), (Ok(0x83), Ok(0x10)));
    }

    #[test]
    fn a_task_has_its_effects_and_reads_as_zero() {
        let mut file = RegisterFile::new(BASE..BASE + 0x500).task(0, (0x100, 1)).task(0, (0x40c, 0x1_0001));
        file.write(BASE, 1, Width::Word).unwrap();
        assert_eq!(file.read(BASE, Width::Word), Ok(0));
        assert_eq!((file.read(BASE + 0x100, Width::Word), file.read(BASE + 0x40c, Width::Word)), (Ok(1), Ok(0x1_0001)));
        file.write(BASE + 0x100, 0, Width::Word).unwrap();
        assert_eq!(file.read(BASE + 0x100, Width::Word), Ok(0), "an event can be cleared");
    }

    #[test]
    fn an_alias_shows_the_same_registers_and_the_end_is_the_end() {
        let mut file = RegisterFile::new(BASE..BASE + 8).also_at(0x5002_3800);
        file.write(0x5002_3804, 7, Width::Word).unwrap();
        assert_eq!(file.read(BASE + 4, Width::Word), Ok(7));
        assert!(file.read(BASE + 6, Width::Word).is_err());
    }
}
