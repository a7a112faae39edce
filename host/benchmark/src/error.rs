//! What can be wrong with a table of a benchmark.

use std::path::PathBuf;

use thiserror::Error;
use tinynas_model::NetworkError;
use tinynas_score::{Proxy, ScoreError};
use tinynas_search::SearchError;

/// What is wrong with a table. Lines are counted from 1, the header included.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No header or no rows.
    #[error("{file}: there are no rows")]
    Empty {
        /// The file.
        file: String,
    },
    /// A column that the table must have.
    #[error("{file}: there is no column `{column}`")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// Two columns of one name.
    #[error("{file}: the header names `{column}` twice")]
    DoubledColumn {
        /// The file.
        file: String,
        /// The name.
        column: String,
    },
    /// A line that was cut off or has too many commas.
    #[error("{file}:{line}: {got} cells, the header names {expected} columns")]
    CellCount {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// Cells of the line.
        got: usize,
        /// Columns of the header.
        expected: usize,
    },
    /// A cell that does not hold what it must.
    #[error("{file}:{line}: `{text}` in column `{column}`: {reason}")]
    BadCell {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// The column.
        column: String,
        /// What is there.
        text: String,
        /// What must be there.
        reason: &'static str,
    },
    /// One network twice.
    #[error("{file}:{line}: `{key}` stands in line {first_line} already")]
    DoubledRow {
        /// The file.
        file: String,
        /// The second line.
        line: usize,
        /// The first line.
        first_line: usize,
        /// The network.
        key: String,
    },
    /// A table of a whole space that lacks networks.
    #[error("{file}: {got} of {expected} networks; `{example}` is missing")]
    MissingRows {
        /// The file.
        file: String,
        /// Networks in the table.
        got: usize,
        /// Networks of the space.
        expected: usize,
        /// The first one that is missing.
        example: String,
    },
    /// A table of none of the known kinds.
    #[error("{file}: neither a column `ops` (NAS-Bench-201) nor `arch` (NAS-Bench-Macro)")]
    UnknownKind {
        /// The file.
        file: String,
    },
}

impl TableError {
    /// A stable name of the kind of error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io",
            Self::Empty { .. } => "benchmark::empty",
            Self::MissingColumn { .. } | Self::DoubledColumn { .. } => "benchmark::columns",
            Self::CellCount { .. } => "benchmark::cells",
            Self::BadCell { .. } => "benchmark::cell",
            Self::DoubledRow { .. } => "benchmark::doubled",
            Self::MissingRows { .. } => "benchmark::missing",
            Self::UnknownKind { .. } => "benchmark::kind",
        }
    }

    /// The smallest change that helps, where one is known.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => None,
            Self::Empty { .. } => Some("the file is incomplete: copy it again"),
            Self::MissingColumn { .. } | Self::DoubledColumn { .. } | Self::UnknownKind { .. } => {
                Some("docs/scores.md lists the columns that a table must have")
            }
            Self::CellCount { .. } => Some("the line is cut off or has a comma too many: copy the file again"),
            Self::BadCell { .. } => Some("correct the cell or copy the file again"),
            Self::DoubledRow { .. } => Some("remove one of the two lines"),
            Self::MissingRows { .. } => Some("a search needs the whole space: copy the file again"),
        }
    }
}

/// Why a benchmark could not be run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BenchmarkError {
    /// A table is not what it must be.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A file of scores that does not say how they were made.
    #[error("{file}: the first line does not say how the scores were made, as `# images 64, seed 1` does")]
    Conditions {
        /// The file.
        file: String,
    },
    /// A figure needs scores that no file has.
    #[error("{proxy}: the scores of {missing} of {wanted} networks are not known")]
    Unscored {
        /// The proxy.
        proxy: Proxy,
        /// Networks without.
        missing: usize,
        /// Networks that are needed.
        wanted: usize,
    },
    /// A search failed.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// A code gave no network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Scoring failed in a way that every network would meet.
    #[error(transparent)]
    Score(#[from] ScoreError),
}
