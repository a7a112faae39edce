//! The places of all tensors and scratch of a plan in segments.
//!
//! A segment's output starts where the next segment wants it, if there is room, and else at the arena's first byte,
//! from where it is copied. The segment's primary input (made by the segment before it) lies as far above its output as
//! the rows that are still needed demand, or below it. Scratch and windows follow; tensors that live longer hang from
//! the arena's end. At its first byte there always is room, so that no plan needs more bytes than its largest segment
//! and the gaps between the tensors at the end.

use alloc::{vec, vec::Vec};

use crate::{
    Placement, PlanError,
    pins::{Cut, Pinned, depth, pinned},
    plan::{Plan, Segment, TensorPlace},
    segment::{self, Flow},
};

/// Places everything.
///
/// # Errors
/// If it takes more than 2 GiB.
pub(crate) fn layout(flow: &Flow<'_>, segments: &[segment::Segment]) -> Result<Plan, PlanError> {
    let steps = flow.graph.steps.len();
    let pins = pinned(flow, segments.iter().map(Cut::from));
    let ends: Vec<u64> =
        segments.iter().enumerate().map(|(index, segment)| u64::from(segment.bytes) + depth(&pins, index)).collect();
    let arena = ends.iter().copied().max().unwrap_or(0);
    let arena_bytes = u32::try_from(arena).ok().filter(|bytes| *bytes <= i32::MAX as u32).ok_or(PlanError::TooLarge)?;
    let mut places = Vec::with_capacity(steps + 1);
    for tensor in 0..=steps {
        let dims = flow.graph.dims(tensor).unwrap_or_default();
        let rows = if tensor == 0 { segments.first().and_then(|s| s.fed) } else { None };
        places.push(TensorPlace { offset: 0, moved: 0, bytes: dims.bytes(), rows: rows.unwrap_or(dims.h) });
    }
    for pin in &pins {
        let at = u32::try_from(arena - pin.depth).map_err(|_| PlanError::TooLarge)?;
        places[pin.tensor].moved = at;
        places[pin.tensor].offset = at;
    }
    let mut scratch = vec![Placement::default(); steps];
    // From the last segment to the first: where its output should be is known by then.
    for (index, segment) in segments.iter().enumerate().rev() {
        let room = Room { flow, segment, arena: arena_bytes, pins: &pins, index };
        let spot = room.spot(places[segment.steps.end].moved);
        places[segment.steps.end].offset = spot.output;
        if index + 1 == segments.len() {
            places[segment.steps.end].moved = spot.output;
        }
        if let Some(primary) = segment.primary {
            places[primary].moved = spot.input;
            places[primary].offset = spot.input;
        }
        fill(flow, segment, spot.extras, &mut places, &mut scratch);
    }
    let mut live_bytes = vec![0; steps];
    for (segment, end) in segments.iter().zip(ends) {
        live_bytes[segment.steps.clone()].fill(u32::try_from(end).unwrap_or(u32::MAX));
    }
    let segments = segments.iter().map(|segment| Segment { steps: segment.steps.clone(), batch: segment.batch });
    // A step that needs less than its segment's bound may leave the last bytes unused.
    let used = places.iter().map(TensorPlace::end).chain(scratch.iter().map(|place| place.end())).max().unwrap_or(0);
    let arena_bytes = arena_bytes.min(u32::try_from(used).unwrap_or(u32::MAX));
    Ok(Plan { arena_bytes, tensors: places, scratch, segments: segments.collect(), live_bytes })
}

/// First bytes of what a segment works with.
#[derive(Clone, Copy)]
struct Spot {
    output: u32,
    input: u32,
    /// Scratch and windows.
    extras: u32,
}

/// Where a segment can work.
struct Room<'a> {
    flow: &'a Flow<'a>,
    segment: &'a segment::Segment,
    arena: u32,
    pins: &'a [Pinned],
    index: usize,
}

impl Room<'_> {
    /// A spot with the output at `wanted` if there is one.
    fn spot(&self, wanted: u32) -> Spot {
        let output = self.flow.bytes(self.segment.steps.end);
        let input = self.segment.primary.map_or(0, |tensor| self.flow.bytes(tensor));
        let above = self.segment.above;
        let scratch = self.segment.scratch_bytes(self.flow);
        let extras = scratch + self.segment.window_bytes(self.flow);
        let aligned = |at: u32| if scratch > 0 { at.next_multiple_of(4) } else { at };
        let below = wanted.checked_sub(input).map(|_| 0);
        let inputs = [Some(wanted.saturating_add(above)), below];
        for at in inputs.into_iter().flatten() {
            let (output_end, input_end) = (wanted.saturating_add(output), at.saturating_add(input));
            // The input above is in order though it may overlap the output; below it does not.
            if !self.is_free(wanted, output) || !self.is_free(at, input) {
                continue;
            }
            let touches =
                |from: u32, start: u32, bytes: u32| bytes > 0 && from < start + bytes && start < from + extras;
            let starts = [output_end.max(input_end), output_end.min(input_end), 0].map(aligned);
            let fits = |from: &u32| {
                extras == 0
                    || (self.is_free(*from, extras) && !touches(*from, wanted, output) && !touches(*from, at, input))
            };
            if let Some(extras) = starts.into_iter().find(fits) {
                return Spot { output: wanted, input: at, extras };
            }
        }
        Spot { output: 0, input: above, extras: aligned(output.max(if input > 0 { above + input } else { 0 })) }
    }

    /// Whether these bytes are in the arena and of no tensor that hangs from its end now.
    fn is_free(&self, start: u32, bytes: u32) -> bool {
        let (start, end) = (u64::from(start), u64::from(start) + u64::from(bytes));
        let hangs = |pin: &&Pinned| (pin.first..=pin.last).contains(&self.index);
        let touches = |pin: &Pinned| {
            let at = u64::from(self.arena) - pin.depth;
            start < at + u64::from(self.flow.bytes(pin.tensor)) && at < end
        };
        end <= self.arena.into() && !self.pins.iter().filter(hangs).any(touches)
    }
}

/// Places scratch, then windows, from `at` on.
fn fill(flow: &Flow<'_>, segment: &segment::Segment, at: u32, places: &mut [TensorPlace], scratch: &mut [Placement]) {
    let mut at = at;
    let shared = segment.shared_scratch(flow);
    for (step, bytes) in segment.steps.clone().zip(&segment.scratch) {
        if *bytes > 0 {
            let offset = if flow.is_pool(step) { at + shared } else { at };
            scratch[step] = Placement { offset, bytes: *bytes };
        }
    }
    at += segment.scratch_bytes(flow);
    for (tensor, rows) in segment.inner_windows(flow) {
        let dims = flow.graph.dims(tensor).unwrap_or_default();
        let bytes = u32::from(rows) * u32::from(dims.w) * u32::from(dims.c);
        places[tensor] = TensorPlace { offset: at, moved: at, bytes, rows };
        at += bytes;
    }
}
