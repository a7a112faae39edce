//! The checks of a model before its first use. Bounded time: at most `MAX_STEPS`² short comparisons.
//!
//! Bytes of unknown origin reach the accessors of [`Model`] only after these checks; the accessors themselves
//! return zeros instead of leaving the slice, so the order of the checks is not a matter of safety.

use tinynas_kernels::{Channels, Requant};

use crate::{
    FORMAT_VERSION, MAGIC, MAX_STEPS, Model, ModelError, Op, Placement,
    crc::crc32,
    layout::{
        ALIGN, HEADER_BYTES, KERNEL_SET, STEP_BYTES, TENSOR_BYTES, bytes_at, f32_at, header, i8_at, i32_at, step,
        u8_at, u16_at, u32_at,
    },
    model::split_text,
};

/// Magic, version, length and CRC.
pub(crate) fn header(bytes: &[u8]) -> Result<(), ModelError> {
    if bytes.len() < HEADER_BYTES || bytes_at(bytes, 0) != MAGIC {
        return Err(ModelError::Magic);
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
    for index in 0..=steps {
        lifetime(model, index)?;
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
    let end = u64::from(view.offset) + view.dims.elements();
    if view.dims.elements() == 0 || end > u64::from(model.arena_bytes()) {
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
    if !op.makes(input.dims, output.dims) || !op.makes(second.dims, output.dims) {
        return Err(wrong("shapes"));
    }
    if i8_at(&record, step::MIN) > i8_at(&record, step::MAX) {
        return Err(wrong("clamp"));
    }
    let scratch_end = u64::from(model.scratch(index).offset) + op.scratch_bytes(input.dims);
    if op.scratch_bytes(input.dims) > 0 && scratch_end > u64::from(model.arena_bytes()) {
        return Err(wrong("place of the scratch"));
    }
    let data = u64::from(u32_at(&record, step::DATA));
    let constants = op.constants_bytes(output.dims).next_multiple_of(ALIGN);
    let data_end = data.saturating_add(constants).saturating_add(op.weights(input.dims, output.dims));
    if data < tables || data_end > text || data % ALIGN != 0 {
        return Err(wrong("place of the weights"));
    }
    let (constants, _) = model.data(index, op, input.dims, output.dims).ok_or(wrong("place of the weights"))?;
    if !factors_are_valid(op, constants, u32::from(output.dims.c)) {
        return Err(wrong("factor"));
    }
    Ok(if op.scratch_bytes(input.dims) > 0 { scratch_end } else { 0 })
}

fn factors_are_valid(op: Op, constants: &[u8], count: u32) -> bool {
    let valid = |requant: Requant, max_shift: i8| {
        requant.multiplier >= 0 && (Requant::MIN_SHIFT..=max_shift).contains(&requant.shift)
    };
    let at = |multiplier: usize, shift: usize| Requant {
        multiplier: i32_at(constants, multiplier),
        shift: i8_at(constants, shift),
    };
    match op {
        Op::Conv(_) | Op::Depthwise(_) | Op::Linear => Channels::new(constants, count)
            .is_some_and(|channels| channels.iter().all(|c| valid(c.requant, Requant::MAX_SHIFT))),
        Op::Add => valid(at(0, 12), 0) && valid(at(4, 13), 0) && valid(at(8, 14), 0),
        Op::GlobalPool => valid(at(0, 4), Requant::MAX_SHIFT),
    }
}

/// Checks that no step writes over `tensor` while it is still needed.
fn lifetime(model: &Model<'_>, tensor: usize) -> Result<(), ModelError> {
    let place = model.tensor(tensor).placement();
    let steps = model.step_count();
    if let Some(producer) = tensor.checked_sub(1)
        && model.scratch(producer).overlaps(place)
    {
        return Err(ModelError::Overlap { step: number(producer), tensor: number(tensor) });
    }
    let Some(last) = (tensor..steps).rev().find(|step| model.inputs(*step).contains(&tensor)) else {
        return Ok(());
    };
    for step in tensor..=last {
        let output = model.tensor(step + 1).placement();
        let in_place = step == last
            && matches!(model.op(step), Some(Op::Depthwise(_)))
            && output.offset == place.offset
            && model.inputs(step) == [tensor; 2];
        let written = if in_place { Placement::default() } else { output };
        if written.overlaps(place) || model.scratch(step).overlaps(place) {
            return Err(ModelError::Overlap { step: number(step), tensor: number(tensor) });
        }
    }
    Ok(())
}

fn number(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}
