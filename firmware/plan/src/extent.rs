//! The bytes of all segments that begin at one step, in closed form, each from the one that is a step shorter.

use core::ops::ControlFlow;

use crate::{
    Feed,
    figures::{Figures, ONE, Step},
    reach::{Leaving, Reach, Reader},
    schedule::MAX_SEGMENT,
};

/// Rows per call that a step alone is tried with; the last is all at once.
pub(crate) const BATCHES: [u16; 3] = [1, 4, u16::MAX];

/// One segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub start: usize,
    pub end: usize,
    /// Rows of the last step in one call.
    pub batch: u16,
    /// Bytes with everything that lives beside it; where there is no closed form, at least so many.
    pub bytes: u64,
    /// How far above the output's start the primary input must start.
    pub above: u32,
    /// Whether there is a closed form; otherwise it must be simulated.
    pub is_exact: bool,
    /// Bytes without what lives beside it.
    pub own: u64,
    /// Tensors that live beside it.
    pub beside: u32,
    /// Whether it uses up the tensor made just before it.
    pub has_primary: bool,
    /// Whether the network's input comes row by row meanwhile.
    pub is_fed: bool,
    /// No segment with the same start and a later end has fewer bytes.
    pub floor: u64,
}

/// How far the readers of the segment's primary input are.
#[derive(Clone, Copy)]
struct Ahead {
    first: Reach,
    second: Option<Reach>,
}

impl Ahead {
    const SAME: Self = Self { first: Reach::SAME, second: None };

    fn of(self, inner: Reach) -> Option<Self> {
        let second = match self.second {
            Some(second) => Some(second.of(inner)?),
            None => None,
        };
        Some(Self { first: self.first.of(inner)?, second })
    }
}

/// A segment while it grows.
struct Growth<'a> {
    figures: &'a Figures<'a>,
    start: usize,
    is_fed: bool,
    /// Bytes of older tensors, of windows, and of inner tensors that are needed afterwards.
    older: u64,
    rings: u64,
    whole: u64,
    /// Numbers of the tensors beside.
    beside: u32,
    scratch: u32,
    is_regular: bool,
    ahead: Ahead,
    /// The other step that reads the primary input.
    second: Option<usize>,
    /// `ahead` when the segment ended with each of its steps.
    history: [Ahead; MAX_SEGMENT + 1],
}

impl Figures<'_> {
    /// Visits the segments that begin with step `start`, shorter ones first, until `visit` breaks.
    pub fn extents(&self, start: usize, mut visit: impl FnMut(Extent) -> ControlFlow<()>) {
        let is_fed = self.flow.feed == Feed::Rows && start == 0;
        let mut growth = Growth {
            figures: self,
            start,
            is_fed,
            older: self.older[start],
            rings: 0,
            whole: 0,
            beside: self.olders[start],
            scratch: 0,
            is_regular: true,
            ahead: Ahead::SAME,
            second: None,
            history: [Ahead::SAME; MAX_SEGMENT + 1],
        };
        if is_fed {
            growth.feed();
        } else if self.alone(start, &mut visit).is_break() {
            return;
        }
        for end in start + 1..=self.steps.len().min(start + MAX_SEGMENT - usize::from(is_fed)) {
            if growth.grow(end).is_none() {
                return;
            }
            let is_possible = end > start + 1 || is_fed;
            if is_possible && growth.extent(end).is_some_and(|extent| visit(extent).is_break()) {
                return;
            }
        }
    }

    /// A step alone.
    fn alone(&self, index: usize, visit: &mut impl FnMut(Extent) -> ControlFlow<()>) -> ControlFlow<()> {
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
            let above = if step.is_pool || step.axis.is_none() {
                i64::from(output.bytes)
            } else if batch == u16::MAX && spec.is_in_place() {
                0
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

impl Growth<'_> {
    /// The input that comes by rows is the first window.
    fn feed(&mut self) {
        let input = self.figures.tensors[0];
        self.close(0);
        if input.ring.is_none() {
            self.is_regular = false;
        }
    }

    fn step(&self, index: usize) -> Step {
        self.figures.steps[index]
    }

    /// A tensor becomes a window.
    fn close(&mut self, tensor: usize) -> Option<Reach> {
        let spec = self.figures.tensors[tensor];
        let rows = spec.ring.map_or(1, |ring| ring.rows);
        self.rings += u64::from(rows) * u64::from(spec.row_bytes);
        self.is_regular &= spec.ring.is_some();
        spec.ring.map(|ring| ring.reach)
    }

    /// Adds the step before `end`; `None` if no longer segment is possible.
    fn grow(&mut self, end: usize) -> Option<()> {
        let (index, figures) = (end - 1, self.figures);
        let step = self.step(index);
        if index > self.start {
            if !self.step(index - 1).is_inner() {
                return None;
            }
            self.is_regular &= step.is_chained;
            let made = figures.tensors[index];
            let mut ahead = self.ahead;
            let mut reach = None;
            if made.last > index {
                self.whole += u64::from(made.bytes);
                self.beside += 1;
                reach = Some(Reach::whole(made.rows));
            } else if made.last == index {
                reach = self.close(index);
            } else {
                self.is_regular = false;
            }
            if let Some(other) = step.other {
                let spec = figures.tensors[other];
                if other > self.start && spec.last == index {
                    self.whole -= u64::from(spec.bytes);
                    self.beside -= 1;
                    ahead = self.history[other - self.start];
                    reach = self.close(other);
                } else if other == self.start {
                    // More than two readers are simulated.
                    self.is_regular &= self.second.is_none() && step.axis.is_some();
                    self.second = Some(index);
                }
            }
            if let Some(other) = step.another
                && other > self.start
                && figures.tensors[other].last == index
            {
                self.whole -= u64::from(figures.tensors[other].bytes);
                self.beside -= 1;
                self.close(other);
            }
            match reach.and_then(|reach| ahead.of(reach)) {
                Some(next) => self.ahead = next,
                None => self.is_regular = false,
            }
            if self.second == Some(index) {
                self.ahead.second = Some(Reach::SAME);
            }
        } else {
            self.is_regular &= step.is_chained;
        }
        self.scratch = if step.is_pool { self.scratch } else { self.scratch.max(step.scratch) };
        if let Some(slot) = self.history.get_mut(end - self.start) {
            *slot = self.ahead;
        }
        let is_alone = index == self.start;
        (is_alone || step.axis.is_some()).then_some(())
    }

    /// The segment that ends before step `end`.
    fn extent(&self, end: usize) -> Option<Extent> {
        let (index, start) = (end - 1, self.start);
        let (step, figures) = (self.step(index), self.figures);
        let (input, output) = (figures.tensors[start], figures.tensors[end]);
        let stays = input.last > index;
        if self.is_fed && stays {
            return None;
        }
        let primary = !self.is_fed && !stays && input.last >= start;
        let mut above = 0;
        if primary && step.is_pool {
            above = i64::from(output.bytes);
        } else if primary && self.is_regular {
            let leaving = Leaving { rows: step.rows, row_bytes: output.row_bytes, batch: 1 };
            let distance = |reader: usize, made: Reach| {
                let reader = self.step(reader);
                let reader = Reader { axis: reader.axis?, rows: reader.rows, made };
                reader.distance(input.row_bytes, leaving)
            };
            above = distance(start, self.ahead.first)?.max(i64::from(output.bytes) - i64::from(input.bytes)).max(0);
            if let (Some(second), Some(made)) = (self.second, self.ahead.second) {
                above = above.max(distance(second, made)?);
            }
        }
        let above = u32::try_from(above).ok()?;
        let sums = if step.is_pool { step.scratch } else { 0 };
        let scratch = u64::from(self.scratch) + u64::from(sums);
        let ends = u64::from(output.bytes).max(if primary { u64::from(above) + u64::from(input.bytes) } else { 0 });
        let ends = if scratch > 0 { ends.next_multiple_of(4) } else { ends };
        let own = ends + scratch + self.rings;
        let beside = self.beside + u32::from(stays);
        let bytes = own + self.whole + self.older + if stays { u64::from(input.bytes) } else { 0 };
        let read = !self.is_fed && input.last >= start;
        let floor = self.older + self.rings + if read { u64::from(input.bytes) } else { 0 };
        let fits = own <= u64::from(u32::MAX);
        let (is_exact, is_fed, has_primary) = (self.is_regular, self.is_fed, primary);
        fits.then_some(Extent { start, end, batch: 1, bytes, above, is_exact, own, beside, has_primary, is_fed, floor })
    }
}
