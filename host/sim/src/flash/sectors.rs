//! Sector maps: which addresses a sector number of the STM32F4 and STM32F7 erases.

use std::ops::Range;

const KIB: u32 = 1024;

/// Sectors of unequal size, numbered as the field `FLASH_CR.SNB` numbers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sectors {
    /// Per sector: its number, and its addresses relative to the start of the flash.
    sectors: Vec<(u32, Range<u32>)>,
    /// Addresses of the banks relative to the start of the flash.
    banks: Vec<Range<u32>>,
}

impl Sectors {
    /// One bank: four sectors of `unit` bytes, one of four units, then of eight units, up to `bytes`.
    ///
    /// `unit` is 16 KiB in the STM32F4 (RM0390 table 4) and 32 KiB in a single-bank STM32F7 (RM0385 table 3).
    #[must_use]
    pub fn single(unit: u32, bytes: u32) -> Self {
        Self { sectors: bank(unit, 0..bytes, 0), banks: vec![0..bytes, bytes..bytes] }
    }

    /// Two banks of equal size in 16 KiB units; the second bank's numbers start at 16 (RM0410 table 4, RM0386
    /// `FLASH_CR.SNB`).
    #[must_use]
    pub fn dual(bytes: u32) -> Self {
        let half = bytes / 2;
        let mut sectors = bank(16 * KIB, 0..half, 0);
        sectors.extend(bank(16 * KIB, half..bytes, 16));
        Self { sectors, banks: vec![0..half, half..bytes] }
    }

    /// Addresses of sector `number` relative to the start of the flash, if there is such a sector.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<Range<u32>> {
        self.sectors.iter().find(|(known, _)| *known == number).map(|(_, range)| range.clone())
    }

    /// Addresses of bank 0 or 1 relative to the start of the flash; the second is empty in a single-bank flash.
    #[must_use]
    pub fn bank(&self, number: usize) -> Range<u32> {
        self.banks.get(number).cloned().unwrap_or_default()
    }
}

fn bank(unit: u32, range: Range<u32>, first: u32) -> Vec<(u32, Range<u32>)> {
    let sizes = [1, 1, 1, 1, 4].into_iter().chain(std::iter::repeat(8));
    let mut start = range.start;
    let mut sectors = Vec::new();
    for (number, units) in (first..).zip(sizes) {
        if start >= range.end {
            break;
        }
        let end = (start + units * unit).min(range.end);
        sectors.push((number, start..end));
        start = end;
    }
    sectors
}
