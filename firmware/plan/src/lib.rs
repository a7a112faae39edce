//! Memory planner and the compiled model's format, used by host and chip.
//!
//! Host (feature `alloc`): a [`Graph`] is planned ([`plan`]), its file size is known before any weight exists
//! ([`model_bytes`]), and with quantized weights it becomes the bytes of a `.tnm` file ([`compile`]).
//! Chip: [`Model::parse`] checks every byte that is used later, once, before the first use. The host does not
//! estimate what the chip allocates: the offsets in the file *are* the allocation.
//!
//! The byte layout is in `FORMAT.md` beside the crate.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "alloc")]
mod alone;
#[cfg(feature = "alloc")]
mod arena;
#[cfg(feature = "alloc")]
mod compile;
mod constants;
#[cfg(feature = "alloc")]
mod costs;
mod crc;
#[cfg(feature = "alloc")]
mod cuts;
#[cfg(feature = "alloc")]
mod cycles;
mod error;
#[cfg(feature = "alloc")]
mod exhaustive;
#[cfg(feature = "alloc")]
mod extent;
#[cfg(feature = "alloc")]
mod figures;
#[cfg(feature = "alloc")]
mod graph;
#[cfg(feature = "alloc")]
mod layers;
mod layout;
#[cfg(feature = "alloc")]
mod least;
mod model;
mod op;
#[cfg(feature = "alloc")]
mod params;
#[cfg(feature = "alloc")]
mod pins;
#[cfg(feature = "alloc")]
mod place;
#[cfg(feature = "alloc")]
mod plan;
#[cfg(feature = "alloc")]
mod reach;
#[cfg(feature = "alloc")]
mod replan;
mod schedule;
#[cfg(feature = "alloc")]
mod segment;
mod segments;
mod validate;
mod view;
#[cfg(feature = "alloc")]
mod windows;
#[cfg(feature = "alloc")]
mod writer;

pub use error::ModelError;
#[cfg(feature = "alloc")]
pub use error::{CompileError, PlanError};
pub use layout::{FORMAT_VERSION, MAGIC, MAX_STEPS};
pub use model::Model;
pub use op::Op;
pub use schedule::{Call, MAX_SEGMENT, Need, Schedule, Source, Stage};
pub use tinynas_kernels::{
    AddConstantParams, AddParams, Channels, Dims, MulParams, Output, PoolParams, Requant, SoftmaxParams, Table, Window,
};
pub use view::{Placement, Preprocess, SegmentView, StepParams, StepView, TensorView};
#[cfg(feature = "alloc")]
pub use {
    compile::{compile, model_bytes},
    exhaustive::{exhaustive_peak, wrong_extents},
    graph::{Graph, Step},
    least::{fits, least_bytes},
    params::{Meta, MetaPreprocess, Params, TensorQuant},
    plan::{Goal, Plan, Segment, TensorPlace, plan, plan_for},
    replan::{graph_of, replan},
    segment::Feed,
};
