//! The bytes of a segment of one step, in closed form, for several numbers of rows per call.

use core::ops::ControlFlow;

use crate::{
    extent::{BATCHES, Extent},
    figures::{Figures, ONE},
    reach::{Leaving, Reach, Reader},
};

impl Figures<'_> {
    /// A step alone.
    pub(crate) fn alone(&self, index: usize, visit: &mut impl FnMut(Extent) -> ControlFlow<()>) -> ControlFlow<()> {
        let (step, input, output) = (self.steps[index], self.tensors[index], self.tensors[index + 1]);
        let Some(spec) = self.flow.graph.steps.get(index) else { return ControlFlow::Break(()) };
        let dims = self.flow.graph.dims(spec.pair()[0]).unwrap_or_default();
        let primary = step.is_chained && input.last == index;
        let stays = input.last > index && input.last != usize::MAX;
        let (older, beside) = (self.older[index], self.olders[index] + u32::from(stays));
        let kept = if stays { u64::from(input.bytes) } else { 0 };
        for batch in BATCHES {
            if batch != u16::MAX && (step.is_pool || step.rows <= batch) {
                continue;
            }
            let above = if batch == u16::MAX && spec.is_in_place() {
                0
            } else if step.is_pool || step.axis.is_none() {
                i64::from(output.bytes)
            } else {
                let axis = step.axis.unwrap_or(ONE);
                let reader = Reader { axis, rows: step.rows, made: Reach::SAME };
                let leaving = Leaving { rows: step.rows, row_bytes: output.row_bytes, batch };
                reader.distance(input.row_bytes, leaving).unwrap_or(output.bytes.into())
            };
            let above = if primary { u32::try_from(above).unwrap_or(0) } else { 0 };
            let scratch = spec.op.scratch_bytes(dims, spec.output, batch.min(step.rows), false);
            let input = if primary { u64::from(above) + u64::from(input.bytes) } else { 0 };
            let ends = u64::from(output.bytes).max(input);
            let ends = if scratch > 0 { ends.next_multiple_of(4) } else { ends };
            let bytes = ends + scratch + older + kept;
            let (start, end) = (index, index + 1);
            if ends + scratch > u32::MAX.into() {
                continue;
            }
            let (own, has_primary) = (ends + scratch, primary);
            let (is_exact, is_fed, floor) = (true, false, older);
            visit(Extent { start, end, batch, bytes, above, is_exact, own, beside, has_primary, is_fed, floor })?;
        }
        ControlFlow::Continue(())
    }
}
