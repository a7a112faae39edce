//! What can go wrong when costs are computed, boards are read and variants are compared, with stable codes.

use std::{io, path::PathBuf};

use thiserror::Error;
use tinynas_model::{ArchitectureError, GraphError};
use tinynas_plan::PlanError;
use tinynas_space::SpaceError;

use crate::{Bytes, Flaw, Limit, bytes::grouped};

/// Why there is no cost, no board, or no selection.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CostError {
    /// A name that nothing has.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What was asked for: `board` or `engine`.
        what: &'static str,
        /// The name.
        name: String,
        /// The known names.
        known: Vec<String>,
        /// The known name that was probably meant.
        closest: Option<String>,
    },
    /// A file that cannot be read.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file that does not say what it must.
    #[error("{}{}: {}", .0.file, at(.0.location), .0.reason)]
    Invalid(Box<Flaw>),
    /// A layer that is too large for the compiled model's format.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The planner refused the network.
    #[error("the memory plan: {0}")]
    Plan(#[from] PlanError),
    /// A block table that is not a network.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// The space refused a variant or a genotype.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// No sampled network of any variant fits.
    #[error("no network in `{space}` fits {}", amount(*.limit, *.budget))]
    Infeasible {
        /// The space.
        space: String,
        /// Which limit even the smallest network breaks.
        limit: Limit,
        /// The limit: bytes, or MACs.
        budget: u64,
        /// What the network with the least need takes.
        smallest: u64,
        /// Its variant.
        variant: String,
        /// The layer that sets it, for SRAM.
        layer: Option<String>,
    },
    /// Every limit can be met, but no sampled network meets all of them.
    #[error("none of {samples} sampled networks per variant of `{space}` meets all limits at once")]
    NoneFits {
        /// The space.
        space: String,
        /// Networks that were drawn per variant.
        samples: u32,
        /// The limit that the smallest network of the smallest variant is closest to.
        tightest: String,
    },
    /// Variants have fitting networks, but all of them too few.
    #[error("no variant has {:.1} % of fitting networks; the best, {variant}, has {:.1} %", floor * 100.0, best * 100.0)]
    Floor {
        /// The least share.
        floor: f64,
        /// The best variant.
        variant: String,
        /// Its share.
        best: f64,
    },
    /// A number that makes no sense.
    #[error("`{field}` must be {must}")]
    Config {
        /// Which.
        field: &'static str,
        /// What it must be.
        must: &'static str,
    },
}

fn at(location: Option<(usize, usize)>) -> String {
    location.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"))
}

/// A number of bytes or of MACs: `4.0 KiB of SRAM`, `1,500,000 MACs`.
pub(crate) fn amount(limit: Limit, number: u64) -> String {
    match limit {
        Limit::Macs => format!("{} MACs", grouped(number)),
        Limit::Sram | Limit::Flash => format!("{} of {limit}", Bytes(number)),
    }
}

impl CostError {
    /// A stable name of the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { what: "engine", .. } => "engine::unknown",
            Self::Unknown { .. } => "board::unknown",
            Self::Io { .. } => "io",
            Self::Invalid(flaw) => flaw.code,
            Self::Graph(_) => "cost::too_large",
            Self::Plan(_) => "cost::plan",
            Self::Architecture(_) => "cost::network",
            Self::Space(error) => error.code(),
            Self::Infeasible { .. } => "budget::infeasible",
            Self::NoneFits { .. } => "select::none_fits",
            Self::Floor { .. } => "select::floor",
            Self::Config { .. } => "select::config",
        }
    }

    /// The smallest change that helps, where one is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { closest: Some(name), .. } => Some(format!("did you mean `{name}`?")),
            Self::Unknown { what: "board", known, .. } => {
                Some(format!("the shipped boards are {}; a path to a board file works too", known.join(", ")))
            }
            Self::Unknown { what, known, .. } => Some(format!("the {what}s are {}", known.join(", "))),
            Self::Io { .. } => Some("check the path".into()),
            Self::Invalid(flaw) => flaw.help.clone(),
            Self::Space(error) => error.help(),
            Self::Infeasible { limit, smallest, variant, layer, .. } => {
                Some(infeasible_help(*limit, *smallest, variant, layer.as_deref()))
            }
            Self::NoneFits { tightest, .. } => {
                Some(format!("{tightest}: raise that limit, or draw more networks with --sample-until"))
            }
            Self::Floor { best, .. } => Some(format!("lower --min-feasible to {best} or less, or leave it out")),
            Self::Graph(_) | Self::Plan(_) | Self::Architecture(_) | Self::Config { .. } => None,
        }
    }

    /// Line and column (from 1) in the file that is wrong.
    #[must_use]
    pub fn location(&self) -> Option<(usize, usize)> {
        match self {
            Self::Invalid(flaw) => flaw.location,
            Self::Space(error) => error.location(),
            _ => None,
        }
    }

    /// Name and text of the file that is wrong, for a message that shows the line.
    #[must_use]
    pub fn source_file(&self) -> Option<(&str, &str)> {
        match self {
            Self::Invalid(flaw) => Some((&flaw.file, &flaw.text)),
            _ => None,
        }
    }
}

fn infeasible_help(limit: Limit, smallest: u64, variant: &str, layer: Option<&str>) -> String {
    let exact = match limit {
        Limit::Macs => format!("{} MACs", grouped(smallest)),
        Limit::Sram | Limit::Flash => Bytes(smallest).exact(),
    };
    let set = layer.map_or_else(String::new, |layer| format!(", set by layer `{layer}`"));
    let raise = match limit {
        Limit::Macs => grouped(smallest).replace(',', "_"),
        Limit::Sram | Limit::Flash => format!("{} B", grouped(smallest)),
    };
    let smaller = match limit {
        Limit::Flash => "a smaller width or fewer classes",
        Limit::Sram | Limit::Macs => "a smaller resolution or width",
    };
    format!(
        "the smallest network ({variant}) needs {exact}{set}; raise the {limit} limit to {raise}, or add {smaller} to the space"
    )
}
