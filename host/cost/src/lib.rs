//! What a network costs: MACs, parameters, SRAM and flash under four engines, and the boards it must fit.
//!
//! An [`Engine`] is a way of running a network with its own memory: `naive` (MCUNet's published "Act"), `tflm`,
//! `tinyengine`, and `tinynas`, which is not a formula but the plan that the chip executes. [`cost`] gives a
//! [`Cost`], [`Limits`] say what must hold, a [`Board`] says what there is. [`select`] ranks the variants of a space
//! by the networks that fit. Constants are data with their sources: `memory-models/engines` and `memory-models/boards`.

mod board;
mod bytes;
mod cost;
mod counter;
mod document;
mod engine;
mod error;
mod limits;
pub mod published;
pub mod select;
mod suggestion;
mod walk;

pub use board::{Board, Clock, Core, Flash, Region, Reserved, ReservedBytes, WaitStates};
pub use bytes::{Bytes, BytesError};
pub use cost::{Cost, cost, peak_layer};
pub use counter::{Counter, Size};
pub use document::Flaw;
pub use engine::{Engine, Sourced, model_bytes, standard_meta};
pub use error::CostError;
pub use limits::{Limit, Limits, Misfit};

/// JSON Schemas of the files in `memory-models`, as they are checked in beside them.
pub mod schema {
    use schemars::{Schema, schema_for};

    /// `memory-models/board.schema.json`.
    #[must_use]
    pub fn board() -> Schema {
        schema_for!(crate::Board)
    }

    /// `memory-models/engine.schema.json`.
    #[must_use]
    pub fn engine() -> Schema {
        schema_for!(crate::engine::EngineFile)
    }
}
