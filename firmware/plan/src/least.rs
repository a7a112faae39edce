//! The fewest bytes in which a graph runs, without its plan: for searches that ask for thousands of graphs a second.
//!
//! The largest segment decides, so the best cuts are a path of least bottleneck: Dijkstra's algorithm over the cuts,
//! with the largest segment instead of a sum, looks only at segments that begin where fewer bytes suffice.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::{
    Feed, Goal, Graph, PlanError,
    cuts::choose,
    extent::Extent,
    figures::Figures,
    layers,
    pins::{Cut, depth, pinned},
    segment::Flow,
};

/// The fewest bytes of arena with which `graph` can be planned: `arena_bytes` of its smallest plan, in a fraction of the
/// time.
///
/// # Errors
/// As [`crate::plan_for`].
pub fn least_bytes(graph: &Graph, feed: Feed) -> Result<u32, PlanError> {
    graph.check()?;
    let flow = Flow::new(graph, feed);
    smallest(&Figures::new(&flow))
}

/// Bytes of the smallest plan's arena.
fn smallest(figures: &Figures<'_>) -> Result<u32, PlanError> {
    let (graph, feed) = (figures.flow.graph, figures.flow.feed);
    let path =
        figures.least(u64::MAX).ok_or(if feed == Feed::Rows { PlanError::NotFed } else { PlanError::TooLarge })?;
    let mut bytes = peak(&path);
    if arena(figures.flow, &path) > bytes {
        bytes = arena(figures.flow, &choose(figures, Goal::Smallest)?);
    }
    if feed == Feed::Whole && layers::floor(figures) < bytes {
        bytes = bytes.min(layers::plan(graph)?.arena_bytes.into());
    }
    u32::try_from(bytes).ok().filter(|bytes| *bytes <= i32::MAX as u32).ok_or(PlanError::TooLarge)
}

/// Whether `graph` can be planned in `bytes` of arena.
///
/// # Errors
/// As [`crate::plan_for`].
pub fn fits(graph: &Graph, bytes: u32, feed: Feed) -> Result<bool, PlanError> {
    graph.check()?;
    let flow = Flow::new(graph, feed);
    let figures = Figures::new(&flow);
    let limit = u64::from(bytes.min(i32::MAX as u32));
    let path = figures.within(limit);
    match path {
        Some(path) if arena(&flow, &path) <= limit => Ok(true),
        None if feed == Feed::Whole && layers::floor(&figures) > limit => Ok(false),
        None if feed == Feed::Rows && figures.can_begin() => Ok(false),
        _ => smallest(&figures).map(|bytes| u64::from(bytes) <= limit),
    }
}

/// Bytes of the arena of a plan of these segments.
pub(crate) fn arena(flow: &Flow<'_>, path: &[Extent]) -> u64 {
    // One tensor beside leaves no gap.
    if path.iter().all(|extent| extent.beside <= 1) {
        return peak(path);
    }
    let pins = pinned(flow, path.iter().map(Cut::from));
    let ends = path.iter().enumerate().map(|(index, extent)| extent.own + depth(&pins, index));
    ends.max().unwrap_or(0)
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
        let own = segment.bytes.into();
        Some((Extent { bytes, own, above: segment.above, is_exact: true, ..extent }, segment.cycles))
    }

    /// The segments of a plan whose largest one is as small as possible and less than `limit`.
    pub(crate) fn least(&self, limit: u64) -> Option<Vec<Extent>> {
        self.search(0, limit)
    }

    /// The segments of some plan none of which has more than `limit` bytes.
    pub(crate) fn within(&self, limit: u64) -> Option<Vec<Extent>> {
        self.search(limit, limit + 1)
    }

    /// The segments of a plan whose largest one is as small as possible, of those smaller than `enough` any.
    fn search(&self, enough: u64, limit: u64) -> Option<Vec<Extent>> {
        let count = self.steps.len();
        let mut ways = alloc::vec![Way { bytes: limit, extent: None, is_final: false }; count + 1];
        ways[0].bytes = enough;
        // Segments without a closed form: simulated only if nothing else helps.
        let mut unknown: Vec<Extent> = Vec::new();
        loop {
            // Of equals the last: the rest is short.
            let open = ways.iter().enumerate().filter(|(_, way)| !way.is_final && way.bytes < limit);
            let next = open.map(|(at, way)| (at, way.bytes)).rev().min_by_key(|(_, bytes)| *bytes);
            let guess = unknown.iter().enumerate().min_by_key(|(_, extent)| extent.bytes);
            if let Some((at, extent)) = guess
                && next.is_none_or(|(_, bytes)| extent.bytes.max(enough) < bytes)
            {
                let (extent, before) = (*extent, ways[extent.start].bytes);
                unknown.swap_remove(at);
                let found = self.exact(extent, ways[extent.end].bytes);
                improve(&mut ways, found, before);
                continue;
            }
            let (start, bytes) = next?;
            if start == count {
                return trace(&ways);
            }
            ways[start].is_final = true;
            self.extents(start, |extent| {
                if extent.is_exact {
                    improve(&mut ways, Some(extent), bytes);
                } else if bytes.max(extent.bytes) < ways[extent.end].bytes {
                    unknown.push(Extent { bytes: bytes.max(extent.bytes), ..extent });
                }
                let best = ways[count].bytes;
                if best > bytes && extent.floor < best { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        }
    }

    /// Whether any segment begins with the first step: not if the input should come by rows and cannot.
    fn can_begin(&self) -> bool {
        let mut can = false;
        self.extents(0, |_| {
            can = true;
            ControlFlow::Break(())
        });
        can
    }
}

/// Takes `extent` as the way to its end if that is better; `before`: bytes of the way to its start.
fn improve(ways: &mut [Way], extent: Option<Extent>, before: u64) {
    if let Some(extent) = extent
        && let Some(way) = ways.get_mut(extent.end)
        && before.max(extent.bytes) < way.bytes
    {
        *way = Way { bytes: before.max(extent.bytes), extent: Some(extent), is_final: false };
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
