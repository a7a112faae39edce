//! Options of the commands that reach a board, with the names that probe-rs's own tools give them.

use std::{path::PathBuf, time::Duration};

use clap::{Args, builder::FalseyValueParser};

use super::PlanArgs;

/// How a board is reached.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of the device")]
pub struct DeviceArgs {
    /// Use the virtual board: a simulated chip behind a debug port; its figures are modelled.
    #[arg(long = "virtual")]
    pub virtual_board: bool,
    /// Use QEMU, which emulates the board qemu-mps2-an386 and nothing else.
    #[arg(long, conflicts_with = "virtual_board")]
    pub qemu: bool,
    /// The debug probe (see `tinynas probes`); not needed if there is only one.
    #[arg(long, value_name = "VID:PID[:SERIAL]", env = "PROBE_RS_PROBE", hide_env_values = true)]
    pub probe: Option<String>,
    /// The chip as probe-rs names it, instead of the board's.
    #[arg(long, value_name = "CHIP", env = "PROBE_RS_CHIP", hide_env_values = true)]
    pub chip: Option<String>,
    /// Clock of the debug wires.
    #[arg(long, value_name = "KHZ", env = "PROBE_RS_SPEED", hide_env_values = true)]
    pub speed: Option<u32>,
    /// Protocol of the debug wires: swd or jtag.
    #[arg(long, value_name = "PROTOCOL", env = "PROBE_RS_PROTOCOL", hide_env_values = true)]
    pub protocol: Option<String>,
    /// Hold the chip in reset while connecting.
    #[arg(long, env = "PROBE_RS_CONNECT_UNDER_RESET", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub connect_under_reset: bool,
    /// Let a locked chip be erased, which unlocks it.
    #[arg(long)]
    pub allow_erase_all: bool,
    /// Firmware image (ELF); default: the one built by `cargo xtask firmware`.
    #[arg(long, value_name = "FILE", env = "TINYNAS_FIRMWARE", hide_env_values = true)]
    pub firmware: Option<PathBuf>,
    /// Replace what is in the board's flash without asking.
    #[arg(long, short)]
    pub yes: bool,
    /// Save what is in the board's flash into a file first.
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    /// Longest wait for one answer of probe or board.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: Option<u64>,
}

impl DeviceArgs {
    /// The longest wait that was asked for.
    #[must_use]
    pub fn limit(&self) -> Option<Duration> {
        self.timeout.map(Duration::from_secs)
    }

    /// Whether an option says which kind of device is meant.
    #[must_use]
    pub const fn names_a_kind(&self) -> bool {
        self.virtual_board || self.qemu || self.probe.is_some()
    }
}

/// Options of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// A .tnm, .tflite or .onnx file, or a run directory.
    pub model: PathBuf,
    /// Board name or file, or `all`; several may be given. Default: the run's board and the run's kind of device.
    #[arg(long, value_name = "NAME|FILE|all", value_delimiter = ',')]
    pub board: Vec<String>,
    /// Data set for the inputs; default: the run's, else the shipped one.
    #[arg(long)]
    pub data: Option<String>,
    /// Test images to run.
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub images: u32,
    /// Runs of the first image, for the least and the median of its cycles.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeats: u32,
    /// Count per function where the cycles go (virtual board only, at half the speed).
    #[arg(long)]
    pub profile: bool,
    /// File to append the figures of every layer to; default: measurements/BOARD.jsonl in the run directory.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// The plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// How the board is reached.
    #[command(flatten)]
    pub device: DeviceArgs,
}

/// Options of `flash`.
#[derive(Debug, Args)]
pub struct FlashArgs {
    /// A .tnm, .tflite or .onnx file, or a run directory.
    pub model: PathBuf,
    /// Board name or file; default: the run's.
    #[arg(long, value_name = "NAME|FILE")]
    pub board: Option<String>,
    /// The plan.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// How the board is reached.
    #[command(flatten)]
    pub device: DeviceArgs,
}

/// Options of `virtual-board`.
#[derive(Debug, Args)]
pub struct VirtualBoardArgs {
    /// Board name or file.
    #[arg(long, value_name = "NAME|FILE")]
    pub board: String,
}
