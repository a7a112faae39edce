//! Segment by segment through a model: moves what must move, and calls kernels for the rows that the schedule names.

use core::ops::Range;

use tinynas_kernels::{self as kernels, KernelError, Rows, packed};
use tinynas_plan::{Call, Model, Need, Op, Placement, Schedule, SegmentView, StepParams, StepView, TensorView, Window};

use crate::{EngineError, Observer};

/// Runs a model whose input is whole. The input must lie at `model.input().range()` of the arena, which must start at a
/// multiple of 4; the output is left at `model.output().range()`. Input and scratch are overwritten. Bytes of the arena
/// past the plan stay untouched.
///
/// # Errors
/// If the arena is too short or the input comes by rows. A model that was parsed has no other error.
pub fn run(model: &Model<'_>, arena: &mut [u8], observer: &mut impl Observer) -> Result<(), EngineError> {
    if model.is_fed_by_rows() {
        return Err(EngineError::Fed);
    }
    run_fed(model, arena, |_, _| (), observer)
}

/// Runs any model. If its input comes by rows, `feed` is asked for every row of the input in their order: it gets the
/// row's number and the bytes to fill.
///
/// # Errors
/// If the arena is too short. A model that was parsed has no other error.
pub fn run_fed(
    model: &Model<'_>,
    arena: &mut [u8],
    mut feed: impl FnMut(u16, &mut [i8]),
    observer: &mut impl Observer,
) -> Result<(), EngineError> {
    let (needed, given) = (model.arena_bytes(), arena.len());
    let planned = usize::try_from(needed).ok().and_then(|needed| arena.get_mut(..needed));
    let arena = planned.ok_or(EngineError::Arena { needed, given })?;
    let mut schedule = Schedule::default();
    for segment in model.segments() {
        run_scheduled(model, &segment, &mut schedule, arena, &mut feed, observer)?;
    }
    Ok(())
}

/// Runs one segment; its inputs must lie in the arena where the segment before left them.
///
/// # Errors
/// If a place or a shape does not fit, which a parsed model rules out.
pub fn run_segment(
    model: &Model<'_>,
    segment: &SegmentView,
    arena: &mut [u8],
    feed: &mut impl FnMut(u16, &mut [i8]),
    observer: &mut impl Observer,
) -> Result<(), EngineError> {
    run_scheduled(model, segment, &mut Schedule::default(), arena, feed, observer)
}

/// [`run_segment`] with a schedule to work in.
fn run_scheduled(
    model: &Model<'_>,
    segment: &SegmentView,
    schedule: &mut Schedule,
    arena: &mut [u8],
    feed: &mut impl FnMut(u16, &mut [i8]),
    observer: &mut impl Observer,
) -> Result<(), EngineError> {
    let arena: &mut [i8] = bytemuck::must_cast_slice_mut(arena);
    let place = EngineError::Place { step: segment.steps.start };
    let before = model.tensor(segment.steps.start);
    if before.moved != before.offset {
        let from = before.range();
        let target = before.kept().range();
        if from.end > arena.len() || target.end > arena.len() {
            return Err(place);
        }
        arena.copy_within(from, target.start);
    }
    model.schedule_in(segment, schedule).ok_or(place)?;
    while let Some(call) = schedule.next_call() {
        match segment.step(call.stage) {
            Some(step) => {
                observer.before(step);
                let step = model.step_at(step);
                if call.drop > 0 {
                    make_room(&step.output, &call, arena).ok_or(place)?;
                }
                let job = Job { step: &step, segment, schedule, call: &call };
                job.run(arena)?;
                observer.after(step.index);
            }
            None => {
                let input = model.input();
                if call.drop > 0 {
                    make_room(&input, &call, arena).ok_or(place)?;
                }
                let range = rows_at(input.offset, &input, call.base, call.rows.clone());
                let rows = arena.get_mut(range).ok_or(place)?.chunks_exact_mut((input.row_bytes() as usize).max(1));
                call.rows.clone().zip(rows).for_each(|(row, to)| feed(row, to));
            }
        }
    }
    observer.finished(segment.steps.clone());
    Ok(())
}

/// Shifts a window over the rows that nobody needs any more.
#[inline(never)] // One copy for steps and for what is fed.
fn make_room(tensor: &TensorView, call: &Call, arena: &mut [i8]) -> Option<()> {
    let kept = call.drop..call.rows.start.checked_sub(call.base)?.checked_add(call.drop)?;
    let range = rows_at(tensor.offset, tensor, 0, kept);
    let start = usize::try_from(tensor.offset).ok()?;
    arena.get(range.clone())?;
    arena.copy_within(range, start);
    Some(())
}

/// The bytes of rows in a window that starts at `offset` with row `base`.
#[inline(never)] // It is short, and called in many places.
fn rows_at(offset: u32, tensor: &TensorView, base: u16, rows: Range<u16>) -> Range<usize> {
    let at = |row: u16| {
        let row = u32::from(row.saturating_sub(base));
        usize::try_from(offset.saturating_add(row.saturating_mul(tensor.row_bytes()))).unwrap_or(usize::MAX)
    };
    at(rows.start)..at(rows.end)
}

/// One call of a step.
pub(crate) struct Job<'a> {
    pub step: &'a StepView<'a>,
    segment: &'a SegmentView,
    schedule: &'a Schedule,
    pub call: &'a Call,
}

impl Job<'_> {
    // Its frame is on the stack only while an operation runs.
    #[inline(never)]
    fn run(&self, arena: &mut [i8]) -> Result<(), EngineError> {
        let index = self.step.index;
        let result = match (self.step.op, self.step.params) {
            (Op::Depthwise(window), StepParams::Packed(weights)) if self.is_in_place(&self.step.input) => {
                self.depthwise_in_place(window, weights, arena)
            }
            (Op::Add, StepParams::Add(params)) => self.add(&params, arena),
            (Op::Conv(_) | Op::Depthwise(_) | Op::Linear | Op::GlobalPool, _) => self.apart(arena),
            _ => self.other(arena),
        };
        result.map_err(|error| match error {
            None => EngineError::Place { step: index },
            Some(source) => EngineError::Kernel { step: index, source },
        })
    }

    /// Whether the output overwrites `input` as it is made, all of it in this call.
    pub fn is_in_place(&self, input: &TensorView) -> bool {
        let alone = self.segment.steps.len() == 1 && self.call.rows.start == 0;
        alone && self.step.output.offset == input.moved
    }

    /// The input rows that this call needs, and where they lie.
    pub fn input(&self, number: usize, tensor: &TensorView) -> (u16, Range<usize>) {
        let (rows, height) = (&self.call.rows, tensor.dims.h);
        let need = self.step.op.need();
        let first = need.rows(rows.start, height).start;
        let end = if need == Need::All { height } else { need.rows(rows.end.saturating_sub(1), height).end };
        let stage =
            number.checked_sub(self.segment.steps.start + 1).map(|stage| stage + usize::from(self.segment.is_fed));
        let stage = stage.or((self.segment.is_fed && number == 0).then_some(0));
        let (offset, base) = match stage {
            Some(stage) => (tensor.offset, self.schedule.held(stage).start),
            None => (tensor.moved, 0),
        };
        (first, rows_at(offset, tensor, base, first..end))
    }

    pub fn output(&self) -> Range<usize> {
        let output = &self.step.output;
        if self.step.op == Op::GlobalPool {
            return output.range();
        }
        rows_at(output.offset, output, self.call.base, self.call.rows.clone())
    }

    fn add(&self, params: &kernels::AddParams, arena: &mut [i8]) -> Result<(), Option<KernelError>> {
        let (step, out) = (self.step, self.step.finish);
        let (left, right, output) =
            (self.input(step.inputs[0], &step.input).1, self.input(step.inputs[1], &step.second).1, self.output());
        if left == right {
            let [input, output] = arena.get_disjoint_mut([left, output]).map_err(|_| None)?;
            return packed::add(input, input, params, out, output).map_err(Some);
        }
        if left == output {
            let [data, right] = arena.get_disjoint_mut([left, right]).map_err(|_| None)?;
            return packed::add_in_place(data, right, params, out).map_err(Some);
        }
        if right == output {
            let [left, data] = arena.get_disjoint_mut([left, right]).map_err(|_| None)?;
            return packed::add_in_place(data, left, &params.swapped(), out).map_err(Some);
        }
        let [left, right, output] = arena.get_disjoint_mut([left, right, output]).map_err(|_| None)?;
        packed::add(left, right, params, out, output).map_err(Some)
    }

    /// Input, output and scratch are three places.
    fn apart(&self, arena: &mut [i8]) -> Result<(), Option<KernelError>> {
        let (step, out) = (self.step, self.step.finish);
        let (first, input) = self.input(step.inputs[0], &step.input);
        let (output, rows) = (self.output(), self.call.rows.clone());
        let [input, output, scratch] =
            arena.get_disjoint_mut([input, output, step.scratch.range()]).map_err(|_| None)?;
        let scratch = words(scratch)?;
        let (dims, out_dims, zero) = (step.input.dims, step.output.dims, step.input.zero);
        let seen = Rows { dims, first, data: input };
        match (step.op, step.params) {
            (Op::Conv(Window::POINTWISE), StepParams::Packed(weights)) => {
                packed::pointwise(input, dims.c, out_dims.c, weights, out, output, scratch)
            }
            (Op::Conv(window), StepParams::Packed(weights)) => {
                packed::conv(seen, window, zero, weights, out_dims, rows, out, output, scratch)
            }
            (Op::Depthwise(window), StepParams::Packed(weights)) => {
                packed::depthwise(seen, window, zero, weights, out_dims, rows, out, output, scratch)
            }
            (Op::Linear, StepParams::Packed(weights)) => packed::linear(input, weights, out, output, scratch),
            (Op::GlobalPool, StepParams::Pool(params)) if rows.start == 0 && rows.end == dims.h => {
                packed::global_pool(input, dims, &params, out, output)
            }
            (Op::GlobalPool, StepParams::Pool(params)) => {
                let sums: &mut [i32] = bytemuck::must_cast_slice_mut(scratch);
                let sums = sums.get_mut(..usize::from(dims.c)).ok_or(Some(KernelError::Scratch))?;
                if rows.start == 0 {
                    sums.fill(0);
                }
                packed::accumulate(input, sums).map_err(Some)?;
                if rows.end == dims.h { packed::finish(sums, dims.pixels(), &params, out, output) } else { Ok(()) }
            }
            _ => Err(KernelError::Shape),
        }
        .map_err(Some)
    }

    /// The output starts where the input starts; together they take the bytes of the larger one.
    fn depthwise_in_place(&self, window: Window, weights: &[u32], arena: &mut [i8]) -> Result<(), Option<KernelError>> {
        let step = self.step;
        let (input, output) = (step.input.kept(), step.output.placement());
        let data = Placement { offset: output.offset, bytes: input.bytes.max(output.bytes) };
        let ranges = [data.range(), step.scratch.range()];
        let [data, scratch] = arena.get_disjoint_mut(ranges).map_err(|_| None)?;
        let (dims, zero) = (step.input.dims, step.input.zero);
        let scratch = words(scratch)?;
        packed::depthwise_in_place(data, dims, window, zero, weights, step.output.dims, step.finish, scratch)
            .map_err(Some)
    }
}

/// Scratch as words: the plan aligns it in the arena, and the arena is aligned.
fn words(scratch: &mut [i8]) -> Result<&mut [u32], Option<KernelError>> {
    bytemuck::try_cast_slice_mut(scratch).map_err(|_| None)
}
