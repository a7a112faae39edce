//! Axes with round numbers at their ticks.

use crate::svg::{Anchor, Point, Rect, Svg, point};

/// What the numbers of an axis are printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Plain,
    /// Whole numbers only.
    Count,
    /// Multiply-accumulates, in millions.
    Macs,
    /// Bytes, in KiB.
    Kib,
    /// Fractions, in percent.
    Percent,
}

impl Unit {
    const fn size(self) -> f64 {
        match self {
            Self::Plain | Self::Count => 1.0,
            Self::Macs => 1e6,
            Self::Kib => 1024.0,
            Self::Percent => 0.01,
        }
    }
}

/// Where an axis begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    Zero,
    /// A round number below the smallest value.
    Data,
}

/// One axis.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    label: String,
    unit: Unit,
    min: f64,
    max: f64,
    step: f64,
}

impl Axis {
    /// An axis over the finite ones of `values`, with about `count` ticks.
    pub fn over(label: &str, unit: Unit, begin: Begin, values: impl Iterator<Item = f64>, count: usize) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for v in values.filter(|v| v.is_finite()).map(|v| v / unit.size()) {
            (low, high) = (low.min(v), high.max(v));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if begin == Begin::Zero {
            low = low.min(0.0);
        }
        if high - low < high.abs().max(low.abs()) * 1e-9 || high == low {
            (low, high) = if high == 0.0 { (0.0, 1.0) } else { (low - low.abs() * 0.1, high + high.abs() * 0.1) };
        }
        let mut step = round_step((high - low) / count.max(1) as f64);
        if unit == Unit::Count {
            step = step.max(1.0);
        }
        let tiny = 1e-9;
        let mut max = (high / step - tiny).ceil() * step;
        if unit == Unit::Percent && low <= 100.0 {
            max = max.min(100.0_f64.max(high));
        }
        Self { label: label.to_owned(), unit, min: (low / step + tiny).floor() * step, max, step }
    }

    /// Exactly from `min` to `max`, in the values' own unit.
    pub fn exactly(mut self, min: f64, max: f64) -> Self {
        (self.min, self.max) = (min / self.unit.size(), max / self.unit.size());
        self
    }

    /// Where a value lies, 0 to 1.
    pub fn at(&self, value: f64) -> f64 {
        (value / self.unit.size() - self.min) / (self.max - self.min)
    }

    /// Positions (0 to 1) and labels of the ticks.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let decimals = (-self.step.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize;
        let decimals =
            if (self.step * 10f64.powi(decimals as i32)).fract().abs() > 1e-6 { decimals + 1 } else { decimals };
        let first = (self.min / self.step - 1e-9).ceil() as i64;
        let last = (self.max / self.step + 1e-9).floor() as i64;
        let tick = |i: i64| {
            let value = i as f64 * self.step;
            let value = if value == 0.0 { 0.0 } else { value };
            ((value - self.min) / (self.max - self.min), format!("{value:.decimals$}"))
        };
        (first..=last.min(first + 60)).map(tick).collect()
    }
}

/// The next larger of 1, 2, 5 times a power of ten.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|m| m * power >= rough * 0.999).unwrap_or(10.0) * power;
    if step.is_finite() && step > 0.0 { step } else { 1.0 }
}

/// Two axes around an area.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub area: Rect,
    pub x: Axis,
    pub y: Axis,
}

impl Frame {
    /// Where a pair of values lies.
    pub fn at(&self, x: f64, y: f64) -> Point {
        let area = self.area;
        point(area.x + self.x.at(x) * area.w, area.bottom() - self.y.at(y) * area.h)
    }

    /// Draws grid, ticks and titles.
    pub fn draw(&self, svg: &mut Svg) {
        let area = self.area;
        for (share, label) in self.x.ticks() {
            let x = area.x + share * area.w;
            svg.line(point(x, area.y), point(x, area.bottom()), "grid");
            svg.text(point(x, area.bottom() + 17.0), Anchor::Middle, "tick", &label);
        }
        for (share, label) in self.y.ticks() {
            let y = area.bottom() - share * area.h;
            svg.line(point(area.x, y), point(area.right(), y), "grid");
            svg.text(point(area.x - 7.0, y + 4.0), Anchor::End, "tick", &label);
        }
        svg.line(point(area.x, area.bottom()), point(area.right(), area.bottom()), "axis");
        svg.line(point(area.x, area.y), point(area.x, area.bottom()), "axis");
        svg.text(point(area.center().x, area.bottom() + 36.0), Anchor::Middle, "title", &self.x.label);
        svg.turned(point(16.0, area.center().y), 90.0, Anchor::Middle, "title", &self.y.label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_hold_all_values() {
        let axis = Axis::over("SRAM", Unit::Kib, Begin::Zero, [9_000.0, 24_576.0].into_iter(), 5);
        assert_eq!(labels(&axis), ["0", "5", "10", "15", "20", "25"]);
        assert!((axis.at(25.0 * 1024.0) - 1.0).abs() < 1e-9);
        let axis = Axis::over("accuracy", Unit::Percent, Begin::Data, [0.843, 0.871].into_iter(), 4);
        assert_eq!(labels(&axis), ["84", "85", "86", "87", "88"]);
        let axis = Axis::over("accuracy", Unit::Percent, Begin::Data, [0.97, 0.998].into_iter(), 2);
        assert_eq!(labels(&axis).last().unwrap(), "100");
    }

    #[test]
    fn small_steps_show_their_decimals() {
        let axis = Axis::over("loss", Unit::Plain, Begin::Data, [0.11, 0.118].into_iter(), 4);
        assert_eq!(labels(&axis), ["0.110", "0.112", "0.114", "0.116", "0.118"]);
    }

    #[test]
    fn epochs_have_no_halves() {
        let axis = Axis::over("epoch", Unit::Count, Begin::Data, [1.0, 2.0].into_iter(), 8);
        assert_eq!(labels(&axis), ["1", "2"]);
    }

    #[test]
    fn odd_data_gives_an_axis_all_the_same() {
        for values in [vec![], vec![f64::NAN], vec![0.0], vec![5.0, 5.0], vec![-1e300, 1e300], vec![1e-300]] {
            let axis = Axis::over("x", Unit::Plain, Begin::Data, values.iter().copied(), 5);
            assert!(axis.max > axis.min && axis.step > 0.0, "{values:?} {axis:?}");
            assert!(axis.ticks().len() < 70);
        }
    }
}
