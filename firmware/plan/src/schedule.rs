//! The order in which the rows of a segment are made: one rule for the planner, the checks and the chip.
//!
//! A segment is a run of consecutive steps. Each of its stages (steps) has a window of so many rows of its output; a
//! whole tensor is a window as high as the tensor. Of the stages before the last, always the one nearest to the end runs
//! that can make all the rows there is room for; if none can, the nearest one that can make a row at all. The last stage
//! runs only when no other can: its rows overwrite those of the segment's input, of which as many as possible should be
//! used by then. So when it runs, every window is full, which is what the planner's closed form counts on.

use core::ops::Range;

use tinynas_kernels::Axis;

/// Most stages of one segment: bounds the state on the chip's stack.
pub const MAX_SEGMENT: usize = 24;

/// Rows of its inputs that a row of a stage needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Those under a window.
    Window(Axis),
    /// The row of the same number.
    Same,
    /// All.
    All,
}

impl Need {
    /// Input rows that output row `row` needs, of `height` input rows.
    #[must_use]
    pub fn rows(self, row: u16, height: u16) -> Range<u16> {
        match self {
            Self::Window(axis) => axis.seen(row, height),
            Self::Same => row..row.saturating_add(1).min(height).max(row),
            Self::All => 0..height,
        }
    }

    /// Output rows, of `rows`, that can be made from the first `made` input rows of `height`.
    fn producible(self, made: u16, height: u16, rows: u16) -> u16 {
        if made >= height {
            return rows;
        }
        match self {
            Self::Same => made.min(rows),
            Self::All => 0,
            Self::Window(axis) => {
                let beyond = (u32::from(made) + u32::from(axis.pad)).checked_sub(axis.kernel.into());
                let count = beyond.and_then(|beyond| beyond.checked_div(axis.stride.into()));
                count.map_or(0, |count| (count + 1).min(rows.into()) as u16)
            }
        }
    }
}

/// Where an input of a stage comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The output of this stage of the segment.
    Stage(u8),
    /// A tensor that is there from the beginning.
    Outside,
}

/// One step of a segment, as far as the order of rows depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stage {
    /// Where its inputs come from; the same twice where there is one.
    pub inputs: [Source; 2],
    /// Rows of its inputs.
    pub height: u16,
    /// What a row needs of each input.
    pub need: Need,
    /// Rows that it makes (global pooling: rows that it adds up).
    pub rows: u16,
    /// Rows of its output that fit its window.
    pub capacity: u16,
    /// Most rows in one call.
    pub batch: u16,
    /// Whether somebody needs its output after the segment: then all rows must be made.
    pub kept: bool,
}

impl Stage {
    const EMPTY: Self =
        Self { inputs: [Source::Outside; 2], height: 0, need: Need::Same, rows: 0, capacity: 0, batch: 0, kept: false };
}

/// Rows that a stage makes now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The stage.
    pub stage: usize,
    /// Rows of its output.
    pub rows: Range<u16>,
    /// Rows at the start of its window that nobody needs any more and that make room first; 0 if there is room.
    pub drop: u16,
    /// Number of the first row in its window after that.
    pub base: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Rows made.
    made: u16,
    /// Number of the first row in the window.
    base: u16,
    /// First row of its output that a stage still needs.
    needed: u16,
    /// Rows that could have been made from what its inputs have.
    ready: u16,
    /// Stages that read its output, as a set.
    readers: u32,
}

/// The order in which a segment runs.
#[derive(Clone, Debug)]
pub struct Schedule {
    stages: [Stage; MAX_SEGMENT],
    progress: [Progress; MAX_SEGMENT],
    len: usize,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { stages: [Stage::EMPTY; MAX_SEGMENT], progress: [Progress::default(); MAX_SEGMENT], len: 0 }
    }
}

impl Schedule {
    /// Removes all stages.
    pub fn clear(&mut self) {
        self.progress = [Progress::default(); MAX_SEGMENT];
        self.len = 0;
    }

    /// Adds a stage; its inputs must be outside or earlier stages. `None` if they are not, or if there are too many.
    pub fn push(&mut self, stage: Stage) -> Option<()> {
        let number = self.len;
        let readers = 1u32.checked_shl(u32::try_from(number).ok()?)?;
        for source in stage.inputs {
            if let Source::Stage(input) = source {
                let input = usize::from(input);
                if input >= number {
                    return None;
                }
                self.progress.get_mut(input)?.readers |= readers;
            }
        }
        *self.stages.get_mut(number)? = stage;
        self.len += 1;
        self.update(number);
        Some(())
    }

    /// Stages in their order.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        self.stages.get(..self.len).unwrap_or_default()
    }

    /// Rows of a stage's output that its window holds.
    #[must_use]
    pub fn held(&self, stage: usize) -> Range<u16> {
        self.progress.get(stage).map_or(0..0, |p| p.base..p.made)
    }

    /// First row of a stage's output that another stage still needs; all its rows if none does.
    #[must_use]
    pub fn needed(&self, stage: usize) -> u16 {
        self.progress.get(stage).map_or(0, |p| p.needed)
    }

    /// First row of its inputs that a stage still needs; their height if it is done.
    #[must_use]
    pub fn next_input(&self, stage: usize) -> u16 {
        match (self.stages.get(stage), self.progress.get(stage)) {
            (Some(stage), Some(progress)) if progress.made < stage.rows => {
                stage.need.rows(progress.made, stage.height).start
            }
            (Some(stage), _) => stage.height,
            _ => 0,
        }
    }

    /// Whether every row that somebody needs afterwards exists.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stages().iter().zip(&self.progress).all(|(stage, progress)| !stage.kept || progress.made >= stage.rows)
    }

    /// The next call; `None` at the end, or if the windows are too small to go on.
    pub fn next_call(&mut self) -> Option<Call> {
        if self.is_complete() {
            return None;
        }
        let last = self.len.checked_sub(1)?;
        let full = (0..last).rev().find(|stage| {
            let (possible, wanted) = self.possible(*stage);
            wanted > 0 && possible >= wanted
        });
        let some = |stage: &usize| self.possible(*stage).0 > 0;
        let stage = full.or_else(|| (0..last).rev().find(some)).or_else(|| Some(last).filter(some))?;
        let (rows, _) = self.possible(stage);
        self.advance(stage, rows)
    }

    /// Rows that a stage could make now, and that it would make if its inputs were there.
    fn possible(&self, stage: usize) -> (u16, u16) {
        let (Some(spec), Some(progress)) = (self.stages.get(stage), self.progress.get(stage)) else { return (0, 0) };
        let held = progress.made.saturating_sub(progress.needed.min(progress.made));
        let room = if spec.capacity >= spec.rows { spec.rows } else { spec.capacity.saturating_sub(held) };
        let wanted = (spec.rows - progress.made).min(room).min(spec.batch);
        (wanted.min(progress.ready.saturating_sub(progress.made)), wanted)
    }

    fn advance(&mut self, number: usize, count: u16) -> Option<Call> {
        let (stage, progress) = (*self.stages.get(number)?, self.progress.get_mut(number)?);
        let rows = progress.made..progress.made + count;
        let mut drop = 0;
        if rows.end - progress.base > stage.capacity && stage.capacity < stage.rows {
            drop = progress.needed.min(progress.made) - progress.base;
            progress.base += drop;
        }
        progress.made = rows.end;
        let (base, readers) = (progress.base, progress.readers);
        for reader in 0..self.len {
            if readers & (1 << reader) != 0 {
                self.update(reader);
            }
        }
        for source in stage.inputs {
            if let Source::Stage(input) = source {
                self.update_needed(input.into());
            }
        }
        Some(Call { stage: number, rows, drop, base })
    }

    /// Counts again how many rows a stage can make.
    fn update(&mut self, number: usize) {
        let Some(stage) = self.stages.get(number) else { return };
        let made = stage.inputs.map(|source| match source {
            Source::Outside => stage.height,
            Source::Stage(input) => self.progress.get(usize::from(input)).map_or(0, |input| input.made),
        });
        let ready = stage.need.producible(made[0].min(made[1]), stage.height, stage.rows);
        if let Some(progress) = self.progress.get_mut(number) {
            progress.ready = ready;
        }
    }

    /// Looks again which row of a stage's output is needed first.
    fn update_needed(&mut self, number: usize) {
        let readers = self.progress.get(number).map_or(0, |progress| progress.readers);
        let next = (0..self.len).filter(|reader| readers & (1 << reader) != 0).map(|reader| self.next_input(reader));
        let needed = next.min().unwrap_or(0);
        if let Some(progress) = self.progress.get_mut(number) {
            progress.needed = needed;
        }
    }
}
