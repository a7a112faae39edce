//! Published networks: every engine's figures beside those that papers and repositories print.
//!
//! The file is a JSON list of block tables (`nets`), each with what was `published` about it and, where someone counted
//! it again, the `recomputed` values.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};
use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem, graph};
use tinynas_plan::{Feed, Goal, Plan};

use crate::{Bytes, CostError, Engine, cost, document::Document};

/// Longest side, most channels and classes of a network in such a file.
const LARGEST: u32 = 1 << 14;

/// One network with what is known about it.
#[derive(Clone, Debug)]
pub struct PublishedNetwork {
    /// Its name in the file.
    pub name: String,
    /// The layers.
    pub network: Network,
    /// What papers and repositories print.
    pub published: Published,
    /// What was counted again by other programs.
    pub recomputed: Option<Recomputed>,
}

/// One row of `tinynas cost`: computed figures, then printed ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the network.
    pub name: String,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Parameters, two per normalised channel included.
    pub params: u64,
    /// Peak of `naive`.
    pub naive_act_bytes: u64,
    /// Peak of `tflm`.
    pub tflm_peak_bytes: u64,
    /// Peak of `tinyengine`.
    pub tinyengine_peak_bytes: u64,
    /// Peak of `tinynas`: the arena of its smallest plan, kernels' scratch included.
    pub tinynas_arena_bytes: u64,
    /// The same where the input comes row by row.
    pub tinynas_rowfed_arena_bytes: u64,
    /// The arena of the fastest plan, layer by layer.
    pub tinynas_fastest_arena_bytes: u64,
    /// The planner's estimate: cycles of the smallest plan over those of the fastest.
    pub tinynas_smallest_cycles: f64,
    /// Model and code under `tflm`.
    pub tflm_flash_bytes: u64,
    /// Model under `tinyengine`.
    pub tinyengine_model_bytes: u64,
    /// The `.tnm` under `tinynas`, with standard class names and provenance.
    pub tinynas_model_bytes: u64,
    /// What is printed elsewhere.
    pub published: Published,
    /// What other programs counted.
    pub recomputed: Option<Recomputed>,
}

/// Printed figures, in the units in which they are printed; kB there is 1,024 bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Published {
    /// Millions of multiply-accumulates.
    pub macs_millions: Option<f64>,
    /// Millions of parameters.
    pub params_millions: Option<f64>,
    /// MCUNet's "Act", KiB.
    pub act_kib: Option<f64>,
    /// TinyEngine's SRAM, KiB.
    pub tinyengine_sram_kib: Option<f64>,
    /// TinyEngine's flash, code included, KiB.
    pub tinyengine_flash_kib: Option<f64>,
    /// TensorFlow Lite Micro's arena, KiB.
    pub tflm_sram_kib: Option<f64>,
    /// TensorFlow Lite Micro's flash, code included, KiB.
    pub tflm_flash_kib: Option<f64>,
    /// Top-1 accuracy after quantization to int8, percent.
    pub accuracy_int8: Option<f64>,
}

/// Values that other programs counted, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recomputed {
    /// Multiply-accumulates.
    pub macs: u64,
    /// Parameters.
    pub params_with_bn: u64,
    /// MCUNet's "Act".
    pub peak_act_mcunet_formula: u64,
    /// TinyEngine's peak.
    pub te_peak: u64,
    /// TinyEngine's model.
    pub te_model_size: u64,
}

#[derive(Deserialize)]
struct File {
    nets: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    resolution: u32,
    stem: Stem,
    blocks: Vec<Block>,
    feature_mix: Option<u32>,
    classifier: [u32; 2],
    #[serde(default)]
    published: Printed,
    recomputed: Option<Recomputed>,
}

#[derive(Default, Deserialize)]
struct Printed {
    #[serde(rename = "macs_M")]
    macs: Option<f64>,
    #[serde(rename = "params_M")]
    params: Option<f64>,
    #[serde(rename = "act_kB")]
    act: Option<f64>,
    acc_int8: Option<f64>,
    h743: Option<Measured>,
}

/// Milliseconds, SRAM and flash of two libraries on one chip.
#[derive(Default, Deserialize)]
struct Measured {
    te: Option<[f64; 3]>,
    tflm: Option<[f64; 3]>,
}

impl From<Printed> for Published {
    fn from(printed: Printed) -> Self {
        let Measured { te, tflm } = printed.h743.unwrap_or_default();
        Self {
            macs_millions: printed.macs,
            params_millions: printed.params,
            act_kib: printed.act,
            tinyengine_sram_kib: te.map(|[_, sram, _]| sram),
            tinyengine_flash_kib: te.map(|[_, _, flash]| flash),
            tflm_sram_kib: tflm.map(|[_, sram, _]| sram),
            tflm_flash_kib: tflm.map(|[_, _, flash]| flash),
            accuracy_int8: printed.acc_int8,
        }
    }
}

/// Reads a file of published networks.
///
/// # Errors
/// [`CostError::Io`], and those of [`parse`].
pub fn read(path: &Path) -> Result<Vec<PublishedNetwork>, CostError> {
    let text = fs::read_to_string(path).map_err(|source| CostError::Io { path: path.into(), source })?;
    parse(&text, &path.display().to_string())
}

/// Reads the text of such a file; `file` is its name in messages.
///
/// # Errors
/// [`CostError::Invalid`] (`networks::invalid`) with line and column: not JSON, a missing field, a number that makes no
/// network.
pub fn parse(text: &str, file: &str) -> Result<Vec<PublishedNetwork>, CostError> {
    let document = Document { code: "networks::invalid", file, text };
    let file: File = document.json()?;
    file.nets.into_iter().map(|entry| network(entry, &document)).collect()
}

fn network(entry: Entry, document: &Document<'_>) -> Result<PublishedNetwork, CostError> {
    let key = format!("\"{}\"", entry.name);
    let wrong = |reason: String| {
        document.wrong(
            &[&key],
            format!("network `{}`: {reason}", entry.name),
            "compare with the table it was taken from",
        )
    };
    check(&entry).map_err(wrong)?;
    let Entry { resolution, stem, ref blocks, feature_mix, classifier: [features, classes], .. } = entry;
    let architecture = Architecture {
        input: Shape::new(resolution, resolution, 3),
        stem,
        blocks: blocks.clone(),
        feature_mix,
        classes,
        activation: Activation::Relu6,
    };
    let network = architecture.network().map_err(|error| wrong(error.to_string()))?;
    let pooled = network.layers.iter().rev().nth(1).map_or(0, |layer| layer.output.c);
    if pooled != features {
        return Err(wrong(format!("the classifier reads {features} channels but gets {pooled}")));
    }
    Ok(PublishedNetwork { name: entry.name, network, published: entry.published.into(), recomputed: entry.recomputed })
}

/// The ranges within which a table cannot overflow or divide by zero.
fn check(entry: &Entry) -> Result<(), String> {
    let size = |what: &str, number: u32| match number {
        1..=LARGEST => Ok(()),
        _ => Err(format!("{what} is {number}, it must be 1 to {LARGEST}")),
    };
    let window = |what: &str, kernel: u32, stride: u32| match (kernel, stride) {
        (1 | 3 | 5 | 7 | 9 | 11, 1..=4) => Ok(()),
        _ => Err(format!("{what} has kernel {kernel} and stride {stride}; kernels are odd up to 11, strides 1 to 4")),
    };
    size("the resolution", entry.resolution)?;
    window("the stem", entry.stem.kernel, entry.stem.stride)?;
    size("the stem's width", entry.stem.channels)?;
    if entry.blocks.len() > 256 {
        return Err(format!("{} blocks, at most 256 are read", entry.blocks.len()));
    }
    for (index, block) in entry.blocks.iter().enumerate() {
        window(&format!("block {index}"), block.kernel, block.stride)?;
        for (what, channels) in [("cin", block.input), ("mid", block.hidden), ("cout", block.output)] {
            size(&format!("`{what}` of block {index}"), channels)?;
        }
        if block.expansion == 1 && block.hidden != block.input {
            return Err(format!("block {index} has no expansion, but its `mid` differs from its `cin`"));
        }
    }
    if let Some(channels) = entry.feature_mix {
        size("`feature_mix`", channels)?;
    }
    let [features, classes] = entry.classifier;
    size("the classifier's input", features)?;
    size("the number of classes", classes)
}

/// Every engine's figures of one network.
///
/// # Errors
/// As [`cost`].
pub fn row(published: &PublishedNetwork) -> Result<Row, CostError> {
    let [naive, tflm, tinyengine, tinynas] = Engine::ALL.map(|engine| cost(&published.network, engine));
    let (naive, tflm, tinyengine, tinynas) = (naive?, tflm?, tinyengine?, tinynas?);
    let Bytes(naive_act_bytes) = naive.sram;
    let graph = graph(&published.network)?;
    let plan = |goal, feed| tinynas_plan::plan_for(&graph, goal, feed);
    let (fastest, smallest) = (plan(Goal::Fastest, Feed::Whole)?, plan(Goal::Smallest, Feed::Whole)?);
    let cycles = |plan: &Plan| plan.estimated_cycles(&graph, Feed::Whole) as f64;
    Ok(Row {
        name: published.name.clone(),
        macs: naive.macs,
        params: naive.params,
        naive_act_bytes,
        tflm_peak_bytes: tflm.sram.0,
        tinyengine_peak_bytes: tinyengine.sram.0,
        tinynas_arena_bytes: tinynas.sram.0,
        tinynas_rowfed_arena_bytes: plan(Goal::Smallest, Feed::Rows)?.arena_bytes.into(),
        tinynas_fastest_arena_bytes: fastest.arena_bytes.into(),
        tinynas_smallest_cycles: cycles(&smallest) / cycles(&fastest),
        tflm_flash_bytes: tflm.flash.0,
        tinyengine_model_bytes: tinyengine.model.0,
        tinynas_model_bytes: tinynas.model.0,
        published: published.published.clone(),
        recomputed: published.recomputed,
    })
}
