//! The smallest windows that let a segment run, found by making every row when it is asked for.

use crate::schedule::{MAX_SEGMENT, Source, Stage};

/// Sets the windows of a segment to the fewest rows that let it run: every row is made when it is asked for.
pub(crate) fn smallest_windows(stages: &mut [Stage]) {
    let mut lazy = Lazy { stages, made: [0; MAX_SEGMENT], most: [0; MAX_SEGMENT] };
    let last = lazy.stages.len() - 1;
    for stage in (0..=last).rev() {
        if lazy.stages[stage].kept {
            for row in 0..lazy.stages[stage].rows {
                lazy.make(stage, row);
            }
        }
    }
    let most = lazy.most;
    for (stage, most) in stages.iter_mut().zip(most) {
        if !stage.kept {
            stage.capacity = most.max(1).min(stage.rows);
            // A window as high as its tensor is a whole tensor.
            stage.kept = stage.capacity == stage.rows;
        }
    }
}

struct Lazy<'a> {
    stages: &'a [Stage],
    made: [u16; MAX_SEGMENT],
    /// Most rows that were needed at once.
    most: [u16; MAX_SEGMENT],
}

impl Lazy<'_> {
    /// Makes the rows of a stage up to `row`.
    fn make(&mut self, number: usize, row: u16) {
        let stage = self.stages[number];
        while self.made[number] <= row {
            let needed = stage.need.rows(self.made[number], stage.height);
            for source in stage.inputs {
                if let (Source::Stage(input), Some(last)) = (source, needed.end.checked_sub(1)) {
                    self.make(usize::from(input), last);
                }
            }
            self.made[number] += 1;
            let held = self.made[number].saturating_sub(self.first_needed(number));
            self.most[number] = self.most[number].max(held);
        }
    }

    fn first_needed(&self, number: usize) -> u16 {
        let reads = |stage: &Stage| stage.inputs.iter().any(|source| *source == Source::Stage(number as u8));
        let next = |(reader, stage): (usize, &Stage)| match self.made[reader] {
            made if made < stage.rows => stage.need.rows(made, stage.height).start,
            _ => stage.height,
        };
        self.stages.iter().enumerate().filter(|(_, stage)| reads(stage)).map(next).min().unwrap_or(0)
    }
}
