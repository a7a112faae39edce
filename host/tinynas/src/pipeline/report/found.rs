//! From selection, search and training to the page: distributions, candidates, curves, confusion.

use std::collections::BTreeMap;

use tinynas_model::CandidateId;
use tinynas_report::{
    Accuracy, Better, Candidate, CdfPoint, Confusion, Epoch, Search, Selection, Standing, TrainingCurve, Variant,
};
use tinynas_score::rank_sum;

use super::Found;
use crate::{
    failure::Failure,
    pipeline,
    run_dir::{RunDir, names},
};

impl Found {
    pub(super) fn selection(&self) -> Option<Selection> {
        let ranking = self.ranking.as_ref()?;
        let variant = |v: &tinynas_cost::select::VariantStats| Variant {
            name: v.variant.to_string(),
            samples: v.samples.into(),
            fitting: v.fitting.into(),
            mean_macs: v.mean_macs,
            p80_macs: v.p80_macs,
            cdf: v.cdf.iter().map(|(macs, share)| CdfPoint { macs: *macs, share: *share }).collect(),
        };
        Some(Selection {
            total_variants: ranking.variants.len() as u64,
            engine: ranking.engine.to_string(),
            variants: ranking.variants.iter().map(variant).collect(),
            winner: ranking.winner().variant.to_string(),
            notes: ranking.notes.clone(),
        })
    }

    pub(super) fn candidates(&self, dir: &RunDir) -> Result<Option<Search>, Failure> {
        let Some(search) = self.search.as_ref().filter(|_| dir.has(names::CANDIDATES)) else { return Ok(None) };
        let all = pipeline::candidates(dir)?;
        let scores: Vec<_> = all.iter().map(|candidate| &candidate.scores).collect();
        let sums = rank_sum(&scores, &search.proxies);
        let finalists = self.train.iter().flat_map(|train| &train.finalists);
        let trained: BTreeMap<CandidateId, f64> = finalists.map(|f| (f.id, f.accuracy)).collect();
        let chosen = self.chosen.as_ref().map(|chosen| chosen.id);
        let candidates = all.iter().zip(sums).map(|(candidate, sum)| Candidate {
            id: candidate.id.to_string(),
            macs: candidate.macs,
            sram_bytes: candidate.sram_bytes,
            score: sum.is_finite().then_some(sum),
            accuracy: trained.get(&candidate.id).copied(),
            standing: match candidate.id {
                id if Some(id) == chosen => Standing::Chosen,
                id if search.finalists.contains(&id) => Standing::Finalist,
                _ => Standing::Scored,
            },
        });
        let names: Vec<&str> = search.proxies.iter().map(|proxy| proxy.name()).collect();
        Ok(Some(Search {
            evaluated: search.evaluated,
            infeasible: search.infeasible,
            score: format!("rank sum of {}", names.join(" and ")),
            better: Better::Higher,
            candidates: candidates.collect(),
        }))
    }

    pub(super) fn accuracy(&self) -> Option<Accuracy> {
        let train = self.train.as_ref()?;
        let curve = |finalist: &pipeline::Finalist| TrainingCurve {
            id: finalist.id.to_string(),
            chosen: finalist.id == train.winner,
            best_epoch: Some(finalist.best_epoch),
            epochs: finalist
                .epochs
                .iter()
                .map(|e| Epoch { epoch: e.epoch, loss: e.loss, accuracy: e.accuracy })
                .collect(),
        };
        let quant = self.quant.as_ref();
        let classes = self.chosen.as_ref().map(|chosen| chosen.classes.clone()).unwrap_or_default();
        let counts =
            |table: &Vec<Vec<u32>>| table.iter().map(|row| row.iter().map(|n| u64::from(*n)).collect()).collect();
        Some(Accuracy {
            float: self.chosen.as_ref().map(|chosen| chosen.test_accuracy),
            int8: quant.map(|quant| quant.int8_accuracy),
            images: quant.map_or(0, |quant| quant.images),
            finalists: train.finalists.iter().map(curve).collect(),
            confusion: quant.map(|quant| Confusion {
                of: "int8 model".into(),
                classes,
                counts: counts(&quant.int8_confusion),
            }),
        })
    }
}
