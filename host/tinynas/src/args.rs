//! The command line's words; what they mean is in `commands/`.

mod benchmark;
mod device;
mod plan;

use std::{ffi::OsString, path::PathBuf};

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use tinynas_cost::{Bytes, Engine};
use tinynas_score::Proxy;
use tinynas_search::StrategyKind;

use crate::{
    experiment::{Budget, Latency},
    output::{Color, Format},
};

pub use benchmark::{
    AgreeArgs, BenchmarkCommand, DefaultArgs, ImageArgs, RankArgs as BenchmarkRankArgs, ScoresArgs, SpaceName,
};
pub use device::{BenchArgs, DeviceArgs, FlashArgs, VirtualBoardArgs};
pub use plan::{PlanArgs, PlanKind};

/// Finds, trains, compiles and runs the best network for a microcontroller's memory.
#[derive(Debug, Parser)]
#[command(name = "tinynas", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Try it now, no board needed:  tinynas demo\n\
Does a model fit?             tinynas fit runs/demo --board nucleo-f446re\n\
Rank variants for a budget:   tinynas select mnas --sram 256KiB --flash 1MiB\n\
\nExit status: 0 yes or done, 1 the honest no, 2 misuse or error, 130 interrupted.")]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// How the answer is written to stdout.
    #[arg(long, global = true, value_enum, default_value_t, env = "TINYNAS_FORMAT")]
    pub format: Format,
    /// Only the answer and errors.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Colours; `NO_COLOR` is respected.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub color: Color,
}

/// The format asked for in a command line that cannot be parsed.
#[must_use]
pub fn asked_format(arguments: &[OsString]) -> Format {
    let words: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    let spaced = words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    let variable = || std::env::var("TINYNAS_FORMAT").is_ok_and(|format| format == "json");
    let other = words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "human");
    if spaced || words.iter().any(|word| word == "--format=json") || (variable() && !other) {
        Format::Json
    } else {
        Format::Human
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole pipeline on shipped data, on a virtual board.
    Demo(DemoArgs),
    /// Run the whole pipeline as an experiment file says.
    Run(RunArgs),
    /// Go on with a run that was stopped.
    Resume(ResumeArgs),
    /// Rank the width and resolution variants of a space for a budget.
    Select(SelectArgs),
    /// Search a variant for the best network, without training.
    Search(SearchArgs),
    /// Score one network without training.
    Score(ScoreArgs),
    /// Train the finalists of a run, or one network.
    Train(TrainArgs),
    /// Quantize and compile the trained network of a run.
    Quantize(QuantizeArgs),
    /// Print every engine's figures for published networks beside the published ones.
    Cost(CostArgs),
    /// Does a model fit a board? Memory map, layer table, what to change if not.
    Fit(FitArgs),
    /// Accuracy of a compiled model on the host, bit-exact to the chip.
    Eval(EvalArgs),
    /// Time a compiled model on a board, layer by layer, and compare every output with the host.
    Bench(BenchArgs),
    /// Judge proxies and searches on NAS benchmarks.
    #[command(subcommand)]
    Benchmark(BenchmarkCommand),
    /// Put firmware and a compiled model on a board.
    Flash(FlashArgs),
    /// List the debug probes that are connected.
    Probes,
    /// Put a virtual board behind a debug port, for other programs to attach to.
    VirtualBoard(VirtualBoardArgs),
    /// List the boards, or show one.
    Boards(NameArgs),
    /// List the spaces, or show one.
    Spaces(NameArgs),
    /// Write a run's report again.
    Report(ReportArgs),
    /// Check what this machine has and say what to install.
    Doctor,
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
}

/// Where the memory limits come from.
#[derive(Clone, Debug, Default, Args)]
pub struct BudgetArgs {
    /// Board name (see `tinynas boards`) or a board file.
    #[arg(long, value_name = "NAME|FILE")]
    pub board: Option<String>,
    /// SRAM for activations and scratch, for example 64KiB; with --board the default is the board's.
    #[arg(long, value_name = "BYTES")]
    pub sram: Option<Bytes>,
    /// Flash for model and code, for example 1MiB; with --board the default is the board's.
    #[arg(long, value_name = "BYTES")]
    pub flash: Option<Bytes>,
    /// Most multiply-accumulates per inference.
    #[arg(long, value_name = "N")]
    pub macs: Option<u64>,
}

impl BudgetArgs {
    /// The limits as an experiment holds them.
    #[must_use]
    pub const fn budget(&self) -> Budget {
        Budget { sram: self.sram, flash: self.flash, macs: self.macs, latency_ms: None }
    }

    /// Whether anything was given.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.board.is_none() && self.sram.is_none() && self.flash.is_none() && self.macs.is_none()
    }

    /// The same options as text, for the next command; starts with a space if there are any.
    #[must_use]
    pub fn flags(&self) -> String {
        let mut text = String::new();
        let mut flag = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!(" --{name} {value}"));
            }
        };
        flag("board", self.board.clone());
        flag("sram", self.sram.map(size));
        flag("flash", self.flash.map(size));
        flag("macs", self.macs.map(|macs| macs.to_string()));
        text
    }
}

/// A size as it can be typed: whole KiB or MiB where it is one.
#[must_use]
pub fn size(bytes: Bytes) -> String {
    match bytes.0 {
        n if n > 0 && n.is_multiple_of(1 << 20) => format!("{}MiB", n >> 20),
        n if n > 0 && n.is_multiple_of(1 << 10) => format!("{}KiB", n >> 10),
        n => n.to_string(),
    }
}

/// Engines by name, for completions and “did you mean”.
fn engine() -> impl TypedValueParser<Value = Engine> {
    let names: Vec<&'static str> = Engine::ALL.iter().map(|engine| engine.name()).collect();
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Engine>())
}

/// Grey or RGB.
fn channels() -> impl TypedValueParser<Value = u32> {
    PossibleValuesParser::new(["1", "3"]).try_map(|text| text.parse::<u32>())
}

/// Proxies by name.
fn proxy() -> impl TypedValueParser<Value = Proxy> {
    let names: Vec<&'static str> = Proxy::ALL.iter().map(|proxy| proxy.name()).collect();
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Proxy>())
}

/// Strategies by name.
fn strategy() -> impl TypedValueParser<Value = StrategyKind> {
    let names: Vec<&'static str> = StrategyKind::ALL.iter().map(|strategy| strategy.name()).collect();
    PossibleValuesParser::new(names).try_map(|name| name.parse::<StrategyKind>())
}

/// Seed and threads.
#[derive(Clone, Copy, Debug, Args)]
pub struct WorkArgs {
    /// Seed of all randomness.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads; results do not depend on it. Default: all cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

impl WorkArgs {
    /// Number of threads to use.
    #[must_use]
    pub fn threads(&self) -> usize {
        threads(self.threads)
    }
}

/// The number asked for, or all cores.
#[must_use]
pub fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// How variants are ranked.
#[derive(Clone, Copy, Debug, Args)]
pub struct RankArgs {
    /// Whose memory decides what fits.
    #[arg(long, default_value = "tinynas", value_parser = engine())]
    pub engine: Engine,
    /// Networks drawn per variant.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub samples: u32,
    /// Leave out variants of which less than this share fits (0 to 1).
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_feasible: Option<f64>,
    /// Draw on until this many networks fit (at most 100 times the samples).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub sample_until: Option<u32>,
}

/// A share from the command line.
fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a share between 0 and 1, such as 0.1".into()),
    }
}

/// A time from the command line.
fn milliseconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(ms) if ms.is_finite() && ms > 0.0 => Ok(ms),
        _ => Err("must be a number of milliseconds above 0, such as 20".into()),
    }
}

/// How a whole run is started.
#[derive(Clone, Copy, Debug, Args)]
pub struct StartArgs {
    /// Seed of all randomness, instead of the experiment's.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Threads; results do not depend on it. Default: all cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Replace an older run in the same directory.
    #[arg(long)]
    pub force: bool,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Run directory.
    #[arg(long, default_value = "runs/demo", value_name = "DIR")]
    pub out: PathBuf,
    /// How it is started.
    #[command(flatten)]
    pub start: StartArgs,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Experiment file (YAML).
    pub experiment: PathBuf,
    /// Run directory; default `runs/NAME`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How it is started.
    #[command(flatten)]
    pub start: StartArgs,
    /// How the board is reached.
    #[command(flatten)]
    pub device: DeviceArgs,
}

/// Options of `resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Run directory.
    pub run: PathBuf,
    /// Threads; results do not depend on it. Default: all cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// How the board is reached.
    #[command(flatten)]
    pub device: DeviceArgs,
}

/// Options of `select`.
#[derive(Debug, Args)]
pub struct SelectArgs {
    /// Space name (see `tinynas spaces`) or a space file.
    pub space: String,
    /// The budget.
    #[command(flatten)]
    pub budget: BudgetArgs,
    /// How to rank.
    #[command(flatten)]
    pub rank: RankArgs,
    /// Seed and threads.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Classes of the classifier.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=65535))]
    pub classes: u32,
    /// Channels of the image; default: the space's.
    #[arg(long, value_name = "N", value_parser = channels())]
    pub channels: Option<u32>,
    /// Write the FLOPs distribution as an SVG figure.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Do not read or write the cache of statistics.
    #[arg(long)]
    pub no_cache: bool,
}

/// Options of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// SPACE or SPACE@VARIANT, for example mnas-small@w0.3-r28.
    pub space: String,
    /// The budget.
    #[command(flatten)]
    pub budget: BudgetArgs,
    /// How to rank variants if none is given.
    #[command(flatten)]
    pub rank: RankArgs,
    /// Seed and threads.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Data set whose images the proxies see: a folder, or `fashion-mnist-subset` (shipped).
    #[arg(long, default_value = crate::data::SHIPPED)]
    pub data: String,
    /// Take the latency of every candidate that may live from the board before it is accepted.
    #[arg(long, value_enum, value_name = "device")]
    pub latency: Option<Latency>,
    /// Longest inference in milliseconds; needs --latency.
    #[arg(long, value_name = "MS", requires = "latency", value_parser = milliseconds)]
    pub latency_ms: Option<f64>,
    /// How the board is reached.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// How candidates are made.
    #[arg(long, default_value_t, value_name = "S", value_parser = strategy())]
    pub strategy: StrategyKind,
    /// Networks drawn and ranked by ReLU units and MACs alone, whose best are scored first.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub prefilter: u64,
    /// Candidates to score.
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub evaluations: u32,
    /// Proxies whose rank sum decides.
    #[arg(long, value_delimiter = ',', value_name = "P,…", value_parser = proxy())]
    pub proxy: Vec<Proxy>,
    /// Run directory; default `runs/search-SPACE`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an older run in the same directory.
    #[arg(long)]
    pub force: bool,
}

/// Options of `score`.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// SPACE@VARIANT:GENOTYPE, or a run directory (its best candidate).
    pub network: String,
    /// Proxies; default: all.
    #[arg(long, value_delimiter = ',', value_name = "P,…", value_parser = proxy())]
    pub proxy: Vec<Proxy>,
    /// Data set whose images the proxies see; default: the run's, else the shipped one.
    #[arg(long)]
    pub data: Option<String>,
    /// Seed of weights and images; default: the run's, else 1.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Images per batch (scores of different batches cannot be compared); default: the run's, else 32.
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=1024))]
    pub images: Option<u32>,
}

/// Options of `train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// A run directory, or SPACE@VARIANT:GENOTYPE.
    pub network: String,
    /// Data set; default: the run's.
    #[arg(long)]
    pub data: Option<String>,
    /// Epochs, for a network that is no run.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: Option<u32>,
    /// Seed and threads.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Run directory, for a network that is no run; default `runs/train`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace an older run in the same directory.
    #[arg(long)]
    pub force: bool,
}

/// Options of `quantize`.
#[derive(Debug, Args)]
pub struct QuantizeArgs {
    /// Run directory with trained weights.
    pub run: PathBuf,
    /// Data set that must be the run's; default: the run's.
    #[arg(long)]
    pub data: Option<String>,
}

/// Options of `cost`.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// Block tables with published figures (JSON).
    pub networks: PathBuf,
}

/// Options of `fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// A .tnm, .tflite or .onnx file, or a run directory.
    pub model: PathBuf,
    /// The budget.
    #[command(flatten)]
    pub budget: BudgetArgs,
    /// The plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Write the model with this plan as a .tnm file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options of `eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// A .tnm, .tflite or .onnx file, or a run directory.
    pub model: PathBuf,
    /// Data set; default: the run's, else the shipped one.
    #[arg(long)]
    pub data: Option<String>,
    /// Exit 1 below this accuracy (0 to 1).
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub min_accuracy: Option<f64>,
}

/// An optional name.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// Name or file; all if left out.
    pub name: Option<String>,
}

/// Options of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Run directory.
    pub run: PathBuf,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
