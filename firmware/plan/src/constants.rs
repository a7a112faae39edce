//! The data of steps without packed weights: how their constants lie in a model.
//!
//! | operation | bytes |
//! |---|---|
//! | add | three multipliers (i32), three shifts (i8), one byte 0 |
//! | global pool, mul, requantize | multiplier (i32), shift (i8), three bytes 0 |
//! | mul by constants | multiplier (i32), shift (i8), zero point of the constants (i8), two bytes 0, one constant (i8) per channel, zeros to a multiple of 4 |
//! | add of constants | two multipliers (i32), two shifts (i8), two bytes 0, one scaled constant (i32) per channel |
//! | softmax | multiplier (i32), shift (i8), one byte 0, smallest difference (i16) |
//! | lookup | 256 outputs (i8) for the inputs −128…127 |
//! | others | none |

use tinynas_kernels::{AddConstantParams, AddParams, Dims, MulParams, PoolParams, Requant, SoftmaxParams};

use crate::{
    Op, StepParams,
    layout::{ALIGN, bytes_at, i8_at, i32_at},
};

/// Bytes of the constants, a multiple of 4.
pub(crate) const fn bytes(op: Op, output: Dims) -> u64 {
    match op {
        Op::Add => 16,
        Op::GlobalPool | Op::Mul | Op::Scale | Op::Requantize | Op::Softmax => 8,
        Op::MulConstant => 8 + (output.c as u64).next_multiple_of(ALIGN),
        Op::AddConstant => 12 + 4 * output.c as u64,
        Op::Lookup => 256,
        _ => 0,
    }
}

/// The constants of a step; `zeros`: zero points of its inputs.
pub(crate) fn read(op: Op, data: &[u8], zeros: [i8; 2], output: Dims) -> StepParams<'_> {
    let requant =
        |multiplier: usize, shift: usize| Requant { multiplier: i32_at(data, multiplier), shift: i8_at(data, shift) };
    let [input_zero, second_zero] = zeros;
    match op {
        Op::Add => StepParams::Add(AddParams {
            left_zero: input_zero,
            right_zero: second_zero,
            left: requant(0, 12),
            right: requant(4, 13),
            output: requant(8, 14),
        }),
        Op::GlobalPool => StepParams::Pool(PoolParams { input_zero, requant: requant(0, 4) }),
        Op::Mul | Op::Scale => {
            StepParams::Mul(MulParams { left_zero: input_zero, right_zero: second_zero, requant: requant(0, 4) })
        }
        Op::MulConstant => {
            let params = MulParams { left_zero: input_zero, right_zero: i8_at(data, 5), requant: requant(0, 4) };
            let constants = data.get(8..8 + usize::from(output.c)).unwrap_or_default();
            StepParams::MulConstant(params, bytemuck::must_cast_slice(constants))
        }
        Op::AddConstant => {
            let params = AddConstantParams { zero: input_zero, left: requant(0, 8), output: requant(4, 9) };
            // Checked: the model starts at a multiple of 4, and so does its data.
            let terms = bytemuck::try_cast_slice(data.get(12..).unwrap_or_default());
            StepParams::AddConstant(params, terms.unwrap_or_default())
        }
        Op::Requantize => StepParams::Requantize(requant(0, 4)),
        Op::Softmax => {
            let smallest = i16::from_le_bytes(bytes_at(data, 6));
            StepParams::Softmax(SoftmaxParams { requant: requant(0, 4), smallest })
        }
        Op::Lookup => {
            let table: &[i8] = bytemuck::must_cast_slice(data);
            table.first_chunk().map_or(StepParams::None, StepParams::Lookup)
        }
        _ => StepParams::None,
    }
}

/// Whether all factors are what a compiler writes. Those of packed weights may be any: their kernels wrap.
pub(crate) fn are_valid(op: Op, data: &[u8]) -> bool {
    let valid = |requant: Requant, max_shift: i8| {
        requant.multiplier >= 0 && (Requant::MIN_SHIFT..=max_shift).contains(&requant.shift)
    };
    match read(op, data, [0; 2], Dims::vector(1)) {
        StepParams::Add(add) => valid(add.left, 0) && valid(add.right, 0) && valid(add.output, 0),
        StepParams::Pool(pool) => valid(pool.requant, Requant::MAX_SHIFT),
        StepParams::Mul(mul) | StepParams::MulConstant(mul, _) => valid(mul.requant, Requant::MAX_SHIFT),
        StepParams::AddConstant(add, _) => valid(add.left, 0) && valid(add.output, 0),
        StepParams::Requantize(factor) => valid(factor, Requant::MAX_SHIFT),
        StepParams::Softmax(softmax) => {
            valid(softmax.requant, Requant::MAX_SHIFT)
                && softmax.requant.shift >= 0
                && (-256..=0).contains(&softmax.smallest)
        }
        StepParams::Lookup(_) | StepParams::Packed(_) | StepParams::None => true,
    }
}

/// Writes the constants of a step; `None` if the parameters are those of another operation or do not fit.
#[cfg(feature = "alloc")]
pub(crate) fn write(op: Op, params: &crate::Params, input: Dims, output: Dims, data: &mut [u8]) -> Option<()> {
    use crate::Params;
    let mut put = |at: usize, value: &[u8]| data.get_mut(at..at + value.len()).map(|to| to.copy_from_slice(value));
    let (word, byte) = (i32::to_le_bytes, i8::to_le_bytes);
    match (op, params) {
        (Op::Add, Params::Add { left, right, output, .. }) => {
            for (lane, requant) in [left, right, output].into_iter().enumerate() {
                put(4 * lane, &word(requant.multiplier))?;
                put(12 + lane, &byte(requant.shift))?;
            }
            Some(())
        }
        (Op::GlobalPool, Params::Pool { multiplier, shift, .. }) => {
            let mean = Requant { multiplier: *multiplier, shift: *shift }.divided_by(input.pixels());
            put(0, &word(mean.multiplier))?;
            put(4, &byte(mean.shift))
        }
        (Op::Mul | Op::Scale, Params::Mul { params, .. }) => {
            put(0, &word(params.requant.multiplier))?;
            put(4, &byte(params.requant.shift))
        }
        (Op::MulConstant, Params::MulConstant { params, constants, .. }) => {
            put(0, &word(params.requant.multiplier))?;
            put(4, &byte(params.requant.shift))?;
            put(5, &byte(params.right_zero))?;
            (constants.len() == usize::from(output.c)).then_some(())?;
            put(8, bytemuck::must_cast_slice(constants))
        }
        (Op::AddConstant, Params::AddConstant { params, terms, .. }) => {
            put(0, &word(params.left.multiplier))?;
            put(4, &word(params.output.multiplier))?;
            put(8, &byte(params.left.shift))?;
            put(9, &byte(params.output.shift))?;
            (terms.len() == usize::from(output.c)).then_some(())?;
            terms.iter().enumerate().try_for_each(|(at, term)| put(12 + 4 * at, &word(*term)))
        }
        (Op::Requantize, Params::Requantize { factor, .. }) => {
            put(0, &word(factor.multiplier))?;
            put(4, &byte(factor.shift))
        }
        (Op::Softmax, Params::Softmax(softmax)) => {
            put(0, &word(softmax.requant.multiplier))?;
            put(4, &byte(softmax.requant.shift))?;
            put(6, &softmax.smallest.to_le_bytes())
        }
        (Op::Lookup, Params::Lookup(table)) => put(0, bytemuck::must_cast_slice(table.as_slice())),
        (Op::AveragePool(_) | Op::MaxPool(_), Params::Window { .. }) => Some(()),
        (Op::Concat(_) | Op::Pad(_) | Op::Reshape | Op::Transpose(_) | Op::ResizeNearest, Params::Move) => Some(()),
        _ => None,
    }
}
