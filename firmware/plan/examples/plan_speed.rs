//! Prints the time of one plan: the selection stage makes about a hundred thousand of them.
#![allow(clippy::print_stdout)]

#[path = "../tests/chains/mod.rs"]
mod chains;

use std::{hint::black_box, time::Instant};

fn main() {
    let graphs: Vec<_> = (0..1000).map(chains::mnas).collect();
    let steps: usize = graphs.iter().map(|graph| graph.steps.len()).sum();
    let mut tight = 0;
    let start = Instant::now();
    for graph in &graphs {
        let plan = tinynas_plan::plan(black_box(graph)).ok();
        tight += usize::from(plan.is_some_and(|plan| plan.arena_bytes == plan.bound()));
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / graphs.len() as f64;
    let mean = steps as f64 / graphs.len() as f64;
    println!("{micros:.1} us per plan, {mean:.1} steps on average, {tight} of {} plans at the bound", graphs.len());
}
