//! How a network is trained; the defaults were chosen by measurement.

use serde::{Deserialize, Serialize};
use tinynas_burn::burn::tensor::Device;

use crate::TrainError;

/// Which of burn's CPU backends computes; our operations are the same on both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Backend {
    /// `burn-flex`.
    #[default]
    Flex,
    /// `burn-ndarray`, in programs built with the feature `ndarray`.
    NdArray,
}

impl Backend {
    /// The device that records gradients.
    ///
    /// # Errors
    /// [`TrainError::Backend`] if the program was built without it.
    pub(crate) fn device(self) -> Result<Device, TrainError> {
        match self {
            Self::Flex => Ok(tinynas_burn::cpu_autodiff()),
            #[cfg(feature = "ndarray")]
            Self::NdArray => Ok(tinynas_burn::cpu_ndarray().autodiff()),
            #[cfg(not(feature = "ndarray"))]
            Self::NdArray => Err(TrainError::Backend { name: "ndarray" }),
        }
    }
}

/// What turns gradients into steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Optimizer {
    /// Stochastic gradient descent with Nesterov's momentum of 0.9; decay is added to the gradient.
    #[default]
    Sgd,
    /// Adam with decoupled decay (β 0.9 and 0.999).
    AdamW,
}

/// How a network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Passes over the images.
    pub epochs: u32,
    /// Images per step.
    pub batch: u32,
    /// What turns gradients into steps.
    pub optimizer: Optimizer,
    /// Peak learning rate; [`Self::peak_rate`] says what it is if left out.
    pub learning_rate: Option<f64>,
    /// Epochs of linear rise before the cosine falls.
    pub warm_up: f64,
    /// Decay of convolutions' and the classifier's weights; normalisations and biases have none.
    pub weight_decay: f64,
    /// Share of the target that is spread evenly over all classes, below 1.
    pub label_smoothing: f64,
    /// Mirror images left to right at random.
    pub flip: bool,
    /// Farthest random shift, as a share of the image's side; what enters is the mean pixel.
    pub shift: f64,
    /// Side of a square that is blanked with the mean pixel, as a share of the image's side; 0 for none.
    pub cutout: f64,
    /// Which of burn's CPU backends computes.
    pub backend: Backend,
    /// Where all random numbers come from.
    pub seed: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            epochs: 30,
            batch: 32,
            optimizer: Optimizer::Sgd,
            learning_rate: None,
            warm_up: 1.0,
            weight_decay: 5e-4,
            label_smoothing: 0.1,
            flip: true,
            shift: 0.04,
            cutout: 0.0,
            backend: Backend::Flex,
            seed: 1,
        }
    }
}

impl TrainConfig {
    /// The learning rate where the warm-up ends: the given one, else the optimizer's own, for SGD in
    /// proportion to the batch.
    #[must_use]
    pub fn peak_rate(&self) -> f64 {
        self.learning_rate.unwrap_or_else(|| match self.optimizer {
            Optimizer::Sgd => 0.1 * f64::from(self.batch) / 64.0,
            Optimizer::AdamW => 4e-3,
        })
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// [`TrainError::Setting`], which names the first that is wrong.
    pub fn check(&self) -> Result<(), TrainError> {
        let number = |name, value: f64, ok: bool, expected| {
            if value.is_finite() && ok { Ok(()) } else { Err(TrainError::Setting { name, value, expected }) }
        };
        let share = |name, value: f64| number(name, value, (0.0..1.0).contains(&value), "0 or more and less than 1");
        number("epochs", self.epochs.into(), self.epochs > 0, "1 or more")?;
        number("batch", self.batch.into(), self.batch > 1, "2 or more")?;
        number("learning_rate", self.peak_rate(), self.peak_rate() > 0.0, "more than 0")?;
        number("warm_up", self.warm_up, self.warm_up >= 0.0, "0 or more")?;
        number("weight_decay", self.weight_decay, self.weight_decay >= 0.0, "0 or more")?;
        share("label_smoothing", self.label_smoothing)?;
        share("shift", self.shift)?;
        share("cutout", self.cutout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_wrong_setting_is_named() {
        TrainConfig::default().check().unwrap();
        let wrong = [
            (TrainConfig { epochs: 0, ..TrainConfig::default() }, "epochs"),
            (TrainConfig { batch: 1, ..TrainConfig::default() }, "batch"),
            (TrainConfig { learning_rate: Some(f64::NAN), ..TrainConfig::default() }, "learning_rate"),
            (TrainConfig { learning_rate: Some(-0.1), ..TrainConfig::default() }, "learning_rate"),
            (TrainConfig { warm_up: f64::INFINITY, ..TrainConfig::default() }, "warm_up"),
            (TrainConfig { weight_decay: -1.0, ..TrainConfig::default() }, "weight_decay"),
            (TrainConfig { label_smoothing: 1.0, ..TrainConfig::default() }, "label_smoothing"),
            (TrainConfig { shift: 1.5, ..TrainConfig::default() }, "shift"),
            (TrainConfig { cutout: -0.5, ..TrainConfig::default() }, "cutout"),
        ];
        for (config, expected) in wrong {
            match config.check() {
                Err(TrainError::Setting { name, .. }) => assert_eq!(name, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }

    #[test]
    fn settings_are_read_back_and_a_misspelt_one_is_refused() {
        let config = TrainConfig { learning_rate: Some(0.05), ..TrainConfig::default() };
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<TrainConfig>(&text).unwrap(), config);
        assert!(serde_json::from_str::<TrainConfig>(r#"{"epoch": 3}"#).is_err());
    }
}
