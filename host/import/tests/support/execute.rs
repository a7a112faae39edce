//! One inference: tensor by tensor with the definition kernels, and by the engine under a plan.

use tinynas_engine::run;
use tinynas_import::{Edge, Form, Lowered};
use tinynas_kernels::{
    Channel, Channels, Dims, Output, PoolParams, Requant, Rows, Window, add, add_constant, average_pool, concat, conv,
    depthwise, depthwise_scratch_bytes, global_pool, linear, lookup, max_pool, mul, pad, pointwise, rescale,
    resize_nearest, softmax, transpose,
};
use tinynas_plan::{AddParams, Feed, Goal, Meta, MetaPreprocess, Model, Op, Params, compile, plan_for};

use super::archive::Values;

/// The network's outputs for one input, in the file's form, by the definition kernels.
pub fn infer(net: &Lowered, input: Values) -> Vec<Values> {
    let tensors = tensors(net, quantized(&net.input, input));
    seen_all(net, tensors.last().unwrap())
}

/// The compiled model under a plan.
pub fn compiled(net: &Lowered, goal: Goal) -> Vec<u8> {
    let preprocess = MetaPreprocess { size: 1, channels: 1, mean: 128, scale: 1.0 };
    let meta = Meta { preprocess, classes: vec![], sram_budget: 0, flash_budget: 0, provenance: String::new() };
    let plan = plan_for(&net.graph, goal, Feed::Whole).unwrap();
    compile(&net.graph, &plan, &net.params, &net.quant, &meta).unwrap()
}

/// The network's outputs for one input, in the file's form, by the engine.
pub fn infer_compiled(net: &Lowered, model: &Model<'_>, arena: &mut [u8], input: Values) -> Vec<Values> {
    let input = quantized(&net.input, input);
    for (byte, x) in arena[model.input().range()].iter_mut().zip(&input) {
        *byte = *x as u8;
    }
    run(model, arena, &mut ()).unwrap();
    let output: Vec<i8> = arena[model.output().range()].iter().map(|b| *b as i8).collect();
    seen_all(net, &output)
}

fn seen_all(net: &Lowered, output: &[i8]) -> Vec<Values> {
    net.outputs.iter().map(|edge| seen(edge, &output[edge.range()])).collect()
}

/// Every tensor of one inference.
pub fn tensors(net: &Lowered, input: Vec<i8>) -> Vec<Vec<i8>> {
    let dims = |tensor: usize| net.graph.dims(tensor).unwrap();
    assert_eq!(input.len() as u64, dims(0).elements());
    let mut tensors = vec![input];
    for (index, (step, params)) in net.graph.steps.iter().zip(&net.params).enumerate() {
        let mut output = vec![0; step.output.bytes() as usize];
        let inputs = step.pair().map(|t| (tensors[t].as_slice(), dims(t)));
        assert!(step.op.makes(inputs.map(|(_, dims)| dims), step.output), "{index}: {step:?}");
        run_step(step.op, params, inputs, net.quant[step.inputs[0]].zero_point, step.output, &mut output);
        tensors.push(output);
    }
    tensors
}

/// What the user gives, as int8 in the order of our tensor.
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

fn run_step(op: Op, params: &Params, inputs: [(&[i8], Dims); 2], zero: i8, out_dims: Dims, output: &mut [i8]) {
    let (input, dims) = inputs[0];
    let (rows, all) = (Rows::whole(dims, input), 0..out_dims.h);
    let clamp = |min: &i8, max: &i8| Output { zero: 0, min: *min, max: *max };
    let done = match (op, params) {
        (Op::Conv(_) | Op::Depthwise(_) | Op::Linear, params) => {
            weighted(op, params, input, dims, out_dims, output);
            Ok(())
        }
        (Op::Add, Params::Add { left_zero, right_zero, output_zero, left, right, output: o, min, max }) => {
            let (left_zero, right_zero, left, right, o) = (*left_zero, *right_zero, *left, *right, *o);
            let params = AddParams { left_zero, right_zero, left, right, output: o };
            add(input, inputs[1].0, &params, Output { zero: *output_zero, min: *min, max: *max }, output)
        }
        (Op::AddConstant, Params::AddConstant { params, terms, out }) => {
            add_constant(input, terms, params, *out, output)
        }
        (Op::Mul | Op::Scale, Params::Mul { params, out }) => mul(input, inputs[1].0, params, *out, output),
        (Op::MulConstant, Params::MulConstant { params, constants, out }) => {
            mul(input, constants, params, *out, output)
        }
        (Op::GlobalPool, Params::Pool { input_zero, output_zero, multiplier, shift, min, max }) => {
            let requant = Requant { multiplier: *multiplier, shift: *shift }.divided_by(dims.pixels());
            let params = PoolParams { input_zero: *input_zero, requant };
            global_pool(input, dims, &params, Output { zero: *output_zero, min: *min, max: *max }, output)
        }
        (Op::AveragePool(window), Params::Window { min, max }) => {
            average_pool(rows, window, all, out_dims, clamp(min, max), output)
        }
        (Op::MaxPool(window), Params::Window { min, max }) => {
            max_pool(rows, window, all, out_dims, clamp(min, max), output)
        }
        (Op::Softmax, Params::Softmax(params)) => softmax(input, dims.c, params, output),
        (Op::Lookup, Params::Lookup(table)) => lookup(input, table, output),
        (Op::Concat(axis), Params::Move) => concat(inputs[0], inputs[1], axis, output),
        (Op::Pad(before), Params::Move) => pad(rows, before, zero, all, out_dims, output),
        (Op::Reshape, Params::Move) => {
            output.copy_from_slice(input);
            Ok(())
        }
        (Op::Transpose(order), Params::Move) => transpose(input, dims, order, all, output),
        (Op::ResizeNearest, Params::Move) => resize_nearest(rows, all, out_dims, output),
        (Op::Requantize, Params::Requantize { input_zero, factor, out }) => {
            rescale(input, *input_zero, *factor, *out, output)
        }
        (op, params) => panic!("{op:?} with {params:?}"),
    };
    done.unwrap_or_else(|error| panic!("{op:?} of {dims:?} to {out_dims:?}: {error}"));
}

fn weighted(op: Op, params: &Params, input: &[i8], dims: Dims, out_dims: Dims, output: &mut [i8]) {
    let Params::Weighted { weights, bias, multiplier, shift, input_zero, output_zero, min, max } = params else {
        panic!("{op:?}")
    };
    let requant: Vec<Requant> =
        multiplier.iter().zip(shift).map(|(m, s)| Requant { multiplier: *m, shift: *s }).collect();
    let packed = packed(weights, bias, &requant, *input_zero);
    let channels = Channels::new(&packed, bias.len() as u32).unwrap();
    let (zero, out) = (*input_zero, Output { zero: *output_zero, min: *min, max: *max });
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
        let bias = bias[index].wrapping_sub(i32::from(zero).wrapping_mul(sum));
        Channel { bias, requant: requant[index] }.write(&mut bytes, index).unwrap();
    }
    bytes
}
