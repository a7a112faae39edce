//! An experiment file: one run of the pipeline as data.

use std::{fs, path::Path};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tinynas_cost::{Bytes, Engine};
use tinynas_score::Proxy;
use tinynas_search::StrategyKind;
use tinynas_train::Backend;

use crate::failure::Failure;

/// The experiment of `tinynas demo`.
pub const DEMO: &str = include_str!("../demo.yaml");

/// One run of the pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Name; the run directory is `runs/NAME` by default.
    pub name: String,
    /// Space name or file.
    pub space: String,
    /// Data set: a folder, or `fashion-mnist-subset` (shipped).
    pub data: String,
    /// Board name or file. Its memory is the budget where `budget` says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    /// Limits.
    #[serde(default)]
    pub budget: Budget,
    /// Seed of all randomness.
    #[serde(default = "one")]
    pub seed: u64,
    /// How the variant is chosen.
    #[serde(default)]
    pub select: Select,
    /// How candidates are found.
    #[serde(default)]
    pub search: Search,
    /// How finalists are trained.
    #[serde(default)]
    pub train: Train,
    /// What runs the result.
    #[serde(default)]
    pub device: Device,
}

/// Limits; what is not given comes from the board.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// SRAM for activations and scratch, for example `24KiB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub sram: Option<Bytes>,
    /// Flash for model and code, for example `160KiB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub flash: Option<Bytes>,
    /// Most multiply-accumulates per inference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macs: Option<u64>,
    /// Longest inference in milliseconds; needs `search.latency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
}

/// How the variant is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Select {
    /// Whose memory decides what fits: `tinynas`, `tinyengine`, `tflm` or `naive`.
    #[schemars(with = "String")]
    pub engine: Engine,
    /// Networks drawn per variant.
    pub samples: u32,
    /// Leave out variants of which less than this share fits.
    pub min_feasible: Option<f64>,
    /// Draw on until this many fit.
    pub sample_until: Option<u32>,
    /// Skip the selection and take this variant, for example `w0.3-r28`.
    pub variant: Option<String>,
    /// Skip the search too and take this network, for example `k3e4,k5e6;k3e3`.
    pub genotype: Option<String>,
}

impl Default for Select {
    fn default() -> Self {
        let engine = Engine::Tinynas;
        Self { engine, samples: 1000, min_feasible: None, sample_until: None, variant: None, genotype: None }
    }
}

/// How candidates are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// How candidates are made: `evolution`, `random`, `area`, `local-search`, `reinforce`, `tpe` or `nsga2`.
    #[serde(skip_serializing_if = "is_evolution")]
    #[schemars(with = "String")]
    pub strategy: StrategyKind,
    /// Networks drawn and ranked by ReLU units and MACs alone, whose best are scored first; 0: none.
    #[serde(skip_serializing_if = "is_zero")]
    pub prefilter: u64,
    /// Candidates to score.
    pub evaluations: u32,
    /// Living candidates.
    pub population: u32,
    /// Candidates drawn for a parent.
    pub tournament: u32,
    /// Proxies whose rank sum decides.
    #[schemars(with = "Vec<String>")]
    pub proxies: Vec<Proxy>,
    /// Images per batch of the proxies that look at images.
    pub images: u32,
    /// Networks to train.
    pub finalists: u32,
    /// Who tells how long a candidate takes before it is accepted; left out: nobody is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
}

/// Who tells how long a candidate takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Latency {
    /// The experiment's device runs it.
    Device,
}

impl Default for Search {
    fn default() -> Self {
        let proxies = vec![Proxy::Nwot, Proxy::Synflow];
        Self {
            strategy: StrategyKind::Evolution,
            prefilter: 0,
            evaluations: 200,
            population: 48,
            tournament: 8,
            proxies,
            images: 32,
            finalists: 2,
            latency: None,
        }
    }
}

/// What is not written is the default.
fn is_evolution(strategy: &StrategyKind) -> bool {
    *strategy == StrategyKind::Evolution
}

const fn is_zero(prefilter: &u64) -> bool {
    *prefilter == 0
}

/// How finalists are trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Train {
    /// Passes over the training images.
    pub epochs: u32,
    /// Images per step.
    pub batch: u32,
    /// Peak learning rate; the optimizer's default if left out.
    pub learning_rate: Option<f64>,
    /// Mirror images at random.
    pub flip: bool,
    /// Share of the training images that is set aside to choose by, if the data set names none.
    pub validation: f64,
    /// Calibration images for the quantization.
    pub calibration: u32,
    /// Which of burn's CPU backends trains: `flex`, or `ndarray` in a program built with that feature.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(with = "String")]
    pub backend: Backend,
}

fn is_default(backend: &Backend) -> bool {
    *backend == Backend::default()
}

impl Default for Train {
    fn default() -> Self {
        let backend = Backend::default();
        Self { epochs: 30, batch: 64, learning_rate: None, flip: true, validation: 0.1, calibration: 256, backend }
    }
}

/// What runs the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Device {
    /// Test images whose outputs are compared.
    pub images: u32,
    /// Kind of device; left out: the board's virtual board, or QEMU if that is the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

impl Default for Device {
    fn default() -> Self {
        Self { images: 64, kind: None }
    }
}

/// Kinds of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A simulated board behind a debug port.
    Virtual,
    /// The emulator.
    Qemu,
    /// The board itself, behind a debug probe.
    Probe,
    /// Nothing: the run ends with the compiled model.
    None,
}

const fn one() -> u64 {
    1
}

impl Experiment {
    /// Reads an experiment file and its text.
    ///
    /// # Errors
    /// `io`, or `experiment::invalid` with the place.
    pub fn load(path: &Path) -> Result<(Self, String), Failure> {
        let text = fs::read_to_string(path).map_err(|e| Failure::io(path, &e))?;
        Ok((Self::parse(&text, &path.display().to_string())?, text))
    }

    /// Reads the text of an experiment; `file` is for messages.
    ///
    /// # Errors
    /// `experiment::invalid` with the place.
    pub fn parse(text: &str, file: &str) -> Result<Self, Failure> {
        let experiment: Self =
            yaml_serde::from_str(text).map_err(|e| Failure::yaml("experiment::invalid", file, text, &e))?;
        experiment.check(text, file)?;
        Ok(experiment)
    }

    /// The experiment as YAML, for commands that make one from their options.
    ///
    /// # Errors
    /// `internal`.
    pub fn to_yaml(&self) -> Result<String, Failure> {
        yaml_serde::to_string(self).map_err(Failure::internal)
    }

    /// Whether two experiments differ in nothing but the seed.
    #[must_use]
    pub fn same_but_seed(&self, other: &Self) -> bool {
        Self { seed: other.seed, ..self.clone() } == *other
    }

    /// Whether one network was named and nothing says how large it may be.
    #[must_use]
    pub const fn limitless(&self) -> bool {
        let budget = &self.budget;
        let nothing = self.board.is_none() && budget.sram.is_none() && budget.flash.is_none();
        nothing && self.select.genotype.is_some()
    }

    fn check(&self, text: &str, file: &str) -> Result<(), Failure> {
        let wrong = |field: &str, must: &str| {
            Err(Failure::new("experiment::invalid", format!("`{field}` must be {must}"))
                .at_field(file, text, field, ""))
        };
        let search = &self.search;
        match () {
            () if matches!(self.name.as_str(), "" | "." | "..") || self.name.contains(['/', '\\']) => {
                wrong("name", "a plain name")
            }
            () if !(1..=1_000_000).contains(&self.select.samples) => wrong("select.samples", "between 1 and 1,000,000"),
            () if self.select.min_feasible.is_some_and(|s| !(0.0..=1.0).contains(&s)) => {
                wrong("select.min_feasible", "between 0 and 1")
            }
            () if self.select.genotype.is_some() && self.select.variant.is_none() => {
                wrong("select.variant", "given when `select.genotype` is")
            }
            () if search.evaluations == 0 => wrong("search.evaluations", "at least 1"),
            () if search.population == 0 => wrong("search.population", "at least 1"),
            () if search.tournament == 0 => wrong("search.tournament", "at least 1"),
            () if search.proxies.is_empty() => wrong("search.proxies", "at least one proxy"),
            () if search.finalists == 0 => wrong("search.finalists", "at least 1"),
            () if self.budget.latency_ms.is_some_and(|ms| !(ms.is_finite() && ms > 0.0)) => {
                wrong("budget.latency_ms", "above 0")
            }
            () if self.budget.latency_ms.is_some() && search.latency.is_none() => {
                wrong("search.latency", "`device` when `budget.latency_ms` is given")
            }
            () if search.images < 2 => wrong("search.images", "at least 2"),
            () if self.train.epochs == 0 => wrong("train.epochs", "at least 1"),
            () if self.train.batch < 2 => wrong("train.batch", "at least 2 (batch statistics need two images)"),
            () if !(0.0..=0.5).contains(&self.train.validation) || self.train.validation == 0.0 => {
                wrong("train.validation", "above 0 and at most 0.5")
            }
            () if self.train.calibration == 0 => wrong("train.calibration", "at least 1"),
            () if self.device.images == 0 => wrong("device.images", "at least 1"),
            () => Ok(()),
        }
    }
}
