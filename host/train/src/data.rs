//! Labelled images: one type for every kind of data set, and what can be wrong with one.

mod cifar;
mod error;
mod folder;
mod idx;
mod mosaic;
mod resize;
mod shipped;
mod split;

use std::path::Path;

use sha2::{Digest, Sha256};
use tinynas_model::Preprocess;

pub use error::DataError;
pub use idx::IdxBytes;
pub use shipped::Subset;
pub use split::Split;
pub(crate) use split::{below, shuffle};

/// A further set of test images with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSplit {
    /// For tables.
    pub name: String,
    /// The images.
    pub split: Split,
}

/// A labelled image data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Name of its folder, or what it was given.
    pub name: String,
    /// Class names in the order of the labels.
    pub classes: Vec<String>,
    /// Mean training pixel, rounded.
    pub mean: u8,
    /// 1 / standard deviation of the training pixels.
    pub scale: f32,
    /// Images to learn from.
    pub train: Split,
    /// Images to choose by, if the data set names them; else a share of `train` is set aside.
    pub validation: Option<Split>,
    /// Images to report on; never used to choose.
    pub test: Split,
    /// Further test images.
    pub more_tests: Vec<NamedSplit>,
}

impl Dataset {
    /// Opens a folder of any known kind: the four IDX files of the MNIST family (plain or `.gz`), CIFAR-10's
    /// binary batches or WebP mosaics, or one subfolder of PNG or JPEG per class.
    ///
    /// Images of class folders must be of one size, of which the centre square is taken; [`Self::open_sized`] takes
    /// any sizes.
    ///
    /// # Errors
    /// [`DataError`], which names the file and what is wrong in it.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        Self::open_with(path, None)
    }

    /// Opens a folder and resizes every image to `side` × `side` while reading.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_sized(path: &Path, side: usize) -> Result<Self, DataError> {
        Ok(Self::open_with(path, Some(side))?.resized(side))
    }

    /// The data set that the program carries, `fashion-mnist-subset`: 7,500 training and 1,500 test images of
    /// Fashion-MNIST, 28×28 grey, ten classes, as many of every class.
    ///
    /// # Errors
    /// [`DataError`] if the program was built with damaged files.
    pub fn shipped() -> Result<Self, DataError> {
        shipped::open()
    }

    fn open_with(path: &Path, side: Option<usize>) -> Result<Self, DataError> {
        if !path.is_dir() {
            return Err(if path.exists() {
                DataError::UnknownKind { path: path.into() }
            } else {
                DataError::io(path)(std::io::ErrorKind::NotFound.into())
            });
        }
        if idx::is_here(path) {
            idx::open(path)
        } else if cifar::is_here(path) {
            cifar::open(path)
        } else if mosaic::is_here(path) {
            mosaic::open(path)
        } else {
            folder::open(path, side)
        }
    }

    /// A data set in memory, for example one that the program carries.
    ///
    /// # Errors
    /// [`DataError`].
    pub fn from_bytes(name: &str, classes: &[&str], bytes: &IdxBytes<'_>) -> Result<Self, DataError> {
        idx::from_bytes(name, classes.iter().map(ToString::to_string).collect(), bytes)
    }

    /// Checks the parts against each other and takes the statistics of the training pixels.
    fn assemble(name: &Path, classes: Vec<String>, train: Split, test: Split) -> Result<Self, DataError> {
        for (part, split) in [("training", &train), ("test", &test)] {
            if split.is_empty() {
                return Err(DataError::Empty { path: name.into(), part });
            }
            if let Some(label) = split.labels.iter().find(|label| usize::from(**label) >= classes.len()) {
                return Err(DataError::Label { path: name.into(), label: *label, classes: classes.len() });
            }
        }
        if (train.side, train.channels) != (test.side, test.channels) {
            return Err(DataError::MixedSize { path: name.into(), expected: train.size(), got: test.size() });
        }
        let (mean, scale) = train.statistics();
        let name = name.file_name().map_or_else(|| "data".into(), |n| n.to_string_lossy().into_owned());
        Ok(Self { name, classes, mean, scale, train, validation: None, test, more_tests: Vec::new() })
    }

    /// Number of channels: 1 or 3.
    #[must_use]
    pub const fn channels(&self) -> usize {
        self.train.channels
    }

    /// How pixels of this data set become the network's input, for images of `size` × `size`.
    #[must_use]
    pub const fn preprocess(&self, size: u32) -> Preprocess {
        Preprocess { size, channels: self.train.channels as u32, mean: self.mean, scale: self.scale }
    }

    /// The data set with all images resized to `side` × `side`; the statistics stay.
    #[must_use]
    pub fn resized(self, side: usize) -> Self {
        let named = |n: NamedSplit| NamedSplit { split: n.split.into_resized(side), ..n };
        Self {
            train: self.train.into_resized(side),
            validation: self.validation.map(|split| split.into_resized(side)),
            test: self.test.into_resized(side),
            more_tests: self.more_tests.into_iter().map(named).collect(),
            ..self
        }
    }

    /// Images to learn from and images to choose by: the data set's own, or else `share` of the training
    /// images of every class, drawn by `seed`.
    #[must_use]
    pub fn learn_and_choose(&self, share: f64, seed: u64) -> (Split, Split) {
        match &self.validation {
            Some(validation) => (self.train.clone(), validation.clone()),
            None => self.train.stratified(share, seed),
        }
    }

    /// Whether there are images to choose by: named by the data set, or a second training image of some class
    /// that can be set aside while two are left to learn from.
    #[must_use]
    pub fn has_choice(&self) -> bool {
        let mut seen = vec![false; self.classes.len()];
        let second = |label: &u16| std::mem::replace(&mut seen[usize::from(*label)], true);
        match &self.validation {
            Some(validation) => !validation.is_empty() && self.train.len() >= 2,
            None => self.train.labels.iter().any(second) && self.train.len() >= 3,
        }
    }

    /// SHA-256 over all pixels, labels and class names, as hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for class in &self.classes {
            hasher.update(class.as_bytes());
            hasher.update([0]);
        }
        let more = self.more_tests.iter().map(|n| &n.split);
        for split in [&self.train, &self.test].into_iter().chain(&self.validation).chain(more) {
            hasher.update((split.side as u64).to_le_bytes());
            hasher.update((split.channels as u64).to_le_bytes());
            hasher.update((split.len() as u64).to_le_bytes());
            hasher.update(&split.images);
            split.labels.iter().for_each(|label| hasher.update(label.to_le_bytes()));
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
