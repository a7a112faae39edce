//! How often a tensor takes which values, and the int8 ranges that follow.

use crate::Range;

/// Bins between the extremes; with 2,048 a bin is an eighth of an int8 step.
const BINS: usize = 2048;

/// Counts of values in equal bins over a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    range: Range,
    counts: Vec<u64>,
}

impl Histogram {
    /// No value yet.
    #[must_use]
    pub fn new(range: Range) -> Self {
        Self { range, counts: vec![0; BINS] }
    }

    /// Counts `values`, all of which lie in the range.
    pub fn count(&mut self, values: &[f32]) {
        let width = self.range.width();
        let per_unit = if width > 0.0 { (BINS as f64 / width) as f32 } else { 0.0 };
        for x in values {
            let bin = ((x - self.range.min) * per_unit) as usize;
            self.counts[bin.min(BINS - 1)] += 1;
        }
    }

    /// Adds the counts of another histogram of the same range.
    pub fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Middle of each bin with its count, empty bins left out.
    fn bins(&self) -> impl Iterator<Item = (f64, f64)> {
        let (low, width) = (f64::from(self.range.min), self.range.width() / BINS as f64);
        let middle = move |i: usize| low + (i as f64 + 0.5) * width;
        self.counts.iter().enumerate().filter(|(_, n)| **n > 0).map(move |(i, &n)| (middle(i), n as f64))
    }

    /// Share of the values outside of `covered`, 0…1, to the width of a bin.
    #[must_use]
    pub fn share_outside(&self, covered: Range) -> f64 {
        let outside = |x: f64| x < f64::from(covered.min) || x > f64::from(covered.max);
        let count = self.bins().filter(|(x, _)| outside(*x)).fold(0.0, |count, (_, n)| count + n);
        count / (self.total() as f64).max(1.0)
    }

    /// The range with the least squared error: `step²/12` for values inside (rounding), the distance to
    /// the range squared for values outside (saturation). Each end is tried at 1.00, 0.98, … of its extreme.
    #[must_use]
    pub fn least_squares(&self) -> Range {
        let shrunk = |range: Range, low: f32, high: f32| Range { min: range.min * low, max: range.max * high };
        let steps = || (10..=50).rev().map(|i| i as f32 / 50.0);
        let best = |candidates: &mut dyn Iterator<Item = Range>| {
            let scored = candidates.map(|range| (self.error(range), range));
            scored.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(self.range, |(_, range)| range)
        };
        let high = best(&mut steps().map(|share| shrunk(self.range, 1.0, share)));
        let low = best(&mut steps().map(|share| shrunk(high, share, 1.0)));
        best(&mut steps().map(|share| Range { min: low.min, max: self.range.max * share }))
    }

    fn error(&self, covered: Range) -> f64 {
        let (min, max) = (f64::from(covered.min), f64::from(covered.max));
        let step = covered.width() / 255.0;
        let error = |x: f64| {
            let beyond = (min - x).max(x - max).max(0.0);
            if beyond > 0.0 { beyond * beyond } else { step * step / 12.0 }
        };
        self.bins().map(|(x, n)| n * error(x)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(values: &[f32], range: Range) -> Histogram {
        let mut histogram = Histogram::new(range);
        histogram.count(values);
        histogram
    }

    fn with_outlier() -> (Vec<f32>, Range) {
        let mut values: Vec<f32> = (0..10_000).map(|i| i as f32 / 10_000.0).collect();
        values.push(8.0);
        let range = Range::of(&values);
        (values, range)
    }

    #[test]
    fn one_outlier_is_kept_while_rounding_costs_less_than_cutting_it() {
        // Cutting 8 at 1 costs 49. Steps of 8/255 instead of 1/255 cost 8e-5 per value: 0.8 in ten thousand.
        let (values, range) = with_outlier();
        let histogram = counted(&values, range);
        assert!(histogram.least_squares().max > 7.0);
        let share = histogram.share_outside(Range { min: 0.0, max: 2.0 });
        assert!((share - 1.0 / 10_001.0).abs() < 1e-9);
        // A hundred times as many values tip the balance.
        let mut many = Histogram::new(range);
        (0..100).for_each(|_| many.count(&values[..10_000]));
        many.count(&values[10_000..]);
        assert!(many.least_squares().max < 6.0);
    }

    #[test]
    fn least_squares_is_never_worse_than_the_extremes() {
        let values: Vec<f32> = (0..200_000).map(|i| (i as f32 * 0.618).fract().powi(8) * 9.0 - 0.5).collect();
        let histogram = counted(&values, Range::of(&values));
        let covered = histogram.least_squares();
        assert!(histogram.error(covered) <= histogram.error(histogram.range));
    }

    #[test]
    fn merging_equals_counting_at_once() {
        let (values, range) = with_outlier();
        let mut merged = counted(&values[..777], range);
        merged.merge(&counted(&values[777..], range));
        assert_eq!(merged, counted(&values, range));
    }
}
