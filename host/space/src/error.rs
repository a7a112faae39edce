//! What can be wrong with a space or with a question to it, each with a stable code and the step that helps.

use std::sync::Arc;

use thiserror::Error;

use crate::Space;

/// A place in a file, for a diagnostic that shows the line.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// Its whole text.
    pub text: Arc<str>,
    /// Line and column, from 1.
    pub location: Option<(usize, usize)>,
}

/// A failure of a space.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SpaceError {
    /// Neither a shipped space nor a file.
    #[error("there is no space `{name}`")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The text is not YAML, or its fields are not those of a space.
    #[error("{}: {message}", place.file)]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where.
        place: Box<Place>,
    },
    /// A value makes no sense.
    #[error("{}: {message}", place.file)]
    Invalid {
        /// What is wrong.
        message: String,
        /// The smallest change that helps.
        help: String,
        /// Where.
        place: Box<Place>,
    },
    /// The space has no such variant.
    #[error("space `{space}` has no variant `{text}`")]
    Variant {
        /// The space.
        space: String,
        /// What was asked for.
        text: String,
        /// The variant that is most like it.
        nearest: Option<String>,
    },
    /// The genotype is not one of the space's.
    #[error("not a genotype of `{space}`: {problem}")]
    Genotype {
        /// The space.
        space: String,
        /// The first choice that the space does not have.
        problem: String,
    },
}

impl SpaceError {
    /// Stable name of the kind of failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "space::unknown",
            Self::Unreadable { .. } => "space::unreadable",
            Self::Syntax { .. } => "space::syntax",
            Self::Invalid { .. } => "space::invalid",
            Self::Variant { .. } => "space::variant",
            Self::Genotype { .. } => "space::genotype",
        }
    }

    /// The step that helps.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { name } => Some(help_unknown(name)),
            Self::Syntax { .. } => Some("the fields of a space are listed in spaces/README.md".into()),
            Self::Invalid { help, .. } => Some(help.clone()),
            Self::Variant { nearest, .. } => nearest.as_ref().map(|nearest| format!("the nearest is `{nearest}`")),
            Self::Unreadable { .. } | Self::Genotype { .. } => None,
        }
    }

    /// Line and column in [`SpaceError::file`], from 1.
    #[must_use]
    pub fn location(&self) -> Option<(usize, usize)> {
        self.place()?.location
    }

    /// The file in which something is wrong.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.place().map(|place| place.file.as_str())
    }

    /// The file's text, to show the line.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.place().map(|place| &*place.text)
    }

    fn place(&self) -> Option<&Place> {
        match self {
            Self::Syntax { place, .. } | Self::Invalid { place, .. } => Some(place),
            _ => None,
        }
    }
}

fn help_unknown(name: &str) -> String {
    let shipped = Space::shipped();
    let closeness = |candidate: &str| strsim::jaro_winkler(&name.to_lowercase(), candidate);
    let nearest = shipped.iter().copied().max_by(|a, b| closeness(a).total_cmp(&closeness(b)));
    match nearest.filter(|nearest| closeness(nearest) > 0.7) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => {
            format!("shipped spaces are {}; a file is named with its path, such as ./my-space.yaml", quoted(&shipped))
        }
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
