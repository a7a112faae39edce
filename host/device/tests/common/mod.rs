//! A small model of every operation with random weights, and the host's own run of it.

use tinynas_engine::run;
use tinynas_plan::{
    Dims, Graph, Meta, MetaPreprocess, Model, Op, Params, Plan, Step, TensorQuant, Window, compile, plan,
};

/// A repeatable stream of numbers (xorshift64*).
pub struct Numbers(u64);

impl Numbers {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number in `0..bound`.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % u64::from(bound)) as u32
    }

    /// `count` int8 values.
    pub fn bytes(&mut self, count: usize) -> Vec<i8> {
        (0..count).map(|_| (self.below(256) as i32 - 128) as i8).collect()
    }
}

fn window(kernel: u8, stride: u8) -> Window {
    Window::square(kernel, stride, kernel / 2)
}

/// Convolutions of three kinds, a residual, pooling, a classifier.
pub fn graph() -> Graph {
    let dims = |side: u16, c: u16| Dims { h: side, w: side, c };
    let step = |op, inputs: &[usize], output| Step { op, inputs: inputs.to_vec(), output };
    Graph {
        input: dims(17, 3),
        steps: vec![
            step(Op::Conv(window(3, 2)), &[0], dims(9, 8)),
            step(Op::Depthwise(window(3, 1)), &[1], dims(9, 8)),
            step(Op::Conv(window(1, 1)), &[2], dims(9, 12)),
            step(Op::Conv(window(1, 1)), &[3], dims(9, 24)),
            step(Op::Depthwise(window(5, 1)), &[4], dims(9, 24)),
            step(Op::Conv(window(1, 1)), &[5], dims(9, 12)),
            step(Op::Add, &[3, 6], dims(9, 12)),
            step(Op::Depthwise(window(7, 2)), &[7], dims(5, 12)),
            step(Op::GlobalPool, &[8], dims(1, 12)),
            step(Op::Linear, &[9], dims(1, 10)),
        ],
    }
}

/// The graph with random weights: plan and `.tnm` bytes.
pub fn model(seed: u64) -> (Plan, Vec<u8>) {
    let graph = graph();
    let mut numbers = Numbers::new(seed);
    let tensors = graph.steps.len() + 1;
    let quant: Vec<_> =
        (0..tensors).map(|_| TensorQuant { scale: 0.05, zero_point: numbers.below(9) as i8 - 4 }).collect();
    let plan = plan(&graph).expect("a valid graph");
    let input = |step: &Step, at: usize| (graph.dims(step.inputs[at]).expect("tensor"), quant[step.inputs[at]]);
    let params: Vec<_> = graph
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let (dims, from) = input(step, 0);
            let to = quant[index + 1];
            let (channels, per_output) = (usize::from(step.output.c), usize::from(dims.c));
            let per_channel = match step.op {
                Op::Add => return Params::add(from, input(step, 1).1, to),
                Op::GlobalPool => return Params::pool(from, to),
                Op::Conv(window) => per_output * window.taps() as usize,
                Op::Depthwise(window) => window.taps() as usize,
                Op::Linear => dims.bytes() as usize,
            };
            Params::Weighted {
                weights: numbers.bytes(channels * per_channel),
                bias: (0..channels).map(|_| numbers.below(2000) as i32 - 1000).collect(),
                // About 1 / (64 · sqrt(values)): outputs spread over the int8 range, some are clamped.
                multiplier: (0..channels).map(|_| (1 << 30) + numbers.below(1 << 30) as i32).collect(),
                shift: vec![-6 - (per_channel.ilog2() / 2) as i8; channels],
                input_zero: from.zero_point,
                output_zero: to.zero_point,
                min: -100,
                max: 110,
            }
        })
        .collect();
    let meta = Meta {
        preprocess: MetaPreprocess { size: 17, channels: 3, mean: 128, scale: 0.02 },
        classes: (0..10).map(|class| format!("class {class}")).collect(),
        sram_budget: 0,
        flash_budget: 0,
        provenance: "a test".to_owned(),
    };
    let bytes = compile(&graph, &plan, &params, &quant, &meta).expect("compiles");
    (plan, bytes)
}

/// What the host's executor makes of an input.
pub fn expected(model: &[u8], input: &[i8]) -> Vec<i8> {
    let model = Model::parse(model).expect("valid");
    let mut arena = vec![0; model.arena_bytes() as usize];
    arena[model.input().range()].copy_from_slice(&input.iter().map(|value| value.cast_unsigned()).collect::<Vec<_>>());
    run(&model, &mut arena, &mut ()).expect("runs");
    arena[model.output().range()].iter().map(|byte| byte.cast_signed()).collect()
}
