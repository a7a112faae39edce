//! The tensors that hang from the arena's end while segments run that neither make nor use them up.

use alloc::vec::Vec;

use crate::{
    extent::Extent,
    segment::{Flow, Segment},
};

/// A tensor that hangs from the arena's end for some segments.
pub(crate) struct Pinned {
    pub tensor: usize,
    pub first: usize,
    pub last: usize,
    /// From its first byte to the arena's end.
    pub depth: u64,
}

/// What the places of pinned tensors depend on.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    pub start: usize,
    pub end: usize,
    /// Whether it uses up the tensor made just before it.
    pub has_primary: bool,
    pub is_fed: bool,
}

impl From<&Segment> for Cut {
    fn from(segment: &Segment) -> Self {
        let (has_primary, is_fed) = (segment.primary.is_some(), segment.fed.is_some());
        Self { start: segment.steps.start, end: segment.steps.end, has_primary, is_fed }
    }
}

impl From<&Extent> for Cut {
    fn from(extent: &Extent) -> Self {
        let Extent { start, end, has_primary, is_fed, .. } = *extent;
        Self { start, end, has_primary, is_fed }
    }
}

/// Bytes that the tensors that hang there take in a segment, gaps between them included.
pub(crate) fn depth(pins: &[Pinned], segment: usize) -> u64 {
    let alive = pins.iter().filter(|pin| (pin.first..=pin.last).contains(&segment));
    alive.map(|pin| pin.depth).max().unwrap_or(0)
}

/// All of them, each as near to the end as those that live with it allow.
pub(crate) fn pinned(flow: &Flow<'_>, cuts: impl Iterator<Item = Cut>) -> Vec<Pinned> {
    let steps = flow.graph.steps.len();
    let cuts: Vec<Cut> = cuts.collect();
    let mut of_step = Vec::with_capacity(steps);
    for (index, cut) in cuts.iter().enumerate() {
        of_step.resize(cut.end, index);
    }
    let of_step = |step: usize| of_step.get(step).copied().unwrap_or(0);
    let mut pinned: Vec<Pinned> = Vec::new();
    for tensor in 0..=steps {
        let made = tensor.checked_sub(1).map(of_step);
        let is_output = made.is_some_and(|made| cuts.get(made).is_some_and(|cut| cut.end == tensor));
        let last = match flow.last.get(tensor).copied() {
            Some(usize::MAX) | None => continue,
            Some(last) => of_step(last),
        };
        let first = match made {
            None => 0,
            Some(made) if is_output => made + 1,
            Some(made) => made,
        };
        let uses = |segment: usize| cuts.get(segment).is_some_and(|cut| cut.has_primary && cut.start == tensor);
        let is_window = made.is_some_and(|made| !is_output && last == made);
        let is_fed = tensor == 0 && cuts.first().is_some_and(|cut| cut.is_fed);
        // The primary input of a segment is the output of the one before.
        if (first == last && uses(first)) || is_window || is_fed || last < first {
            continue;
        }
        let bytes = u64::from(flow.bytes(tensor));
        let mut depth = bytes;
        loop {
            let overlaps = |pin: &&Pinned| {
                pin.first <= last && first <= pin.last && {
                    let other = u64::from(flow.bytes(pin.tensor));
                    pin.depth > depth - bytes && pin.depth - other < depth
                }
            };
            match pinned.iter().find(overlaps) {
                Some(pin) => depth = pin.depth + bytes,
                None => break,
            }
        }
        pinned.push(Pinned { tensor, first, last, depth });
    }
    pinned
}
