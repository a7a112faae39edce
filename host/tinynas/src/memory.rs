//! What lies where in the arena of a compiled model, step by step, read from the model itself.
//!
//! The bytes alive in a step are the union of the places of its living tensors and its scratch, so a
//! depthwise convolution that writes over its input counts once, as on the chip. The steps of a segment run row by row
//! together: what one of them needs lives while all of them run.

use serde::Serialize;
use tinynas_plan::{Dims, Model, Op, Placement, SegmentView, StepView, Window};

/// What holds bytes of the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// The input image.
    Input,
    /// Output of a step.
    Tensor,
    /// The network's output.
    Output,
    /// Working memory of a kernel.
    Scratch,
}

/// Bytes of the arena that are in use for some steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Name of the step that writes it; `input` for the image.
    pub name: String,
    /// What it holds.
    pub kind: BlockKind,
    /// Where.
    pub place: Placement,
    /// Position of the first step that needs it.
    pub first_step: usize,
    /// Position of the last step that needs it, inclusive.
    pub last_step: usize,
}

/// One step as a row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepRow {
    /// Position.
    pub index: usize,
    /// Layer name, or a name made from the position.
    pub name: String,
    /// Operation in words, for example `dw 3x3 s2`.
    pub op: String,
    /// Height, width, channels of the output.
    pub output: [u32; 3],
    /// Multiply-accumulates.
    pub macs: u64,
    /// Weights and constants in flash, bytes.
    pub weight_bytes: u64,
    /// Bytes of the arena alive while it runs, scratch included.
    pub live_bytes: u64,
}

/// All steps of `model`. `names`: names of the layers, if known, one per step.
#[must_use]
pub fn steps(model: &Model<'_>, names: Option<&[String]>) -> Vec<StepRow> {
    let blocks = blocks(model, names);
    let row = |step: StepView<'_>| {
        let dims = step.output.dims;
        StepRow {
            index: step.index,
            name: name(names, step.index),
            op: label(step.op),
            output: [dims.h.into(), dims.w.into(), dims.c.into()],
            macs: macs(&step),
            weight_bytes: weight_bytes(&step),
            live_bytes: union(blocks.iter().filter(|block| block.alive(step.index)).map(|block| block.place)),
        }
    };
    model.steps().map(row).collect()
}

/// All tensors and scratch of `model` with their lives; a tensor that is moved is there twice.
#[must_use]
pub fn blocks(model: &Model<'_>, names: Option<&[String]>) -> Vec<Block> {
    let count = model.step_count();
    let segments: Vec<SegmentView> = model.segments().collect();
    let segment = |step: usize| segments.iter().find(|segment| segment.steps.contains(&step)).map(|s| s.steps.clone());
    let mut blocks = Vec::with_capacity(2 * count);
    for tensor in 0..=count {
        let view = model.tensor(tensor);
        let maker = tensor.saturating_sub(1);
        let made = segment(maker).unwrap_or(maker..maker + 1);
        let reads = |step: &usize| model.step_at(*step).inputs.contains(&tensor);
        let last = (tensor..count).rev().find(reads).and_then(segment).map_or(made.end, |segment| segment.end) - 1;
        let block = |place, first_step, last_step| Block {
            name: tensor.checked_sub(1).map_or_else(|| "input".into(), |step| name(names, step)),
            kind: match tensor {
                0 => BlockKind::Input,
                t if t == count => BlockKind::Output,
                _ => BlockKind::Tensor,
            },
            place,
            first_step,
            last_step,
        };
        if view.moved == view.offset {
            blocks.push(block(view.placement(), made.start, last));
        } else {
            blocks.push(block(view.placement(), made.start, made.end - 1));
            blocks.push(block(view.kept(), made.end, last));
        }
    }
    for step in model.steps() {
        if step.scratch.bytes > 0 {
            let steps = segment(step.index).unwrap_or(step.index..step.index + 1);
            blocks.push(Block {
                name: name(names, step.index),
                kind: BlockKind::Scratch,
                place: step.scratch,
                first_step: steps.start,
                last_step: steps.end - 1,
            });
        }
    }
    blocks
}

impl Block {
    /// What it is in words, for example `output of stem`.
    #[must_use]
    pub fn words(&self) -> String {
        match self.kind {
            BlockKind::Input => "input".into(),
            BlockKind::Tensor | BlockKind::Output => format!("output of {}", self.name),
            BlockKind::Scratch => "scratch".into(),
        }
    }

    /// Whether it is needed in a step.
    #[must_use]
    pub const fn alive(&self, step: usize) -> bool {
        self.first_step <= step && step <= self.last_step
    }
}

fn name(names: Option<&[String]>, step: usize) -> String {
    names.and_then(|names| names.get(step)).cloned().unwrap_or_else(|| format!("step {step}"))
}

/// Short name of an operation.
#[must_use]
pub fn label(op: Op) -> String {
    match op {
        Op::Conv(w) if w.kernel == [1, 1] => "pw 1x1".into(),
        Op::Conv(w) => format!("conv {}", window(w)),
        Op::Depthwise(w) => format!("dw {}", window(w)),
        Op::Add => "add".into(),
        Op::GlobalPool => "mean".into(),
        Op::Linear => "linear".into(),
    }
}

fn window(window: Window) -> String {
    let ([rows, columns], [down, right]) = (window.kernel, window.stride);
    if down == right { format!("{rows}x{columns} s{down}") } else { format!("{rows}x{columns} s{down}x{right}") }
}

fn macs(step: &StepView<'_>) -> u64 {
    let pixels = |dims: Dims| u64::from(dims.h) * u64::from(dims.w);
    pixels(step.output.dims) * step.op.weights(step.input.dims, step.output.dims)
}

fn weight_bytes(step: &StepView<'_>) -> u64 {
    step.op.data_bytes(step.input.dims, step.output.dims)
}

/// Bytes covered by at least one of `places`.
fn union(places: impl Iterator<Item = Placement>) -> u64 {
    let mut places: Vec<Placement> = places.collect();
    places.sort_by_key(|place| place.offset);
    let (mut covered, mut end) = (0, 0);
    for place in places {
        let start = u64::from(place.offset).max(end);
        end = end.max(place.end());
        covered += end.saturating_sub(start);
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_bytes_count_once() {
        let place = |offset, bytes| Placement { offset, bytes };
        assert_eq!(union([place(0, 10), place(0, 4), place(20, 5)].into_iter()), 15);
        assert_eq!(union([place(5, 10), place(0, 7)].into_iter()), 15);
        assert_eq!(union(std::iter::empty()), 0);
    }
}
