//! Where a program spends its cycles: counters for every half-word of code, and their sums by function.

mod symbol;

use std::collections::HashMap;
use std::ops::{AddAssign, Sub};

use crate::op::Class;
pub use symbol::{Symbol, SymbolError};

/// Counters of one half-word, or their sum over a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Executed instructions; those of an IT block whose condition failed count.
    pub instructions: u64,
    /// Modelled cycles, wait states included.
    pub cycles: u64,
    /// Cycles of wait states in `cycles`.
    pub stalls: u64,
    /// Load instructions; of several registers count once.
    pub loads: u64,
    /// Instructions that changed the program counter.
    pub taken_branches: u64,
}

impl AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.instructions += other.instructions;
        self.cycles += other.cycles;
        self.stalls += other.stalls;
        self.loads += other.loads;
        self.taken_branches += other.taken_branches;
    }
}

/// Half-words of a page of counters: 64 KiB of code.
const PAGE: usize = 1 << 15;

/// Counters of the code that was executed, in pages that exist from the first instruction in them on.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Where the current page begins.
    origin: u32,
    /// The current page, in `pages`.
    current: usize,
    pages: Vec<Page>,
    by_origin: HashMap<u32, usize>,
}

#[derive(Clone, Debug)]
struct Page {
    origin: u32,
    counters: Box<[Counters]>,
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}

impl Profile {
    /// Nothing counted.
    #[must_use]
    pub fn new() -> Self {
        // No page begins at an odd address: the first instruction opens one.
        Self { origin: 1, current: 0, pages: Vec::new(), by_origin: HashMap::new() }
    }

    /// Counts an instruction at `address`: its `cycles` without, and its `stalls` of wait states.
    #[inline(always)]
    pub fn record(&mut self, address: u32, cycles: u32, stalls: u32, class: Class, taken: bool) {
        if address & !0xffff != self.origin {
            self.turn(address);
        }
        let page = self.pages.get_mut(self.current);
        let Some(counters) = page.and_then(|page| page.counters.get_mut((address & 0xffff) as usize >> 1)) else {
            return;
        };
        counters.instructions += 1;
        counters.cycles += u64::from(cycles + stalls);
        counters.stalls += u64::from(stalls);
        counters.loads += u64::from(is_load(class));
        counters.taken_branches += u64::from(taken);
    }

    /// Makes the page of `address` the current one.
    #[cold]
    fn turn(&mut self, address: u32) {
        self.origin = address & !0xffff;
        self.current = *self.by_origin.entry(self.origin).or_insert_with(|| {
            self.pages.push(Page { origin: self.origin, counters: vec![Counters::default(); PAGE].into() });
            self.pages.len() - 1
        });
    }

    /// Forgets all counts.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Addresses that were executed, with their counters, in the order of addresses.
    #[must_use]
    pub fn addresses(&self) -> Vec<(u32, Counters)> {
        let executed = |page: &Page| {
            let origin = page.origin;
            let counted = page.counters.iter().enumerate().filter(|(_, counters)| counters.instructions > 0);
            counted.map(|(index, counters)| (origin + 2 * index as u32, *counters)).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = self.pages.iter().flat_map(executed).collect();
        all.sort_unstable_by_key(|(address, _)| *address);
        all
    }

    /// Everything that was counted.
    #[must_use]
    pub fn total(&self) -> Counters {
        let mut total = Counters::default();
        self.addresses().iter().for_each(|(_, counters)| total += *counters);
        total
    }

    /// Sums by function, most cycles first; what lies in none is named [`NO_SYMBOL`].
    #[must_use]
    pub fn by_function(&self, symbols: &[Symbol]) -> Vec<FunctionProfile> {
        let mut sorted: Vec<&Symbol> = symbols.iter().collect();
        sorted.sort_by_key(|symbol| symbol.address);
        let mut sums: HashMap<Option<usize>, Counters> = HashMap::new();
        for (address, counters) in self.addresses() {
            let after = sorted.partition_point(|symbol| symbol.address <= address);
            let found = after.checked_sub(1).filter(|index| sorted[*index].contains(address));
            *sums.entry(found).or_default() += counters;
        }
        let named = |(index, counters): (Option<usize>, Counters)| match index.map(|index| sorted[index]) {
            Some(symbol) => FunctionProfile { name: symbol.name.clone(), address: symbol.address, counters },
            None => FunctionProfile { name: NO_SYMBOL.into(), address: 0, counters },
        };
        let mut functions: Vec<_> = sums.into_iter().map(named).collect();
        functions.sort_by(|a, b| b.counters.cycles.cmp(&a.counters.cycles).then(a.address.cmp(&b.address)));
        functions
    }
}

const fn is_load(class: Class) -> bool {
    use Class::*;
    matches!(class, Load | LoadDouble | LoadMany | LoadPc | FloatLoad | FloatLoadMany)
}

/// Name of code outside all functions.
pub const NO_SYMBOL: &str = "(no symbol)";

/// What one function cost, without the functions that it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionProfile {
    /// Demangled name.
    pub name: String,
    /// First address.
    pub address: u32,
    /// The sums.
    pub counters: Counters,
}

/// Counters of a machine at one moment; layers are differences between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Executed instructions.
    pub instructions: u64,
    /// Modelled cycles, wait states included.
    pub cycles: u64,
    /// Cycles of wait states in `cycles`.
    pub stalls: u64,
}

impl Sub for Mark {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            instructions: self.instructions - earlier.instructions,
            cycles: self.cycles - earlier.cycles,
            stalls: self.stalls - earlier.stalls,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str, address: u32, bytes: u32) -> Symbol {
        Symbol { name: name.into(), address, bytes }
    }

    #[test]
    fn cycles_go_to_the_function_that_holds_the_address() {
        let mut profile = Profile::new();
        for _ in 0..3 {
            profile.record(0x0800_0100, 2, 5, Class::Load, false);
            profile.record(0x0800_0102, 2, 0, Class::BranchConditional, true);
        }
        profile.record(0x0801_0000, 1, 0, Class::Alu, false);
        profile.record(0x0800_0104, 1, 0, Class::Alu, false);
        profile.record(0x2000_0000, 7, 0, Class::Divide, false);
        let symbols = [symbol("far", 0x0801_0000, 2), symbol("loop", 0x0800_0100, 4)];
        let functions = profile.by_function(&symbols);
        let names: Vec<_> = functions.iter().map(|one| (one.name.as_str(), one.counters.cycles)).collect();
        assert_eq!(names, [("loop", 27), (NO_SYMBOL, 8), ("far", 1)]);
        let looped = Counters { instructions: 6, cycles: 27, stalls: 15, loads: 3, taken_branches: 3 };
        assert_eq!(functions[0].counters, looped);
        assert_eq!(profile.total().cycles, 36);
    }

    #[test]
    fn a_symbol_without_size_reaches_to_the_next() {
        let mut profile = Profile::new();
        profile.record(0x110, 1, 0, Class::Alu, false);
        profile.record(0x120, 1, 0, Class::Alu, false);
        let functions = profile.by_function(&[symbol("asm", 0x100, 0), symbol("next", 0x120, 8)]);
        assert_eq!(functions.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["asm", "next"]);
    }

    #[test]
    fn what_is_no_elf_file_is_refused() {
        assert_eq!(Symbol::from_elf(b"not an ELF file").unwrap_err().code(), "sim::elf");
    }

    #[test]
    fn a_layer_is_the_difference_of_two_marks() {
        let before = Mark { instructions: 10, cycles: 20, stalls: 3 };
        let after = Mark { instructions: 110, cycles: 170, stalls: 3 };
        assert_eq!(after - before, Mark { instructions: 100, cycles: 150, stalls: 0 });
    }
}
