//! The tensors that hang from the arena's end while segments run that neither make nor use them up.

use alloc::vec::Vec;

use crate::segment::{Flow, Segment};

/// A tensor that hangs from the arena's end for some segments.
pub(crate) struct Pinned {
    pub tensor: usize,
    pub first: usize,
    pub last: usize,
    /// From its first byte to the arena's end.
    pub depth: u64,
}

/// All of them, each as near to the end as those that live with it allow.
pub(crate) fn pinned(flow: &Flow<'_>, segments: &[Segment]) -> Vec<Pinned> {
    let steps = flow.graph.steps.len();
    let mut of_step = Vec::with_capacity(steps);
    for (index, segment) in segments.iter().enumerate() {
        of_step.resize(segment.steps.end, index);
    }
    let of_step = |step: usize| of_step.get(step).copied().unwrap_or(0);
    let mut pinned: Vec<Pinned> = Vec::new();
    for tensor in 0..=steps {
        let made = tensor.checked_sub(1).map(of_step);
        let is_output = made.is_some_and(|made| segments.get(made).is_some_and(|segment| segment.steps.end == tensor));
        let last = match flow.last.get(tensor).copied() {
            Some(usize::MAX) | None => continue,
            Some(last) => of_step(last),
        };
        let first = match made {
            None => 0,
            Some(made) if is_output => made + 1,
            Some(made) => made,
        };
        let uses = |segment: usize| segments.get(segment).is_some_and(|segment| segment.primary == Some(tensor));
        let is_window = made.is_some_and(|made| !is_output && last == made);
        let is_fed = tensor == 0 && segments.first().is_some_and(|segment| segment.fed.is_some());
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
