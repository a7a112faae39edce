//! Random quantized parameters for a graph, of sizes that keep outputs within int8 most of the time.

use tinynas_plan::{
    AddConstantParams, AddParams, Graph, Meta, MetaPreprocess, MulParams, Op, Output, Params, Requant, SoftmaxParams,
    TensorQuant,
};

use super::Random;

/// One entry per tensor.
pub fn quant(graph: &Graph, random: &mut Random) -> Vec<TensorQuant> {
    let one = |_| TensorQuant { scale: 0.01 + random.below(1000) as f32 * 1e-4, zero_point: random.i8() };
    (0..=graph.steps.len()).map(one).collect()
}

/// One entry per step, with the zero points of `quant`.
pub fn params(graph: &Graph, quant: &[TensorQuant], random: &mut Random) -> Vec<Params> {
    let steps = graph.steps.iter().enumerate();
    steps
        .map(|(index, step)| {
            let input = step.inputs[0];
            let dims = graph.dims(input).unwrap();
            let (source, target) = (quant[input], quant[index + 1]);
            match step.op {
                Op::Add => Params::add(source, quant[step.inputs[1]], target),
                Op::GlobalPool => Params::pool(source, target),
                op @ (Op::Mul | Op::Scale | Op::MulConstant | Op::AddConstant | Op::Requantize) => {
                    scaled(op, [source, quant[*step.inputs.last().unwrap()], target], step.output.c, random)
                }
                Op::AveragePool(_) | Op::MaxPool(_) => {
                    let (a, b) = (random.i8(), random.i8());
                    Params::Window { min: a.min(b), max: a.max(b) }
                }
                Op::Softmax => Params::Softmax(SoftmaxParams::from_scale(source.scale, 1.0).unwrap()),
                Op::Lookup => Params::Lookup(Box::new([(); 256].map(|()| random.i8()))),
                Op::Concat(_) | Op::Pad(_) | Op::Reshape | Op::Transpose(_) | Op::ResizeNearest => Params::Move,
                Op::Conv(_) | Op::Depthwise(_) | Op::Linear => {
                    let count = step.op.weights(dims, step.output) as usize;
                    let outputs = usize::from(step.output.c);
                    let depth = (count / outputs) as f64;
                    // Sums of n products of two random bytes are about 74² · √n.
                    let shift = -((74.0 * depth.sqrt()).log2().ceil() as i8);
                    let (a, b) = (random.i8(), random.i8());
                    let mut weights: Vec<i8> = (0..count).map(|_| random.i8()).collect();
                    let mut bias: Vec<i32> = (0..outputs).map(|_| random.below(4000) as i32 - 2000).collect();
                    let mut shifts: Vec<i8> = (0..outputs).map(|_| shift + random.below(2) as i8).collect();
                    let filters = weights.chunks_exact_mut(count / outputs);
                    for ((filter, bias), shift) in filters.zip(&mut bias).zip(&mut shifts) {
                        // Channels that pruning left, as MLPerf Tiny's network for visual wake words has them.
                        if random.below(6) == 0 {
                            filter.fill(if random.below(2) == 0 { 0 } else { 1 });
                            (*bias, *shift) = (random.of(&[1, -1]) << 30, -25 - random.below(7) as i8);
                        }
                    }
                    Params::Weighted {
                        weights,
                        bias,
                        multiplier: (0..outputs).map(|_| (1 << 30) + random.below(1 << 30) as i32).collect(),
                        shift: shifts,
                        input_zero: source.zero_point,
                        output_zero: target.zero_point,
                        min: if random.below(2) == 0 { -128 } else { a.min(b) },
                        max: if random.below(2) == 0 { 127 } else { a.max(b) },
                    }
                }
            }
        })
        .collect()
}

/// Products, sums with constants, other scales.
fn scaled(op: Op, [left, right, target]: [TensorQuant; 3], channels: u16, random: &mut Random) -> Params {
    let pair = |quant: TensorQuant| (quant.scale, quant.zero_point);
    let (a, b) = (random.i8(), random.i8());
    let out = Output { zero: target.zero_point, min: a.min(b), max: a.max(b) };
    let constant = (0.02, random.i8());
    let sum = AddParams::from_scales(pair(left), constant, target.scale);
    let terms =
        (0..channels).map(|_| random.i8()).map(|x| sum.right.apply((i32::from(x) - i32::from(constant.1)) << 20));
    match op {
        Op::MulConstant => Params::MulConstant {
            params: MulParams::from_scales(pair(left), constant, target.scale),
            constants: (0..channels).map(|_| random.i8()).collect(),
            out,
        },
        Op::AddConstant => Params::AddConstant {
            terms: terms.collect(),
            params: AddConstantParams { zero: left.zero_point, left: sum.left, output: sum.output },
            out,
        },
        Op::Requantize => {
            let factor = Requant::from_real(f64::from(left.scale) / f64::from(target.scale));
            Params::Requantize { input_zero: left.zero_point, factor, out }
        }
        _ => Params::Mul { params: MulParams::from_scales(pair(left), pair(right), target.scale), out },
    }
}

/// Meta data with `classes` names.
pub fn meta(classes: usize) -> Meta {
    Meta {
        preprocess: MetaPreprocess { size: 28, channels: 1, mean: 73, scale: 0.0111 },
        classes: (0..classes).map(|class| format!("class {class} µ")).collect(),
        sram_budget: 65_536,
        flash_budget: 262_144,
        provenance: "tinynas 0.1.0, seed 7".into(),
    }
}
