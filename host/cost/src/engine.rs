//! Ways of running a network, each with its own memory: formulas over the layers, constants from data.

mod constants;
mod naive;
mod tflm;
mod tinyengine;
pub(crate) mod tinynas;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use constants::Sourced;
pub(crate) use constants::{Constants, EngineFile};
pub use tinynas::{model_bytes, standard_meta};

use crate::{Bytes, CostError, suggestion::closest, walk::LayerUse};

/// Whose memory is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Largest input + output of a layer: MCUNet's published "Act".
    Naive,
    /// TensorFlow Lite Micro: living tensors with explicit padding, and the arena's bookkeeping.
    Tflm,
    /// TinyEngine's scheduler: in-place depthwise, one column buffer, one kernel buffer.
    Tinyengine,
    /// This project's engine: the plan that the chip executes.
    Tinynas,
}

impl Engine {
    /// All engines.
    pub const ALL: [Self; 4] = [Self::Naive, Self::Tflm, Self::Tinyengine, Self::Tinynas];

    /// Its name in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Tflm => "tflm",
            Self::Tinyengine => "tinyengine",
            Self::Tinynas => "tinynas",
        }
    }

    /// Code and constants of the runtime in flash, beside the model.
    ///
    /// # Errors
    /// If the shipped constants are damaged.
    pub fn code_bytes(self) -> Result<Bytes, CostError> {
        let constants = Constants::shipped()?;
        Ok(match self {
            Self::Naive => constants.naive.flash.code_bytes.value,
            Self::Tflm => constants.tflm.flash.code_bytes.value,
            Self::Tinyengine => constants.tinyengine.flash.code_bytes.value,
            Self::Tinynas => constants.tinynas.flash.code_bytes.value,
        })
    }

    /// The file with its constants and their sources.
    #[must_use]
    pub const fn text(self) -> &'static str {
        constants::text(self)
    }

    /// Peak of a list of layers and the layer that sets it. For `tinynas` the largest sum of living bytes, which
    /// no plan goes below.
    pub(crate) fn peak(self, uses: &[LayerUse], constants: &Constants) -> Peak {
        match self {
            Self::Naive => naive::peak(uses),
            Self::Tflm => tflm::peak(uses, &constants.tflm),
            Self::Tinyengine => tinyengine::peak(uses, &constants.tinyengine),
            Self::Tinynas => tinynas::bound(uses),
        }
    }

    /// Bytes of the model in flash; for `tinynas` the size of the `.tnm` is counted by the format's own code.
    pub(crate) fn formula_model_bytes(self, uses: &[LayerUse], constants: &Constants) -> u64 {
        match self {
            Self::Naive => naive::model_bytes(uses, &constants.naive),
            Self::Tflm => tflm::model_bytes(uses, &constants.tflm),
            Self::Tinyengine => tinyengine::model_bytes(uses, &constants.tinyengine),
            Self::Tinynas => tinynas::least_model_bytes(uses),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Engine {
    type Err = CostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|engine| engine.name() == text).ok_or_else(|| CostError::Unknown {
            what: "engine",
            name: text.into(),
            known: names.map(Into::into).into(),
            closest: closest(text, names).map(Into::into),
        })
    }
}

/// Peak bytes and the position of the layer that sets them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Peak {
    pub bytes: u64,
    pub layer: usize,
}

impl Peak {
    /// The largest of the layers' bytes; the first of equals.
    pub fn over(bytes: impl Iterator<Item = u64>) -> Self {
        bytes.enumerate().fold(
            Self::default(),
            |peak, (layer, bytes)| {
                if bytes > peak.bytes { Self { bytes, layer } } else { peak }
            },
        )
    }
}

/// `weights · weight_bytes + channels · channel_bytes`.
fn weighted_bytes(uses: &[LayerUse], weight_bytes: u64, channel_bytes: u64) -> u64 {
    uses.iter().map(|layer| layer.weights() * weight_bytes + layer.channels() * channel_bytes).sum()
}
