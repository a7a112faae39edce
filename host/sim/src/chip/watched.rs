//! A flash controller that is watched: how much it erases and programs, and one bit that fails if that is asked for.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::bus::{BusError, Width};
use crate::flash::{Array, ERASED, FlashController};
use crate::probe::faults::Switches;

/// A controller and, where a lock shows in its registers, the same controller of a locked chip.
pub(super) struct Watched {
    open: Box<dyn FlashController>,
    locked: Option<Box<dyn FlashController>>,
    switches: Arc<Switches>,
}

impl Watched {
    pub(super) fn new(
        open: Box<dyn FlashController>,
        locked: Option<Box<dyn FlashController>>,
        switches: &Arc<Switches>,
    ) -> Self {
        Self { open, locked, switches: Arc::clone(switches) }
    }

    fn controller(&mut self) -> &mut dyn FlashController {
        match &mut self.locked {
            Some(locked) if self.switches.locked.load(Ordering::Relaxed) => locked.as_mut(),
            _ => self.open.as_mut(),
        }
    }

    /// Counts what the last access changed: an erase leaves nothing but ones.
    fn count(&self, array: &mut Array) {
        let Some(changed) = array.take_dirty() else { return };
        let cells = array.at(changed.start, changed.len());
        if cells.iter().all(|cell| *cell == ERASED) {
            self.switches.erased.fetch_add(u64::from(changed.end - changed.start), Ordering::Relaxed);
        } else {
            self.switches.programmed.fetch_add(u64::from(changed.end - changed.start), Ordering::Relaxed);
            if self.switches.stuck.swap(false, Ordering::Relaxed) {
                stick(array, &changed);
            }
        }
        // Programming ones changes no cell and notes the range again for the core.
        array.program(changed.start, &vec![ERASED; changed.len()]);
    }
}

/// Sets the first clear bit of a range, as if it had not been programmed.
fn stick(array: &mut Array, changed: &Range<u32>) {
    let start = (changed.start - array.origin) as usize;
    let cells = array.bytes.get_mut(start..start + changed.len()).unwrap_or_default();
    if let Some(cell) = cells.iter_mut().find(|cell| **cell != ERASED) {
        *cell |= 1 << cell.trailing_ones();
    }
}

impl FlashController for Watched {
    fn windows(&self) -> Vec<Range<u32>> {
        self.open.windows()
    }

    fn read(&mut self, address: u32, width: Width, array: &mut Array) -> Result<u32, BusError> {
        self.controller().read(address, width, array)
    }

    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let result = self.controller().write(address, value, width, array);
        self.count(array);
        result
    }

    fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let result = self.controller().store(address, value, width, array);
        self.count(array);
        result
    }

    fn reset(&mut self) {
        self.open.reset();
        if let Some(locked) = &mut self.locked {
            locked.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flash::Nvmc;

    const CONFIG: u32 = 0x4001_e504;
    const ERASE_PAGE: u32 = 0x4001_e508;

    /// Erases a page and programs two words; what changed, as the bus asks for it after each access.
    fn program(stuck: bool) -> (Arc<Switches>, Array, Vec<Range<u32>>) {
        let switches = Arc::new(Switches::default());
        switches.stuck.store(stuck, Ordering::Relaxed);
        let mut watched = Watched::new(Box::new(Nvmc::nrf52()), None, &switches);
        let mut array = Array::new(0, 8192);
        let mut changed = Vec::new();
        for (register, value) in [(CONFIG, 2), (ERASE_PAGE, 4096), (CONFIG, 1)] {
            watched.write(register, value, Width::Word, &mut array).unwrap();
            changed.extend(array.take_dirty());
        }
        for (address, value) in [(4096, u32::MAX - 1), (4100, 0x1234_5678)] {
            watched.store(address, value, Width::Word, &mut array).unwrap();
            changed.extend(array.take_dirty());
        }
        (switches, array, changed)
    }

    #[test]
    fn erased_and_programmed_bytes_are_counted_and_still_told_to_the_core() {
        let (switches, array, changed) = program(false);
        assert_eq!(switches.erased.load(Ordering::Relaxed), 4096);
        assert_eq!(switches.programmed.load(Ordering::Relaxed), 8);
        assert_eq!(changed, [4096..8192, 4096..4100, 4100..4104]);
        assert_eq!(array.at(4096, 8), [0xfe, 0xff, 0xff, 0xff, 0x78, 0x56, 0x34, 0x12]);
    }

    #[test]
    fn one_bit_stays_set_once() {
        let (_, array, _) = program(true);
        assert_eq!(array.at(4096, 8), [0xff, 0xff, 0xff, 0xff, 0x78, 0x56, 0x34, 0x12]);
    }
}
