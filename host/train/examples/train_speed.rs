//! Seconds of training on the CPU: backends, numbers of threads, two networks side by side or in turn.
//!
//! `cargo run --release -p tinynas-train --features ndarray --example train_speed`
//!
//! Every figure is the best of three: seconds that passed, and seconds of processors (on Linux), which say more
//! on a machine that others use. Compare within one run.
#![allow(clippy::print_stdout)]

mod network;

use std::{error::Error, fmt, fs, ops::ControlFlow, thread, time::Instant};

use tinynas_model::{Network, Preprocess};
use tinynas_train::{Backend, Dataset, Split, TrainConfig, train, with_threads};

/// Images of one epoch.
const IMAGES: usize = 1_500;
const RUNS: usize = 3;

struct Job {
    network: Network,
    preprocess: Preprocess,
    learn: Split,
    choose: Split,
}

impl Job {
    fn train(&self, backend: Backend, threads: usize) {
        let config = TrainConfig { epochs: 1, backend, ..TrainConfig::default() };
        let go_on = &mut |_: &_, _| ControlFlow::Continue(());
        let run = || train(&self.network, &self.preprocess, &self.learn, &self.choose, &config, None, go_on);
        if let Err(error) = with_threads(threads, run) {
            println!("{error}");
        }
    }
}

/// The least seconds that passed, the least seconds of processors.
struct Spent {
    passed: f64,
    worked: f64,
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s, {:.2} s of processors", self.passed, self.worked)
    }
}

/// Seconds that all threads of this process have worked; 0 where there is no `/proc`.
fn worked() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in parentheses: state is the third field, user and system ticks are the 14th and 15th.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn best(mut f: impl FnMut()) -> Spent {
    let mut least = Spent { passed: f64::INFINITY, worked: f64::INFINITY };
    for _ in 0..RUNS {
        let (start, before) = (Instant::now(), worked());
        f();
        least.passed = least.passed.min(start.elapsed().as_secs_f64());
        least.worked = least.worked.min(worked() - before);
    }
    least
}

fn main() -> Result<(), Box<dyn Error>> {
    let network = network::network()?;
    let data = Dataset::shipped()?;
    let learn = data.train.select(&(0..IMAGES).collect::<Vec<_>>());
    let choose = data.test.select(&[0]);
    println!("{} MACs, {} parameters, {IMAGES} images an epoch", network.macs(), network.params());
    let job = Job { network, preprocess: data.preprocess(28), learn, choose };
    let mut backends = vec![Backend::Flex];
    if cfg!(feature = "ndarray") {
        backends.push(Backend::NdArray);
    }
    for backend in backends {
        for threads in [1, 2] {
            let spent = best(|| job.train(backend, threads));
            println!("{backend:?}, threads {threads}: {spent} an epoch");
        }
    }
    let side_by_side = best(|| {
        thread::scope(|scope| {
            (0..2).for_each(|_| {
                scope.spawn(|| job.train(Backend::Flex, 1));
            });
        });
    });
    let in_turn = best(|| (0..2).for_each(|_| job.train(Backend::Flex, 2)));
    println!("two networks side by side, a thread each: {side_by_side}");
    println!("two networks in turn, two threads: {in_turn}");
    Ok(())
}
