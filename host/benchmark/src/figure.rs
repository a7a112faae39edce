//! The figure of a score: one dot per network, score against accuracy, as one SVG.

use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 616.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 400.0;
/// Dots that are drawn at most: every k-th network beyond that.
const MOST: usize = 4000;
/// Share of the networks below which the vertical axis does not go: a few at chance level would flatten the rest.
const LOWEST: f64 = 0.02;
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#222}.g{stroke:#ddd}.a{stroke:#444;fill:none}\
    .t{font-size:12px;fill:#555}.m{text-anchor:middle}.e{text-anchor:end}.h{font-size:15px;font-weight:600}\
    circle{fill:#1f77b4;fill-opacity:.35}";

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Heading.
    pub title: String,
    /// Name of the horizontal axis.
    pub x: String,
    /// Name of the vertical axis.
    pub y: String,
    /// Score and accuracy of each network; what is not finite is left out.
    pub points: Vec<(f64, f64)>,
}

/// The figure; equal data gives equal bytes.
#[must_use]
pub fn scatter_svg(scatter: &Scatter) -> String {
    let finite: Vec<(f64, f64)> =
        scatter.points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>{0}</title>\
         <style>{STYLE}</style><rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\
         <text class=\"h\" x=\"{LEFT}\" y=\"26\">{0}</text>",
        escaped(&scatter.title)
    );
    let mut heights: Vec<f64> = finite.iter().map(|p| p.1).collect();
    heights.sort_by(f64::total_cmp);
    let lowest = heights.get((heights.len() as f64 * LOWEST) as usize).copied().unwrap_or(0.0);
    let x = Axis::over(finite.iter().map(|p| p.0), 6.0);
    let y = Axis::over(heights.iter().copied().filter(|v| *v >= lowest), 6.0);
    let at =
        |px: f64, py: f64| (LEFT + (RIGHT - LEFT) * x.share(px), BOTTOM - (BOTTOM - TOP) * y.share(py).clamp(0.0, 1.0));
    for tick in x.ticks() {
        let (px, _) = at(tick, y.min);
        let _ = write!(
            svg,
            "<path class=\"g\" d=\"M{px:.1} {TOP}V{BOTTOM}\"/><text class=\"t m\" x=\"{px:.1}\" y=\"{}\">{}</text>",
            BOTTOM + 18.0,
            x.label(tick)
        );
    }
    for tick in y.ticks() {
        let (_, py) = at(x.min, tick);
        let _ = write!(
            svg,
            "<path class=\"g\" d=\"M{LEFT} {py:.1}H{RIGHT}\"/><text class=\"t e\" x=\"{}\" y=\"{:.1}\">{}</text>",
            LEFT - 8.0,
            py + 4.0,
            y.label(tick)
        );
    }
    for (px, py) in finite.iter().step_by(finite.len().div_ceil(MOST).max(1)) {
        let (cx, cy) = at(*px, *py);
        let _ = write!(svg, "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"2.2\"/>");
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let _ = writeln!(
        svg,
        "<path class=\"a\" d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/>\
         <text class=\"m\" x=\"{middle}\" y=\"{}\">{}</text>\
         <text class=\"m\" transform=\"translate(18 {}) rotate(-90)\">{}</text></svg>",
        BOTTOM + 42.0,
        escaped(&scatter.x),
        f64::midpoint(TOP, BOTTOM),
        escaped(&scatter.y)
    );
    svg
}

/// An axis with round ticks.
struct Axis {
    min: f64,
    max: f64,
    step: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, count: f64) -> Self {
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            (min, max) = (min.min(value), max.max(value));
        }
        if min > max {
            (min, max) = (0.0, 1.0);
        }
        if max - min <= max.abs().max(min.abs()) * 1e-9 {
            (min, max) = (min - 1.0, max + 1.0);
        }
        let rough = (max - min) / count;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(10.0 * power);
        Self { min: (min / step + 1e-9).floor() * step, max: (max / step - 1e-9).ceil() * step, step }
    }

    fn share(&self, value: f64) -> f64 {
        (value - self.min) / (self.max - self.min)
    }

    fn ticks(&self) -> Vec<f64> {
        let count = ((self.max - self.min) / self.step).round() as u32;
        (0..=count.min(20)).map(|i| self.min + f64::from(i) * self.step).collect()
    }

    /// With as many decimals as the step has; large numbers as powers of ten.
    fn label(&self, tick: f64) -> String {
        let tick = if tick.abs() < self.step * 1e-6 { 0.0 } else { tick };
        let decimals = (-self.step.log10() - 1e-9).ceil().clamp(0.0, 8.0) as usize;
        match self.max.abs().max(self.min.abs()) {
            m if m >= 1e6 => format!("{:.2e}", tick),
            _ => format!("{tick:.decimals$}"),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(points: Vec<(f64, f64)>) -> String {
        scatter_svg(&Scatter { title: "a<b".into(), x: "score".into(), y: "accuracy".into(), points })
    }

    #[test]
    fn every_finite_network_is_a_dot_within_the_axes() {
        let points = (0..50).map(|i| (f64::from(i), 90.0 + f64::from(i % 7))).chain([(f64::NAN, 1.0)]).collect();
        let text = svg(points);
        assert_eq!(text.matches("<circle").count(), 50);
        for part in text.split("<circle cx=\"").skip(1) {
            let x: f64 = part.split('"').next().unwrap().parse().unwrap();
            assert!((LEFT..=RIGHT).contains(&x), "{x}");
        }
        assert!(text.contains("a&lt;b") && !text.contains("NaN"));
    }

    #[test]
    fn odd_data_gives_a_figure_all_the_same() {
        for points in [vec![], vec![(1.0, 2.0)], vec![(5e36, 1.0), (1e30, 3.0)], vec![(-1e-9, 0.0); 3]] {
            let text = svg(points);
            assert!(text.ends_with("</svg>\n") && !text.contains("inf"), "{text}");
        }
    }
}
