//! About how many cycles a step costs on a Cortex-M4: what the planner weighs speed against bytes with.
//!
//! Not a latency model: one core, no wait states. Constants are fitted to counts of the simulator; only their ratios
//! matter here.

use tinynas_kernels::Dims;

use crate::Op;

/// Cycles of one call that makes `rows` rows of a step's output.
pub(crate) fn of_call(op: Op, input: Dims, output: Dims, rows: u16) -> u64 {
    let outputs = u64::from(rows) * u64::from(output.w) * u64::from(output.c);
    match op {
        Op::Conv(window) => {
            let inputs = u64::from(window.taps()) * u64::from(input.c);
            let pixels = u64::from(rows) * u64::from(output.w);
            let gather = if window.taps() == 1 { 0 } else { 2 };
            // Whole tiles of four pixels; each pixel of the rest costs about as much as two of a tile.
            let pixels = pixels / 4 * 4 + 2 * (pixels % 4);
            300 + pixels * (inputs * (u64::from(output.c) * 11 + 20 * (1 + gather)) / 10 + 8 * u64::from(output.c))
        }
        Op::Depthwise(window) => {
            let [rows_axis, _] = window.axes();
            let seen = (u64::from(rows).saturating_sub(1)) * u64::from(rows_axis.stride) + u64::from(rows_axis.kernel);
            let plane = seen * u64::from(input.w) * u64::from(output.c);
            300 + 90 * u64::from(output.c) + 3 * plane + outputs * (10 + 11 * u64::from(window.taps()) / 10)
        }
        Op::Add => 200 + 15 * outputs,
        Op::GlobalPool => 200 + 2 * u64::from(rows) * u64::from(input.w) * u64::from(input.c),
        Op::Linear => 300 + input.elements() * (u64::from(output.c) * 3 / 2 + 4),
        Op::AveragePool(window) => 200 + outputs * (25 + 6 * u64::from(window.taps())),
        Op::MaxPool(window) => 200 + outputs * (10 + 6 * u64::from(window.taps())),
        Op::Softmax => 200 + 250 * outputs,
        Op::Mul | Op::Scale | Op::MulConstant | Op::Requantize => 200 + 22 * outputs,
        Op::AddConstant => 200 + 30 * outputs,
        Op::Lookup => 100 + 6 * outputs,
        Op::Transpose(_) | Op::ResizeNearest => 200 + 10 * outputs,
        Op::Concat(_) | Op::Pad(_) | Op::Reshape => 200 + outputs,
    }
}

/// Cycles of moving bytes.
pub(crate) const fn of_move(bytes: u32) -> u64 {
    60 + bytes as u64 / 2
}
