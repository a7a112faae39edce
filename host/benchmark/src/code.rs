//! A network of any of the benchmarks, by its code.

use std::fmt;

use tinynas_model::{CandidateId, Network, NetworkError};

use crate::{
    nasbench_macro::MacroCode,
    nasbench201::{Branches, Cell},
};

/// The code of a network of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// NAS-Bench-201, and which edges of the cell are built.
    Cell(Cell, Branches),
    /// NAS-Bench-Macro.
    Macro(MacroCode),
}

impl Code {
    /// The network, for images of 32 × 32 × 3 and ten classes.
    ///
    /// # Errors
    /// [`NetworkError`]; no code gives one.
    pub fn network(self) -> Result<Network, NetworkError> {
        match self {
            Self::Cell(cell, branches) => cell.network(branches),
            Self::Macro(code) => code.network(),
        }
    }

    /// What its initial weights follow from, with the seed of the run: the position in its space.
    #[must_use]
    pub fn id(self) -> CandidateId {
        CandidateId(match self {
            Self::Cell(cell, _) => cell.index() as u64,
            Self::Macro(code) => code.index() as u64,
        })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell(cell, _) => cell.fmt(f),
            Self::Macro(code) => code.fmt(f),
        }
    }
}
