//! Where to cut a network into segments: the fewest bytes, or the fewest cycles within so many bytes.
//!
//! Only segments within the limit are looked at, nearly all of them in closed form ([`crate::extent`]). Those of the
//! path that wins are simulated, so that a plan never rests on the closed form.

use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::{
    Feed, Goal, Graph, PlanError,
    arena::layout,
    costs::Costs,
    extent::Extent,
    figures::Figures,
    least::{arena, peak},
    plan::Plan,
    segment::Flow,
};

/// Limits tried for graphs whose long-lived tensors leave gaps in their smallest plan.
const MOST_TRIES: u64 = 64;

/// One possible segment with what it takes.
struct Choice {
    extent: Extent,
    cycles: u64,
}

/// The cheapest way to a cut.
#[derive(Clone, Copy)]
struct Best {
    bytes: u64,
    cycles: u64,
    choice: usize,
}

/// Plans `graph` in segments.
///
/// # Errors
/// If it takes more than 2 GiB or cannot be fed by rows.
pub(crate) fn plan(graph: &Graph, goal: Goal, feed: Feed) -> Result<Plan, PlanError> {
    let flow = Flow::new(graph, feed);
    let mut figures = Figures::new(&flow);
    let path = choose(&figures, goal)?;
    let (plan, is_right) = lay(&flow, &path)?;
    if is_right {
        return Ok(plan);
    }
    // The closed form promised too much, which the tests rule out: simulate every segment.
    figures.distrust();
    lay(&flow, &choose(&figures, goal)?).map(|(plan, _)| plan)
}

/// The plan of some segments, and whether none takes more than its closed form says.
fn lay(flow: &Flow<'_>, path: &[Extent]) -> Result<(Plan, bool), PlanError> {
    let segments = path.iter().map(|extent| flow.measure(extent.start..extent.end, extent.batch));
    let segments = segments.collect::<Option<Vec<_>>>().ok_or(PlanError::TooLarge)?;
    let is_right = segments.iter().zip(path).all(|(segment, extent)| u64::from(segment.bytes) <= extent.own);
    Ok((layout(flow, &segments)?, is_right))
}

/// The segments that are best for `goal`.
///
/// # Errors
/// If there are none.
pub(crate) fn choose(figures: &Figures<'_>, goal: Goal) -> Result<Vec<Extent>, PlanError> {
    let (flow, steps) = (figures.flow, figures.steps.len());
    let error = if flow.feed == Feed::Rows { PlanError::NotFed } else { PlanError::TooLarge };
    let smallest = figures.least(u64::MAX).ok_or(error)?;
    let least = peak(&smallest);
    let wanted = match goal {
        Goal::Fastest => u64::from(u32::MAX) * 2,
        Goal::Smallest => least,
        Goal::Fits(bytes) => bytes.into(),
    };
    let choices = if wanted < least { Vec::new() } else { choices(figures, wanted) };
    let mut limit = wanted;
    while limit >= least {
        let Some(fastest) = path(&choices, steps, limit) else { break };
        let over = arena(flow, &fastest).saturating_sub(wanted);
        if over == 0 {
            return Ok(fastest);
        }
        // Tensors that live long may leave gaps between them: try with as much less.
        limit = limit.saturating_sub(over);
    }
    if goal != Goal::Smallest {
        return choose(figures, Goal::Smallest);
    }
    // Cuts with larger segments may leave smaller gaps.
    let mut best = (arena(flow, &smallest), smallest);
    let least = wanted.max(least);
    for bytes in least..least.saturating_add(MOST_TRIES) {
        if bytes >= best.0 {
            break;
        }
        if let Some(path) = figures.within(bytes)
            && arena(flow, &path) < best.0
        {
            best = (arena(flow, &path), path);
        }
    }
    Ok(best.1)
}

/// All segments of at most `limit` bytes, those that begin first first.
fn choices(figures: &Figures<'_>, limit: u64) -> Vec<Choice> {
    let mut choices = Vec::with_capacity(figures.steps.len() * 8);
    let costs = Costs::new(figures);
    for start in 0..figures.steps.len() {
        figures.extents(start, |extent| {
            if extent.bytes <= limit {
                if extent.is_exact {
                    let cycles = costs.of(&extent) + costs.of_moving(&extent);
                    choices.push(Choice { extent, cycles });
                } else if let Some((extent, cycles)) = figures.simulated(extent)
                    && extent.bytes <= limit
                {
                    choices.push(Choice { extent, cycles: cycles + costs.of_moving(&extent) });
                }
            }
            if extent.floor > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
    choices
}

/// The fastest segments from the first step to the last, none of more than `limit` bytes.
fn path(choices: &[Choice], steps: usize, limit: u64) -> Option<Vec<Extent>> {
    let mut best: Vec<Option<Best>> = alloc::vec![None; steps + 1];
    best[0] = Some(Best { bytes: 0, cycles: 0, choice: usize::MAX });
    for (number, choice) in choices.iter().enumerate() {
        let Extent { start, end, bytes, .. } = choice.extent;
        let Some(before) = best[start].filter(|_| bytes <= limit) else { continue };
        let reached = Best { bytes: before.bytes.max(bytes), cycles: before.cycles + choice.cycles, choice: number };
        if best[end].is_none_or(|known| (reached.cycles, reached.bytes) < (known.cycles, known.bytes)) {
            best[end] = Some(reached);
        }
    }
    let mut path = Vec::new();
    let mut at = steps;
    while at > 0 {
        let extent = choices[best[at]?.choice].extent;
        path.push(extent);
        at = extent.start;
    }
    path.reverse();
    Some(path)
}
