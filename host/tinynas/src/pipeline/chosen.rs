//! `best.json`: the network that won, from its choices to its layers.

use serde::{Deserialize, Serialize};
use tinynas_model::{Architecture, CandidateId, Genotype, Network, Preprocess};
use tinynas_score::Scores;
use tinynas_search::CandidateRecord;

use crate::failure::Failure;

/// The chosen network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// `tinynas/best/1`.
    pub schema: String,
    /// Space.
    pub space: String,
    /// Variant, for example `w0.3-r28`.
    pub variant: String,
    /// Choices.
    pub genotype: Genotype,
    /// Candidate id.
    pub id: CandidateId,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Trainable parameters.
    pub params: u64,
    /// Peak SRAM under the engine of the search, bytes.
    pub sram_bytes: u64,
    /// Model and code constant of that engine, bytes.
    pub flash_bytes: u64,
    /// Training-free scores.
    pub scores: Scores,
    /// Accuracy on the validation images at the best epoch, a fraction.
    pub validation_accuracy: f64,
    /// Accuracy of the float network on the test images, a fraction.
    pub test_accuracy: f64,
    /// The epoch whose weights were kept, 1-based.
    pub best_epoch: u32,
    /// From pixels to the network's input.
    pub preprocess: Preprocess,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// The block table.
    pub architecture: Architecture,
}

impl Chosen {
    /// The record of a candidate without accuracies yet.
    #[must_use]
    pub fn of(
        space: &str,
        record: &CandidateRecord,
        architecture: Architecture,
        preprocess: Preprocess,
        classes: &[String],
    ) -> Self {
        Self {
            schema: "tinynas/best/1".into(),
            space: space.into(),
            variant: record.variant.to_string(),
            genotype: record.genotype.clone(),
            id: record.id,
            macs: record.macs,
            params: record.params,
            sram_bytes: record.sram_bytes,
            flash_bytes: record.flash_bytes,
            scores: record.scores.clone(),
            validation_accuracy: 0.0,
            test_accuracy: 0.0,
            best_epoch: 0,
            preprocess,
            classes: classes.to_vec(),
            architecture,
        }
    }

    /// Its layers.
    ///
    /// # Errors
    /// `run::damaged` if the block table makes no network.
    pub fn network(&self) -> Result<Network, Failure> {
        self.architecture.network().map_err(|error| {
            Failure::new("run::damaged", format!("the block table of {} makes no network: {error}", self.id))
        })
    }
}
