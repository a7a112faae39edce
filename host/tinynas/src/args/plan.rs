//! Which of its plans a compiled model runs with.

use clap::{Args, ValueEnum};
use tinynas_plan::{Feed, Goal};

/// What a plan is good at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanKind {
    /// The fewest bytes of SRAM.
    Smallest,
    /// The fewest cycles, whatever it takes.
    Fastest,
    /// The fewest cycles within the board's SRAM.
    Fits,
}

/// Options about plans.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Options of the plan")]
pub struct PlanArgs {
    /// Plan the model again [default: as it was compiled; of a .tflite or .onnx file: fits].
    #[arg(long, value_enum)]
    pub plan: Option<PlanKind>,
    /// The image comes row by row, in the order of a camera, and is never whole in SRAM.
    #[arg(long)]
    pub rows: bool,
}

impl PlanArgs {
    /// Whether a plan was asked for.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.plan.is_none() && !self.rows
    }

    /// What to plan for within `sram` bytes of arena.
    #[must_use]
    pub fn goal(self, sram: u64) -> Goal {
        match self.plan.unwrap_or(PlanKind::Fits) {
            PlanKind::Smallest => Goal::Smallest,
            PlanKind::Fastest => Goal::Fastest,
            PlanKind::Fits => Goal::Fits(u32::try_from(sram).unwrap_or(u32::MAX)),
        }
    }

    /// How the input comes.
    #[must_use]
    pub const fn feed(self) -> Feed {
        if self.rows { Feed::Rows } else { Feed::Whole }
    }
}
