//! Wait states of memories: what the accelerator or cache in front of them leaves of their latency.
//!
//! A chip is a few windows of addresses; each says what a fetch of 16 bytes of code, a load and a store cost there, and
//! through which cache they go. `waits/chips.rs` has the numbers. Stalls are returned, and counted by the caller apart
//! from the core's cycles. Caches and prefetch are taken as switched on, as the firmware's start-up does.

mod cache;
mod chips;

use std::ops::Range;

use crate::core::Core;
pub use cache::LineCache;

/// How one kind of access reaches a memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Index of the cache it goes through, in the order of [`MemoryTiming::with_cache`].
    pub cache: Option<usize>,
    /// Stall of an access that misses the cache, or of every one without a cache. Cycles of the core.
    pub miss: u32,
    /// Stall of a fetch of the 16 bytes that follow the last fetched ones, if they are read ahead. What was read ahead
    /// does not enter the cache.
    pub sequential: Option<u32>,
}

impl Path {
    /// Without stalls.
    pub const FREE: Self = Self { cache: None, miss: 0, sequential: None };

    /// Every access stalls.
    #[must_use]
    pub const fn uncached(stall: u32) -> Self {
        Self { miss: stall, ..Self::FREE }
    }

    /// Through a cache.
    #[must_use]
    pub const fn cached(cache: usize, miss: u32) -> Self {
        Self { cache: Some(cache), miss, sequential: None }
    }
}

/// A range of addresses whose accesses may stall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The addresses.
    pub range: Range<u32>,
    /// Fetches of code, 16 bytes each.
    pub fetch: Path,
    /// Loads.
    pub load: Path,
    /// Stores.
    pub store: Path,
}

/// Wait states of one chip, and the state of its caches.
#[derive(Clone, Debug, Default)]
pub struct MemoryTiming {
    windows: Vec<Window>,
    caches: Vec<LineCache>,
    /// The window of the last fetch, and of the last load or store.
    fetched: usize,
    accessed: usize,
    /// The 16 bytes fetched last.
    line: u32,
}

impl MemoryTiming {
    /// No memory stalls.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Of a chip, by its name in probe-rs (`STM32F446RETx`). `wait_states`: of its flash at its clock; not used for
    /// serial flash. Of a chip that is not known, every fetch of 16 bytes and every load from flash stalls for them.
    #[must_use]
    pub fn for_chip(chip: &str, core: Core, wait_states: u32, flash: Range<u32>) -> Self {
        chips::timing(chip, core, wait_states, flash)
    }

    /// With one more cache.
    #[must_use]
    pub fn with_cache(mut self, cache: LineCache) -> Self {
        self.caches.push(cache);
        self
    }

    /// With one more window; the first one that holds an address counts.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.windows.push(window);
        self
    }

    /// Whether anything in `memory` may stall: only then it has to be asked about accesses there.
    #[must_use]
    pub fn is_slow(&self, memory: &Range<u32>) -> bool {
        self.windows.iter().any(|window| window.range.start < memory.end && memory.start < window.range.end)
    }

    /// Stall of a fetch of the aligned 16 bytes around `address`, when they are not the ones fetched before. Cycles.
    #[inline]
    pub fn fetch(&mut self, address: u32) -> u32 {
        let line = address >> 4;
        let follows = line == self.line.wrapping_add(1);
        self.line = line;
        let Some(index) = find(&self.windows, self.fetched, address) else {
            return 0;
        };
        self.fetched = index;
        let path = self.windows[index].fetch;
        match (path.sequential, path.cache) {
            (Some(stall), Some(cache)) if follows => {
                if self.caches[cache].probe(address) {
                    0
                } else {
                    stall
                }
            }
            (Some(stall), None) if follows => stall,
            (_, Some(cache)) if self.caches[cache].line_bytes() < 16 => self.fetch_parts(address, cache, path.miss),
            _ => self.through(path, address),
        }
    }

    /// A fetch of 16 bytes, from `address` on, in several lines of a cache.
    fn fetch_parts(&mut self, address: u32, cache: usize, miss: u32) -> u32 {
        let cache = &mut self.caches[cache];
        let parts = (cache.line(address)..=cache.line(address | 15)).map(|line| line * cache.line_bytes());
        let parts: [Option<u32>; 8] = {
            let mut parts = parts;
            std::array::from_fn(|_| parts.next())
        };
        parts.into_iter().flatten().map(|part| if cache.access(part) { 0 } else { miss }).sum()
    }

    /// Stall of a load. Cycles.
    #[inline]
    pub fn load(&mut self, address: u32) -> u32 {
        let Some(index) = find(&self.windows, self.accessed, address) else {
            return 0;
        };
        self.accessed = index;
        self.through(self.windows[index].load, address)
    }

    /// Stall of a store. Cycles.
    #[inline]
    pub fn store(&mut self, address: u32) -> u32 {
        let Some(index) = find(&self.windows, self.accessed, address) else {
            return 0;
        };
        self.accessed = index;
        self.through(self.windows[index].store, address)
    }

    #[inline(always)]
    fn through(&mut self, path: Path, address: u32) -> u32 {
        match path.cache {
            Some(cache) if self.caches[cache].access(address) => 0,
            _ => path.miss,
        }
    }

    /// Empties the caches, as a reset does.
    pub fn reset(&mut self) {
        self.caches.iter_mut().for_each(LineCache::clear);
        self.line = 0;
    }
}

/// The window that holds `address`; the one used last is looked at first.
#[inline(always)]
fn find(windows: &[Window], last: usize, address: u32) -> Option<usize> {
    match windows.get(last) {
        Some(window) if window.range.contains(&address) => Some(last),
        _ => windows.iter().position(|window| window.range.contains(&address)),
    }
}

#[cfg(test)]
mod tests;
