//! A search space, read and checked.

use std::{fs, sync::Arc};

use sha2::{Digest, Sha256};
use tinynas_model::Activation;

use crate::{
    Rounding, SpaceError, Variant, Width,
    check::{Problem, check},
    error::Place,
    file::SpaceFile,
    locate::{locate, locate_repeated_key},
    shipped::{SHIPPED, text_of},
};

/// The first convolution, before scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stem {
    /// Output channels at width multiplier 1.0.
    pub width: u32,
    /// Side of the window.
    pub kernel: u32,
    /// Stride.
    pub stride: u32,
}

/// The block without expansion after the stem, before scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBlock {
    /// Output channels at width multiplier 1.0.
    pub width: u32,
    /// Side of the depthwise window.
    pub kernel: u32,
    /// Stride.
    pub stride: u32,
}

/// A stage and its choices, before scaling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Output channels at width multiplier 1.0.
    pub width: u32,
    /// Stride of the first block; all others have 1.
    pub stride: u32,
    /// Choices of the number of blocks.
    pub depth: Vec<u8>,
    /// Choices of the side of a block's depthwise window.
    pub kernel: Vec<u8>,
    /// Choices of a block's expansion ratio.
    pub expansion: Vec<u8>,
}

/// A search space: a grid of variants over one set of choices.
#[derive(Clone, Debug)]
pub struct Space {
    /// Short name, part of every candidate's id.
    pub name: String,
    /// What it is, in one line.
    pub title: String,
    /// Where its numbers come from.
    pub source: Option<String>,
    text: Arc<str>,
    hash: String,
    channels: u32,
    widths: Vec<Width>,
    resolutions: Vec<u32>,
    variants: Vec<Variant>,
    rounding: Rounding,
    activation: Activation,
    stem: Stem,
    first: Option<FirstBlock>,
    stages: Vec<Stage>,
    feature_mix: Option<u32>,
}

impl Space {
    /// Names of the spaces that are part of the tool.
    #[must_use]
    pub fn shipped() -> Vec<&'static str> {
        SHIPPED.iter().map(|(name, _)| *name).collect()
    }

    /// The shipped space of that name, or the space in that YAML file. A shipped name wins; `./mnas` is a file.
    ///
    /// # Errors
    /// [`SpaceError::Unknown`] if it is neither, [`SpaceError::Unreadable`], or as [`Space::parse`].
    pub fn open(name_or_path: &str) -> Result<Self, SpaceError> {
        if let Some(text) = text_of(name_or_path) {
            return Self::parse(text, &format!("spaces/{name_or_path}.yaml"));
        }
        match fs::read_to_string(name_or_path) {
            Ok(text) => Self::parse(&text, name_or_path),
            Err(source) if !looks_like_a_path(name_or_path) && source.kind() == std::io::ErrorKind::NotFound => {
                Err(SpaceError::Unknown { name: name_or_path.into() })
            }
            Err(source) => Err(SpaceError::Unreadable { path: name_or_path.into(), source }),
        }
    }

    /// Reads a space's text; `file` is for messages.
    ///
    /// # Errors
    /// [`SpaceError::Syntax`] if it is not YAML or has unknown, missing or doubled fields; [`SpaceError::Invalid`]
    /// if a value makes no sense.
    pub fn parse(text: &str, file: &str) -> Result<Self, SpaceError> {
        let shared: Arc<str> = text.into();
        let place = |location| Box::new(Place { file: file.into(), text: Arc::clone(&shared), location });
        let raw: SpaceFile = yaml_serde::from_str(text).map_err(|error| {
            let message = without_location(&error.to_string());
            let repeated = message.contains("duplicate field").then(|| locate_repeated_key(text)).flatten();
            let location = repeated.or_else(|| error.location().map(|at| (at.line(), at.column())));
            SpaceError::Syntax { message, place: place(location) }
        })?;
        check(&raw).map_err(|Problem { path, message, help }| SpaceError::Invalid {
            message,
            help,
            place: place(locate(text, &path)),
        })?;
        Ok(Self::assemble(raw, shared))
    }

    /// From a file whose values were checked.
    fn assemble(raw: SpaceFile, text: Arc<str>) -> Self {
        let widths: Vec<Width> = raw.widths.iter().filter_map(|width| Width::from_f64(*width)).collect();
        let resolutions = raw.resolutions;
        let of_width = |width: &Width| {
            let width = *width;
            resolutions.iter().map(move |resolution| Variant { width, resolution: *resolution })
        };
        let stage = |s: crate::file::StageFile| Stage {
            width: s.width,
            stride: s.stride,
            depth: s.depth,
            kernel: s.kernel,
            expansion: s.expansion,
        };
        Self {
            name: raw.name,
            title: raw.title,
            source: raw.source,
            hash: Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
            text,
            channels: raw.channels,
            variants: widths.iter().flat_map(of_width).collect(),
            widths,
            resolutions,
            rounding: Rounding { divisor: raw.divisor },
            activation: raw.activation.into(),
            stem: Stem { width: raw.stem.width, kernel: raw.stem.kernel, stride: raw.stem.stride },
            first: raw.first.map(|f| FirstBlock { width: f.width, kernel: f.kernel, stride: f.stride }),
            stages: raw.stages.into_iter().map(stage).collect(),
            feature_mix: raw.head.feature_mix,
        }
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the file's text, 64 hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Image channels unless the data says otherwise.
    #[must_use]
    pub const fn channels(&self) -> u32 {
        self.channels
    }

    /// Width multipliers as in the file.
    #[must_use]
    pub fn widths(&self) -> &[Width] {
        &self.widths
    }

    /// Resolutions as in the file.
    #[must_use]
    pub fn resolutions(&self) -> &[u32] {
        &self.resolutions
    }

    /// All variants: for each width of the file every resolution.
    #[must_use]
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// How scaled channel counts are rounded.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.rounding
    }

    /// Activation of every rectified layer.
    #[must_use]
    pub const fn activation(&self) -> Activation {
        self.activation
    }

    /// The first convolution.
    #[must_use]
    pub const fn stem(&self) -> Stem {
        self.stem
    }

    /// The block without expansion after the stem, if there is one.
    #[must_use]
    pub const fn first(&self) -> Option<FirstBlock> {
        self.first
    }

    /// Searched stages in order.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Base width of the 1×1 convolution before pooling, if there is one.
    #[must_use]
    pub const fn feature_mix(&self) -> Option<u32> {
        self.feature_mix
    }

    /// The variant written as `text`.
    ///
    /// # Errors
    /// [`SpaceError::Variant`] if this space does not have it.
    pub fn variant(&self, text: &str) -> Result<Variant, SpaceError> {
        let variant = text.parse().map_err(|_| self.no_variant(text.into(), None))?;
        self.check_variant(variant)?;
        Ok(variant)
    }

    pub(crate) fn check_variant(&self, variant: Variant) -> Result<(), SpaceError> {
        let known = self.widths.contains(&variant.width) && self.resolutions.contains(&variant.resolution);
        if known { Ok(()) } else { Err(self.no_variant(variant.to_string(), Some(variant))) }
    }

    fn no_variant(&self, text: String, wanted: Option<Variant>) -> SpaceError {
        let nearest = wanted.and_then(|wanted| {
            let width = self.widths.iter().min_by_key(|w| w.hundredths().abs_diff(wanted.width.hundredths()))?;
            let resolution = self.resolutions.iter().min_by_key(|r| r.abs_diff(wanted.resolution))?;
            Some(Variant { width: *width, resolution: *resolution })
        });
        let nearest = nearest.or_else(|| {
            let closeness = |v: &Variant| strsim::jaro_winkler(&text, &v.to_string());
            self.variants.iter().copied().max_by(|a, b| closeness(a).total_cmp(&closeness(b)))
        });
        SpaceError::Variant { space: self.name.clone(), text, nearest: nearest.map(|v| v.to_string()) }
    }
}

/// The parser's message without its place, which errors carry beside it.
fn without_location(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(head, _)| head).to_owned()
}

fn looks_like_a_path(text: &str) -> bool {
    text.contains(['/', '\\']) || text.ends_with(".yaml") || text.ends_with(".yml")
}
