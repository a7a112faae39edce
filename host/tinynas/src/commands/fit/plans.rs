//! Both ends of what can be planned for a network: the fastest plan and the smallest ones.

use serde::Serialize;
use tinynas_plan::{Feed, Goal, Graph, PlanError, plan_for};
use tinynas_quant::QuantError;

use crate::failure::Failure;

/// A plan in figures.
#[derive(Debug, Serialize)]
pub(super) struct Planned {
    pub name: &'static str,
    /// Options that ask for it.
    pub options: &'static str,
    pub arena_bytes: u32,
    /// The planner's estimate for a Cortex-M4: compares plans, is no latency.
    pub estimated_cycles: u64,
}

/// The plans; none by rows where the first steps need the whole input.
pub(super) fn plans(graph: &Graph) -> Result<Vec<Planned>, Failure> {
    let ends = [
        ("fastest", "--plan fastest", Goal::Fastest, Feed::Whole),
        ("smallest", "--plan smallest", Goal::Smallest, Feed::Whole),
        ("smallest, by rows", "--plan smallest --rows", Goal::Smallest, Feed::Rows),
    ];
    let planned = |(name, options, goal, feed)| match plan_for(graph, goal, feed) {
        Ok(plan) => {
            let estimated_cycles = plan.estimated_cycles(graph, feed);
            Some(Ok(Planned { name, options, arena_bytes: plan.arena_bytes, estimated_cycles }))
        }
        Err(PlanError::NotFed) => None,
        Err(error) => Some(Err(QuantError::from(error).into())),
    };
    ends.into_iter().filter_map(planned).collect()
}
