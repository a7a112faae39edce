//! What a report is made of: plain values that the pipeline fills from its run directory.
//!
//! Everything but the header may be missing: a report can be written after any stage. Sizes are bytes,
//! accuracies and shares are fractions of 1, MACs are multiply-accumulates of conv and linear layers.

use serde::{Deserialize, Serialize};

/// A run, as far as it got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportData {
    /// What was asked, with which versions and inputs.
    pub header: Header,
    /// Hard limits of the run.
    pub budget: Option<Budget>,
    /// The ranking of the variants.
    pub selection: Option<Selection>,
    /// The candidates that were scored.
    pub search: Option<Search>,
    /// The chosen network.
    pub network: Option<Network>,
    /// Its layers in the order of execution.
    pub layers: Vec<Layer>,
    /// Where its tensors lie in the arena while it runs.
    pub arena: Option<Arena>,
    /// The board's memories with what lies in them, usually SRAM and flash.
    pub memories: Vec<Memory>,
    /// Training and quantization.
    pub accuracy: Option<Accuracy>,
    /// Predicted, linked and observed bytes side by side.
    pub bytes: Option<Bytes>,
    /// What a device said.
    pub device: Option<DeviceRun>,
    /// Command lines that make this run again.
    pub reproduce: Vec<Command>,
    /// Command lines worth trying next.
    pub next: Vec<Command>,
}

/// What was asked, with which versions and inputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Header {
    /// Name of the run, the page's title.
    pub title: String,
    /// Space that was searched.
    pub space: String,
    /// The run's variant, for example `w0.5-r144`.
    pub variant: Option<String>,
    /// Board, if one was named.
    pub board: Option<String>,
    /// Data set.
    pub data_set: Option<String>,
    /// Seed of the run.
    pub seed: u64,
    /// Version of the tool.
    pub tool_version: String,
    /// When the run was started, as it is to be printed. Leave out where equal runs must give equal pages.
    pub date: Option<String>,
    /// How long the stages took, in order. Leave empty where equal runs must give equal pages.
    pub stages: Vec<StageTime>,
}

/// How long a stage took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTime {
    /// Name of the stage.
    pub stage: String,
    /// Seconds.
    pub seconds: f64,
}

/// Hard limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Bytes of SRAM that the arena may use; .data, .bss and stack are counted by the board's reserve.
    pub sram_bytes: u64,
    /// Bytes of flash that code and model may use.
    pub flash_bytes: u64,
    /// Most multiply-accumulates of a network.
    pub macs: Option<u64>,
}

/// The ranking of the variants by the MACs of their fitting networks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// How many variants the space has; [`Self::variants`] may hold only the best.
    pub total_variants: u64,
    /// Engine whose memory was assumed.
    pub engine: String,
    /// The variants, best first; the first ten are drawn.
    pub variants: Vec<Variant>,
    /// Name of the winner, one of [`Self::variants`].
    pub winner: String,
    /// What else was said on screen, for example that few samples decided.
    pub notes: Vec<String>,
}

/// One variant's fitting networks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variant {
    /// For example `w0.5-r144`.
    pub name: String,
    /// Networks that were sampled.
    pub samples: u64,
    /// Networks among them that fit.
    pub fitting: u64,
    /// Mean MACs of the fitting ones.
    pub mean_macs: f64,
    /// MACs that 80 % of the fitting ones do not exceed.
    pub p80_macs: Option<f64>,
    /// Cumulative distribution of the fitting ones' MACs, ascending in both. Drawn as straight lines.
    pub cdf: Vec<CdfPoint>,
}

/// A point of a cumulative distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CdfPoint {
    /// Multiply-accumulates.
    pub macs: f64,
    /// Share of the networks with at most so many, a fraction.
    pub share: f64,
}

/// The candidates that were scored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// Candidates that were scored.
    pub evaluated: u64,
    /// Candidates that were thrown away because they break a limit.
    pub infeasible: u64,
    /// What [`Candidate::score`] is, for example `rank sum of nwot and synflow`.
    pub score: String,
    /// Which scores are the good ones.
    pub better: Better,
    /// The candidates, in any order.
    pub candidates: Vec<Candidate>,
}

/// Which end of a score is the good one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Large scores.
    #[default]
    Higher,
    /// Small scores.
    Lower,
}

/// A scored candidate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// Candidate id.
    pub id: String,
    /// Multiply-accumulates.
    pub macs: u64,
    /// SRAM as the budget counts it, bytes.
    pub sram_bytes: u64,
    /// Score without training.
    pub score: Option<f64>,
    /// Accuracy after training, a fraction; only finalists have one.
    pub accuracy: Option<f64>,
    /// How far it came.
    pub standing: Standing,
}

/// How far a candidate came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It was scored.
    #[default]
    Scored,
    /// It was trained.
    Finalist,
    /// It won.
    Chosen,
}

/// The chosen network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Candidate id.
    pub id: String,
    /// Its choices in canonical form.
    pub genotype: String,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Trainable parameters.
    pub params: u64,
    /// Height, width and channels of the input.
    pub input: [u32; 3],
    /// Number of classes.
    pub classes: u32,
    /// Stem, inverted residuals and head in the order of execution.
    pub blocks: Vec<Block>,
}

/// A block of the chosen network. Zero stands for "has none" in `kernel`, `expansion` and `stage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Block {
    /// For example `stem`, `b3`, `pool`, `classifier`.
    pub name: String,
    /// What it is.
    pub kind: BlockKind,
    /// 1-based stage.
    pub stage: u32,
    /// Window of its (depthwise) convolution.
    pub kernel: u32,
    /// Expansion of an inverted residual.
    pub expansion: u32,
    /// Stride.
    pub stride: u32,
    /// Input channels.
    pub input_channels: u32,
    /// Height, width and channels of the output.
    pub output: [u32; 3],
    /// Whether the input is added to the output.
    pub skip: bool,
}

/// Kinds of blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A convolution (stem, feature mix).
    Conv,
    /// Expand, depthwise, project.
    #[default]
    InvertedResidual,
    /// Global average pooling.
    Pool,
    /// The classifier.
    Linear,
}

/// A layer of the compiled network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layer {
    /// Name, unique in the network.
    pub name: String,
    /// Operation in words, for example `conv 3x3/2`.
    pub op: String,
    /// Height, width and channels of the output.
    pub output: [u32; 3],
    /// Multiply-accumulates; 0 for layers that have none.
    pub macs: u64,
    /// Weights and constants in flash, bytes.
    pub weight_bytes: u64,
    /// Bytes of the arena that are alive while it runs, scratch included.
    pub live_bytes: u64,
    /// Clock cycles, if the device can tell.
    pub cycles: Option<u64>,
    /// Executed instructions, if the device can tell.
    pub instructions: Option<u64>,
}

/// The planned arena over the steps of one inference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arena {
    /// Size of the arena, bytes.
    pub bytes: u64,
    /// Names of the steps, in the order of execution.
    pub steps: Vec<String>,
    /// Tensors and scratch.
    pub blocks: Vec<ArenaBlock>,
}

/// Bytes of the arena that are in use for some steps. Two blocks of which one ends in the step in which the other
/// begins may share bytes: the step works in place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArenaBlock {
    /// Name of the tensor, or of the step that needs the scratch.
    pub name: String,
    /// What it holds.
    pub kind: ArenaKind,
    /// First byte, from the start of the arena.
    pub offset: u64,
    /// Size.
    pub bytes: u64,
    /// Position of the first step that needs it.
    pub first_step: usize,
    /// Position of the last step that needs it, inclusive.
    pub last_step: usize,
}

/// What a block of the arena holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArenaKind {
    /// The input image.
    Input,
    /// Output of a layer.
    #[default]
    Tensor,
    /// The network's output.
    Output,
    /// Working memory of a kernel.
    Scratch,
}

/// One of the board's memories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// `SRAM` or `flash`.
    pub name: String,
    /// First address.
    pub origin: Option<u64>,
    /// Size of the memory on the board.
    pub bytes: Option<u64>,
    /// What the run may use of it.
    pub budget_bytes: Option<u64>,
    /// What lies in it, ascending in address.
    pub regions: Vec<Region>,
}

/// A part of a memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Region {
    /// For example `arena`, `.data`, `.bss`, `stack reserve`, `code`, `model`.
    pub name: String,
    /// First address, if known.
    pub address: Option<u64>,
    /// Size.
    pub bytes: u64,
    /// How much of it was really used (the high-water mark), if observed.
    pub high_water_bytes: Option<u64>,
}

/// Training and quantization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accuracy {
    /// Accuracy of the float network on the test images, a fraction.
    pub float: Option<f64>,
    /// Accuracy of the int8 model on the same images.
    pub int8: Option<f64>,
    /// How many test images.
    pub images: u64,
    /// Training of the finalists.
    pub finalists: Vec<TrainingCurve>,
    /// Which classes are taken for which.
    pub confusion: Option<Confusion>,
}

/// How a finalist was trained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainingCurve {
    /// Candidate id.
    pub id: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
    /// The epoch whose weights were kept, 1-based.
    pub best_epoch: Option<u32>,
    /// The epochs, ascending.
    pub epochs: Vec<Epoch>,
}

/// One epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Epoch {
    /// 1-based.
    pub epoch: u32,
    /// Mean training loss.
    pub loss: f64,
    /// Accuracy on the validation images, a fraction.
    pub accuracy: f64,
}

/// Which classes are taken for which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Confusion {
    /// What was counted, for example `int8 model`.
    pub of: String,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// `counts[label][prediction]`, images.
    pub counts: Vec<Vec<u64>>,
}

/// Predicted, linked and observed bytes side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bytes {
    /// The planned arena; observed: bytes of it that were really touched.
    pub arena: Figures,
    /// .data and .bss.
    pub statics: Figures,
    /// Stack reserve.
    pub stack_reserve: Figures,
    /// Most stack that was used; it must stay within the reserve.
    pub stack_high_water: Option<u64>,
    /// Arena + .data + .bss + stack reserve.
    pub sram: Figures,
    /// Code and constants of the image.
    pub code: Figures,
    /// The compiled model.
    pub model: Figures,
    /// Code + model.
    pub flash: Figures,
}

/// One size, from up to three sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Plan and manifest.
    pub predicted: Option<u64>,
    /// Sections and symbols of the ELF, bytes of the model's file.
    pub linked: Option<u64>,
    /// The device's own words.
    pub observed: Option<u64>,
}

/// What a device said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceRun {
    /// Device or board, for example `qemu-mps2-an386`.
    pub name: String,
    /// What its figures may be called.
    pub evidence: Evidence,
    /// Images whose outputs equal the host's in every byte.
    pub outputs_equal: u64,
    /// Images that were run.
    pub outputs_total: u64,
    /// The first image whose output differs, in words.
    pub first_difference: Option<String>,
    /// Clock cycles of one inference, if the device can tell.
    pub cycles: Option<u64>,
    /// Executed instructions of one inference, if the device can tell.
    pub instructions: Option<u64>,
    /// Clock, for milliseconds beside the cycles.
    pub clock_hz: Option<u64>,
    /// How far modelled figures may be off, in words, for example `error -4.9 to -1.8 %`.
    pub bound: Option<String>,
}

/// What the figures of a device may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Executed by an emulator that has no notion of time.
    #[default]
    Emulated,
    /// From the virtual board's model of the chip.
    Modelled,
    /// From a chip's own counters.
    Measured,
}

impl Evidence {
    /// The word as it is printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Emulated => "emulated",
            Self::Modelled => "modelled",
            Self::Measured => "measured",
        }
    }
}

/// A command line with a word about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Command {
    /// To be typed.
    pub line: String,
    /// What it does.
    pub note: String,
}
