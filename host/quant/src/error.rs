//! What can go wrong between trained weights and a compiled model, each with a stable code.

use thiserror::Error;
use tinynas_engine::EngineError;
use tinynas_model::{GraphError, WeightError};
use tinynas_plan::{CompileError, ModelError, PlanError};

/// Why a network cannot be folded, calibrated, quantized, compiled or run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QuantError {
    /// Weights are missing or have another shape than the network needs.
    #[error(transparent)]
    Weights(#[from] WeightError),
    /// A trained tensor holds NaN or an infinity; training has diverged.
    #[error("layer `{layer}`: `{part}` holds {value}; training has diverged")]
    NanWeight {
        /// Layer.
        layer: String,
        /// Which of its tensors.
        part: &'static str,
        /// The offending value as text.
        value: String,
    },
    /// Folding a batch normalisation leaves the range of f32.
    #[error("layer `{layer}`, channel {channel}: the batch normalisation cannot be folded (variance {variance})")]
    BadNormalisation {
        /// Layer.
        layer: String,
        /// Output channel.
        channel: usize,
        /// Its running variance.
        variance: f32,
    },
    /// An activation leaves the range of f32.
    #[error("layer `{layer}` computes {value} on a calibration image; its weights are out of range")]
    NonFiniteActivation {
        /// Layer.
        layer: String,
        /// The offending value as text.
        value: String,
    },
    /// The preprocessing scale is not a positive finite number.
    #[error("the preprocessing scale is {scale}, it must be positive and finite")]
    BadScale {
        /// The scale.
        scale: f32,
    },
    /// There is no image to observe activation ranges on.
    #[error("no calibration images: at least one training image is needed to choose the int8 ranges")]
    EmptyCalibration,
    /// There is no image to evaluate on.
    #[error("no test images: accuracy needs at least one")]
    EmptyTestSet,
    /// An image, or a list of images, has the wrong number of bytes.
    #[error("{got} bytes of pixels, but the network reads {expected} per image")]
    ImageSize {
        /// Bytes of one image.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
    /// As many labels as images are needed.
    #[error("{images} images but {labels} labels")]
    LabelCount {
        /// Images given.
        images: usize,
        /// Labels given.
        labels: usize,
    },
    /// A label that the network has no output for.
    #[error("label {label} of image {image}, but the network has {classes} classes")]
    Label {
        /// The label.
        label: usize,
        /// Position of its image.
        image: usize,
        /// Outputs of the network.
        classes: usize,
    },
    /// A number of class names that differs from the network's outputs.
    #[error("{names} class names, but the network has {outputs} outputs")]
    ClassCount {
        /// Names given.
        names: usize,
        /// Outputs of the network.
        outputs: usize,
    },
    /// The preprocessing gives another image than the network reads.
    #[error("the preprocessing gives {size}x{size}x{channels} images, the network reads {network}")]
    PreprocessShape {
        /// Side of the image.
        size: u32,
        /// Channels of the image.
        channels: u32,
        /// Input shape of the network.
        network: String,
    },
    /// A layer that none of the later stages can express.
    #[error("layer `{layer}`: {reason}")]
    Unsupported {
        /// Layer.
        layer: String,
        /// What is not supported.
        reason: &'static str,
    },
    /// The network cannot be planned.
    #[error("the memory plan: {0}")]
    Plan(#[from] PlanError),
    /// The plan and the parameters do not make a model.
    #[error("compilation: {0}")]
    Compile(#[from] CompileError),
    /// Bytes that are not a compiled model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The engine refused to run the model.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The independent runtime refused the ONNX model.
    #[error("tract: {reason}")]
    Tract {
        /// Its message.
        reason: String,
    },
}

impl From<GraphError> for QuantError {
    fn from(error: GraphError) -> Self {
        Self::Unsupported { layer: error.layer, reason: error.reason }
    }
}

impl QuantError {
    /// A stable name of the kind of error, for `--format json`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Weights(WeightError::Missing { .. }) => "quant::missing_weight",
            Self::Weights(WeightError::Shape { .. }) => "quant::weight_shape",
            Self::Weights(_) => "quant::weights",
            Self::NanWeight { .. } => "quant::nan_weight",
            Self::BadNormalisation { .. } => "quant::bad_normalisation",
            Self::NonFiniteActivation { .. } => "quant::nonfinite_activation",
            Self::BadScale { .. } => "quant::bad_scale",
            Self::EmptyCalibration => "quant::empty_calibration",
            Self::EmptyTestSet => "quant::empty_test_set",
            Self::ImageSize { .. } => "quant::image_size",
            Self::LabelCount { .. } => "quant::label_count",
            Self::Label { .. } => "quant::label",
            Self::ClassCount { .. } => "quant::class_count",
            Self::PreprocessShape { .. } => "quant::preprocess_shape",
            Self::Unsupported { .. } => "quant::unsupported",
            Self::Plan(_) => "quant::plan",
            Self::Compile(_) => "quant::compile",
            Self::Model(_) => "quant::model",
            Self::Engine(_) => "quant::engine",
            Self::Tract { .. } => "quant::tract",
        }
    }
}
