//! The words of `tinynas benchmark`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tinynas_score::Proxy;

use super::{WorkArgs, proxy};

/// What is judged.
#[derive(Debug, Subcommand)]
pub enum BenchmarkCommand {
    /// Compare our scores with those of another program, network by network.
    Agree(AgreeArgs),
    /// Proxies, ensembles and searches on NAS-Bench-201.
    Nasbench201(RankArgs),
    /// Proxies, ensembles and searches on NAS-Bench-Macro.
    NasbenchMacro(RankArgs),
    /// Choose the default score from both benchmarks by the written rule.
    Default(DefaultArgs),
    /// Score the networks of a benchmark into a file; goes on with a file that is there.
    Scores(ScoresArgs),
}

/// Images and what they are scored by.
#[derive(Debug, Args)]
pub struct ImageArgs {
    /// Folder of CIFAR-10.
    #[arg(long, value_name = "DIR")]
    pub images: String,
    /// Images per batch.
    #[arg(long, default_value_t = 64, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1024))]
    pub batch: u32,
    /// Seed of weights and images, and threads.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// Options of `benchmark agree`.
#[derive(Debug, Args)]
pub struct AgreeArgs {
    /// Scores of another program (CSV with a column `ops` or `arch` and one per proxy).
    #[arg(long, value_name = "FILE")]
    pub table: PathBuf,
    /// The images.
    #[command(flatten)]
    pub images: ImageArgs,
    /// Proxies; default: all that the table has a column for.
    #[arg(long, value_delimiter = ',', value_name = "P,…", value_parser = proxy())]
    pub proxy: Vec<Proxy>,
    /// Compare only the first so many networks.
    #[arg(long, value_name = "N")]
    pub networks: Option<usize>,
}

/// Options of `benchmark nasbench201` and `benchmark nasbench-macro`.
#[derive(Debug, Args)]
pub struct RankArgs {
    /// Accuracies of all networks (CSV).
    #[arg(long, value_name = "FILE")]
    pub table: PathBuf,
    /// Scores that `tinynas benchmark scores` wrote; default: the shipped ones.
    #[arg(long, value_name = "FILE")]
    pub scores: Option<PathBuf>,
    /// Simulated searches per row.
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub seeds: u32,
    /// Threads; results do not depend on it. Default: all cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Write scatter plots of scores against accuracies into this folder (SVG).
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Options of `benchmark default`.
#[derive(Debug, Args)]
pub struct DefaultArgs {
    /// Accuracies of NAS-Bench-201 (CSV).
    #[arg(long, value_name = "FILE")]
    pub nasbench201: PathBuf,
    /// Accuracies of NAS-Bench-Macro (CSV).
    #[arg(long, value_name = "FILE")]
    pub nasbench_macro: PathBuf,
    /// Scores of NAS-Bench-201; default: the shipped ones.
    #[arg(long, value_name = "FILE")]
    pub nasbench201_scores: Option<PathBuf>,
    /// Scores of NAS-Bench-Macro; default: the shipped ones.
    #[arg(long, value_name = "FILE")]
    pub nasbench_macro_scores: Option<PathBuf>,
}

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SpaceName {
    /// NAS-Bench-201.
    #[value(name = "nasbench201")]
    Nasbench201,
    /// NAS-Bench-Macro.
    #[value(name = "nasbench-macro")]
    NasbenchMacro,
}

/// Options of `benchmark scores`.
#[derive(Debug, Args)]
pub struct ScoresArgs {
    /// Which networks.
    #[arg(value_enum)]
    pub space: SpaceName,
    /// The images.
    #[command(flatten)]
    pub images: ImageArgs,
    /// Proxies.
    #[arg(long, required = true, value_delimiter = ',', value_name = "P,…", value_parser = proxy())]
    pub proxy: Vec<Proxy>,
    /// The file; what it holds is not scored again.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Score only a sample: the first so many networks of the fixed random order.
    #[arg(long, value_name = "N")]
    pub sample: Option<usize>,
}
