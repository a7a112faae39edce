//! Why a network cannot be trained or evaluated.

use std::path::{Path, PathBuf};

use thiserror::Error;
use tinynas_model::WeightError;

/// Why a network cannot be trained or evaluated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The caller asked to stop; the checkpoint is kept.
    #[error("the training was interrupted")]
    Interrupted,
    /// A setting out of its range.
    #[error("`{name}` is {value}; it must be {expected}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The range.
        expected: &'static str,
    },
    /// A backend that the program was built without.
    #[error("this program was built without the backend `{name}`")]
    Backend {
        /// Its name, which is the feature's, too.
        name: &'static str,
    },
    /// There is nothing to learn from or to choose by.
    #[error("there are {images} images to {purpose}, at least {least} are needed")]
    TooFew {
        /// `learn from`, `choose by`.
        purpose: &'static str,
        /// Number of images.
        images: usize,
        /// Number needed.
        least: usize,
    },
    /// Images that the network cannot read.
    #[error("the images are {got}, the network reads {expected}")]
    Images {
        /// Height × width × channels of the network's input.
        expected: String,
        /// Of the images.
        got: String,
    },
    /// A label beyond the network's outputs.
    #[error("label {label} among the images to {purpose}, but the network has {classes} outputs (0 to {})", classes.saturating_sub(1))]
    Label {
        /// `learn from`, `choose by`.
        purpose: &'static str,
        /// The label.
        label: u16,
        /// Outputs of the network.
        classes: usize,
    },
    /// The loss or a weight is no number any more.
    #[error("{what} is not finite in epoch {epoch} at learning rate {rate:.3e}: the training has diverged")]
    Diverged {
        /// `the loss` or a weight's name.
        what: String,
        /// The epoch, from 1.
        epoch: u32,
        /// The learning rate of the step.
        rate: f64,
    },
    /// A checkpoint with wrong bytes.
    #[error("{path}: damaged checkpoint: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A checkpoint of another training.
    #[error("{path}: a checkpoint of another training: {difference} differ")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is not the same.
        difference: String,
    },
    /// A checkpoint cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The weights are not the network's.
    #[error(transparent)]
    Weights(#[from] WeightError),
    /// The optimizer's state cannot be kept.
    #[error("the optimizer's state cannot be kept: {reason}")]
    State {
        /// burn's words.
        reason: String,
    },
}

impl TrainError {
    /// Stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Interrupted => "train::interrupted",
            Self::Setting { .. } => "train::setting",
            Self::Backend { .. } => "train::backend",
            Self::TooFew { .. } => "train::too_few_images",
            Self::Images { .. } => "train::images",
            Self::Label { .. } => "train::label",
            Self::Diverged { .. } => "train::diverged",
            Self::Damaged { .. } => "train::damaged_checkpoint",
            Self::Foreign { .. } => "train::foreign_checkpoint",
            Self::Io { .. } => "train::io",
            Self::Weights(_) => "train::weights",
            Self::State { .. } => "train::state",
        }
    }

    /// The smallest change that helps, if one is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Interrupted => Some("start it again with the same arguments: it goes on after the last epoch".into()),
            Self::Backend { name } => Some(format!("build it with `--features {name}`, or leave the backend out")),
            Self::Images { .. } => Some("resize the images to the network's input".into()),
            Self::Diverged { rate, .. } => Some(format!("set a lower learning rate, for example {:.2e}", rate / 4.0)),
            Self::Damaged { path, .. } | Self::Foreign { path, .. } => {
                let folder = path.parent().unwrap_or(path);
                Some(format!("remove {} to train from the start", folder.display()))
            }
            _ => None,
        }
    }

    /// Makes an [`Self::Io`] about `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        |source| Self::Io { path, source }
    }
}
