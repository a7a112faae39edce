//! A board in the loop of the search: the latency of each candidate that may live, from the device.
//!
//! Kernels take as long with random weights as with trained ones, so a candidate is compiled with random weights.
//! The firmware stays on the board; of each candidate only the model is written, and it runs once.

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    io::Write,
    num::NonZeroUsize,
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use tinynas_device::Image;
use tinynas_model::{CandidateId, Network, Preprocess};
use tinynas_quant::{Calibration, Folded, Options, QuantError, compile, quantize};
use tinynas_score::initial_weights;
use tinynas_search::{Admission, CandidateRecord, Gate, Outcome};

use super::{Pipeline, meta};
use crate::{
    device::{self, Facts, Opened, TimingModel, latency},
    failure::Failure,
    run_dir::sha256_hex,
};

/// Pixels that the ranges of random networks are chosen by.
const CALIBRATION_IMAGES: usize = 2;

/// Seed of the random weights: the same for all searches, so that a latency is the candidate's and not the run's.
const WEIGHTS: u64 = 0;

/// What a search knows of latencies: part of `search.json`. Equal runs give equal records, whatever the cache knew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyRecord {
    /// `measured` or `modelled`.
    pub kind: String,
    /// The device.
    pub device: Facts,
    /// How far modelled figures may be off.
    pub timing_model: Option<TimingModel>,
    /// SHA-256 of the firmware image.
    pub firmware_sha256: String,
    /// The limit in milliseconds, if there is one.
    pub limit_ms: Option<f64>,
    /// Candidates whose latency was asked for.
    pub asked: u64,
    /// Candidates that were refused for being slower than the limit.
    pub too_slow: u64,
    /// Candidates whose score was too low to ask.
    pub not_asked: u64,
    /// Latency of the best candidate.
    pub best_ms: Option<f64>,
}

impl LatencyRecord {
    /// Whether a candidate was accepted: it was asked about, and it is not too slow.
    #[must_use]
    pub fn accepts(&self, candidate: &CandidateRecord) -> bool {
        candidate.latency_ms.is_some_and(|ms| self.limit_ms.is_none_or(|limit| ms <= limit))
    }
}

/// A line of the cache.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    id: CandidateId,
    classes: u32,
    channels: u32,
    cycles: u64,
    clock_hz: u64,
}

/// Asks a device.
pub(super) struct Timer {
    opened: Opened,
    facts: Facts,
    image: Image,
    timing_model: Option<TimingModel>,
    limit_ms: Option<f64>,
    preprocess: Preprocess,
    classes: Vec<String>,
    limits: tinynas_cost::Limits,
    cache: Option<PathBuf>,
    known: HashMap<(CandidateId, u32, u32), (u64, u64)>,
    ran: u64,
    from_cache: u64,
    /// The device's own failure says more than the search's account of it.
    failure: Option<Failure>,
}

impl Timer {
    /// Opens the experiment's device for networks that read images of `side` × `side`.
    ///
    /// # Errors
    /// `search::no_board`, `device::*`.
    pub(super) fn open(pipeline: &Pipeline<'_>, side: u32) -> Result<Self, Failure> {
        let Some(board) = &pipeline.inputs.board else {
            return Err(Failure::new("search::no_board", "nothing says which board measures the latency")
                .help("name it: --board NAME"));
        };
        let kind = pipeline.device_kind(board);
        let image = device::image(board, &pipeline.device)?;
        let (mut opened, facts) = Opened::open(kind, board, &pipeline.device, false)?;
        device::before_erasing(&mut opened, &image, &pipeline.device, pipeline.printer)?;
        let key = sha256_hex(format!("{} {} {}", board.hash(), facts.kind, image.manifest().sha256).as_bytes());
        let cache = super::select::cache_folder().map(|folder| folder.join(format!("latency-{}.jsonl", &key[..16])));
        let text = cache.as_ref().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        // A line that a kill cut off is measured again.
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Known>(line).ok());
        let known = lines.map(|one| ((one.id, one.classes, one.channels), (one.cycles, one.clock_hz))).collect();
        Ok(Self {
            timing_model: facts.is_modelled().then(|| TimingModel::of(board.core)),
            opened,
            facts,
            image,
            limit_ms: pipeline.experiment.budget.latency_ms,
            preprocess: pipeline.inputs.data.preprocess(side),
            classes: pipeline.inputs.data.classes.clone(),
            limits: pipeline.inputs.limits.clone(),
            cache,
            known,
            ran: 0,
            from_cache: 0,
            failure: None,
        })
    }

    /// The failure that ended the search, if it was the device's.
    pub(super) fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// Candidates that the device ran, and those that were known from an earlier search.
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.ran, self.from_cache)
    }

    /// The account of a finished search.
    pub(super) fn record(&self, outcome: &Outcome) -> LatencyRecord {
        LatencyRecord {
            kind: self.facts.evidence.clone(),
            device: self.facts.clone(),
            timing_model: self.timing_model.clone(),
            firmware_sha256: self.image.manifest().sha256.clone(),
            limit_ms: self.limit_ms,
            asked: self.ran + self.from_cache,
            too_slow: outcome.count(Admission::Refused),
            not_asked: outcome.count(Admission::NotAsked),
            best_ms: outcome.best().and_then(|best| best.latency_ms),
        }
    }

    fn ask(&mut self, id: CandidateId, network: &Network) -> Result<(u64, u64), Failure> {
        let key = (id, network.classes(), network.input.c);
        if let Some(known) = self.known.get(&key) {
            self.from_cache += 1;
            return Ok(*known);
        }
        let model = self.compile(network)?;
        let (cycles, clock_hz) = latency(&mut self.opened, &self.image, &model)?;
        let Some(cycles) = cycles.filter(|_| clock_hz > 0) else {
            return Err(Failure::new("search::no_latency", format!("{} counts no cycles", self.facts.board))
                .help("take a board with a debug probe, or its virtual board: --virtual"));
        };
        self.ran += 1;
        self.known.insert(key, (cycles, clock_hz));
        self.keep(&Known { id, classes: key.1, channels: key.2, cycles, clock_hz });
        Ok((cycles, clock_hz))
    }

    /// The network with random weights as a model for the chip.
    fn compile(&self, network: &Network) -> Result<Vec<u8>, QuantError> {
        let folded = Folded::new(network, &initial_weights(network, WEIGHTS))?;
        let input = network.input;
        let pixels = (input.h * input.w * input.c) as usize * CALIBRATION_IMAGES;
        let noise: Vec<u8> = (0..pixels as u32).map(|at| (at.wrapping_mul(0x9E37_79B1) >> 24) as u8).collect();
        let observed = Calibration::observe(&folded, &self.preprocess, &noise, NonZeroUsize::MIN)?;
        let quantized = quantize(&folded, &self.preprocess, &observed, &Options::default())?;
        let meta = meta(&self.classes, &self.preprocess, &self.limits, "random weights, for its latency");
        Ok(compile(network, &quantized, &meta)?.bytes)
    }

    /// Keeps a latency for later searches; a cache that cannot be written costs time, nothing else.
    fn keep(&self, known: &Known) {
        let Some(path) = &self.cache else { return };
        let Ok(line) = serde_json::to_string(known) else { return };
        if let Some(folder) = path.parent() {
            let _ = fs::create_dir_all(folder);
        }
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }
}

impl Gate for Timer {
    fn admit(&mut self, candidate: &mut CandidateRecord, network: &Network) -> Result<bool, String> {
        match self.ask(candidate.id, network) {
            Ok((cycles, clock_hz)) => {
                let ms = cycles as f64 / clock_hz as f64 * 1e3;
                candidate.latency_ms = Some(ms);
                Ok(self.limit_ms.is_none_or(|limit| ms <= limit))
            }
            Err(failure) => {
                let text = failure.to_string();
                self.failure = Some(failure);
                Err(text)
            }
        }
    }
}
