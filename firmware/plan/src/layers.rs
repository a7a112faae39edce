//! Layer-by-layer plans: lifetimes, in-place steps, and the buffers that are to be placed.
//!
//! The idea: a step that may run in place and is the last reader of its input writes over it, so both tensors are one
//! *buffer* whose size changes with time. Buffers and the scratch of the steps are then placed so that those alive
//! in one step do not touch; the peak is the largest end. The largest sum of living bytes is a lower bound that
//! chains of bottlenecks nearly always reach. Nothing is moved while such a plan runs.

use alloc::{vec, vec::Vec};

use crate::{
    Graph, Placement, PlanError,
    figures::Figures,
    place,
    plan::{Plan, Segment, TensorPlace},
};

/// Part of a buffer's life during which it has one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phase {
    pub start: usize,
    /// Last step, inclusive.
    pub end: usize,
    /// In whole words.
    pub bytes: u32,
    /// What is used of them.
    pub used: u32,
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

    /// Bytes of `buffer` that are used in `step`.
    fn used(&self, buffer: &Buffer, step: usize) -> u32 {
        let now = |phase: &Phase| (phase.start..=phase.end).contains(&step);
        self.phases(buffer).filter(now).map(|phase| phase.used).max().unwrap_or(0)
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
pub(crate) fn plan(graph: &Graph) -> Result<Plan, PlanError> {
    graph.check()?;
    let last = graph.last_steps();
    let mut buffers = Buffers::default();
    let mut tensor_buffer = Vec::with_capacity(graph.steps.len() + 1);
    let mut scratch_buffer = vec![None; graph.steps.len()];
    let mut live = vec![0u64; graph.steps.len()];
    let life = |tensor: usize| last.get(tensor).copied().unwrap_or_default();

    tensor_buffer.push(buffers.begin(Phase {
        start: 0,
        end: life(0),
        bytes: aligned(graph.input.bytes()),
        used: graph.input.bytes(),
    }));
    for (index, step) in graph.steps.iter().enumerate() {
        let used = step.output.bytes();
        let phase = Phase { start: index, end: life(index + 1), bytes: aligned(used), used };
        let is_last = |tensor: &&usize| life(**tensor) == index;
        let overwritten = step.inputs.iter().find(is_last).filter(|_| step.is_in_place());
        let target = overwritten.and_then(|tensor| tensor_buffer.get(*tensor).copied());
        tensor_buffer.push(match target {
            Some(buffer) => {
                buffers.extend(buffer, phase);
                buffer
            }
            None => buffers.begin(phase),
        });
        let bytes = scratch_bytes(graph, index);
        if bytes == u32::MAX {
            return Err(PlanError::TooLarge);
        }
        if bytes > 0
            && let Some(scratch) = scratch_buffer.get_mut(index)
        {
            *scratch = Some(buffers.begin(Phase { start: index, end: index, bytes, used: bytes }));
        }
    }
    let total: u64 = buffers.buffers.iter().map(|buffer| u64::from(buffer.bytes)).sum();
    if total > i32::MAX as u64 {
        return Err(PlanError::TooLarge);
    }
    let mut words = vec![0u32; graph.steps.len()];
    for buffer in &buffers.buffers {
        let lives = live.iter_mut().zip(&mut words).enumerate().take(buffer.end + 1).skip(buffer.start);
        for (step, (live, words)) in lives {
            *live += u64::from(buffers.used(buffer, step));
            *words = words.saturating_add(buffers.largest(buffer, step, step));
        }
    }
    let live_bytes: Vec<u32> = live.iter().map(|bytes| u32::try_from(*bytes).unwrap_or(u32::MAX)).collect();
    let offsets = place::place(&buffers, words.into_iter().max().unwrap_or(0));

    let at = |buffer: usize| offsets.get(buffer).copied().unwrap_or_default();
    let tensors = tensor_buffer.iter().enumerate().map(|(tensor, buffer)| {
        let (dims, offset) = (graph.dims(tensor).unwrap_or_default(), at(*buffer));
        TensorPlace { offset, moved: offset, bytes: dims.bytes(), rows: dims.h }
    });
    let tensors: Vec<_> = tensors.collect();
    let scratch = |(step, buffer): (usize, &Option<usize>)| {
        buffer.map_or_else(Placement::default, |buffer| Placement {
            offset: at(buffer),
            bytes: scratch_bytes(graph, step),
        })
    };
    let scratch: Vec<_> = scratch_buffer.iter().enumerate().map(scratch).collect();
    let ends = tensors.iter().map(TensorPlace::end).chain(scratch.iter().map(|placement| placement.end()));
    let arena_bytes = u32::try_from(ends.max().unwrap_or(0)).map_err(|_| PlanError::TooLarge)?;
    let segments = (0..graph.steps.len()).map(|step| Segment { steps: step..step + 1, batch: u16::MAX }).collect();
    Ok(Plan { arena_bytes, tensors, scratch, segments, live_bytes })
}

/// Bytes that a layer-by-layer plan takes at least.
pub(crate) fn floor(figures: &Figures<'_>) -> u64 {
    let graph = figures.flow.graph;
    let live = graph.steps.iter().enumerate().map(|(index, step)| {
        let bytes = |tensor: usize| u64::from(figures.tensors[tensor].bytes);
        let before = if figures.tensors[index].last >= index { bytes(index) } else { 0 };
        let inputs = figures.older[index] + before;
        let dies = |tensor: &usize| figures.tensors[*tensor].last == index;
        let overwritten = step.pair().into_iter().find(dies).filter(|_| step.is_in_place()).map_or(0, bytes);
        inputs + bytes(index + 1).saturating_sub(overwritten) + u64::from(scratch_bytes(graph, index))
    });
    live.max().unwrap_or(0)
}

/// Scratch of a step that makes all its rows at once.
fn scratch_bytes(graph: &Graph, index: usize) -> u32 {
    let Some(step) = graph.steps.get(index) else { return 0 };
    let input = step.inputs.first().and_then(|tensor| graph.dims(*tensor)).unwrap_or_default();
    let bytes = step.op.scratch_bytes(input, step.output, step.op.work_rows(input, step.output), false);
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Buffers start at multiples of 4, as the scratch of kernels must.
const fn aligned(bytes: u32) -> u32 {
    match bytes.checked_next_multiple_of(4) {
        Some(bytes) => bytes,
        None => u32::MAX,
    }
}
