//! Whole networks through the engine: from the call of `run` to its return, under the fastest and the smallest plan.

use tinynas_bench_job::{Constants, Job, Kind, MAILBOX};
use tinynas_plan::{
    Dims, Feed, Goal, Graph, Meta, MetaPreprocess, Model, Op, Params, Step, TensorQuant, Window, compile, plan_for,
};

use super::{bare::Bare, networks::Network};
use crate::shell::{Failure, Workspace};

/// Where model and arena are put.
const MODEL: u32 = MAILBOX + (1 << 20);
const ARENA: u32 = MAILBOX + (8 << 20);

/// What one run took.
pub struct Run {
    pub instructions: u64,
    pub cycles: u64,
    pub arena_bytes: u32,
}

/// The program that runs a model.
pub struct Engine(Bare);

impl Engine {
    /// Reads what was built.
    pub fn read(workspace: &Workspace) -> Result<Self, Failure> {
        Bare::read(workspace, "network-bench").map(Self)
    }

    /// Runs a network with random weights under the plan for `goal`; outputs other than the host's are a failure.
    pub fn run(&self, network: &Network, goal: Goal) -> Result<Run, Failure> {
        let wrong = |what: String| Failure::Checks(format!("{}: {what}", network.name));
        let (bytes, input) = model(network, goal).map_err(wrong)?;
        let model = Model::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
        let mut arena = vec![0u8; model.arena_bytes() as usize];
        arena[model.input().range()].copy_from_slice(&input);
        let before = arena.clone();
        tinynas_engine::run(&model, &mut arena, &mut ()).map_err(|error| wrong(error.to_string()))?;
        let job = [MODEL, bytes.len() as u32, ARENA, before.len() as u32];
        let ended = self.0.run(&job, 3, &[(ARENA, &before), (MODEL, &bytes)])?;
        let ended = ended.ok_or_else(|| wrong("the program does not end well".to_owned()))?;
        let &[instructions, cycles, ran] = ended.answer.as_slice() else { return Err(wrong("no answer".to_owned())) };
        if ran != 1 || ended.data[model.output().range()] != arena[model.output().range()] {
            return Err(wrong(format!("the engine's output is not the host's ({ran})")));
        }
        let (instructions, cycles) = (instructions.into(), cycles.into());
        Ok(Run { instructions, cycles, arena_bytes: model.arena_bytes() })
    }
}

/// Numbers that a seed decides (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) % end
    }

    /// Around zero, as trained weights are: the mean of four bytes.
    fn weight(&mut self) -> i8 {
        let sum: i32 = (0..4).map(|_| i32::from(self.byte())).sum();
        (sum / 4) as i8
    }

    fn byte(&mut self) -> i8 {
        self.below(256) as u8 as i8
    }
}

/// The compiled network with random weights, and an input.
fn model(network: &Network, goal: Goal) -> Result<(Vec<u8>, Vec<u8>), String> {
    let graph = graph(network);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let quant = |zero_point| TensorQuant { scale: 0.05, zero_point };
    let relu = |job: &Job| matches!(job.constants, Constants::Relu);
    let mut tensors = vec![quant(3)];
    tensors.extend(network.layers.iter().map(|job| quant(if relu(job) { -128 } else { 5 })));
    let mut params = Vec::new();
    for (index, (step, job)) in graph.steps.iter().zip(&network.layers).enumerate() {
        let (from, to) = (tensors[step.inputs[0]], tensors[index + 1]);
        params.push(match step.op {
            Op::Add => Params::add(from, tensors[step.inputs[1]], to),
            Op::GlobalPool => Params::pool(from, to),
            op => {
                let input = graph.dims(step.inputs[0]).unwrap_or_default();
                let count = op.weights(input, step.output) as usize;
                let channels = usize::from(step.output.c);
                let products = (count / channels).max(1);
                Params::Weighted {
                    weights: (0..count).map(|_| numbers.weight()).collect(),
                    bias: (0..channels).map(|_| numbers.below(4000) as i32 - 2000).collect(),
                    multiplier: (0..channels).map(|_| (1 << 30) + numbers.below(1 << 30) as i32).collect(),
                    // About 1 / (32 · sqrt(products)): outputs spread over the int8 range.
                    shift: vec![-5 - (products.ilog2() / 2) as i8; channels],
                    input_zero: from.zero_point,
                    output_zero: to.zero_point,
                    min: if relu(job) { to.zero_point } else { i8::MIN },
                    max: i8::MAX,
                }
            }
        });
    }
    let meta = Meta {
        preprocess: MetaPreprocess { size: graph.input.h, channels: graph.input.c as u8, mean: 128, scale: 0.02 },
        classes: Vec::new(),
        sram_budget: 0,
        flash_budget: 0,
        provenance: String::new(),
    };
    let plan = plan_for(&graph, goal, Feed::Whole).map_err(|error| error.to_string())?;
    let bytes = compile(&graph, &plan, &params, &tensors, &meta).map_err(|error| error.to_string())?;
    let input = (0..graph.input.bytes()).map(|_| numbers.byte().cast_unsigned()).collect();
    Ok((bytes, input))
}

/// The layers in their order; a sum adds the latest older tensor of its shape.
fn graph(network: &Network) -> Graph {
    let dims = |job: &Job| Dims::new(job.h, job.w, job.c);
    let input = network.layers.first().map(dims).unwrap_or_default();
    let mut graph = Graph { input, steps: Vec::new() };
    for job in &network.layers {
        let (current, shape) = (graph.steps.len(), dims(job));
        let window = Window { kernel: job.kernel, stride: job.stride, pad: job.pad };
        let (op, output) = match job.kind {
            Kind::Conv | Kind::Pointwise => (Op::Conv(window), window.output(shape, job.outputs)),
            Kind::Depthwise => (Op::Depthwise(window), window.output(shape, job.c)),
            Kind::Add => (Op::Add, Some(shape)),
            Kind::GlobalPool => (Op::GlobalPool, Some(Dims::vector(job.c))),
            Kind::Linear => (Op::Linear, Some(Dims::vector(job.outputs))),
        };
        let older = (0..current).rev().find(|tensor| graph.dims(*tensor) == Some(shape)).unwrap_or_default();
        let inputs = if op == Op::Add { vec![older, current] } else { vec![current] };
        graph.steps.push(Step { op, inputs, output: output.unwrap_or_default() });
    }
    graph
}
