//! Where to cut a network into segments: dynamic programming over the steps, then the places of all tensors.
//!
//! A segment's output starts at the arena's first byte. Its primary input (made by the segment before it) lies as far
//! above as the rows that are still needed demand, so that output rows overwrite input rows that are not. Windows and
//! scratch follow; tensors that live longer hang from the arena's end. Where a tensor lies between its maker and its
//! next reader's segment changes at most once, by one copy: no plan needs more bytes than its largest segment.

use alloc::{vec, vec::Vec};
use core::ops::Range;

use crate::{
    Feed, Goal, Graph, Placement, PlanError, cycles,
    plan::{Plan, Segment, TensorPlace},
    segment::{self, Flow},
};

/// Rows per call that a step alone is tried with, besides all at once.
const BATCHES: [u16; 3] = [1, 4, u16::MAX];

/// One possible segment with what it takes.
struct Choice {
    segment: segment::Segment,
    /// Bytes with everything that lives beside it.
    bytes: u64,
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
    let choices = choices(&flow);
    if !choices.iter().any(|choice| choice.segment.steps.start == 0) {
        return Err(PlanError::NotFed);
    }
    let steps = graph.steps.len();
    let by_bytes = |best: &Best, choice: &Choice| (best.bytes.max(choice.bytes), best.cycles + choice.cycles);
    let by_cycles = |best: &Best, choice: &Choice| (best.cycles + choice.cycles, best.bytes.max(choice.bytes));
    let lay = |path: &[usize]| {
        let segments: Vec<&segment::Segment> = path.iter().map(|choice| &choices[*choice].segment).collect();
        layout(&flow, &segments)
    };
    let smallest = path(&choices, steps, by_bytes, u64::MAX).ok_or(PlanError::TooLarge)?;
    let least = peak(&choices, &smallest);
    let wanted = match goal {
        Goal::Fastest => u64::MAX - 3,
        Goal::Smallest => least.next_multiple_of(4),
        Goal::Fits(bytes) => bytes.into(),
    };
    let mut limit = wanted;
    while limit >= least {
        let Some(fastest) = path(&choices, steps, by_cycles, limit) else { break };
        let plan = lay(&fastest)?;
        let over = u64::from(plan.arena_bytes).saturating_sub(wanted);
        if over == 0 {
            return Ok(plan);
        }
        // Tensors that live long may leave gaps between them: try with as much less.
        limit = limit.saturating_sub(over);
    }
    lay(&smallest)
}

/// All segments that there can be, those that end first first.
fn choices(flow: &Flow<'_>) -> Vec<Choice> {
    let mut choices = Vec::new();
    for end in 1..=flow.graph.steps.len() {
        for start in (0..end).rev() {
            let mut possible = false;
            let batches = if end - start == 1 { &BATCHES[..] } else { &BATCHES[2..] };
            for batch in batches {
                let Some(segment) = flow.measure(start..end, *batch) else { continue };
                possible = true;
                let bytes = u64::from(segment.bytes) + flow.beside(&(start..end));
                let moved = segment.primary.filter(|tensor| *tensor > 0 && segment.above > 0);
                let moving = moved.map_or(0, |tensor| cycles::of_move(flow.bytes(tensor)));
                choices.push(Choice { bytes, cycles: segment.cycles + moving, segment });
            }
            if !possible && end - start > 1 {
                break;
            }
        }
    }
    choices
}

/// The choices from the first step to the last with the smallest measure, none of more than `limit` bytes.
fn path<M: Ord>(
    choices: &[Choice],
    steps: usize,
    measure: impl Fn(&Best, &Choice) -> M,
    limit: u64,
) -> Option<Vec<usize>> {
    let mut best: Vec<Option<Best>> = vec![None; steps + 1];
    let mut measures: Vec<Option<M>> = (0..=steps).map(|_| None).collect();
    best[0] = Some(Best { bytes: 0, cycles: 0, choice: usize::MAX });
    for (number, choice) in choices.iter().enumerate() {
        let Range { start, end } = choice.segment.steps;
        let Some(before) = best[start].filter(|_| choice.bytes <= limit) else { continue };
        let reached = measure(&before, choice);
        if measures[end].as_ref().is_none_or(|known| reached < *known) {
            measures[end] = Some(reached);
            let bytes = before.bytes.max(choice.bytes);
            best[end] = Some(Best { bytes, cycles: before.cycles + choice.cycles, choice: number });
        }
    }
    let mut path = Vec::new();
    let mut at = steps;
    while at > 0 {
        let best = best[at]?;
        path.push(best.choice);
        at = choices[best.choice].segment.steps.start;
    }
    path.reverse();
    Some(path)
}

fn peak(choices: &[Choice], path: &[usize]) -> u64 {
    path.iter().map(|choice| choices[*choice].bytes).max().unwrap_or(0)
}

/// A tensor that hangs from the arena's end for some segments.
struct Pinned {
    tensor: usize,
    first: usize,
    last: usize,
    /// From its first byte to the arena's end.
    depth: u64,
}

/// Places everything.
fn layout(flow: &Flow<'_>, segments: &[&segment::Segment]) -> Result<Plan, PlanError> {
    let steps = flow.graph.steps.len();
    let of_step = |step: usize| segments.iter().position(|segment| segment.steps.contains(&step)).unwrap_or(0);
    let pinned = pinned(flow, segments, &of_step);
    let depth = |segment: usize| {
        let alive = pinned.iter().filter(|pin| (pin.first..=pin.last).contains(&segment));
        alive.map(|pin| pin.depth).max().unwrap_or(0)
    };
    let ends = segments.iter().enumerate().map(|(index, segment)| u64::from(segment.bytes) + depth(index));
    let arena = ends.clone().max().unwrap_or(0).next_multiple_of(4);
    let arena_bytes = u32::try_from(arena).ok().filter(|bytes| *bytes <= i32::MAX as u32).ok_or(PlanError::TooLarge)?;
    let mut tensors = Vec::with_capacity(steps + 1);
    for tensor in 0..=steps {
        let dims = flow.graph.dims(tensor).unwrap_or_default();
        let rows = if tensor == 0 { segments.first().and_then(|s| s.fed) } else { None };
        tensors.push(TensorPlace { offset: 0, moved: 0, bytes: dims.bytes(), rows: rows.unwrap_or(dims.h) });
    }
    let mut scratch = vec![Placement::default(); steps];
    for (index, segment) in segments.iter().enumerate() {
        place(flow, segment, &mut tensors, &mut scratch);
        // The output of the segment before lies where this one wants it.
        if let Some(primary) = segment.primary {
            tensors[primary].moved = segment.above;
            if primary == 0 {
                tensors[0].offset = segment.above;
            }
        }
        let _ = index;
    }
    for pin in &pinned {
        let at = u32::try_from(arena - pin.depth).map_err(|_| PlanError::TooLarge)?;
        let place = &mut tensors[pin.tensor];
        place.moved = at;
        let is_output = pin.tensor > 0 && segments.iter().any(|segment| segment.steps.end == pin.tensor);
        if !is_output {
            place.offset = at;
        }
    }
    let mut live_bytes = vec![0; steps];
    for (segment, end) in segments.iter().zip(ends) {
        live_bytes[segment.steps.clone()].fill(u32::try_from(end).unwrap_or(u32::MAX));
    }
    let segments = segments.iter().map(|segment| Segment { steps: segment.steps.clone(), batch: segment.batch });
    Ok(Plan { arena_bytes, tensors, scratch, segments: segments.collect(), live_bytes })
}

/// Places what lies above a segment's output and primary input: scratch, then windows.
fn place(flow: &Flow<'_>, segment: &segment::Segment, tensors: &mut [TensorPlace], scratch: &mut [Placement]) {
    let output = segment.steps.end;
    let primary = segment.primary.map_or(0, |tensor| segment.above + flow.bytes(tensor));
    let mut at = flow.bytes(output).max(primary);
    if segment.scratch.iter().any(|bytes| *bytes > 0) {
        at = at.next_multiple_of(4);
    }
    let is_pool = |step: usize| flow.graph.steps.get(step).is_some_and(|step| step.op == crate::Op::GlobalPool);
    let shared = segment.steps.clone().zip(&segment.scratch).filter(|(step, _)| !is_pool(*step));
    let shared = shared.map(|(_, bytes)| *bytes).max().unwrap_or(0);
    for (step, bytes) in segment.steps.clone().zip(&segment.scratch) {
        if *bytes > 0 {
            let offset = if is_pool(step) { at + shared } else { at };
            scratch[step] = Placement { offset, bytes: *bytes };
        }
    }
    let sums = segment.steps.clone().zip(&segment.scratch).filter(|(step, _)| is_pool(*step)).map(|(_, bytes)| bytes);
    at += shared + sums.sum::<u32>();
    if let Some(rows) = segment.fed {
        let dims = flow.graph.input;
        let bytes = u32::from(rows) * u32::from(dims.w) * u32::from(dims.c);
        tensors[0] = TensorPlace { offset: at, moved: at, bytes, rows };
        at += bytes;
    }
    for (step, rows) in segment.steps.clone().zip(&segment.windows).take(segment.steps.len() - 1) {
        if flow.outlives(step + 1, segment.steps.end - 1) {
            continue;
        }
        let dims = flow.graph.dims(step + 1).unwrap_or_default();
        let bytes = u32::from(*rows) * u32::from(dims.w) * u32::from(dims.c);
        tensors[step + 1] = TensorPlace { offset: at, moved: at, bytes, rows: *rows };
        at += bytes;
    }
}

/// The tensors that hang from the arena's end, each as near to it as those that live with it allow.
fn pinned(flow: &Flow<'_>, segments: &[&segment::Segment], of_step: &impl Fn(usize) -> usize) -> Vec<Pinned> {
    let steps = flow.graph.steps.len();
    let mut pinned: Vec<Pinned> = Vec::new();
    for tensor in 0..=steps {
        let made = tensor.checked_sub(1).map(of_step);
        let is_output = tensor > 0 && segments.iter().any(|segment| segment.steps.end == tensor);
        let last = match flow.last.get(tensor).copied() {
            Some(usize::MAX) | None => continue,
            Some(last) => of_step(last),
        };
        let first = match made {
            None => 0,
            Some(made) if is_output => made + 1,
            Some(made) => made,
        };
        let is_primary = segments.iter().any(|segment| segment.primary == Some(tensor));
        let is_window = made.is_some_and(|made| !is_output && last == made);
        let is_fed = tensor == 0 && segments.first().is_some_and(|segment| segment.fed.is_some());
        if is_primary || is_window || is_fed || last < first {
            continue;
        }
        let bytes = u64::from(flow.bytes(tensor));
        let mut depth = bytes;
        loop {
            let overlaps = |pin: &&Pinned| {
                pin.first <= last && first <= pin.last && {
                    let other = u64::from(flow.bytes(pin.tensor));
                    pin.depth > depth - bytes && pin.depth - other < depth
                }
            };
            match pinned.iter().find(overlaps) {
                Some(pin) => depth = pin.depth + bytes,
                None => break,
            }
        }
        pinned.push(Pinned { tensor, first, last, depth });
    }
    pinned
}
