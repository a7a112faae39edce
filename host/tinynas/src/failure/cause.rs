//! From the libraries' errors to what the user is told.

use tinynas_benchmark::{BenchmarkError, TableError};
use tinynas_cost::CostError;
use tinynas_device::DeviceError;
use tinynas_engine::EngineError;
use tinynas_import::ImportError;
use tinynas_model::{ArchitectureError, GenotypeError, WeightError};
use tinynas_plan::ModelError;
use tinynas_quant::QuantError;
use tinynas_score::ScoreError;
use tinynas_search::SearchError;
use tinynas_space::SpaceError;
use tinynas_train::{DataError, TrainError};

use super::{Failure, yaml::nearest};

impl From<SpaceError> for Failure {
    fn from(error: SpaceError) -> Self {
        let text = error.to_string();
        let message = unprefixed(&text, error.file());
        let help = match &error {
            SpaceError::Genotype { space, .. } => {
                Some(format!("`tinynas spaces {space}` shows the choices of every stage"))
            }
            _ => nearest(message).map(|name| format!("did you mean `{name}`?")).or_else(|| error.help()),
        };
        let failure = Self::new(error.code(), message).maybe_help(help);
        placed(failure, error.file().zip(error.text()), error.location())
    }
}

/// The failure at a place of a file, as far as it is known.
fn placed(failure: Failure, file: Option<(&str, &str)>, location: Option<(usize, usize)>) -> Failure {
    match (file, location) {
        (Some((file, text)), Some((line, column))) => failure.at(file, text, line, column, ""),
        (Some((file, _)), None) => failure.file(file),
        (None, _) => failure,
    }
}

/// A message without the name of the file in front: the line below it says so.
fn unprefixed<'a>(message: &'a str, file: Option<&str>) -> &'a str {
    file.and_then(|file| message.strip_prefix(file)?.strip_prefix(": ")).unwrap_or(message)
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::new(error.code(), error.to_string()).maybe_help(error.help())
    }
}

impl From<CostError> for Failure {
    fn from(error: CostError) -> Self {
        let (code, help) = (error.code(), error.help());
        match error {
            CostError::Io { path, source } => Self::io(&path, &source),
            CostError::Space(error) => error.into(),
            CostError::Architecture(error) => error.into(),
            CostError::Invalid(flaw) => {
                let general = (code == "board::invalid")
                    .then(|| "`tinynas boards NAME` shows a board; its file is in memory-models/boards".to_owned());
                let help = help.or(general);
                placed(Self::new(code, &flaw.reason).maybe_help(help), Some((&flaw.file, &flaw.text)), flaw.location)
            }
            CostError::Infeasible { .. } | CostError::NoneFits { .. } | CostError::Floor { .. } => {
                Self::no(code, &error).maybe_help(help)
            }
            error => Self::new(code, &error).maybe_help(help),
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        let help = match &error {
            DataError::Io { path, source } => return Self::io(path, source),
            DataError::UnknownKind { .. } => {
                "give the folder that holds the files, or make one subfolder per class in it"
            }
            DataError::Empty { .. } => "put at least a few images into it, one subfolder per class",
            DataError::Truncated { .. } => "the file is incomplete: copy or download it again",
            DataError::Corrupt { .. } => "the file is damaged: copy or download it again",
            DataError::Unreadable { .. } => "remove the file, or save it again as PNG or JPEG",
            DataError::CountMismatch { .. } => "images and labels must come from the same download",
            DataError::Label { .. } => "check that the labels belong to these classes",
            DataError::NotSquare { .. } => {
                "crop the images to squares, or give them as a folder of PNG or JPEG files, which are cropped"
            }
            DataError::MixedSize { .. } => {
                "resize all images to one size, or give them as one folder of PNG or JPEG files, which are resized"
            }
            DataError::MixedChannels { .. } => "convert them with, for example, `mogrify -colorspace gray *.png`",
            DataError::ClassTooSmall { .. } => "add images, or remove the class's folder",
            DataError::UnknownClass { .. } => "name the folders of the test images like those of the training images",
            _ => return Self::new(error.code(), &error),
        };
        Self::new(error.code(), &error).help(help)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Interrupted => Self::interrupted(None),
            TrainError::Io { path, source } => Self::io(&path, &source),
            TrainError::Weights(error) => error.into(),
            error => Self::new(error.code(), &error).maybe_help(error.help()),
        }
    }
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Interrupted => Self::interrupted(None),
            SearchError::Space(error) => error.into(),
            SearchError::Architecture(error) => error.into(),
            SearchError::Cost(error) => error.into(),
            SearchError::Score(error) => error.into(),
            SearchError::Gate(_) => Self::internal(&error),
            SearchError::Infeasible { .. } => Self::no(error.code(), &error).maybe_help(error.help()),
            error => Self::new(error.code(), &error).maybe_help(error.help()),
        }
    }
}

impl From<ScoreError> for Failure {
    fn from(error: ScoreError) -> Self {
        let (code, help) = match &error {
            ScoreError::SameCode { .. } => (
                "score::same_code",
                "two images are (nearly) the same for this network: take other images or fewer with --images",
            ),
            ScoreError::Singular { .. } => ("score::singular", "take fewer images with --images"),
            ScoreError::NotFinite { .. } => {
                ("score::not_finite", "the network cannot be scored with this proxy: leave it out with --proxy")
            }
            ScoreError::NoImages { .. } => ("score::no_images", "give images with --data"),
            ScoreError::ImageShape { .. } => {
                ("score::image_shape", "give a data set whose images have as many channels as the network reads")
            }
            ScoreError::BatchSize { .. } => ("score::batch_size", "at least two images are needed"),
            ScoreError::Weights(_) => return Self::internal(&error),
            _ => return Self::new("score", &error),
        };
        Self::new(code, &error).help(help)
    }
}

impl From<QuantError> for Failure {
    fn from(error: QuantError) -> Self {
        let help = match error {
            QuantError::Model(cause) => return cause.into(),
            QuantError::Weights(cause) => return cause.into(),
            QuantError::NanWeight { .. } | QuantError::NonFiniteActivation { .. } => {
                Some("train again with a smaller `train.learning_rate`")
            }
            QuantError::EmptyCalibration => Some("give a data set with training images"),
            QuantError::EmptyTestSet => Some("give a data set with test images"),
            QuantError::ImageSize { .. } | QuantError::PreprocessShape { .. } => {
                Some("give the data set that the model was trained on, or one of the same size and colours")
            }
            QuantError::Label { .. } | QuantError::ClassCount { .. } => {
                Some("give the data set that the model was trained on: the classes differ")
            }
            _ => None,
        };
        Self::new(error.code(), &error).maybe_help(help)
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::new(error.code(), &error).maybe_help(error.help())
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        let (code, help) = match error {
            ModelError::Magic => ("model::not_a_model", "give a .tnm file or a run directory that holds model.tnm"),
            ModelError::Version { .. } => {
                ("model::version", "compile it again: `tinynas quantize RUN` with this version")
            }
            ModelError::KernelSet { .. } => {
                ("model::kernel_set", "compile it again: `tinynas quantize RUN` with this version")
            }
            ModelError::Length { .. } | ModelError::Crc { .. } => {
                ("model::damaged", "copy the file again, or make it again: remove it and `tinynas resume RUN`")
            }
            _ => ("model::damaged", "no compiler writes such a file: make it again with `tinynas quantize RUN`"),
        };
        Self::new(code, error).help(help)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::internal(error)
    }
}

impl From<WeightError> for Failure {
    fn from(error: WeightError) -> Self {
        Self::new("weights", &error).help("make them again: remove the file and `tinynas resume RUN`")
    }
}

impl From<GenotypeError> for Failure {
    fn from(error: GenotypeError) -> Self {
        Self::new("genotype::invalid", &error)
            .help("blocks are separated by commas, stages by semicolons: 'k3e4,k5e6;k7e3' (quote it for the shell)")
    }
}

impl From<ArchitectureError> for Failure {
    fn from(error: ArchitectureError) -> Self {
        Self::new("network::invalid", &error).help("a variant of a larger resolution, or smaller kernels, may fit")
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Io { path, source } => Self::io(&path, &source),
            error => Self::new(error.code(), &error).maybe_help(error.help()),
        }
    }
}

impl From<BenchmarkError> for Failure {
    fn from(error: BenchmarkError) -> Self {
        match error {
            BenchmarkError::Table(error) => error.into(),
            BenchmarkError::Score(error) => error.into(),
            BenchmarkError::Search(error) => error.into(),
            BenchmarkError::Conditions { .. } => {
                Self::new("benchmark::conditions", &error).help("give a file that `tinynas benchmark scores` wrote")
            }
            BenchmarkError::Unscored { proxy, .. } => Self::new("benchmark::unscored", &error)
                .help(format!("score them: `tinynas benchmark scores SPACE --proxy {proxy} --images DIR --out FILE`")),
            error => Self::internal(&error),
        }
    }
}
