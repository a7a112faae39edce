//! Placement of buffers: deterministic first fits in several orders, then a bounded search; the smallest peak wins.
//!
//! Every attempt ends as soon as its peak equals the bound (the largest sum of living bytes), which cannot be
//! beaten. Chains of bottlenecks nearly always get there; `tests/planner.rs` says how often.

use alloc::{vec, vec::Vec};

use crate::layers::{Buffer, Buffers};

/// Most positions that the search tries before it gives up: some ten microseconds.
const SEARCH_LIMIT: u32 = 400;
const UNPLACED: u32 = u32::MAX;

/// Two buffers alive at once, from the view of one of them.
#[derive(Clone, Copy, Debug)]
struct Neighbour {
    other: usize,
    /// Bytes of the other buffer while both live: this one may start that far above its start.
    below: u32,
    /// Bytes of this buffer while both live: the other may start that far above this one's start.
    above: u32,
}

/// Offsets of all buffers. `bound`: a peak that cannot be beaten.
pub(crate) fn place(buffers: &Buffers, bound: u32) -> Vec<u32> {
    let mut placer = Placer::new(buffers);
    let mut best = (u32::MAX, Vec::new());
    let mut order: Vec<usize> = (0..buffers.buffers.len()).collect();

    placer.first_fit(&order);
    placer.keep_if_better(&mut best);
    if best.0 > bound {
        order.sort_by_key(|index| core::cmp::Reverse(placer.buffer(*index).bytes));
        placer.first_fit(&order);
        placer.keep_if_better(&mut best);
    }
    if best.0 > bound && placer.search(&order, bound) {
        placer.keep_if_better(&mut best);
    }
    if best.0 > bound {
        order.sort_unstable();
        if placer.search(&order, bound) {
            placer.keep_if_better(&mut best);
        }
    }
    if best.0 > bound {
        let length = |buffer: Buffer| buffer.end - buffer.start;
        order.sort_by_key(|index| core::cmp::Reverse(length(placer.buffer(*index))));
        placer.first_fit(&order);
        placer.keep_if_better(&mut best);
        if best.0 > bound && placer.search(&order, bound) {
            placer.keep_if_better(&mut best);
        }
    }
    best.1
}

struct Placer<'a> {
    buffers: &'a [Buffer],
    /// Neighbours of all buffers one after another.
    neighbours: Vec<Neighbour>,
    /// Where the neighbours of each buffer start, and one past the last.
    first: Vec<usize>,
    offsets: Vec<u32>,
}

impl<'a> Placer<'a> {
    fn new(all: &'a Buffers) -> Self {
        let buffers = all.buffers.as_slice();
        let mut neighbours = Vec::with_capacity(buffers.len() * 5);
        let mut first = Vec::with_capacity(buffers.len() + 1);
        // Buffers come in the order of their first step, so that those alive now are a short list.
        let mut alive: Vec<usize> = Vec::new();
        let mut pairs: Vec<(usize, Neighbour)> = Vec::with_capacity(buffers.len() * 5);
        for (index, buffer) in buffers.iter().enumerate() {
            alive.retain(|other| buffers.get(*other).is_some_and(|other| other.end >= buffer.start));
            for &other in &alive {
                let Some(older) = buffers.get(other) else { continue };
                let (start, end) = (buffer.start, buffer.end.min(older.end));
                let (below, above) = (all.largest(older, start, end), all.largest(buffer, start, end));
                pairs.push((index, Neighbour { other, below, above }));
                pairs.push((other, Neighbour { other: index, below: above, above: below }));
            }
            alive.push(index);
        }
        pairs.sort_by_key(|(index, _)| *index);
        first.push(0);
        let mut rest = pairs.iter().peekable();
        for index in 0..buffers.len() {
            while let Some((_, neighbour)) = rest.next_if(|(owner, _)| *owner == index) {
                neighbours.push(*neighbour);
            }
            first.push(neighbours.len());
        }
        Self { buffers, neighbours, first, offsets: vec![UNPLACED; buffers.len()] }
    }

    fn buffer(&self, index: usize) -> Buffer {
        self.buffers[index]
    }

    fn offset(&self, index: usize) -> u32 {
        self.offsets[index]
    }

    /// Neighbours that have a place, with their offsets.
    fn placed(&self, index: usize) -> impl Iterator<Item = (u32, Neighbour)> {
        let neighbours = &self.neighbours[self.first[index]..self.first[index + 1]];
        neighbours.iter().map(|n| (self.offset(n.other), *n)).filter(|(offset, _)| *offset != UNPLACED)
    }

    fn fits(&self, index: usize, at: u32) -> bool {
        self.placed(index).all(|(offset, n)| at + n.above <= offset || at >= offset + n.below)
    }

    /// Places the buffers one after another, each as low as possible.
    fn first_fit(&mut self, order: &[usize]) {
        self.offsets.fill(UNPLACED);
        for &index in order {
            let ends = self.placed(index).map(|(offset, n)| offset + n.below);
            let lowest = core::iter::once(0).chain(ends).filter(|at| self.fits(index, *at)).min();
            self.offsets[index] = lowest.unwrap_or(0); // above all neighbours always fits
        }
    }

    fn peak(&self) -> u32 {
        self.buffers.iter().zip(&self.offsets).map(|(buffer, offset)| buffer.bytes + offset).max().unwrap_or(0)
    }

    fn keep_if_better(&self, best: &mut (u32, Vec<u32>)) {
        let peak = self.peak();
        if peak < best.0 {
            *best = (peak, self.offsets.clone());
        }
    }

    /// Looks for a placement within `limit`: buffers in order of time, each at the ends of the gaps between its
    /// neighbours, with a bounded number of steps back. Returns whether one was found.
    fn search(&mut self, order: &[usize], limit: u32) -> bool {
        self.offsets.fill(UNPLACED);
        let mut budget = SEARCH_LIMIT;
        self.search_from(order, limit, &mut budget)
    }

    fn search_from(&mut self, order: &[usize], limit: u32, budget: &mut u32) -> bool {
        let Some((&index, rest)) = order.split_first() else { return true };
        let buffer = self.buffer(index);
        let Some(top) = limit.checked_sub(buffer.bytes) else { return false };
        let above = self.placed(index).map(|(offset, n)| offset + n.below);
        let below = self.placed(index).filter_map(|(offset, n)| offset.checked_sub(n.above));
        let mut places: Vec<u32> = [0, top].into_iter().chain(above).chain(below).filter(|at| *at <= top).collect();
        places.retain(|at| self.fits(index, *at));
        places.sort_unstable();
        places.dedup();
        for at in places {
            *budget = budget.saturating_sub(1);
            if *budget == 0 {
                break;
            }
            self.offsets[index] = at;
            if self.search_from(rest, limit, budget) {
                return true;
            }
        }
        self.offsets[index] = UNPLACED;
        false
    }
}
