//! The checks of a model before its first use. Bounded time: at most `MAX_STEPS`² short comparisons, and every row of
//! every segment once, without computing it.
//!
//! Bytes of unknown origin reach the accessors of [`Model`] only after these checks; the accessors themselves
//! return zeros instead of leaving the slice, so the order of the checks is not a matter of safety.

use crate::{
    FORMAT_VERSION, MAGIC, MAX_STEPS, Model, ModelError, Op, Schedule, SegmentView, constants,
    crc::crc32,
    layout::{
        ALIGN, HEADER_BYTES, KERNEL_SET, STEP_BYTES, TENSOR_BYTES, bytes_at, f32_at, header, i8_at, step, u8_at,
        u16_at, u32_at,
    },
    model::split_text,
};

/// Magic, version, length and CRC.
pub(crate) fn header(bytes: &[u8]) -> Result<(), ModelError> {
    if bytes.len() < HEADER_BYTES || bytes_at(bytes, 0) != MAGIC {
        return Err(ModelError::Magic);
    }
    if bytemuck::try_cast_slice::<u8, u32>(bytes.get(..HEADER_BYTES).unwrap_or_default()).is_err() {
        return Err(ModelError::Alignment);
    }
    let found = u16_at(bytes, header::VERSION);
    if found != FORMAT_VERSION {
        return Err(ModelError::Version { found, expected: FORMAT_VERSION });
    }
    let found = u8_at(bytes, header::KERNEL_SET);
    if found != KERNEL_SET {
        return Err(ModelError::KernelSet { found, expected: KERNEL_SET });
    }
    if u8_at(bytes, header::RESERVED) != 0 {
        return Err(ModelError::Header { what: "reserved byte" });
    }
    let (found, expected) = (u32::try_from(bytes.len()).unwrap_or(u32::MAX), u32_at(bytes, header::LENGTH));
    if found != expected {
        return Err(ModelError::Length { found, expected });
    }
    let found = crc32(bytes.get(header::CRC_START..).unwrap_or_default());
    let expected = u32_at(bytes, header::CRC);
    if found != expected {
        return Err(ModelError::Crc { found, expected });
    }
    Ok(())
}

/// Everything behind the CRC.
pub(crate) fn body(model: &Model<'_>) -> Result<(), ModelError> {
    let steps = model.step_count();
    if steps == 0 || steps > MAX_STEPS {
        return Err(ModelError::Header { what: "number of steps" });
    }
    let tables = HEADER_BYTES + (steps + 1) * TENSOR_BYTES + steps * STEP_BYTES;
    let text = u32_at(model.bytes, header::TEXT);
    if usize::try_from(text).map_or(true, |text| text < tables || text > model.bytes.len()) {
        return Err(ModelError::Header { what: "place of the texts" });
    }
    texts(model)?;
    let mut end = 0u64;
    for index in 0..=steps {
        end = end.max(check_tensor(model, index)?);
    }
    for index in 0..steps {
        end = end.max(check_step(model, index, tables as u64, u64::from(text))?);
    }
    if end != u64::from(model.arena_bytes()) {
        return Err(ModelError::Header { what: "size of the arena" });
    }
    let mut schedule = Schedule::default();
    for segment in model.segments() {
        check_segment(model, &segment, &mut schedule)?;
    }
    for index in 0..=steps {
        lifetime(model, index, &mut schedule)?;
    }
    Ok(())
}

fn texts(model: &Model<'_>) -> Result<(), ModelError> {
    let wrong = ModelError::Header { what: "texts" };
    if !f32_at(model.bytes, header::IMAGE_SCALE).is_finite() {
        return Err(ModelError::Header { what: "scale of the pixels" });
    }
    let (provenance, mut rest) = model.text().split_at_checked(model.provenance_len()).ok_or(wrong)?;
    core::str::from_utf8(provenance).map_err(|_| wrong)?;
    for _ in 0..model.class_count() {
        let (name, after) = split_text(rest).ok_or(wrong)?;
        core::str::from_utf8(name).map_err(|_| wrong)?;
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Returns the tensor's end in the arena.
fn check_tensor(model: &Model<'_>, index: usize) -> Result<u64, ModelError> {
    let view = model.tensor(index);
    let producer = number(index.saturating_sub(1));
    let end = view.placement().end().max(view.kept().end());
    let rows = (1..=view.dims.h).contains(&view.rows);
    if view.dims.elements() == 0 || !rows || view.window_bytes() == u32::MAX || end > u64::from(model.arena_bytes()) {
        return Err(ModelError::Step { step: producer, what: "place of a tensor" });
    }
    if !(view.scale.is_finite() && view.scale > 0.0) {
        return Err(ModelError::Step { step: producer, what: "scale of a tensor" });
    }
    Ok(end)
}

/// Returns the scratch's end in the arena.
fn check_step(model: &Model<'_>, index: usize, tables: u64, text: u64) -> Result<u64, ModelError> {
    let wrong = |what: &'static str| ModelError::Step { step: number(index), what };
    let record = model.record(index);
    let op = model.op(index).ok_or(wrong("operation"))?;
    let [left, right] = model.inputs(index);
    if left > index || right > index || (op.arity() == 1 && left != right) {
        return Err(wrong("inputs"));
    }
    let (input, second, output) = (model.tensor(left), model.tensor(right), model.tensor(index + 1));
    if !op.makes([input.dims, second.dims], output.dims) {
        return Err(wrong("shapes"));
    }
    if i8_at(&record, step::MIN) > i8_at(&record, step::MAX) {
        return Err(wrong("clamp"));
    }
    let scratch = model.scratch(index);
    let aligned = [scratch.offset, scratch.bytes].map(|at| u64::from(at) % ALIGN) == [0; 2];
    if scratch.bytes > 0 && (scratch.end() > u64::from(model.arena_bytes()) || !aligned) {
        return Err(wrong("place of the scratch"));
    }
    let data = u64::from(u32_at(&record, step::DATA));
    let data_end = data.saturating_add(op.data_bytes(input.dims, output.dims));
    if data < tables || data_end > text || data % ALIGN != 0 {
        return Err(wrong("place of the weights"));
    }
    let data = model.data(index, op, input.dims, output.dims).ok_or(wrong("place of the weights"))?;
    if !constants::are_valid(op, data) {
        return Err(wrong("factor"));
    }
    Ok(if scratch.bytes > 0 { scratch.end() } else { 0 })
}

/// Checks that a segment can run to its end in its windows and scratch, and that these do not touch each other.
fn check_segment(model: &Model<'_>, segment: &SegmentView, schedule: &mut Schedule) -> Result<(), ModelError> {
    let steps = segment.steps.clone();
    let wrong = |step: usize, what: &'static str| ModelError::Step { step: number(step), what };
    let last = steps.end.saturating_sub(1);
    for step in steps.clone() {
        let output = model.tensor(step + 1);
        let leaves = step == last || model.is_read(step + 1, steps.end..model.step_count());
        if leaves && !output.is_whole() {
            return Err(wrong(step, "window of a tensor that is needed later"));
        }
        let moves = output.moved != output.offset;
        if moves && (step != last || !model.is_read(step + 1, steps.end..model.step_count())) {
            return Err(wrong(step, "move of a tensor"));
        }
        check_neighbours(model, segment, step)?;
    }
    let input = model.input();
    let fed_later = segment.is_fed && model.is_read(0, steps.end..model.step_count());
    if steps.start == 0 && (input.moved != input.offset || fed_later) {
        return Err(ModelError::Header { what: "window of the input" });
    }
    model.schedule_in(segment, schedule).ok_or(wrong(last, "segment"))?;
    while let Some(call) = schedule.next_call() {
        let Some(step) = segment.step(call.stage) else { continue };
        let op = model.op(step).ok_or(wrong(step, "operation"))?;
        let [left, _] = model.inputs(step);
        let rows = call.rows.end - call.rows.start;
        let (input, output) = (model.tensor(left).dims, model.tensor(step + 1).dims);
        // Global pooling in several calls keeps its sums, alone or not.
        let inside = schedule.stages().len() > 1 || rows < op.work_rows(input, output);
        let needed = op.scratch_bytes(input, output, rows, inside);
        if needed > u64::from(model.scratch(step).bytes) {
            return Err(wrong(step, "size of the scratch"));
        }
    }
    if schedule.is_complete() { Ok(()) } else { Err(wrong(last, "windows of its segment")) }
}

/// Checks that the output and the scratch of a step touch no window or scratch of later steps of its segment.
fn check_neighbours(model: &Model<'_>, segment: &SegmentView, step: usize) -> Result<(), ModelError> {
    let (output, scratch) = (model.tensor(step + 1).placement(), model.scratch(step));
    let overlap = |other: usize| ModelError::Overlap { step: number(other), tensor: number(step + 1) };
    if segment.is_fed && (model.input().placement().overlaps(output) || model.input().placement().overlaps(scratch)) {
        return Err(ModelError::Overlap { step: number(step), tensor: 0 });
    }
    if scratch.overlaps(output) {
        return Err(overlap(step));
    }
    let keeps_scratch = |step: usize| model.op(step) == Some(Op::GlobalPool);
    for other in step + 1..segment.steps.end {
        let (window, used) = (model.tensor(other + 1).placement(), model.scratch(other));
        let sums = (keeps_scratch(step) || keeps_scratch(other)) && used.overlaps(scratch);
        if window.overlaps(output) || window.overlaps(scratch) || used.overlaps(output) || sums {
            return Err(overlap(other));
        }
    }
    Ok(())
}

/// Checks that no later segment writes over `tensor` while it is still needed.
fn lifetime(model: &Model<'_>, tensor: usize, schedule: &mut Schedule) -> Result<(), ModelError> {
    let steps = model.step_count();
    let Some(last) = (tensor..steps).rev().find(|step| model.inputs(*step).contains(&tensor)) else {
        return Ok(());
    };
    let view = model.tensor(tensor);
    let place = view.kept();
    for segment in model.segments() {
        let made_here =
            tensor.checked_sub(1).is_some_and(|maker| segment.steps.end > maker && segment.steps.start <= maker);
        let fed_here = tensor == 0 && segment.is_fed;
        if segment.steps.start > last || segment.steps.end <= tensor.saturating_sub(1) || made_here || fed_here {
            continue;
        }
        let dies = last < segment.steps.end;
        for step in segment.steps.clone() {
            let overlap = ModelError::Overlap { step: number(step), tensor: number(tensor) };
            if model.scratch(step).overlaps(place) {
                return Err(overlap);
            }
            let output = model.tensor(step + 1);
            let follows = dies && step + 1 == segment.steps.end;
            if output.placement().overlaps(place) && !(follows && gives_way(model, &segment, tensor, schedule)) {
                return Err(overlap);
            }
            if !dies && output.moved != output.offset && output.kept().overlaps(place) {
                return Err(overlap);
            }
        }
    }
    Ok(())
}

/// Whether the rows of `output`, the last one of `segment`, only ever overwrite rows of `tensor` that are not needed.
fn gives_way(model: &Model<'_>, segment: &SegmentView, tensor: usize, schedule: &mut Schedule) -> bool {
    if model.schedule_in(segment, schedule).is_none() {
        return false;
    }
    let output = model.tensor(segment.steps.end);
    let (last, view) = (segment.steps.end - 1, model.tensor(tensor));
    let op = model.op(last);
    let in_place = op.is_some_and(|op| op.is_in_place(model.inputs(last)))
        && output.offset == view.moved
        && segment.steps.len() == 1;
    if op == Some(Op::GlobalPool) {
        return false;
    }
    while let Some(call) = schedule.next_call() {
        if segment.step(call.stage) != Some(last) {
            continue;
        }
        if in_place {
            return call.rows.start == 0 && call.rows.end == output.dims.h;
        }
        let mut needed = view.dims.h;
        for (stage, spec) in schedule.stages().iter().enumerate() {
            let reads = segment.step(stage).is_some_and(|step| model.inputs(step).contains(&tensor));
            let next = if stage == call.stage {
                spec.need.rows(call.rows.start, spec.height).start
            } else {
                schedule.next_input(stage)
            };
            if reads {
                needed = needed.min(next);
            }
        }
        let row = |rows: u16, bytes: u32| u64::from(rows) * u64::from(bytes);
        let written = u64::from(output.offset) + row(call.rows.start, output.row_bytes());
        let written_end = u64::from(output.offset) + row(call.rows.end, output.row_bytes());
        let read = u64::from(view.moved) + row(needed, view.row_bytes());
        let read_end = view.kept().end();
        if needed < view.dims.h && written < read_end && read < written_end {
            return false;
        }
    }
    true
}

fn number(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}
