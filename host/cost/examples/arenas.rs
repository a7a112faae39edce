//! Prints the arenas of published networks under every plan: `arenas NETWORKS.json`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::{env, path::Path, time::Instant};

use tinynas_cost::published::{read, row};

fn main() {
    let path = env::args().nth(1).unwrap();
    for network in read(Path::new(&path)).unwrap() {
        let start = Instant::now();
        let row = row(&network).unwrap();
        println!(
            "{:24} TE {:7} fastest {:7} smallest {:7} ({:.1} KiB) row-fed {:7} ({:.1} KiB) cycles x{:.2}  {:.0} ms",
            row.name,
            row.tinyengine_peak_bytes,
            row.tinynas_fastest_arena_bytes,
            row.tinynas_arena_bytes,
            row.tinynas_arena_bytes as f64 / 1024.0,
            row.tinynas_rowfed_arena_bytes,
            row.tinynas_rowfed_arena_bytes as f64 / 1024.0,
            row.tinynas_smallest_cycles,
            start.elapsed().as_secs_f64() * 1e3,
        );
    }
}
