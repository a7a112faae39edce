//! Why a network has no score.

use thiserror::Error;
use tinynas_model::{Shape, WeightError};

use crate::Proxy;

/// Why a network has no score.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// Two images switch the same ReLU units on: the kernel of NWOT has two equal rows.
    #[error(
        "nwot: images {first} and {second} of the batch have the same ReLU code; the network cannot tell them apart"
    )]
    SameCode {
        /// Position of one image.
        first: usize,
        /// Position of the other.
        second: usize,
    },
    /// The kernel of NWOT is singular although no two codes are equal.
    #[error("nwot: the kernel of {images} images over {units} ReLU units is singular; take fewer images")]
    Singular {
        /// Images of the batch.
        images: usize,
        /// ReLU units of the network.
        units: u64,
    },
    /// The score is not a finite number.
    #[error("{proxy}: the score is {value}, which is not a finite number")]
    NotFinite {
        /// The proxy.
        proxy: Proxy,
        /// What it gave.
        value: f64,
    },
    /// A proxy looks at images and there are none.
    #[error("{proxy} looks at images and none were given")]
    NoImages {
        /// The proxy.
        proxy: Proxy,
    },
    /// A proxy looks at the gradient of a loss and the images have no labels.
    #[error("{proxy} looks at the gradient of a loss and the images have no labels")]
    NoLabels {
        /// The proxy.
        proxy: Proxy,
    },
    /// Not as many labels as images.
    #[error("{labels} labels for {images} images")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Images given.
        images: usize,
    },
    /// A label that is no class of the network.
    #[error("the label {label} is none of the network's {classes} classes")]
    Label {
        /// The label.
        label: u32,
        /// Outputs of the network.
        classes: u32,
    },
    /// Too few images to make two batches.
    #[error("{proxy} compares two batches of two images or more each and got {images} images")]
    OneBatch {
        /// The proxy.
        proxy: Proxy,
        /// Images given.
        images: usize,
    },
    /// An image has no gradient: no path leads from it to the logits that is alive.
    #[error("{proxy}: image {image} moves no output; the network is disconnected or dead")]
    NoGradient {
        /// The proxy.
        proxy: Proxy,
        /// Position of the image.
        image: usize,
    },
    /// The images do not have the shape of the network's input.
    #[error("the network reads {network} and the images are {images}")]
    ImageShape {
        /// What the network reads.
        network: Shape,
        /// What was given.
        images: Shape,
    },
    /// The numbers of a batch do not make whole images.
    #[error("{elements} numbers do not make whole images of {shape}, or fewer than two of them")]
    BatchSize {
        /// Numbers given.
        elements: usize,
        /// Shape of one image.
        shape: Shape,
    },
    /// The initial weights do not fit the network.
    #[error(transparent)]
    Weights(#[from] WeightError),
}

impl ScoreError {
    /// Whether the network is the cause: another network may well have a score. A search goes on
    /// after such an error, and the network never wins.
    #[must_use]
    pub const fn is_of_network(&self) -> bool {
        matches!(self, Self::SameCode { .. } | Self::Singular { .. } | Self::NotFinite { .. } | Self::NoGradient { .. })
    }
}
