//! What a segment of steps takes when it runs row by row: windows, overlap of input and output, scratch, cycles.

use alloc::vec::Vec;
use core::ops::Range;

use crate::{
    Graph, Op, cycles,
    schedule::{MAX_SEGMENT, Need, Schedule, Source, Stage},
    windows::smallest_windows,
};

/// Whether the network's input is whole in the arena or comes row by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Feed {
    /// The input lies in the arena before the first step.
    #[default]
    Whole,
    /// The input comes row by row while the first segment runs.
    Rows,
}

/// A measured segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub steps: Range<usize>,
    /// Rows in the window of every step's output (of the input's first, if it is fed by rows).
    pub windows: Vec<u16>,
    /// Bytes of scratch of every step.
    pub scratch: Vec<u32>,
    /// Whether the input is fed by rows.
    pub fed: Option<u16>,
    /// Rows of the last step in one call.
    pub batch: u16,
    /// The tensor that the output may overwrite as it goes.
    pub primary: Option<usize>,
    /// How far above the output's start that tensor must start.
    pub above: u32,
    /// Bytes of output, primary input, windows and scratch; tensors that live across are not among them.
    pub bytes: u32,
    /// The planner's estimate.
    pub cycles: u64,
}

impl Segment {
    /// Bytes of scratch that its steps use one after another.
    pub fn shared_scratch(&self, flow: &Flow<'_>) -> u32 {
        let shared = self.steps.clone().zip(&self.scratch).filter(|(step, _)| !flow.is_pool(*step));
        shared.map(|(_, bytes)| *bytes).max().unwrap_or(0)
    }

    /// Bytes of scratch, sums of pooling included.
    pub fn scratch_bytes(&self, flow: &Flow<'_>) -> u32 {
        let sums = self.steps.clone().zip(&self.scratch).filter(|(step, _)| flow.is_pool(*step));
        self.shared_scratch(flow) + sums.map(|(_, bytes)| bytes).sum::<u32>()
    }

    /// The tensors that are windows, with their rows.
    pub fn inner_windows(&self, flow: &Flow<'_>) -> impl Iterator<Item = (usize, u16)> {
        let last = self.steps.end - 1;
        let inner = (self.steps.start + 1..self.steps.end).zip(self.windows.iter().copied());
        self.fed.map(|rows| (0, rows)).into_iter().chain(inner.filter(move |(tensor, _)| !flow.outlives(*tensor, last)))
    }

    /// Bytes of windows.
    pub fn window_bytes(&self, flow: &Flow<'_>) -> u32 {
        self.inner_windows(flow).map(|(tensor, rows)| u32::from(rows) * flow.row_bytes(tensor)).sum()
    }
}

/// A graph with what planning asks of it again and again.
pub(crate) struct Flow<'a> {
    pub graph: &'a Graph,
    /// The last step that reads each tensor.
    pub last: Vec<usize>,
    pub feed: Feed,
}

impl<'a> Flow<'a> {
    pub fn new(graph: &'a Graph, feed: Feed) -> Self {
        let mut last = graph.last_steps();
        // The network's output lives to the end of time.
        if let Some(output) = last.last_mut() {
            *output = usize::MAX;
        }
        Self { graph, last, feed }
    }

    pub fn bytes(&self, tensor: usize) -> u32 {
        self.graph.dims(tensor).unwrap_or_default().bytes()
    }

    fn row_bytes(&self, tensor: usize) -> u32 {
        let dims = self.graph.dims(tensor).unwrap_or_default();
        u32::from(dims.w) * u32::from(dims.c)
    }

    pub fn is_pool(&self, step: usize) -> bool {
        self.graph.steps.get(step).is_some_and(|step| step.op == Op::GlobalPool)
    }

    /// Whether a tensor is read after `step`.
    pub fn outlives(&self, tensor: usize, step: usize) -> bool {
        self.last.get(tensor).is_some_and(|last| *last > step)
    }

    fn is_fed(&self, steps: &Range<usize>) -> bool {
        self.feed == Feed::Rows && steps.start == 0
    }

    /// The stages of `steps` with windows as high as their tensors; `None` if they cannot be one segment.
    fn stages(&self, steps: &Range<usize>, batch: u16) -> Option<Vec<Stage>> {
        let mut stages = Vec::with_capacity(steps.len() + 1);
        let fed = usize::from(self.is_fed(steps));
        if steps.len() + fed > MAX_SEGMENT {
            return None;
        }
        if fed == 1 {
            let rows = self.graph.input.h;
            let inputs = [Source::Outside; 2];
            if self.outlives(0, steps.end - 1) {
                return None;
            }
            let stage = Stage { inputs, height: rows, need: Need::Same, rows, capacity: rows, batch: 1, kept: false };
            stages.push(stage);
        }
        for index in steps.clone() {
            let step = self.graph.steps.get(index)?;
            let input = self.graph.dims(*step.inputs.first()?)?;
            let is_last = index + 1 == steps.end;
            let alone = steps.len() == 1;
            if !alone && (step.op.need() == Need::All || (step.op == Op::GlobalPool && !is_last)) {
                return None;
            }
            let source = |tensor: usize| match tensor.checked_sub(steps.start + 1) {
                Some(stage) => Source::Stage((stage + fed) as u8),
                None if tensor == 0 && fed == 1 => Source::Stage(0),
                None => Source::Outside,
            };
            let first = source(*step.inputs.first()?);
            let second = step.inputs.get(1).map_or(first, |tensor| source(*tensor));
            let rows = if step.op == Op::GlobalPool { input.h } else { step.output.h };
            let inner = if step.op.makes_single_rows() && !alone { 1 } else { u16::MAX };
            stages.push(Stage {
                inputs: [first, second],
                height: input.h,
                need: step.op.need(),
                rows,
                capacity: rows,
                batch: if is_last { batch } else { inner },
                kept: is_last || self.outlives(index + 1, steps.end - 1),
            });
        }
        Some(stages)
    }

    /// Measures `steps` as one segment whose last step makes at most `batch` rows in a call; `None` if they cannot be.
    pub fn measure(&self, steps: Range<usize>, batch: u16) -> Option<Segment> {
        let mut stages = self.stages(&steps, batch)?;
        let fed = usize::from(self.is_fed(&steps));
        if stages.len() > 1 {
            smallest_windows(&mut stages);
        }
        let primary = self.primary(&steps);
        let output = steps.end;
        let (out_row, in_row) = (self.row_bytes(output), primary.map_or(0, |tensor| self.row_bytes(tensor)));
        let readers = |tensor: usize| {
            let reads = move |step: &usize| self.graph.steps.get(*step).is_some_and(|s| s.inputs.contains(&tensor));
            let start = steps.start;
            steps.clone().filter(reads).map(move |step| step - start + fed)
        };
        let readers: Vec<usize> = primary.map(|tensor| readers(tensor).collect()).unwrap_or_default();
        let mut schedule = Schedule::default();
        for stage in &stages {
            schedule.push(*stage)?;
        }
        let last = stages.len() - 1;
        let mut most = alloc::vec![0u16; stages.len()];
        let (mut above, mut cycles) = (0i64, 0u64);
        while let Some(call) = schedule.next_call() {
            let rows = call.rows.end - call.rows.start;
            if let Some(most) = most.get_mut(call.stage) {
                *most = rows.max(*most);
            }
            if let Some(step) = call.stage.checked_sub(fed).and_then(|stage| self.graph.steps.get(steps.start + stage))
            {
                let input = step.inputs.first().and_then(|tensor| self.graph.dims(*tensor))?;
                cycles += cycles::of_call(step.op, input, step.output, rows);
                if call.drop > 0 {
                    let kept = stages.get(call.stage)?.capacity.saturating_sub(call.drop);
                    cycles += cycles::of_move(u32::from(kept) * self.row_bytes(steps.start + call.stage - fed + 1));
                }
            }
            if call.stage == last {
                let still = readers.iter().map(|reader| {
                    if *reader == call.stage {
                        let stage = schedule.stages().get(*reader).copied();
                        stage.map_or(0, |stage| stage.need.rows(call.rows.start, stage.height).start)
                    } else {
                        schedule.next_input(*reader)
                    }
                });
                let needed = still.min().unwrap_or(0);
                let end = i64::from(call.rows.end) * i64::from(out_row);
                above = above.max(end - i64::from(needed) * i64::from(in_row));
            }
        }
        if !schedule.is_complete() {
            return None;
        }
        let last_step = self.graph.steps.get(steps.end - 1)?;
        let mut above = u32::try_from(above).unwrap_or(0);
        if last_step.op == Op::GlobalPool {
            above = self.bytes(output);
        }
        if steps.len() == 1 && batch == u16::MAX && last_step.is_in_place() {
            above = 0;
        }
        let windows: Vec<u16> = stages.iter().skip(fed).map(|stage| stage.capacity).collect();
        let mut scratch = Vec::with_capacity(windows.len());
        let (mut shared, mut sums) = (0, 0);
        for (index, rows) in steps.clone().zip(most.iter().skip(fed)) {
            let step = self.graph.steps.get(index)?;
            let input = step.inputs.first().and_then(|tensor| self.graph.dims(*tensor))?;
            let bytes = u32::try_from(step.op.scratch_bytes(input, step.output, *rows, stages.len() > 1)).ok()?;
            scratch.push(bytes);
            if step.op == Op::GlobalPool { sums += bytes } else { shared = shared.max(bytes) }
        }
        let input_window = (fed == 1).then(|| stages.first().map_or(0, |stage| stage.capacity));
        let inner = steps
            .clone()
            .take(steps.len() - 1)
            .zip(&windows)
            .filter(|(step, _)| !self.outlives(step + 1, steps.end - 1));
        let rings: u32 = inner.map(|(step, rows)| u32::from(*rows) * self.row_bytes(step + 1)).sum();
        let fed_bytes = input_window.map_or(0, |rows| u32::from(rows) * self.row_bytes(0));
        let ends = self.bytes(output).max(primary.map_or(0, |tensor| above.saturating_add(self.bytes(tensor))));
        let words = if shared + sums > 0 { ends.checked_next_multiple_of(4)? } else { ends };
        let bytes = words.checked_add(shared)?.checked_add(sums)?.checked_add(rings)?.checked_add(fed_bytes)?;
        Some(Segment { steps, windows, scratch, fed: input_window, batch, primary, above, bytes, cycles })
    }

    /// The tensor that the segment's output may overwrite: made just before it, or the input, and not read afterwards.
    fn primary(&self, steps: &Range<usize>) -> Option<usize> {
        let tensor = steps.start;
        let read = steps.clone().any(|step| self.graph.steps.get(step).is_some_and(|s| s.inputs.contains(&tensor)));
        (read && !self.outlives(tensor, steps.end - 1) && !self.is_fed(steps)).then_some(tensor)
    }

    /// Bytes of the tensors that live while `steps` run and are neither their output nor their primary input.
    pub fn beside(&self, steps: &Range<usize>) -> u64 {
        let primary = self.primary(steps);
        let older = (0..=steps.start).filter(|tensor| {
            let fed = *tensor == 0 && self.is_fed(steps);
            !fed && Some(*tensor) != primary && self.last.get(*tensor).is_some_and(|last| *last >= steps.start)
        });
        let inner = (steps.start + 1..steps.end).filter(|tensor| self.outlives(*tensor, steps.end - 1));
        older.chain(inner).map(|tensor| u64::from(self.bytes(tensor))).sum()
    }
}
