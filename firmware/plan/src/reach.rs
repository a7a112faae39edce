//! How far the stages of a segment are when its last one makes a row, in closed form.
//!
//! When the last stage runs, every other one has filled its window ([`crate::schedule`]). So the rows that a stage has
//! made follow from those that its reader has made: `start + window`, where `start` is the first row that the reader
//! still needs, at least a full window and at most the whole tensor. That is an affine function between two bounds, and
//! such functions of each other are such functions again.

use tinynas_kernels::Axis;

/// Largest slope: no tensor has more rows.
const STEEPEST: i64 = 1 << 16;

/// `min(max(slope · rows + shift, low), high)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub slope: i64,
    pub shift: i64,
    pub low: i64,
    pub high: i64,
}

impl Reach {
    /// As many rows as there are.
    pub const SAME: Self = Self { slope: 1, shift: 0, low: 0, high: i64::MAX };

    /// Always all `rows`.
    pub const fn whole(rows: u16) -> Self {
        Self { slope: 1, shift: 0, low: rows as i64, high: rows as i64 }
    }

    /// First row that a reader with `axis` still needs.
    pub const fn start(axis: Axis) -> Self {
        Self { slope: axis.stride as i64, shift: -(axis.pad as i64), low: 0, high: i64::MAX }
    }

    /// Rows made of a tensor of `rows` rows with a window of `window`, of which a reader with `axis` needs `start`.
    pub const fn filled(start: Self, window: u16, rows: u16) -> Self {
        if window >= rows {
            return Self::whole(rows);
        }
        let (window, rows) = (window as i64, rows as i64);
        Self { slope: start.slope, shift: start.shift + window, low: start.low + window, high: rows }
    }

    pub fn at(self, rows: i64) -> i64 {
        (self.slope * rows + self.shift).max(self.low).min(self.high)
    }

    /// This function of what `inner` says; `None` if it is too steep.
    pub fn of(self, inner: Self) -> Option<Self> {
        let slope = self.slope * inner.slope;
        let bound = |rows: i64| if rows == i64::MAX { self.high } else { self.at(rows) };
        let (low, high) = (bound(inner.low), bound(inner.high));
        let shift = self.slope * inner.shift + self.shift;
        (slope <= STEEPEST && shift.abs() <= STEEPEST * STEEPEST).then_some(Self { slope, shift, low, high })
    }

    /// The first number of rows at which the value is at least `value`; `i64::MAX` if it never is.
    fn first_with(self, value: i64) -> i64 {
        if self.high < value {
            return i64::MAX;
        }
        if self.low >= value { 0 } else { (value - self.shift + self.slope - 1).div_euclid(self.slope).max(0) }
    }
}

/// A reader of the tensor that a segment's output overwrites.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub axis: Axis,
    /// Rows that it makes.
    pub rows: u16,
    /// Rows that it has made when the last stage starts a row.
    pub made: Reach,
}

/// The output of a segment that its rows leave, `batch` in a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaving {
    pub rows: u16,
    pub row_bytes: u32,
    pub batch: u16,
}

impl Reader {
    /// How far above the output the tensor must start so that no row is overwritten that this reader still needs; its
    /// own `row_bytes`. The distance is a function of the call with two corners and linear pieces: it is greatest at a
    /// corner or at an end. `None` if the function is too steep.
    pub fn distance(&self, row_bytes: u32, output: Leaving) -> Option<i64> {
        let batch = i64::from(output.batch.min(output.rows).max(1));
        let rows = i64::from(output.rows);
        let per_call = Reach { slope: batch, ..Reach::SAME };
        let made = self.made.of(per_call)?;
        // From the call on at which this reader has made all its rows, nothing is needed any more.
        let calls = (rows + batch - 1).div_euclid(batch).min(made.first_with(self.rows.into()));
        let first = Reach::start(self.axis).of(made)?;
        let distance = |call: i64| {
            let end = (batch * (call + 1)).min(rows);
            end * i64::from(output.row_bytes) - first.at(call) * i64::from(row_bytes)
        };
        let last = calls - 1;
        if last < 0 {
            return Some(0);
        }
        let corner = (first.low - first.shift).div_euclid(first.slope);
        let calls = [corner, corner + 1, last - 1, last].map(|call| distance(call.clamp(0, last)));
        calls.into_iter().max()
    }
}
