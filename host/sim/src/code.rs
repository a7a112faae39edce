//! Decoded code: a page of 64 KiB at a time, each instruction decoded when it is first executed.
//!
//! The page that is being executed is in the hands of the core's loop; the others are kept here. Stores into pages that
//! hold decoded instructions, and cells that a flash controller changed, make entries stale; the loop asks for that
//! before the next instruction.

use std::ops::Range;

use crate::op::{Kind, Op};

/// Bits of an address within a page.
const PAGE_BITS: u32 = 16;

/// Half-words of a page.
const ENTRIES: usize = 1 << (PAGE_BITS - 1);

/// An origin that no page has: pages are aligned.
const NO_PAGE: u32 = 1;

/// No address, and the start of a range that grows.
const NOTHING: Range<u32> = Range { start: u32::MAX, end: 0 };

/// Decoded instructions of 64 KiB, an entry per half-word.
pub(crate) struct Page {
    origin: u32,
    ops: Vec<Op>,
    /// Whether fetches from it may stall.
    pub slow: bool,
    /// Whether plain stores can change it.
    writable: bool,
    /// Addresses of what was decoded.
    decoded: Range<u32>,
}

impl Default for Page {
    fn default() -> Self {
        Self { origin: NO_PAGE, ops: Vec::new(), slow: false, writable: false, decoded: NOTHING }
    }
}

impl Page {
    fn new(origin: u32, slow: bool, writable: bool) -> Self {
        let ops = vec![Op::new(Kind::Undecoded); ENTRIES];
        Self { origin, ops, slow, writable, decoded: NOTHING }
    }

    /// The entry of an address; none if it lies in another page.
    #[inline(always)]
    pub fn get(&self, pc: u32) -> Option<&Op> {
        self.ops.get((pc.wrapping_sub(self.origin) >> 1) as usize)
    }

    /// Keeps a decoded instruction.
    pub fn keep(&mut self, pc: u32, op: Op) {
        let index = (pc.wrapping_sub(self.origin) >> 1) as usize;
        if let Some(place) = self.ops.get_mut(index) {
            *place = op;
            self.decoded = self.decoded.start.min(pc)..self.decoded.end.max(pc.saturating_add(4));
        }
    }

    fn overlaps(&self, range: &Range<u32>) -> bool {
        range.start < self.decoded.end && self.decoded.start < range.end
    }

    /// Forgets what overlaps `range`; an instruction that began two bytes before it does.
    fn forget(&mut self, range: &Range<u32>) {
        let start = range.start.saturating_sub(2).max(self.origin);
        let end = range.end.min(self.decoded.end);
        if start < end {
            let entries = (start - self.origin) as usize / 2..((end - self.origin).div_ceil(2) as usize).min(ENTRIES);
            if let Some(ops) = self.ops.get_mut(entries) {
                ops.fill(Op::new(Kind::Undecoded));
            }
        }
    }
}

/// The pages that are not being executed, and what is stale.
#[derive(Default)]
pub(crate) struct Code {
    parked: Vec<Page>,
    /// Decoded addresses in writable pages, all in one range.
    watched: Range<u32>,
    stale: Option<Range<u32>>,
}

impl Code {
    /// The page of `pc`, in exchange for the one before.
    pub fn turn(&mut self, page: &mut Page, pc: u32, slow: bool, writable: bool) {
        let origin = pc & !((1 << PAGE_BITS) - 1);
        let next = match self.parked.iter().position(|parked| parked.origin == origin) {
            Some(index) => self.parked.swap_remove(index),
            None => Page::new(origin, slow, writable),
        };
        let previous = std::mem::replace(page, next);
        if previous.origin != NO_PAGE {
            self.parked.push(previous);
        }
    }

    /// Takes note of what `page` holds now.
    pub fn watch(&mut self, page: &Page) {
        if page.writable {
            self.watched = joined(self.watched.clone(), &page.decoded);
        }
    }

    /// Whether a store at `address` may change decoded code.
    #[inline(always)]
    pub fn is_touched(&self, address: u32) -> bool {
        address.wrapping_add(4) > self.watched.start && address < self.watched.end
    }

    /// What lies in `range` is to be decoded again.
    #[cold]
    pub fn expire(&mut self, range: Range<u32>) {
        self.stale = Some(joined(self.stale.take().unwrap_or_default(), &range));
    }

    /// Everything is to be decoded again.
    pub fn expire_all(&mut self) {
        self.expire(0..u32::MAX);
    }

    /// Forgets what is stale. Pages that are not being executed go as a whole, so that stores into them need not be
    /// looked at again.
    pub fn refresh(&mut self, page: &mut Page) {
        let Some(stale) = self.stale.take() else { return };
        self.parked.retain(|parked| !parked.overlaps(&stale));
        page.forget(&stale);
        let decoded = self.parked.iter().filter(|parked| parked.writable).map(|parked| &parked.decoded);
        self.watched = decoded.fold(0..0, joined);
        self.watch(page);
    }
}

/// The smallest range that holds both; empty ones hold nothing.
fn joined(first: Range<u32>, second: &Range<u32>) -> Range<u32> {
    match (first.is_empty(), second.is_empty()) {
        (_, true) => first,
        (true, _) => second.clone(),
        _ => first.start.min(second.start)..first.end.max(second.end),
    }
}
