//! The planner's estimate of the cycles of segments in closed form: calls of as many rows as windows are refilled by.

use alloc::vec::Vec;

use crate::{cycles, extent::Extent, figures::Figures};

/// Cycles of every step.
pub(crate) struct Costs<'a> {
    figures: &'a Figures<'a>,
    /// With its window inside a segment.
    inner: Vec<u64>,
    /// At the end of a segment.
    last: Vec<u64>,
}

impl<'a> Costs<'a> {
    pub fn new(figures: &'a Figures<'a>) -> Self {
        let count = figures.steps.len();
        let mut costs = Self { figures, inner: Vec::with_capacity(count), last: Vec::with_capacity(count) };
        for index in 0..count {
            let rows = figures.steps[index].rows;
            let made = figures.tensors[index + 1];
            let ring = made.ring.map_or(1, |ring| ring.rows);
            let stride = figures.steps.get(index + 1).and_then(|step| step.axis).map_or(1, |axis| axis.stride.into());
            let single = figures.flow.graph.steps.get(index).is_some_and(|step| step.op.makes_single_rows());
            let batch = if single { 1 } else { ring.min(stride).max(1) };
            let shifts = if ring < made.rows { u64::from((made.rows - ring) / batch) } else { 0 };
            let shift = cycles::of_move(u32::from(ring.saturating_sub(batch)) * made.row_bytes);
            costs.inner.push(costs.calls(index, rows, batch) + shifts * shift);
            costs.last.push(costs.calls(index, rows, 1));
        }
        costs
    }

    /// A step's calls of `batch` rows and one of the rest.
    fn calls(&self, index: usize, rows: u16, batch: u16) -> u64 {
        let Some(step) = self.figures.flow.graph.steps.get(index) else { return 0 };
        let input = self.figures.flow.graph.dims(step.pair()[0]).unwrap_or_default();
        let batch = batch.min(rows).max(1);
        let rest = rows % batch;
        let call = |rows: u16| if rows == 0 { 0 } else { cycles::of_call(step.op, input, step.output, rows) };
        u64::from(rows / batch) * call(batch) + call(rest)
    }

    /// A segment with a closed form.
    pub fn of(&self, extent: &Extent) -> u64 {
        let (start, last) = (extent.start, extent.end - 1);
        if start == last {
            return self.calls(last, self.figures.steps[last].rows, extent.batch);
        }
        let cost = |index: usize| match self.figures.tensors[index + 1].last > last {
            true => self.calls(index, self.figures.steps[index].rows, u16::MAX),
            false => self.inner[index],
        };
        (start..last).map(cost).sum::<u64>() + self.last[last]
    }

    /// The copy that the segment's input may need to get there.
    pub fn of_moving(&self, extent: &Extent) -> u64 {
        let moves = extent.start > 0 && extent.above > 0;
        if moves { cycles::of_move(self.figures.tensors[extent.start].bytes) } else { 0 }
    }
}
