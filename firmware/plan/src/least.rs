//! The fewest bytes in which a graph runs, without its plan: for searches that ask for thousands of graphs a second.
//!
//! The largest segment decides, so the best cuts are a path of least bottleneck: Dijkstra's algorithm over the cuts,
//! with the largest segment instead of a sum, looks only at segments that begin where fewer bytes suffice.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::{
    Feed, Goal, Graph, PlanError,
    extent::Extent,
    figures::Figures,
    layers,
    plan::{Plan, plan_for},
    segment::Flow,
};

/// The fewest bytes of arena with which `graph` can be planned: `arena_bytes` of its smallest plan, in a fraction of the
/// time.
///
/// # Errors
/// As [`plan_for`].
pub fn least_bytes(graph: &Graph, feed: Feed) -> Result<u32, PlanError> {
    graph.check()?;
    let flow = Flow::new(graph, feed);
    let figures = Figures::new(&flow);
    let path = figures.least(u64::MAX).ok_or(if feed == Feed::Rows { PlanError::NotFed } else { PlanError::TooLarge })?;
    let bytes = peak(&path).next_multiple_of(4);
    if path.iter().any(|extent| extent.beside > 1) || (feed == Feed::Whole && layers::floor(&figures) < bytes) {
        return plan_for(graph, Goal::Smallest, feed).map(|plan| plan.arena_bytes);
    }
    u32::try_from(bytes).ok().filter(|bytes| *bytes <= i32::MAX as u32).ok_or(PlanError::TooLarge)
}

/// Whether `graph` can be planned in `bytes` of arena.
///
/// # Errors
/// As [`plan_for`].
pub fn fits(graph: &Graph, bytes: u32, feed: Feed) -> Result<bool, PlanError> {
    graph.check()?;
    let flow = Flow::new(graph, feed);
    let figures = Figures::new(&flow);
    let limit = u64::from(bytes.min(i32::MAX as u32) / 4 * 4);
    let path = figures.within(limit);
    let is_tight = |path: &Vec<Extent>| path.iter().all(|extent| extent.beside <= 1);
    match path {
        Some(path) if is_tight(&path) => Ok(true),
        None if feed == Feed::Whole && layers::floor(&figures) > limit => Ok(false),
        _ => plan_for(graph, Goal::Smallest, feed).map(|plan: Plan| u64::from(plan.arena_bytes) <= limit),
    }
}

/// Bytes of the largest segment.
pub(crate) fn peak(path: &[Extent]) -> u64 {
    path.iter().map(|extent| extent.bytes).max().unwrap_or(0)
}

/// The best way to a cut.
#[derive(Clone, Copy)]
struct Way {
    /// Bytes of its largest segment.
    bytes: u64,
    /// Its last segment.
    extent: Option<Extent>,
    is_final: bool,
}

impl Figures<'_> {
    /// The exact bytes of a segment, if they are less than `limit`.
    pub(crate) fn exact(&self, extent: Extent, limit: u64) -> Option<Extent> {
        if extent.is_exact || extent.bytes >= limit {
            return Some(extent).filter(|extent| extent.bytes < limit);
        }
        self.simulated(extent).map(|(extent, _)| extent).filter(|extent| extent.bytes < limit)
    }

    /// A segment as it is when it runs, and its cycles.
    pub(crate) fn simulated(&self, extent: Extent) -> Option<(Extent, u64)> {
        let segment = self.flow.measure(extent.start..extent.end, extent.batch)?;
        let bytes = u64::from(segment.bytes) + self.flow.beside(&(extent.start..extent.end));
        Some((Extent { bytes, above: segment.above, is_exact: true, ..extent }, segment.cycles))
    }

    /// The segments of a plan whose largest one is as small as possible and less than `limit`.
    pub(crate) fn least(&self, limit: u64) -> Option<Vec<Extent>> {
        let count = self.steps.len();
        let mut ways = alloc::vec![Way { bytes: limit, extent: None, is_final: false }; count + 1];
        ways[0].bytes = 0;
        loop {
            // Of equals the last: the rest is short.
            let open = ways.iter().enumerate().filter(|(_, way)| !way.is_final && way.bytes < limit);
            let (start, bytes) = open.map(|(at, way)| (at, way.bytes)).rev().min_by_key(|(_, bytes)| *bytes)?;
            if start == count {
                break;
            }
            ways[start].is_final = true;
            self.extents(start, |extent| {
                let (end, best) = (extent.end, ways[count].bytes);
                if let Some(extent) = self.exact(extent, best.min(ways[end].bytes))
                    && bytes < ways[end].bytes
                {
                    ways[end] = Way { bytes: bytes.max(extent.bytes), extent: Some(extent), is_final: false };
                }
                if extent.floor < best { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        }
        trace(&ways)
    }

    /// The segments of some plan none of which has more than `limit` bytes.
    fn within(&self, limit: u64) -> Option<Vec<Extent>> {
        let count = self.steps.len();
        let mut ways = alloc::vec![Way { bytes: 0, extent: None, is_final: false }; count + 1];
        let mut open = Vec::with_capacity(count);
        open.push(0);
        while let Some(start) = open.pop() {
            self.extents(start, |extent| {
                if ways[extent.end].extent.is_none()
                    && let Some(extent) = self.exact(extent, limit + 1)
                {
                    ways[extent.end].extent = Some(extent);
                    open.push(extent.end);
                }
                let done = ways[count].extent.is_some() || extent.floor > limit;
                if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if ways[count].extent.is_some() {
                return trace(&ways);
            }
        }
        None
    }
}

/// The segments that lead to the last cut.
fn trace(ways: &[Way]) -> Option<Vec<Extent>> {
    let mut path = Vec::with_capacity(ways.len());
    let mut at = ways.len() - 1;
    while at > 0 {
        let extent = ways[at].extent?;
        path.push(extent);
        at = extent.start;
    }
    path.reverse();
    Some(path)
}
