//! A search with all that it borrows.

use std::{collections::HashMap, sync::Mutex, sync::atomic::AtomicBool};

use tinynas_cost::{Bytes, Engine, Limits};
use tinynas_model::{CandidateId, Shape};
use tinynas_score::{Batch, Proxy, Scorer, Scores};
use tinynas_search::{CandidateRecord, EvolutionConfig, Gate, Outcome, Search, SearchError, StrategyKind};
use tinynas_space::Space;

/// Two stages: 6 · (6 + 36) = 252 genotypes.
pub const TINY: &str = "
name: tiny
title: Small enough to be searched completely
channels: 1
widths: [0.5, 1.0]
resolutions: [8, 12]
divisor: 4
activation: relu6
stem: { width: 8, kernel: 3, stride: 2 }
first: { width: 8, kernel: 3, stride: 1 }
stages:
  - { width: 8, stride: 1, depth: [1], kernel: [3, 5], expansion: [2, 3, 4] }
  - { width: 16, stride: 2, depth: [1, 2], kernel: [3, 5], expansion: [2, 3, 4] }
";

/// What a [`Search`] borrows.
pub struct Case {
    pub space: Space,
    pub variant: &'static str,
    pub limits: Limits,
    pub config: EvolutionConfig,
    pub scorer: Scorer,
    pub known: HashMap<CandidateId, Scores>,
    pub threads: usize,
    pub strategy: StrategyKind,
}

pub const NO_LIMITS: Limits =
    Limits { engine: Engine::Tinynas, sram: Bytes(1 << 30), flash: Bytes(1 << 30), macs: None };

impl Case {
    /// The tiny space with its larger variant.
    pub fn tiny(proxies: &[Proxy], evaluations: u32) -> Self {
        Self::new(Space::parse(TINY, "tiny.yaml").unwrap(), "w1.0-r12", proxies, evaluations)
    }

    /// A space for small images with limits that about one network in three keeps to.
    pub fn small(proxies: &[Proxy], evaluations: u32) -> Self {
        let mut case = Self::new(Space::open("mnas-small").unwrap(), "w0.35-r28", proxies, evaluations);
        case.limits = Limits { sram: Bytes::kib(24), flash: Bytes::kib(160), macs: Some(1_500_000), ..NO_LIMITS };
        case
    }

    fn new(space: Space, variant: &'static str, proxies: &[Proxy], evaluations: u32) -> Self {
        let side = space.variant(variant).unwrap().resolution;
        let shape = Shape::new(side, side, 1);
        let pixels = (0..8 * shape.elements()).map(|i| ((i * 7919 + i / 7) % 1009) as f32 / 252.0 - 2.0).collect();
        let config = EvolutionConfig {
            evaluations,
            population: 20,
            tournament: 5,
            proxies: proxies.to_vec(),
            prefilter: 0,
            seed: 1,
            channels: 1,
            classes: 10,
        };
        Self {
            space,
            variant,
            limits: NO_LIMITS,
            config,
            scorer: Scorer::new(1, proxies).with_images(Batch::new(pixels, shape).unwrap()),
            known: HashMap::new(),
            threads: 1,
            strategy: StrategyKind::Evolution,
        }
    }

    /// Runs with a callback and a stop flag.
    pub fn run_with(
        &self,
        stop: &AtomicBool,
        on_scored: &(dyn Fn(&CandidateRecord, bool) -> Result<(), String> + Sync),
    ) -> Result<Outcome, SearchError> {
        self.gated(stop, on_scored, None)
    }

    /// As [`Self::run_with`], with something that is asked before a candidate lives.
    pub fn gated(
        &self,
        stop: &AtomicBool,
        on_scored: &(dyn Fn(&CandidateRecord, bool) -> Result<(), String> + Sync),
        gate: Option<&mut dyn Gate>,
    ) -> Result<Outcome, SearchError> {
        let search = Search {
            space: &self.space,
            variant: self.space.variant(self.variant).unwrap(),
            limits: &self.limits,
            config: self.config.clone(),
            scorer: &self.scorer,
            known: &self.known,
            threads: self.threads,
            stop,
        };
        search.run_gated(self.strategy, on_scored, gate)
    }

    /// Runs to the end; checks that every candidate was handed over once, in order.
    pub fn run(&self) -> Result<Outcome, SearchError> {
        let handed_over = Mutex::new(Vec::new());
        let outcome = self.run_with(&AtomicBool::new(false), &|candidate, fresh| {
            assert_eq!(fresh, !self.known.contains_key(&candidate.id));
            handed_over.lock().unwrap().push(candidate.clone());
            Ok(())
        })?;
        assert_eq!(handed_over.into_inner().unwrap(), outcome.candidates);
        assert!(outcome.candidates.iter().zip(0..).all(|(candidate, index)| candidate.index == index));
        Ok(outcome)
    }
}

/// The bytes of `candidates.jsonl`.
pub fn lines(candidates: &[CandidateRecord]) -> String {
    candidates.iter().map(|candidate| serde_json::to_string(candidate).unwrap() + "\n").collect()
}
