//! Seconds of training on the CPU: backends, numbers of threads, two networks side by side or in turn.
//!
//! `cargo run --release -p tinynas-train --features ndarray --example train_speed`
//!
//! Every figure is the best of three; compare them within one run on an idle machine.
#![allow(clippy::print_stdout)]

mod network;

use std::{error::Error, ops::ControlFlow, thread, time::Instant};

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

fn best(mut f: impl FnMut()) -> f64 {
    let seconds = |()| {
        let start = Instant::now();
        f();
        start.elapsed().as_secs_f64()
    };
    [(); RUNS].map(seconds).into_iter().fold(f64::INFINITY, f64::min)
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
            let seconds = best(|| job.train(backend, threads));
            println!("{backend:?}, threads {threads}: {seconds:.3} s an epoch");
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
    println!("two networks side by side, a thread each: {side_by_side:.3} s; in turn, two threads: {in_turn:.3} s");
    Ok(())
}
