//! Search spaces as data: variants, sampling, mutation, crossover.
//!
//! A [`Space`] is read from a YAML file (`spaces/README.md` explains its fields). It is a grid of
//! [`Variant`]s (width multiplier × resolution), which all share one set of choices: depth per stage,
//! kernel and expansion per block. A [`Genotype`] is one draw of these choices; together with a
//! variant it is a candidate, and [`Space::architecture`] gives its block table.

mod architecture;
mod breed;
mod check;
mod draw;
mod error;
mod file;
mod locate;
mod rounding;
mod sample;
mod schema;
mod shipped;
mod space;
mod variant;
mod width;

pub use error::{Place, SpaceError};
pub use rounding::Rounding;
pub use schema::schema;
pub use space::{FirstBlock, Space, Stage, Stem};
pub use tinynas_model::{BlockGene, CandidateId, Genotype};
pub use variant::{Variant, VariantError};
pub use width::Width;
