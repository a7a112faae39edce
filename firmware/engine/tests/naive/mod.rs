//! Executes a graph with the independent reference kernels, every tensor in its own buffer, no plan, no file.
#![allow(dead_code)]

use tinynas_plan::{Graph, Meta, Op, Params, Plan, TensorQuant, Window, compile, plan};

use crate::{
    chains::{self, Random},
    reference::{self, Hwc, Scale, Sum},
};

/// A graph with random parameters.
pub struct Net {
    pub graph: Graph,
    pub plan: Plan,
    pub quant: Vec<TensorQuant>,
    pub params: Vec<Params>,
}

impl Net {
    pub fn new(graph: Graph, seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x5eed);
        let plan = plan(&graph).unwrap();
        let quant = chains::params::quant(&graph, &mut random);
        let params = chains::params::params(&graph, &quant, &mut random);
        Self { graph, plan, quant, params }
    }

    pub fn compile(&self) -> Vec<u8> {
        let meta: Meta = chains::params::meta(2);
        compile(&self.graph, &self.plan, &self.params, &self.quant, &meta).unwrap()
    }

    /// A random input.
    pub fn input(&self, seed: u64) -> Vec<i8> {
        let mut random = Random::new(seed ^ 0x1234);
        (0..self.graph.input.bytes()).map(|_| random.i8()).collect()
    }

    fn hwc(&self, tensor: usize) -> Hwc {
        let dims = self.graph.dims(tensor).unwrap();
        (dims.h.into(), dims.w.into(), dims.c.into())
    }

    /// All tensors, the input first.
    pub fn execute(&self, input: &[i8]) -> Vec<Vec<i8>> {
        let mut tensors = vec![input.to_vec()];
        for (step, params) in self.graph.steps.iter().zip(&self.params) {
            let (x, hwc) = (&tensors[step.inputs[0]], self.hwc(step.inputs[0]));
            let output = match (step.op, params) {
                (Op::Add, Params::Add { left_zero, right_zero, output_zero, left, right, output, min, max }) => {
                    let factor = |r: &tinynas_plan::Requant| (r.multiplier, r.shift);
                    let sum = Sum {
                        left_zero: *left_zero,
                        right_zero: *right_zero,
                        left: factor(left),
                        right: factor(right),
                        output: factor(output),
                    };
                    reference::add(x, &tensors[step.inputs[1]], &sum, (*output_zero, *min, *max))
                }
                (Op::GlobalPool, Params::Pool { input_zero, output_zero, multiplier, shift, min, max }) => {
                    reference::global_pool(x, hwc, *input_zero, (*multiplier, *shift), (*output_zero, *min, *max))
                }
                (op, Params::Weighted { weights, bias, multiplier, shift, input_zero, output_zero, min, max }) => {
                    let factors = bias.iter().zip(multiplier).zip(shift);
                    let scales: Vec<_> = factors
                        .map(|((bias, multiplier), shift)| Scale {
                            bias: *bias,
                            multiplier: *multiplier,
                            shift: *shift,
                        })
                        .collect();
                    let clamp = (*output_zero, *min, *max);
                    let pair = |[rows, columns]: [u8; 2]| (usize::from(rows), usize::from(columns));
                    let moves = |w: Window| reference::Moves {
                        kernel: pair(w.kernel),
                        stride: pair(w.stride),
                        pad: pair(w.pad),
                        outputs: (step.output.h.into(), step.output.w.into()),
                    };
                    match op {
                        Op::Conv(w) => reference::convolve(x, hwc, moves(w), *input_zero, weights, &scales, clamp),
                        Op::Depthwise(w) => reference::separate(x, hwc, moves(w), *input_zero, weights, &scales, clamp),
                        _ => reference::linear(x, *input_zero, weights, &scales, clamp),
                    }
                }
                other => panic!("{other:?}"),
            };
            tensors.push(output);
        }
        tensors
    }
}

/// int8 values as the bytes of an arena.
pub fn bytes(values: &[i8]) -> Vec<u8> {
    values.iter().map(|x| *x as u8).collect()
}
