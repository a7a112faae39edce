//! Prints the time of one plan: a search asks for thousands of networks a second whether they fit.
#![allow(clippy::print_stdout)]

#[path = "../tests/chains/mod.rs"]
mod chains;

use std::{hint::black_box, time::Instant};

use tinynas_plan::{Feed, Goal, Graph, fits, least_bytes, plan, plan_for};

/// Microseconds per graph.
fn time<T>(graphs: &[Graph], mut run: impl FnMut(usize, &Graph) -> T) -> f64 {
    let start = Instant::now();
    for (index, graph) in graphs.iter().enumerate() {
        black_box(run(index, black_box(graph)));
    }
    start.elapsed().as_secs_f64() * 1e6 / graphs.len() as f64
}

fn main() {
    let graphs: Vec<_> = (0..1000).map(chains::mnas).collect();
    let steps: usize = graphs.iter().map(|graph| graph.steps.len()).sum();
    println!("{} graphs of {:.1} steps on average, us per graph", graphs.len(), steps as f64 / graphs.len() as f64);
    println!("fastest plan {:.1}", time(&graphs, |_, graph| plan(graph)));
    for feed in [Feed::Whole, Feed::Rows] {
        let least: Vec<u32> = graphs.iter().map(|graph| least_bytes(graph, feed).unwrap_or(0)).collect();
        println!("input {feed:?}:");
        println!("  least bytes {:.1}", time(&graphs, |_, graph| least_bytes(graph, feed)));
        for (name, permille) in [("80 %", 800), ("99.9 %", 999), ("100 %", 1000), ("150 %", 1500)] {
            let bytes = |index: usize| (u64::from(least[index]) * permille / 1000) as u32;
            println!("  fits {name} of that {:.1}", time(&graphs, |index, graph| fits(graph, bytes(index), feed)));
        }
        println!("  smallest plan {:.1}", time(&graphs[..200], |_, graph| plan_for(graph, Goal::Smallest, feed)));
        let half = |index: usize| Goal::Fits(least[index] + least[index] / 2);
        println!(
            "  fastest plan within 150 % {:.1}",
            time(&graphs[..200], |index, graph| plan_for(graph, half(index), feed))
        );
    }
}
