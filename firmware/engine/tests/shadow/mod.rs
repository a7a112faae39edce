//! Runs a plan without computing: every byte of the arena knows which byte of which tensor it holds.

use std::ops::Range;

use tinynas_plan::{Model, Need, Op, SegmentView, TensorView};

/// Tensor, row, byte of the row.
type Content = Option<(usize, u16, u32)>;

struct Shadow {
    arena: Vec<Content>,
}

impl Shadow {
    fn write(&mut self, offset: u32, tensor: usize, view: &TensorView, base: u16, rows: Range<u16>) {
        for row in rows {
            for byte in 0..view.row_bytes() {
                let at = offset + u32::from(row - base) * view.row_bytes() + byte;
                self.arena[at as usize] = Some((tensor, row, byte));
            }
        }
    }

    fn read(&self, offset: u32, tensor: usize, view: &TensorView, base: u16, rows: Range<u16>) {
        for row in rows {
            assert!(row >= base, "row {row} of tensor {tensor} left its window, which starts with {base}");
            for byte in 0..view.row_bytes() {
                let at = offset + u32::from(row - base) * view.row_bytes() + byte;
                assert_eq!(self.arena[at as usize], Some((tensor, row, byte)), "row {row} of tensor {tensor}");
            }
        }
    }
}

/// Checks that every read of a byte finds the byte that it means.
pub fn check(model: &Model<'_>) {
    let mut shadow = Shadow { arena: vec![None; model.arena_bytes() as usize] };
    let input = model.input();
    if !model.is_fed_by_rows() {
        shadow.write(input.offset, 0, &input, 0, 0..input.dims.h);
    }
    for segment in model.segments() {
        run(model, &segment, &mut shadow);
    }
    let (number, output) = (model.step_count(), model.output());
    shadow.read(output.offset, number, &output, 0, 0..output.dims.h);
}

fn run(model: &Model<'_>, segment: &SegmentView, shadow: &mut Shadow) {
    let before = model.tensor(segment.steps.start);
    if before.moved != before.offset {
        let (from, to) = (before.offset as usize, before.moved as usize);
        let moved = shadow.arena[from..from + before.window_bytes() as usize].to_vec();
        shadow.arena[to..to + moved.len()].copy_from_slice(&moved);
    }
    let mut schedule = model.schedule(segment).unwrap();
    while let Some(call) = schedule.next_call() {
        let number = segment.step(call.stage).map_or(0, |step| step + 1);
        let output = model.tensor(number);
        if call.drop > 0 {
            let (row, at) = (output.row_bytes() as usize, output.offset as usize);
            let kept = usize::from(call.rows.start - call.base) * row;
            let from = at + usize::from(call.drop) * row;
            shadow.arena.copy_within(from..from + kept, at);
        }
        let Some(step) = segment.step(call.stage) else {
            shadow.write(output.offset, 0, &output, call.base, call.rows.clone());
            continue;
        };
        let view = model.step_at(step);
        for (tensor, input) in view.inputs.into_iter().zip([view.input, view.second]) {
            let need = view.op.need();
            let height = input.dims.h;
            let rows = match need {
                Need::All => 0..height,
                _ => need.rows(call.rows.start, height).start..need.rows(call.rows.end - 1, height).end,
            };
            let inside = tensor > segment.steps.start || (segment.is_fed && tensor == 0);
            let stage = if tensor == 0 { 0 } else { tensor - segment.steps.start - 1 + usize::from(segment.is_fed) };
            let (offset, base) = if inside { (input.offset, schedule.held(stage).start) } else { (input.moved, 0) };
            shadow.read(offset, tensor, &input, base, rows);
        }
        // Scratch holds nothing that anybody wants.
        let sums = view.op == Op::GlobalPool;
        shadow.arena[view.scratch.range()].fill(None);
        if sums && call.rows.end < view.input.dims.h {
            continue;
        }
        let rows = if sums { 0..1 } else { call.rows.clone() };
        shadow.write(output.offset, number, &output, call.base.min(rows.start), rows);
    }
    assert!(schedule.is_complete());
}
