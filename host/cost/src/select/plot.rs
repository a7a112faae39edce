//! The figure of a selection: cumulative distributions of the ten best variants, as one SVG.

use std::fmt::Write;

use super::{Selection, VariantStats};
use crate::{Bytes, bytes::grouped};

/// Curves that are drawn.
const DRAWN: usize = 10;
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 700.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 396.0;
/// Colours that can be told apart on white, also by most colour-blind readers; the first is the winner's.
const COLOURS: [&str; DRAWN] =
    ["#c1121f", "#1f77b4", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#7f7f7f", "#bcbd22"];
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#222}.grid{stroke:#ddd}.axis{stroke:#444}\
    .t{font-size:12px;fill:#555}.m{text-anchor:middle}.e{text-anchor:end}.b{font-weight:600}\
    .h{font-size:15px;font-weight:600}polyline{fill:none;stroke-width:1.6}.w{stroke-width:3.2}\
    .p{stroke:#888;stroke-dasharray:5 4}";

/// Draws the ten best variants: a curve each with its P80, the legend `w0.5-r144 | 52.0 M` (mean), the winner on top.
#[must_use]
pub fn cdf_svg(selection: &Selection) -> String {
    let drawn: Vec<_> = selection.variants.iter().filter(|stats| stats.fitting > 0).take(DRAWN).collect();
    let scale = Scale::over(drawn.iter().flat_map(|stats| &stats.cdf).map(|point| point.0));
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\
         <title>MACs of the networks of {} that fit, per variant</title><style>{STYLE}</style>\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>",
        escaped(&selection.space)
    );
    heading(&mut svg, selection);
    axes(&mut svg, &scale);
    for (index, stats) in drawn.iter().enumerate().rev() {
        curve(&mut svg, &scale, index, stats);
    }
    legend(&mut svg, &drawn);
    svg.push_str("</svg>\n");
    svg
}

/// The horizontal axis: round numbers of millions, from 0 unless all networks are close together.
struct Scale {
    min: f64,
    max: f64,
    step: f64,
}

impl Scale {
    fn over(macs: impl Iterator<Item = f64>) -> Self {
        let (least, most) = macs
            .map(|macs| macs / 1e6)
            .fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), macs| (least.min(macs), most.max(macs)));
        let most = if most > 0.0 { most } else { 1.0 };
        let least = if least > 0.4 * most && least < most { least } else { 0.0 };
        let power = 10f64.powf(((most - least) / 7.0).log10().floor());
        let step = [1.0, 2.0, 5.0].map(|m| m * power).into_iter().find(|step| step * 7.0 >= most - least);
        let step = step.unwrap_or(10.0 * power);
        Self { min: (least / step + 1e-9).floor() * step, max: (most / step - 1e-9).ceil() * step, step }
    }

    fn x(&self, macs: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * ((macs / 1e6 - self.min) / (self.max - self.min))
    }
}

fn y(share: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * share
}

fn heading(svg: &mut String, selection: &Selection) {
    let macs = selection.macs_limit.map_or_else(String::new, |macs| format!(", {:.2} M MACs", macs as f64 / 1e6));
    let _ = write!(
        svg,
        "<text class=\"h\" x=\"{LEFT}\" y=\"24\">{}: networks that fit {} of SRAM, {} of flash{macs}</text>\
         <text class=\"t\" x=\"{LEFT}\" y=\"41\">memory of engine {}, {} networks per variant, {} classes</text>",
        escaped(&selection.space),
        Bytes(selection.sram_bytes),
        Bytes(selection.flash_bytes),
        selection.engine,
        grouped(selection.samples.into()),
        grouped(selection.classes.into())
    );
}

fn axes(svg: &mut String, scale: &Scale) {
    let decimals = (-scale.step.log10()).ceil().max(0.0) as usize;
    for tick in 0..=((scale.max - scale.min) / scale.step).round() as u32 {
        let value = scale.min + f64::from(tick) * scale.step;
        let x = scale.x(value * 1e6);
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/><text class=\"t m\" x=\"{x:.1}\" y=\"{}\">{value:.decimals$}</text>",
            BOTTOM + 18.0
        );
    }
    for percent in (0..=100).step_by(20) {
        let y = y(f64::from(percent) / 100.0);
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/><text class=\"t e\" x=\"{}\" y=\"{:.1}\">{percent}</text>",
            LEFT - 8.0,
            y + 4.0
        );
    }
    let (middle, p80) = (f64::midpoint(LEFT, RIGHT), y(0.8));
    let _ = write!(
        svg,
        "<path class=\"axis\" fill=\"none\" d=\"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}\"/>\
         <text class=\"m\" x=\"{middle}\" y=\"{}\">MACs of the network (millions)</text>\
         <text class=\"m\" transform=\"translate(20 {}) rotate(-90)\">networks with at most so many (%)</text>\
         <path class=\"p\" d=\"M{LEFT} {p80:.1}H{RIGHT}\"/><text class=\"t\" x=\"{}\" y=\"{:.1}\">P80</text>",
        BOTTOM + 42.0,
        f64::midpoint(TOP, BOTTOM),
        LEFT + 6.0,
        p80 - 5.0
    );
}

fn curve(svg: &mut String, scale: &Scale, index: usize, stats: &VariantStats) {
    let colour = COLOURS[index % COLOURS.len()];
    let class = if index == 0 { " class=\"w\"" } else { "" };
    let _ = write!(svg, "<polyline{class} stroke=\"{colour}\" points=\"");
    let start = stats.cdf.first().map(|point| (point.0, 0.0));
    for (macs, share) in start.into_iter().chain(stats.cdf.iter().copied()) {
        let _ = write!(svg, "{:.1},{:.1} ", scale.x(macs), y(share));
    }
    let _ = write!(svg, "\"><title>{}</title></polyline>", stats.variant);
    if let Some(p80) = stats.p80_macs {
        let (x, y, radius) = (scale.x(p80), y(0.8), if index == 0 { 5.0 } else { 3.0 });
        let _ = write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"><title>{}: P80 {} MACs</title></circle>",
            stats.variant,
            millions(p80)
        );
    }
}

fn legend(svg: &mut String, drawn: &[&VariantStats]) {
    let x = RIGHT + 24.0;
    let _ = write!(svg, "<text class=\"b\" x=\"{x}\" y=\"{TOP}\">variant | mean MACs</text>");
    let _ = write!(svg, "<text class=\"t e\" x=\"{}\" y=\"{TOP}\">fit</text>", WIDTH - 12.0);
    for (index, stats) in drawn.iter().enumerate() {
        let at = TOP + 26.0 + 27.0 * index as f64;
        let (class, stroke) = if index == 0 { ("b", 3.2) } else { ("", 1.6) };
        let _ = write!(
            svg,
            "<path stroke=\"{}\" stroke-width=\"{stroke}\" d=\"M{x} {}h22\"/>\
             <text class=\"{class}\" x=\"{}\" y=\"{at}\">{} | {}</text>\
             <text class=\"t e\" x=\"{}\" y=\"{at}\">{}</text>",
            COLOURS[index % COLOURS.len()],
            at - 4.0,
            x + 30.0,
            stats.variant,
            millions(stats.mean_macs),
            WIDTH - 12.0,
            percent(stats.feasible_share)
        );
    }
    if let Some(winner) = drawn.first()
        && let Some(p80) = winner.p80_macs
    {
        let _ = write!(
            svg,
            "<text class=\"t\" x=\"{x}\" y=\"{}\">P80 of {}: {}</text>",
            BOTTOM - 2.0,
            winner.variant,
            millions(p80)
        );
    }
}

/// `52.0 M`, with more digits where they are needed.
fn millions(macs: f64) -> String {
    let millions = macs / 1e6;
    let decimals = if millions < 1.0 {
        3
    } else if millions < 10.0 {
        2
    } else {
        1
    };
    format!("{millions:.decimals$} M")
}

/// `27 %`; a share that is small but not zero is not printed as zero.
fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.01 { format!("{:.1} %", share * 100.0) } else { format!("{:.0} %", share * 100.0) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_holds_all_networks_between_round_numbers() {
        for macs in [vec![], vec![1.0], vec![5e5], vec![9.4e5, 1.5e6], vec![2.4e7, 9.8e7], vec![3e8, 3e8]] {
            let scale = Scale::over(macs.iter().copied());
            assert!(scale.min >= 0.0 && scale.min < scale.max && scale.step > 0.0, "{macs:?}");
            assert!((scale.max - scale.min) / scale.step < 9.5, "{macs:?}");
            for macs in &macs {
                assert!((LEFT..=RIGHT + 1e-6).contains(&scale.x(*macs)), "{macs}");
            }
        }
        let scale = Scale::over([9.4e5, 1.5e6].into_iter());
        assert_eq!(((scale.min * 10.0).round(), (scale.max * 10.0).round()), (9.0, 15.0));
    }

    #[test]
    fn shares_and_millions_keep_their_digits() {
        assert_eq!([52.04e6, 1.446e6, 0.0123e6].map(millions), ["52.0 M", "1.45 M", "0.012 M"]);
        assert_eq!([0.0, 0.001, 0.27, 1.0].map(percent), ["0 %", "0.1 %", "27 %", "100 %"]);
        assert_eq!(escaped("a<b>&c"), "a&lt;b&gt;&amp;c");
    }
}
