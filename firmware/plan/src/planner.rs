//! Layer-by-layer planner: lifetimes, in-place depthwise, and the buffers that are to be placed.
//!
//! The idea: a depthwise convolution that is the last reader of its input writes over it, so both tensors are one
//! *buffer* whose size changes with time. Buffers and the scratch of the steps are then placed so that those alive
//! in one step do not touch; the peak is the largest end. The largest sum of living bytes is a lower bound that
//! chains of bottlenecks nearly always reach.

use alloc::{vec, vec::Vec};

use crate::{Graph, Op, Placement, PlanError, place};

/// Where everything lies in the arena.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Size of the arena: the largest end of all tensors and scratch.
    pub arena_bytes: u32,
    /// Place of every tensor; 0 is the input, `i + 1` the output of step `i`.
    pub tensors: Vec<Placement>,
    /// Scratch of every step; 0 bytes if it needs none.
    pub scratch: Vec<Placement>,
    /// Living bytes in every step, scratch included.
    pub live_bytes: Vec<u32>,
}

impl Plan {
    /// The largest number of living bytes: no layer-by-layer plan has a smaller arena.
    #[must_use]
    pub fn bound(&self) -> u32 {
        self.live_bytes.iter().copied().max().unwrap_or(0)
    }
}

/// Part of a buffer's life during which it has one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phase {
    pub start: usize,
    /// Last step, inclusive.
    pub end: usize,
    pub bytes: u32,
}

/// Bytes with one first address: a tensor, a chain of tensors that overwrite each other, or scratch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer {
    pub start: usize,
    /// Last step, inclusive.
    pub end: usize,
    /// Largest size.
    pub bytes: u32,
    /// The last phase; each phase knows the one before it.
    pub last_phase: usize,
}

/// All buffers of a graph.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub buffers: Vec<Buffer>,
    /// Phases, each with the one before it in its buffer.
    phases: Vec<(Phase, Option<usize>)>,
}

impl Buffers {
    fn begin(&mut self, phase: Phase) -> usize {
        self.phases.push((phase, None));
        let last_phase = self.phases.len() - 1;
        self.buffers.push(Buffer { start: phase.start, end: phase.end, bytes: phase.bytes, last_phase });
        self.buffers.len() - 1
    }

    fn extend(&mut self, buffer: usize, phase: Phase) {
        let at = self.phases.len();
        if let Some(buffer) = self.buffers.get_mut(buffer) {
            self.phases.push((phase, Some(buffer.last_phase)));
            buffer.last_phase = at;
            buffer.end = phase.end;
            buffer.bytes = buffer.bytes.max(phase.bytes);
        }
    }

    /// Phases of a buffer, last one first.
    pub fn phases(&self, buffer: &Buffer) -> impl Iterator<Item = Phase> {
        let mut at = Some(buffer.last_phase);
        core::iter::from_fn(move || {
            let (phase, before) = self.phases.get(at?)?;
            at = *before;
            Some(*phase)
        })
    }

    /// Largest size of `buffer` within the steps `start..=end`.
    pub fn largest(&self, buffer: &Buffer, start: usize, end: usize) -> u32 {
        let common = |phase: &Phase| phase.start <= end && start <= phase.end;
        self.phases(buffer).filter(common).map(|phase| phase.bytes).max().unwrap_or(0)
    }
}

/// Plans a graph layer by layer. Deterministic.
///
/// # Errors
/// If the graph is not well formed or takes more than 2 GiB.
pub fn plan(graph: &Graph) -> Result<Plan, PlanError> {
    graph.check()?;
    let last = graph.last_steps();
    let mut buffers = Buffers::default();
    let mut tensor_buffer = Vec::with_capacity(graph.steps.len() + 1);
    let mut scratch_buffer = vec![None; graph.steps.len()];
    let mut live = vec![0u64; graph.steps.len()];
    let life = |tensor: usize| last.get(tensor).copied().unwrap_or_default();

    tensor_buffer.push(buffers.begin(Phase { start: 0, end: life(0), bytes: graph.input.bytes() }));
    for (index, step) in graph.steps.iter().enumerate() {
        let phase = Phase { start: index, end: life(index + 1), bytes: step.output.bytes() };
        let source = step.inputs.first().copied().unwrap_or_default();
        let overwrites = matches!(step.op, Op::Depthwise(_)) && life(source) == index;
        let target = tensor_buffer.get(source).copied().filter(|_| overwrites);
        tensor_buffer.push(match target {
            Some(buffer) => {
                buffers.extend(buffer, phase);
                buffer
            }
            None => buffers.begin(phase),
        });
        let bytes = step.op.scratch_bytes(graph.dims(source).unwrap_or_default());
        let bytes = u32::try_from(bytes).map_err(|_| PlanError::TooLarge)?;
        if bytes > 0
            && let Some(scratch) = scratch_buffer.get_mut(index)
        {
            *scratch = Some(buffers.begin(Phase { start: index, end: index, bytes }));
        }
    }
    let total: u64 = buffers.buffers.iter().map(|buffer| u64::from(buffer.bytes)).sum();
    if total > i32::MAX as u64 {
        return Err(PlanError::TooLarge);
    }
    for buffer in &buffers.buffers {
        for (step, live) in live.iter_mut().enumerate().take(buffer.end + 1).skip(buffer.start) {
            *live += u64::from(buffers.largest(buffer, step, step));
        }
    }
    let live_bytes: Vec<u32> = live.iter().map(|bytes| u32::try_from(*bytes).unwrap_or(u32::MAX)).collect();
    let offsets = place::place(&buffers, live_bytes.iter().copied().max().unwrap_or(0));

    let at = |buffer: usize| offsets.get(buffer).copied().unwrap_or_default();
    let bytes = |tensor: usize| graph.dims(tensor).unwrap_or_default().bytes();
    let tensors = tensor_buffer.iter().enumerate();
    let tensors: Vec<_> = tensors.map(|(t, buffer)| Placement { offset: at(*buffer), bytes: bytes(t) }).collect();
    let scratch = |buffer: &Option<usize>| {
        let buffer = buffer.and_then(|index| Some((index, buffers.buffers.get(index)?)));
        buffer.map_or_else(Placement::default, |(index, b)| Placement { offset: at(index), bytes: b.bytes })
    };
    let scratch: Vec<_> = scratch_buffer.iter().map(scratch).collect();
    let ends = tensors.iter().chain(&scratch).map(|placement| placement.end());
    let arena_bytes = u32::try_from(ends.max().unwrap_or(0)).map_err(|_| PlanError::TooLarge)?;
    Ok(Plan { arena_bytes, tensors, scratch, live_bytes })
}
