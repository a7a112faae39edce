//! Why a data set cannot be used; every message names the file and the place.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a data set cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// No file can be read from there.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder is of no known kind.
    #[error(
        "{path}: not a data set: expected a folder with train-images-idx3-ubyte[.gz], data_batch_1.bin, \
         train_00.webp, or one subfolder of PNG or JPEG images per class"
    )]
    UnknownKind {
        /// The folder.
        path: PathBuf,
    },
    /// There are no images.
    #[error("{path}: no {part} images")]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// Which part has none.
        part: &'static str,
    },
    /// The file ends too early.
    #[error("{path}: ends at byte {got}, {expected} bytes were expected")]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes after decompression.
        got: u64,
        /// Bytes that its header promises.
        expected: u64,
    },
    /// The file is damaged.
    #[error("{path}: byte {at}: {reason}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Place in the file, after decompression.
        at: u64,
        /// What is wrong there.
        reason: String,
    },
    /// An image cannot be decoded.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The image.
        path: PathBuf,
        /// The decoder's words.
        reason: String,
    },
    /// Images and labels do not pair up.
    #[error("{path}: {labels} labels for {images} images")]
    CountMismatch {
        /// The labels' file.
        path: PathBuf,
        /// Number of images.
        images: usize,
        /// Number of labels.
        labels: usize,
    },
    /// A label beyond the classes.
    #[error("{path}: label {label}, but there are {classes} classes (0 to {})", classes.saturating_sub(1))]
    Label {
        /// The file or folder.
        path: PathBuf,
        /// The label.
        label: u16,
        /// Number of classes.
        classes: usize,
    },
    /// Images that are not square, or of no size.
    #[error("{path}: images of {height}x{width} pixels; square images are needed")]
    NotSquare {
        /// The file.
        path: PathBuf,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// Parts of a data set with images of different sizes.
    #[error("{path}: images of {got}, but the training images are {expected}")]
    MixedSize {
        /// The file or folder.
        path: PathBuf,
        /// Size of the training images.
        expected: String,
        /// The other size.
        got: String,
    },
    /// Images of different sizes in class folders.
    #[error("{path}: {got} pixels, but {first} has {expected}: resize all images to one size")]
    MixedImages {
        /// The image.
        path: PathBuf,
        /// Its width × height.
        got: String,
        /// The first image read.
        first: PathBuf,
        /// Its width × height.
        expected: String,
    },
    /// Grey and colour images in one data set.
    #[error("{path}: {got} channels, but {first} has {expected}: convert all images to grey or all to colour")]
    MixedChannels {
        /// The image.
        path: PathBuf,
        /// Its channels.
        got: usize,
        /// The first image read.
        first: PathBuf,
        /// Its channels.
        expected: usize,
    },
    /// A class with too few images to split.
    #[error("{path}: class `{class}` has {images} images, at least {least} are needed")]
    ClassTooSmall {
        /// The folder.
        path: PathBuf,
        /// The class.
        class: String,
        /// Images it has.
        images: usize,
        /// Images it needs.
        least: usize,
    },
    /// Test classes that are not training classes.
    #[error("{path}: class `{class}` is not a folder of the training images")]
    UnknownClass {
        /// The test folder.
        path: PathBuf,
        /// The class.
        class: String,
    },
}

impl DataError {
    /// Stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "data::io",
            Self::UnknownKind { .. } => "data::unknown_kind",
            Self::Empty { .. } => "data::empty",
            Self::Truncated { .. } => "data::truncated",
            Self::Corrupt { .. } => "data::corrupt",
            Self::Unreadable { .. } => "data::unreadable",
            Self::CountMismatch { .. } => "data::count_mismatch",
            Self::Label { .. } => "data::label",
            Self::NotSquare { .. } => "data::not_square",
            Self::MixedSize { .. } | Self::MixedImages { .. } => "data::mixed_size",
            Self::MixedChannels { .. } => "data::mixed_channels",
            Self::ClassTooSmall { .. } => "data::class_too_small",
            Self::UnknownClass { .. } => "data::unknown_class",
        }
    }

    /// Makes an [`Self::Io`] about `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        |source| Self::Io { path, source }
    }
}
