//! What is told about a run while it happens.

/// Is called around every step, for instance to read a cycle counter. `()` observes nothing.
pub trait Observer {
    /// Called before step `step` runs.
    fn before(&mut self, step: usize) {
        let _ = step;
    }

    /// Called after step `step` ran.
    fn after(&mut self, step: usize) {
        let _ = step;
    }
}

impl Observer for () {}
