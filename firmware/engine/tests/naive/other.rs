//! Operations of imported networks by their definitions, on whole tensors.

use tinynas_kernels::{
    Dims, Output, Rows, add_constant, average_pool, concat, lookup, max_pool, mul, pad, rescale, resize_nearest,
    softmax, transpose,
};
use tinynas_plan::{Op, Params};

/// The output of a step; `zero`: zero point of its first input.
pub fn execute(op: Op, params: &Params, inputs: [(&[i8], Dims); 2], zero: i8, out_dims: Dims) -> Vec<i8> {
    let mut output = vec![0; out_dims.bytes() as usize];
    let (input, dims) = inputs[0];
    let (rows, all, to) = (Rows::whole(dims, input), 0..out_dims.h, &mut output);
    let clamp = |min: &i8, max: &i8| Output { zero: 0, min: *min, max: *max };
    match (op, params) {
        (Op::AveragePool(w), Params::Window { min, max }) => average_pool(rows, w, all, out_dims, clamp(min, max), to),
        (Op::MaxPool(w), Params::Window { min, max }) => max_pool(rows, w, all, out_dims, clamp(min, max), to),
        (Op::Softmax, Params::Softmax(params)) => softmax(input, dims.c, params, to),
        (Op::Lookup, Params::Lookup(table)) => lookup(input, table, to),
        (Op::Mul | Op::Scale, Params::Mul { params, out }) => mul(input, inputs[1].0, params, *out, to),
        (Op::MulConstant, Params::MulConstant { params, constants, out }) => mul(input, constants, params, *out, to),
        (Op::AddConstant, Params::AddConstant { params, terms, out }) => add_constant(input, terms, params, *out, to),
        (Op::Requantize, Params::Requantize { input_zero, factor, out }) => {
            rescale(input, *input_zero, *factor, *out, to)
        }
        (Op::Concat(axis), Params::Move) => concat(inputs[0], inputs[1], axis, to),
        (Op::Pad(before), Params::Move) => pad(rows, before, zero, all, out_dims, to),
        (Op::Reshape, Params::Move) => {
            to.copy_from_slice(input);
            Ok(())
        }
        (Op::Transpose(order), Params::Move) => transpose(input, dims, order, all, to),
        (Op::ResizeNearest, Params::Move) => resize_nearest(rows, all, out_dims, to),
        other => panic!("{other:?}"),
    }
    .unwrap();
    output
}
