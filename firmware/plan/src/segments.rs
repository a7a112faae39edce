//! The schedule of a model's segment, built from its records.

use crate::{
    Model, Op, SegmentView,
    schedule::{Need, Schedule, Source, Stage},
};

impl Model<'_> {
    /// The order of the rows of a segment; `None` if its steps cannot be one segment, which a checked model rules out.
    #[must_use]
    pub fn schedule(&self, segment: &SegmentView) -> Option<Schedule> {
        let mut schedule = Schedule::default();
        self.schedule_in(segment, &mut schedule).map(|()| schedule)
    }

    /// [`Model::schedule`] in place: a schedule is some hundred bytes, which a chip's stack has once.
    #[inline(never)]
    pub fn schedule_in(&self, segment: &SegmentView, schedule: &mut Schedule) -> Option<()> {
        schedule.clear();
        let fed = usize::from(segment.is_fed);
        if segment.is_fed {
            let input = self.input();
            let rows = input.dims.h;
            let inputs = [Source::Outside; 2];
            let capacity = input.rows;
            schedule.push(Stage { inputs, height: rows, need: Need::Same, rows, capacity, batch: 1, kept: false })?;
        }
        for index in segment.steps.clone() {
            let op = self.op(index)?;
            let inputs = self.inputs(index);
            let (input, output) = (self.tensor(inputs[0]), self.tensor(index + 1));
            let is_last = index + 1 == segment.steps.end;
            if segment.steps.len() > 1 && (op.need() == Need::All || (op == Op::GlobalPool && !is_last)) {
                return None;
            }
            let source = |tensor: usize| match tensor.checked_sub(segment.steps.start + 1) {
                Some(stage) => u8::try_from(stage + fed).map(Source::Stage).ok(),
                None if tensor == 0 && segment.is_fed => Some(Source::Stage(0)),
                None => Some(Source::Outside),
            };
            let rows = op.work_rows(input.dims, output.dims);
            let capacity = if op == Op::GlobalPool { rows } else { output.rows };
            let inner = if op.makes_single_rows() && segment.steps.len() > 1 { 1 } else { u16::MAX };
            schedule.push(Stage {
                inputs: [source(inputs[0])?, source(inputs[1])?],
                height: input.dims.h,
                need: op.need(),
                rows,
                capacity,
                batch: if is_last { self.batch(index) } else { inner },
                kept: is_last || capacity >= rows,
            })?;
        }
        Some(())
    }
}
