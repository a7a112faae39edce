//! A small branch predictor: what the Cortex-M7 model asks whether a branch was foreseen.

use super::Event;

const ENTRIES: usize = 64;

/// 64 branches, found by address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Predictor {
    entries: [Entry; ENTRIES],
}

/// What is remembered of a branch.
#[derive(Clone, Copy, Debug)]
struct Entry {
    pc: u32,
    /// Of an indirect branch: its last target.
    target: u32,
    /// Of a conditional one: 2 and 3 predict taken.
    counter: u8,
}

impl Default for Predictor {
    fn default() -> Self {
        // No branch is at an odd address.
        Self { entries: [Entry { pc: 1, target: 0, counter: 0 }; ENTRIES] }
    }
}

impl Predictor {
    /// Whether a conditional branch to `target` went as predicted; then remembers how it went. Seen for the first time,
    /// or displaced since: backwards is taken, forwards is not.
    #[inline]
    pub(super) fn conditional(&mut self, event: &Event, target: u32) -> bool {
        let entry = self.entry(event.pc);
        if entry.pc == event.pc {
            let predicted = entry.counter >= 2;
            entry.counter = if event.taken { (entry.counter + 1).min(3) } else { entry.counter.saturating_sub(1) };
            predicted == event.taken
        } else {
            *entry = Entry { pc: event.pc, target, counter: 1 + u8::from(event.taken) };
            (target <= event.pc) == event.taken
        }
    }

    /// Whether an indirect branch went where it went the last time.
    #[inline]
    pub(super) fn indirect(&mut self, event: &Event) -> bool {
        let entry = self.entry(event.pc);
        let foreseen = entry.pc == event.pc && entry.target == event.target;
        *entry = Entry { pc: event.pc, target: event.target, counter: 2 };
        foreseen
    }

    #[inline(always)]
    fn entry(&mut self, pc: u32) -> &mut Entry {
        &mut self.entries[(pc >> 1) as usize & (ENTRIES - 1)]
    }
}
