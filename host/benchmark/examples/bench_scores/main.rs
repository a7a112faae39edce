//! Seconds per network of the scores on one thread, beside PyTorch's: `cargo xtask bench-scores [--format json]`.
//!
//! Times are the processor's for this thread: on an idle machine they are those of the clock, on a busy one they still
//! compare. Where `python3` (or `TINYNAS_PYTHON`) can import torch, the same scores are timed there, network by network in
//! turn; else the recorded times stand alone, of another machine.
#![allow(clippy::print_stdout)]

mod clock;
mod networks;
mod peer;

use std::error::Error;

use serde::Serialize;
use tinynas_benchmark::nasbench201::{Branches, Cell};
use tinynas_burn::{Ask, Pass, initial_weights, with_threads};
use tinynas_model::{Network, NetworkBuilder, Pool, Shape, TensorId};
use tinynas_score::{Batch, Proxy, Scorer};

use clock::{median, peak_rss_bytes, reset_peak};
use peer::{PUBLISHED, Peer, Recorded};

const IMAGES: usize = 64;

/// What the published code computes per network.
const SEVEN: &[Proxy] =
    &[Proxy::GradNorm, Proxy::Plain, Proxy::Snip, Proxy::Fisher, Proxy::Grasp, Proxy::Synflow, Proxy::JacobCov];

#[derive(Serialize)]
struct Row {
    network: &'static str,
    macs: u64,
    params: u64,
    all7_s: f64,
    nwot_s: f64,
    fwd_bwd_s: f64,
    synflow_s: f64,
    zico_s: f64,
    peak_rss_bytes: u64,
    /// Billions of multiplications and additions per second of the forward and backward pass.
    fwd_bwd_gflops: f64,
    /// The same of a matrix product of our kernels, [65536, 512] × [512, 512].
    gemm_gflops: f64,
    /// PyTorch in this run.
    pytorch: Option<Peer>,
    /// PyTorch as recorded on another machine.
    recorded: Recorded,
    /// How many times faster than PyTorch in this run.
    faster: Option<Faster>,
}

#[derive(Serialize)]
struct Faster {
    /// Than every score on its own, timed here.
    all7_than_single: f64,
    /// Than the published code: timed here for the shared passes, scaled by the recorded ratio of the two.
    all7_than_published: f64,
    /// Than shared passes.
    all7_than_fused: f64,
    nwot: f64,
    zico: f64,
    synflow: f64,
    fwd_bwd: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (json, only) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["--format", "text"] => (false, None),
        ["--format", "json"] => (true, None),
        ["--format", format @ ("text" | "json"), "--network", name] => (format == "json", Some(name.to_owned())),
        _ => return Err("takes `--format json` or `--format text`, then `--network NAME`".into()),
    };
    let networks = [
        networks::mobilenet_cifar()?,
        networks::mobilenet_imagenet()?,
        networks::BEST_CELL.parse::<Cell>().map_err(|()| "no cell of NAS-Bench-201")?.network(Branches::All)?,
    ];
    let gemm = with_threads(1, gemm_gflops)?;
    let mut rows = Vec::new();
    let chosen = |recorded: &Recorded| only.as_deref().is_none_or(|name| recorded.network == name);
    for (network, recorded) in networks.iter().zip(PUBLISHED).filter(|(_, recorded)| chosen(recorded)) {
        // In turn, so that both meet the same neighbours on the machine.
        let row = with_threads(1, || measure(network, recorded, gemm))?;
        rows.push(row);
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        rows.iter().for_each(show);
    }
    Ok(())
}

/// Numbers in about ±2.
fn images(shape: Shape, seed: usize) -> Result<Batch, Box<dyn Error>> {
    let count = IMAGES * shape.elements() as usize;
    let data = (0..count).map(|i| (((i + seed) * 7919 + i / 7) % 1009) as f32 / 252.0 - 2.0).collect();
    Ok(Batch::new(data, shape)?.with_labels((0..IMAGES as u32).map(|i| i % 10).collect())?)
}

fn measure(network: &Network, recorded: Recorded, gemm: f64) -> Result<Row, Box<dyn Error>> {
    let (batch, second) = (images(network.input, 0)?, images(network.input, 3)?);
    let score = |proxies: &[Proxy]| {
        let scorer = Scorer::new(1, proxies).with_images(batch.clone()).with_second(second.clone());
        median(|| scorer.score_with(network, 1).map(drop))
    };
    reset_peak();
    let all7_s = score(SEVEN)?;
    let peak_rss_bytes = peak_rss_bytes();
    let weights = initial_weights(network, 1);
    let logits = vec![1e-2; IMAGES * network.classes() as usize];
    let fwd_bwd_s =
        median(|| Pass::new(network, &weights, batch.data()).map(|p| drop(p.gradients(&logits, Ask::Weights))))?;
    let (nwot_s, synflow_s, zico_s) = (score(&[Proxy::Nwot])?, score(&[Proxy::Synflow])?, score(&[Proxy::Zico])?);
    let pytorch = peer::run(recorded.network);
    let faster = pytorch.as_ref().map(|p| Faster {
        all7_than_single: p.all7_single_s / all7_s,
        all7_than_published: p.all7_fused_s * recorded.all7_published_s / recorded.all7_fused_s / all7_s,
        all7_than_fused: p.all7_fused_s / all7_s,
        nwot: p.nwot_s / nwot_s,
        zico: p.zico_s / zico_s,
        synflow: p.synflow_s / synflow_s,
        fwd_bwd: p.fwd_bwd_s / fwd_bwd_s,
    });
    Ok(Row {
        network: recorded.network,
        macs: network.macs(),
        params: network.params(),
        all7_s,
        nwot_s,
        fwd_bwd_s,
        synflow_s,
        zico_s,
        peak_rss_bytes,
        // Forward, gradient of the input, gradient of the weights.
        fwd_bwd_gflops: 6.0 * (network.macs() * IMAGES as u64) as f64 / fwd_bwd_s / 1e9,
        gemm_gflops: gemm,
        pytorch,
        recorded,
        faster,
    })
}

/// What our kernels reach where nothing but a product of matrices is asked.
fn gemm_gflops() -> Result<f64, Box<dyn Error>> {
    let mut net = NetworkBuilder::new(Shape::new(32, 32, 512));
    net.plain_conv("product", TensorId::INPUT, Pool { kernel: 1, stride: 1, pad: 0 }, 512)?;
    let network = net.finish();
    let weights = initial_weights(&network, 1);
    let x = vec![0.5; IMAGES * network.input.elements() as usize];
    let seconds = median(|| tinynas_burn::forward(&network, &weights, &x, |_, _| {}).map(drop))?;
    Ok(2.0 * (network.macs() * IMAGES as u64) as f64 / seconds / 1e9)
}

fn show(row: &Row) {
    println!(
        "{}: {:.2} M MACs, {} parameters, batch {IMAGES}, one thread",
        row.network,
        row.macs as f64 / 1e6,
        row.params
    );
    let peer = |f: fn(&Peer) -> f64| row.pytorch.as_ref().map_or_else(|| "-".into(), |p| format!("{:.3}", f(p)));
    let r = &row.recorded;
    let line = |name: &str, ours: f64, peer: String, recorded: f64| {
        println!("  {name:<26}{ours:>9.3}{peer:>12}{recorded:>12.3}")
    };
    println!("  {:<26}{:>9}{:>12}{:>12}", "seconds", "ours", "PyTorch", "recorded");
    line("all seven, each alone", row.all7_s, peer(|p| p.all7_single_s), r.all7_published_s);
    line("all seven, shared passes", row.all7_s, peer(|p| p.all7_fused_s), r.all7_fused_s);
    line("nwot", row.nwot_s, peer(|p| p.nwot_s), r.nwot_s);
    line("forward and backward", row.fwd_bwd_s, peer(|p| p.fwd_bwd_s), r.fwd_bwd_s);
    line("synflow", row.synflow_s, peer(|p| p.synflow_s), r.synflow_s);
    line("zico, two batches", row.zico_s, peer(|p| p.zico_s), r.zico_s);
    let peak = row.pytorch.as_ref().map_or_else(String::new, |p| format!(", PyTorch's {:.1}", p.gemm_gflops));
    println!(
        "  {:.1} GFLOP/s forward and backward; a matrix product reaches {:.1}{peak}",
        row.fwd_bwd_gflops, row.gemm_gflops
    );
    println!("  peak memory {} MiB\n", row.peak_rss_bytes >> 20);
}
