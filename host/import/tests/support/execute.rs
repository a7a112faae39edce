//! One inference, tensor by tensor.

use tinynas_import::{Edge, Form, Lowered, Op, Params, Step};
use tinynas_kernels::{
    Channel, Channels, Dims, Output, PoolParams, Requant, Rows, Window, add, add_constant, average_pool, concat, conv,
    depthwise, depthwise_scratch_bytes, global_pool, linear, lookup, max_pool, mul, pad, pointwise, rescale,
    resize_nearest, softmax, transpose,
};

use super::archive::Values;

/// The network's outputs for one input, in the file's form.
pub fn infer(net: &Lowered, input: Values) -> Vec<Values> {
    let tensors = tensors(net, quantized(&net.input, input));
    net.outputs.iter().map(|edge| seen(edge, &tensors[edge.tensor])).collect()
}

/// Every tensor of one inference.
pub fn tensors(net: &Lowered, input: Vec<i8>) -> Vec<Vec<i8>> {
    assert_eq!(input.len() as u64, net.tensors[0].0.elements());
    let mut tensors = vec![input];
    for (index, step) in net.steps.iter().enumerate() {
        let mut output = vec![0; net.tensors[index + 1].0.bytes() as usize];
        let inputs: Vec<_> = step.inputs.iter().map(|t| (tensors[*t].as_slice(), net.tensors[*t].0)).collect();
        run(step, &inputs, net.tensors[index + 1].0, &mut output);
        tensors.push(output);
    }
    tensors
}

/// What the user gives, as int8.
pub fn quantized(edge: &Edge, input: Values) -> Vec<i8> {
    let values = match (edge.form, input) {
        (Form::Int8, Values::Int8(values)) => values,
        (Form::Bytes(_), Values::Uint8(values)) => values.into_iter().map(|x| edge.from_byte(x).unwrap()).collect(),
        (Form::Real, Values::Real(values)) => values.into_iter().map(|x| edge.from_real(x)).collect(),
        (form, _) => panic!("the input is {form:?}"),
    };
    edge.arranged(&values)
}

fn seen(edge: &Edge, values: &[i8]) -> Values {
    match edge.form {
        Form::Int8 => Values::Int8(values.to_vec()),
        Form::Bytes(_) => Values::Uint8(values.iter().map(|x| edge.byte(*x).unwrap()).collect()),
        Form::Real => Values::Real(values.iter().map(|x| edge.real(*x)).collect()),
    }
}

fn run(step: &Step, inputs: &[(&[i8], Dims)], out_dims: Dims, output: &mut [i8]) {
    let (input, dims) = inputs[0];
    let (rows, all) = (Rows::whole(dims, input), 0..out_dims.h);
    let done = match (step.op, &step.params) {
        (Op::Conv(_) | Op::Depthwise(_) | Op::Linear, params) => {
            weighted(step.op, params, input, dims, out_dims, output);
            Ok(())
        }
        (Op::Add, Params::Add(params, out)) => add(input, inputs[1].0, params, *out, output),
        (Op::AddConstant, Params::AddConstant(params, terms, out)) => add_constant(input, terms, params, *out, output),
        (Op::Mul, Params::Mul(params, out)) => mul(input, inputs[1].0, params, *out, output),
        (Op::MulConstant, Params::MulConstant(params, values, out)) => mul(input, values, params, *out, output),
        (Op::GlobalPool, Params::Pool(input_zero, factor, out)) => {
            let params = PoolParams { input_zero: *input_zero, requant: factor.divided_by(dims.pixels()) };
            global_pool(input, dims, &params, *out, output)
        }
        (Op::AveragePool(window), Params::Window(out)) => average_pool(rows, window, all, out_dims, *out, output),
        (Op::MaxPool(window), Params::Window(out)) => max_pool(rows, window, all, out_dims, *out, output),
        (Op::Softmax, Params::Softmax(params)) => softmax(input, dims.c, params, output),
        (Op::Lookup, Params::Lookup(table)) => lookup(input, table, output),
        (Op::Concat(axis), Params::None) => concat(inputs[0], inputs[1], axis, output),
        (Op::Pad(before), Params::Pad(value)) => pad(rows, before, *value, all, out_dims, output),
        (Op::Reshape, Params::None) => {
            output.copy_from_slice(input);
            Ok(())
        }
        (Op::Transpose(order), Params::None) => transpose(input, dims, order, all, output),
        (Op::ResizeNearest, Params::None) => resize_nearest(rows, all, out_dims, output),
        (Op::Requantize, Params::Requantize(zero, factor, out)) => rescale(input, *zero, *factor, *out, output),
        (op, params) => panic!("{op:?} with {params:?}"),
    };
    done.unwrap_or_else(|error| panic!("{} ({:?} of {dims:?} to {out_dims:?}): {error}", step.name, step.op));
}

fn weighted(op: Op, params: &Params, input: &[i8], dims: Dims, out_dims: Dims, output: &mut [i8]) {
    let Params::Weighted { weights, bias, requant, input_zero, out } = params else { panic!("{op:?}") };
    let packed = packed(weights, bias, requant, *input_zero);
    let channels = Channels::new(&packed, bias.len() as u32).unwrap();
    let (zero, out): (i8, Output) = (*input_zero, *out);
    match op {
        Op::Conv(window) if window == Window::POINTWISE => {
            pointwise(input, dims, weights, channels, out, output).unwrap();
        }
        Op::Conv(window) => {
            let (taps, c) = (window.taps() as usize, usize::from(dims.c));
            let filters = weights.chunks(taps * c);
            let ordered: Vec<i8> =
                filters.flat_map(|f| (0..taps).flat_map(move |tap| (0..c).map(move |i| f[i * taps + tap]))).collect();
            conv(input, dims, window, zero, &ordered, channels, out_dims, out, output).unwrap();
        }
        Op::Depthwise(window) => {
            let mut scratch = vec![0; depthwise_scratch_bytes(window, out_dims) as usize];
            depthwise(input, dims, window, zero, weights, channels, out_dims, out, output, &mut scratch).unwrap();
        }
        _ => linear(input, dims, weights, channels, out, output).unwrap(),
    }
}

/// Constants of the channels with the zero point folded into the bias.
fn packed(weights: &[i8], bias: &[i32], requant: &[Requant], zero: i8) -> Vec<u8> {
    let mut bytes = vec![0; Channels::bytes_for(bias.len() as u32) as usize];
    for (index, filter) in weights.chunks(weights.len() / bias.len()).enumerate() {
        let sum: i32 = filter.iter().map(|w| i32::from(*w)).sum();
        let channel =
            Channel { bias: bias[index].wrapping_sub(i32::from(zero).wrapping_mul(sum)), requant: requant[index] };
        channel.write(&mut bytes, index).unwrap();
    }
    bytes
}
