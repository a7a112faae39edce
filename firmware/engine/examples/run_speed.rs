//! Prints the time of whole networks on this computer, and of their operations: what evaluating int8 accuracy costs.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../../plan/tests/chains/mod.rs"]
mod chains;

use std::{collections::BTreeMap, time::Instant};

use chains::{
    Builder, Random,
    params::{meta, params, quant},
};
use tinynas_engine::{Observer, run};
use tinynas_plan::{Dims, Graph, Model, Op, Window, compile, plan};

/// MobileNetV2-like: stem, bottlenecks of one kernel and expansion, head.
fn network(side: u16, kernel: u8, channels: [u16; 6]) -> Graph {
    let mut net = Builder::new(Dims::new(side, side, 3));
    let stem = Op::Conv(Window::square(3, 2, 1));
    let mut x = net.push(stem, &[0], channels[0]).unwrap();
    x = net.bottleneck(x, 3, 1, 1, channels[1]).unwrap();
    for outputs in &channels[2..] {
        x = net.bottleneck(x, kernel, 2, 6, *outputs).unwrap();
        x = net.bottleneck(x, kernel, 1, 6, *outputs).unwrap();
    }
    x = net.push(Op::GlobalPool, &[x], 0).unwrap();
    net.push(Op::Linear, &[x], 100).unwrap();
    net.graph
}

/// The shortest time of every step.
struct Clock {
    started: Instant,
    seconds: Vec<f64>,
}

impl Observer for Clock {
    fn before(&mut self, _: usize) {
        self.started = Instant::now();
    }
    fn after(&mut self, step: usize) {
        self.seconds[step] = self.seconds[step].min(self.started.elapsed().as_secs_f64());
    }
}

fn label(op: Op) -> &'static str {
    match op {
        Op::Conv(Window::POINTWISE) => "pointwise",
        Op::Conv(_) => "conv",
        Op::Depthwise(_) => "depthwise",
        op => op.name(),
    }
}

fn main() {
    for (side, kernel, channels) in [
        (32, 3, [8, 8, 8, 16, 24, 32]),
        (48, 5, [8, 8, 16, 24, 40, 48]),
        (96, 3, [16, 8, 16, 24, 40, 64]),
        (144, 7, [16, 8, 16, 24, 40, 96]),
    ] {
        let graph = network(side, kernel, channels);
        let mut macs: BTreeMap<&str, u64> = BTreeMap::new();
        for step in &graph.steps {
            let input = graph.dims(step.inputs[0]).unwrap();
            *macs.entry(label(step.op)).or_default() +=
                step.op.weights(input, step.output) * u64::from(step.output.pixels());
        }
        let mut random = Random::new(1);
        let quant = quant(&graph, &mut random);
        let params = params(&graph, &quant, &mut random);
        let file = compile(&graph, &plan(&graph).unwrap(), &params, &quant, &meta(100)).unwrap();
        let model = Model::parse(&file).unwrap();
        let mut arena = vec![0u8; model.arena_bytes() as usize];
        let mut clock = Clock { started: Instant::now(), seconds: vec![f64::MAX; graph.steps.len()] };
        for _ in 0..50 {
            run(&model, &mut arena, &mut clock).unwrap();
        }
        let mut times: BTreeMap<&str, f64> = BTreeMap::new();
        for (step, seconds) in graph.steps.iter().zip(&clock.seconds) {
            *times.entry(label(step.op)).or_default() += seconds;
        }
        let total: f64 = times.values().sum();
        let all: u64 = macs.values().sum();
        println!("{side} px, k{kernel}: {:.2} M MACs in {:.2} ms", all as f64 * 1e-6, total * 1e3);
        for (op, seconds) in &times {
            let rate = macs[op] as f64 / seconds * 1e-9;
            println!("  {op:<10} {:>8.1} us {rate:>8.2} G MACs/s", seconds * 1e6);
        }
    }
}
