//! Flash cells: erased to ones, programmed by clearing bits, with a note of what changed.

use std::ops::Range;

/// Value of an erased byte.
pub const ERASED: u8 = 0xFF;

/// Flash cells and where they are mapped.
#[derive(Debug, Clone)]
pub struct Array {
    /// Absolute address of the first cell.
    pub origin: u32,
    /// The cells.
    pub bytes: Vec<u8>,
    dirty: Option<Range<u32>>,
}

impl Array {
    /// Erased cells: `bytes` of them from `origin`.
    #[must_use]
    pub fn new(origin: u32, bytes: usize) -> Self {
        Self { origin, bytes: vec![ERASED; bytes], dirty: None }
    }

    /// First address after the cells; 64 bits wide, because a flash may end at the end of the address space.
    #[must_use]
    pub fn end(&self) -> u64 {
        u64::from(self.origin) + self.bytes.len() as u64
    }

    /// Are all of `bytes` cells from `address` on in this array?
    #[must_use]
    pub fn contains(&self, address: u32, bytes: usize) -> bool {
        address >= self.origin && u64::from(address) + bytes as u64 <= self.end()
    }

    /// The cells at `address`, fewer where the array ends before.
    #[must_use]
    pub fn at(&self, address: u32, bytes: usize) -> &[u8] {
        let range = self.indices(u64::from(address)..u64::from(address) + bytes as u64);
        self.bytes.get(range).unwrap_or_default()
    }

    /// Sets every cell of `range` (absolute addresses; what lies outside the array is ignored) to [`ERASED`].
    pub fn erase(&mut self, range: Range<u32>) {
        let indices = self.indices(u64::from(range.start)..u64::from(range.end));
        self.note(&indices);
        if let Some(cells) = self.bytes.get_mut(indices) {
            cells.fill(ERASED);
        }
    }

    /// Erases the whole array.
    pub fn erase_all(&mut self) {
        self.note(&(0..self.bytes.len()));
        self.bytes.fill(ERASED);
    }

    /// Clears the bits that are clear in `data`, from `address` on; what lies outside the array is ignored.
    pub fn program(&mut self, address: u32, data: &[u8]) {
        let start = u64::from(address);
        let indices = self.indices(start..start + data.len() as u64);
        // Data that begins before the array loses its head, not its tail.
        let skipped = u64::from(self.origin).saturating_sub(start) as usize;
        self.note(&indices);
        let cells = self.bytes.get_mut(indices).unwrap_or_default();
        for (cell, byte) in cells.iter_mut().zip(data.iter().skip(skipped)) {
            *cell &= byte;
        }
    }

    /// The addresses that changed since the last call: one range that covers them all.
    pub fn take_dirty(&mut self) -> Option<Range<u32>> {
        self.dirty.take()
    }

    fn indices(&self, range: Range<u64>) -> Range<usize> {
        let origin = u64::from(self.origin);
        let clamp = |address: u64| (address.clamp(origin, self.end()) - origin) as usize;
        clamp(range.start)..clamp(range.end).max(clamp(range.start))
    }

    fn note(&mut self, indices: &Range<usize>) {
        if indices.is_empty() {
            return;
        }
        let absolute = |index: usize| (u64::from(self.origin) + index as u64).min(u64::from(u32::MAX)) as u32;
        let (start, end) = (absolute(indices.start), absolute(indices.end));
        self.dirty = Some(match self.dirty.take() {
            Some(seen) => seen.start.min(start)..seen.end.max(end),
            None => start..end,
        });
    }
}
