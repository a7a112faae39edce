//! A cache of lines: which addresses are near, and which have to be fetched.

/// Hints that find a line without a search; more than any cache here has lines per set.
const HINTS: usize = 1024;

/// A set-associative cache that replaces the line used longest ago.
#[derive(Clone, Debug)]
pub struct LineCache {
    /// Binary logarithm of a line's bytes.
    line_bits: u32,
    /// Sets less one; a power of two less one.
    set_mask: u32,
    ways: usize,
    /// The line used last: most accesses end here.
    last: u32,
    /// Line numbers, `ways` of them for each set; [`EMPTY`] where nothing is.
    lines: Vec<u32>,
    /// When each was used.
    used: Vec<u64>,
    clock: u64,
    /// Where a line was last seen, by the low bits of its number.
    hints: Vec<u16>,
}

/// No line has this number: lines have two bytes at least.
const EMPTY: u32 = u32::MAX;

impl LineCache {
    /// Of `bytes` in lines of `line_bytes`, `ways` for each set; all powers of two.
    #[must_use]
    pub fn new(bytes: u32, line_bytes: u32, ways: u32) -> Self {
        let lines = (bytes / line_bytes) as usize;
        Self {
            line_bits: line_bytes.trailing_zeros(),
            set_mask: bytes / line_bytes / ways - 1,
            ways: ways as usize,
            last: EMPTY,
            lines: vec![EMPTY; lines],
            used: vec![0; lines],
            clock: 0,
            hints: vec![0; HINTS],
        }
    }

    /// Number of the line of an address.
    #[must_use]
    #[inline(always)]
    pub const fn line(&self, address: u32) -> u32 {
        address >> self.line_bits
    }

    /// Bytes of a line.
    #[must_use]
    pub const fn line_bytes(&self) -> u32 {
        1 << self.line_bits
    }

    /// Uses the line of `address`: whether it was there. It is afterwards.
    #[inline(always)]
    pub fn access(&mut self, address: u32) -> bool {
        let line = self.line(address);
        line == self.last || self.look_up(line, true)
    }

    /// Uses the line of `address` if it is there; brings nothing in.
    #[inline(always)]
    pub fn probe(&mut self, address: u32) -> bool {
        let line = self.line(address);
        line == self.last || self.look_up(line, false)
    }

    fn look_up(&mut self, line: u32, bring: bool) -> bool {
        self.clock += 1;
        let hint = line as usize & (HINTS - 1);
        let hinted = self.hints.get(hint).map_or(0, |index| usize::from(*index));
        if self.lines.get(hinted) == Some(&line) {
            return self.use_line(hinted, line);
        }
        let first = (line & self.set_mask) as usize * self.ways;
        let set = first..first + self.ways;
        if let Some(index) = set.clone().find(|index| self.lines[*index] == line) {
            self.hints[hint] = index as u16;
            return self.use_line(index, line);
        }
        if bring {
            let oldest = set.min_by_key(|index| self.used[*index]).unwrap_or(first);
            self.lines[oldest] = line;
            self.hints[hint] = oldest as u16;
            self.use_line(oldest, line);
        }
        false
    }

    fn use_line(&mut self, index: usize, line: u32) -> bool {
        self.used[index] = self.clock;
        self.last = line;
        true
    }

    /// Forgets every line.
    pub fn clear(&mut self) {
        self.last = EMPTY;
        self.lines.fill(EMPTY);
        self.used.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_misses_once() {
        let mut cache = LineCache::new(128, 16, 8);
        assert!(!cache.access(0x100));
        assert!(cache.access(0x10f));
        assert!(!cache.access(0x110));
        assert!(cache.access(0x100));
    }

    #[test]
    fn the_line_used_longest_ago_goes() {
        let mut cache = LineCache::new(64, 16, 4);
        for line in 0..4 {
            assert!(!cache.access(line * 16));
        }
        assert!(cache.access(0));
        assert!(!cache.access(4 * 16), "line 1 goes");
        assert!(cache.access(0));
        assert!(cache.access(2 * 16));
        assert!(!cache.access(16));
    }

    #[test]
    fn sets_are_chosen_by_the_low_bits_of_the_line() {
        // 2 sets of 2 ways: even lines compete with even lines only.
        let mut cache = LineCache::new(64, 16, 2);
        for line in [0, 2, 1, 4] {
            assert!(!cache.access(line * 16));
        }
        assert!(cache.access(16));
        assert!(cache.access(2 * 16));
        assert!(!cache.access(0));
    }

    #[test]
    fn a_probe_brings_nothing_in() {
        let mut cache = LineCache::new(64, 16, 4);
        assert!(!cache.probe(0));
        assert!(!cache.probe(0));
        assert!(!cache.access(0));
        assert!(cache.probe(0));
    }

    #[test]
    fn it_agrees_with_a_list_of_recent_lines() {
        let mut cache = LineCache::new(256, 16, 16);
        let mut recent: Vec<u32> = Vec::new();
        let mut state = 1u32;
        for _ in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // 24 lines that share hints with others 1024 lines away.
            let line = (state >> 16) % 24 * 512;
            let there = recent.iter().position(|one| *one == line);
            if let Some(index) = there {
                recent.remove(index);
            } else if recent.len() == 16 {
                recent.remove(0);
            }
            recent.push(line);
            assert_eq!(cache.access(line * 16), there.is_some());
        }
    }
}
