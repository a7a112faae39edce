//! A plan: where everything lies in the arena, and which steps run row by row together.

use alloc::vec::Vec;
use core::ops::Range;

use crate::{Feed, Graph, Placement, PlanError, cuts, layers, segment::Flow};

/// Where a tensor lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TensorPlace {
    /// First byte while its segment makes it.
    pub offset: u32,
    /// First byte from the next segment on, whose start moves it there.
    pub moved: u32,
    /// Bytes of its window.
    pub bytes: u32,
    /// Rows of its window; as many as the tensor has where it is whole.
    pub rows: u16,
}

impl TensorPlace {
    /// One past the last byte that it ever occupies.
    #[must_use]
    pub fn end(&self) -> u64 {
        u64::from(self.offset.max(self.moved)) + u64::from(self.bytes)
    }

    /// Its bytes while its segment makes it.
    #[must_use]
    pub const fn made(&self) -> Placement {
        Placement { offset: self.offset, bytes: self.bytes }
    }

    /// Its bytes from the next segment on.
    #[must_use]
    pub const fn kept(&self) -> Placement {
        Placement { offset: self.moved, bytes: self.bytes }
    }
}

/// Steps that run row by row together; one step alone makes its rows in as few calls as `batch` allows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Segment {
    /// The steps.
    pub steps: Range<usize>,
    /// Most rows of the last step in one call.
    pub batch: u16,
}

/// Where everything lies in the arena.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Size of the arena: the largest end of all tensors and scratch.
    pub arena_bytes: u32,
    /// Place of every tensor; 0 is the input, `i + 1` the output of step `i`.
    pub tensors: Vec<TensorPlace>,
    /// Scratch of every step; 0 bytes if it needs none.
    pub scratch: Vec<Placement>,
    /// The segments in their order.
    pub segments: Vec<Segment>,
    /// Living bytes in every step, scratch included; the steps of a segment live together.
    pub live_bytes: Vec<u32>,
}

impl Plan {
    /// The largest number of living bytes: no plan with these segments has a smaller arena.
    #[must_use]
    pub fn bound(&self) -> u32 {
        self.live_bytes.iter().copied().max().unwrap_or(0)
    }

    /// Whether every step runs alone, from whole tensors to whole tensors.
    #[must_use]
    pub fn is_layer_by_layer(&self) -> bool {
        self.segments.iter().all(|segment| segment.steps.len() == 1 && segment.batch == u16::MAX)
    }

    /// The planner's estimate of the cycles on a Cortex-M4: good for comparing plans of one graph, not a latency.
    #[must_use]
    pub fn estimated_cycles(&self, graph: &Graph, feed: Feed) -> u64 {
        let flow = Flow::new(graph, feed);
        let segments = self.segments.iter();
        let cycles =
            segments.filter_map(|segment| flow.measure(segment.steps.clone(), segment.batch)).map(|s| s.cycles);
        let moved = self.tensors.iter().filter(|tensor| tensor.moved != tensor.offset);
        cycles.sum::<u64>() + moved.map(|tensor| crate::cycles::of_move(tensor.bytes)).sum::<u64>()
    }
}

/// What a plan is to be good at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Goal {
    /// As few cycles as possible, whatever it takes: layer by layer.
    #[default]
    Fastest,
    /// As few bytes as possible; among those plans, the fastest.
    Smallest,
    /// As few cycles as possible within so many bytes; the smallest plan if none fits.
    Fits(u32),
}

/// Plans a graph for speed: layer by layer. Deterministic.
///
/// # Errors
/// If the graph is not well formed or takes more than 2 GiB.
pub fn plan(graph: &Graph) -> Result<Plan, PlanError> {
    layers::plan(graph)
}

/// Plans a graph for `goal`. Deterministic.
///
/// # Errors
/// If the graph is not well formed, takes more than 2 GiB, or cannot be fed by rows.
pub fn plan_for(graph: &Graph, goal: Goal, feed: Feed) -> Result<Plan, PlanError> {
    graph.check()?;
    if feed == Feed::Rows {
        return cuts::plan(graph, goal, feed);
    }
    let layers = layers::plan(graph)?;
    let limit = match goal {
        Goal::Fastest => return Ok(layers),
        Goal::Fits(bytes) => bytes,
        Goal::Smallest => 0,
    };
    if layers.arena_bytes <= limit {
        return Ok(layers);
    }
    let plan = cuts::plan(graph, goal, feed)?;
    // Placed without gaps for moves, a plan of single steps may be some bytes smaller than its segments.
    Ok(if layers.arena_bytes < plan.arena_bytes { layers } else { plan })
}
