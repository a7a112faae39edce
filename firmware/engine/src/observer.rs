//! What is told about a run while it happens.

use core::ops::Range;

/// Is called around every call of a step, for instance to read a cycle counter: once per step in a plan that runs layer
/// by layer, many times in one that runs row by row. `()` observes nothing.
pub trait Observer {
    /// Called before step `step` makes some of its rows.
    fn before(&mut self, step: usize) {
        let _ = step;
    }

    /// Called after step `step` made them.
    fn after(&mut self, step: usize) {
        let _ = step;
    }

    /// Called when all rows of `steps`, at most [`MAX_SEGMENT`](tinynas_plan::MAX_SEGMENT) of them, are made.
    fn finished(&mut self, steps: Range<usize>) {
        let _ = steps;
    }
}

impl Observer for () {}
