//! The trace unit: CYCCNT and the five event counters that explain it.
//!
//! ARMv7-M Architecture Reference Manual (DDI 0403), C1.8: instructions = CYCCNT − CPICNT − EXCCNT − SLEEPCNT −
//! LSUCNT + FOLDCNT, as long as no eight-bit counter wrapped.

use crate::{core::Core, op::Class};

/// DWT_CTRL: CYCCNT counts.
const CYCCNTENA: u32 = 1;
/// DWT_CTRL: the event counters count, a bit each: CPI, EXC, SLEEP, LSU, FOLD.
const EVENTS: u32 = 0x1f << 17;
/// DWT_CTRL: there is no CYCCNT, there are no event counters (ARMv6-M).
const NOCYCCNT: u32 = 1 << 25;
const NOPRFCNT: u32 = 1 << 24;

/// The event counters, in the order of their registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    /// Cycles after the first of instructions that are no load or store, and fetch stalls.
    Cpi = 0,
    /// Cycles of entering and leaving exceptions.
    Exception = 1,
    /// Cycles asleep.
    Sleep = 2,
    /// Cycles after the first of loads and stores.
    LoadStore = 3,
    /// Instructions that took no cycle.
    Fold = 4,
}

/// Registers of the unit.
pub(crate) struct Trace {
    control: u32,
    /// CYCCNT = cycles + offset while it counts, else the value itself.
    offset: u32,
    stopped: u32,
    counters: [u8; 5],
    comparators: [u32; 16],
}

impl Trace {
    pub fn new(core: Core) -> Self {
        // No comparators in either case.
        let control = if core.has_thumb2() { 0 } else { NOCYCCNT | NOPRFCNT };
        Self { control, offset: 0, stopped: 0, counters: [0; 5], comparators: [0; 16] }
    }

    /// Whether events are to be counted.
    pub const fn counts_events(&self) -> bool {
        self.control & EVENTS != 0
    }

    pub fn read(&self, address: u32, cycles: u64) -> u32 {
        match address & 0xfff {
            0x00 => self.control,
            0x04 => self.count(cycles),
            offset @ 0x08..=0x18 => self.counters[((offset - 0x08) / 4) as usize].into(),
            offset @ 0x20..=0x5c => self.comparators[((offset - 0x20) / 4) as usize],
            _ => 0,
        }
    }

    pub fn write(&mut self, address: u32, value: u32, cycles: u64) {
        match address & 0xfff {
            0x00 => self.set_control(value, cycles),
            0x04 => self.set_count(value, cycles),
            offset @ 0x08..=0x18 => self.counters[((offset - 0x08) / 4) as usize] = value as u8,
            offset @ 0x20..=0x5c => self.comparators[((offset - 0x20) / 4) as usize] = value,
            _ => {}
        }
    }

    fn count(&self, cycles: u64) -> u32 {
        if self.control & CYCCNTENA != 0 { (cycles as u32).wrapping_add(self.offset) } else { self.stopped }
    }

    fn set_count(&mut self, value: u32, cycles: u64) {
        self.stopped = value;
        self.offset = value.wrapping_sub(cycles as u32);
    }

    fn set_control(&mut self, value: u32, cycles: u64) {
        let count = self.count(cycles);
        let fixed = self.control & 0xff00_0000;
        self.control = if fixed & NOCYCCNT != 0 { fixed } else { fixed | value & 0x00ff_ffff };
        self.set_count(count, cycles);
    }

    /// Adds cycles to a counter, if it counts.
    pub fn add(&mut self, counter: Counter, cycles: u64) {
        if self.control >> (17 + counter as u32) & 1 != 0 {
            let place = &mut self.counters[counter as usize];
            *place = place.wrapping_add(cycles as u8);
        }
    }

    /// Counts an instruction with its `cycles`, wait states included.
    pub fn retire(&mut self, class: Class, cycles: u32) {
        let memory = matches!(
            class,
            Class::Load
                | Class::LoadDouble
                | Class::LoadMany
                | Class::Store
                | Class::StoreDouble
                | Class::StoreMany
                | Class::LoadPc
                | Class::FloatLoad
                | Class::FloatLoadMany
                | Class::FloatStore
                | Class::FloatStoreMany
        );
        match cycles {
            0 => self.add(Counter::Fold, 1),
            _ if memory => self.add(Counter::LoadStore, (cycles - 1).into()),
            _ => self.add(Counter::Cpi, (cycles - 1).into()),
        }
    }
}
