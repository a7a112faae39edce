//! The selection: cumulative distributions of the fitting networks' MACs, one curve per variant.

use std::fmt::Write;

use crate::{
    Selection, Variant,
    axes::{Axis, Begin, Frame, Unit},
    page::{Section, note},
    svg::{Anchor, Rect, SERIES, Svg, point},
    text::{Escaped, millions, percent, shortened, thousands},
};

/// How many variants are drawn.
const DRAWN: usize = 10;

/// The section about the selection.
pub(crate) fn section(selection: &Selection) -> Section {
    let drawn = drawn(selection);
    let mut body = String::new();
    let _ = write!(
        body,
        "<p>The best of {} variants: those whose fitting networks have the highest mean MACs, with the memory that the \
         <code>{}</code> engine plans. A curve further right means larger networks in the same memory.</p>",
        thousands(selection.total_variants),
        Escaped(&selection.engine)
    );
    for text in &selection.notes {
        body.push_str(&note(text));
    }
    body.push_str(&figure(selection, &drawn));
    body.push_str(&table(selection, &drawn));
    Section { id: "select", title: "Which variant", body }
}

/// The best variants, and the winner if it is not among them.
fn drawn(selection: &Selection) -> Vec<&Variant> {
    let best = selection.variants.iter().take(DRAWN);
    let winner = selection.variants.iter().skip(DRAWN).find(|v| v.name == selection.winner);
    best.chain(winner).collect()
}

fn figure(selection: &Selection, drawn: &[&Variant]) -> String {
    if drawn.iter().all(|v| v.cdf.is_empty()) {
        return String::new();
    }
    let mut svg = Svg::new(1080.0, 400.0, "Cumulative distribution of the MACs of the fitting networks per variant");
    let macs = || drawn.iter().flat_map(|v| &v.cdf).map(|p| p.macs);
    let (low, high) = macs().fold((f64::INFINITY, 0.0_f64), |(low, high), m| (low.min(m), high.max(m)));
    // Curves that are all far from zero are not squeezed together.
    let begin = if low > high * 0.4 { Begin::Data } else { Begin::Zero };
    let frame = Frame {
        area: Rect { x: 62.0, y: 14.0, w: 740.0, h: 330.0 },
        x: Axis::over("MACs of the network (millions)", Unit::Macs, begin, macs(), 8),
        y: Axis::over("fitting networks with at most so many (%)", Unit::Percent, Begin::Zero, [1.0].into_iter(), 5)
            .exactly(0.0, 1.0),
    };
    frame.draw(&mut svg);
    let area = frame.area;
    let y80 = frame.at(0.0, 0.8).y;
    svg.line(point(area.x, y80), point(area.right(), y80), "limit");
    svg.text(point(area.x + 6.0, y80 - 5.0), Anchor::Start, "limit-label", "P80");
    let legend = area.right() + 26.0;
    svg.text(point(legend, 24.0), Anchor::Start, "title", "variant | mean MACs");
    // The winner is drawn last, on top of the others.
    let order = drawn.iter().enumerate().rev();
    let (winner, others): (Vec<_>, Vec<_>) = order.partition(|(_, v)| v.name == selection.winner);
    for (rank, variant) in others.into_iter().chain(winner) {
        let won = variant.name == selection.winner;
        let (strength, series) = (if won { "winner" } else { "" }, rank % SERIES);
        let class = format!("line {strength} s{series} d{}", rank % 3);
        let tip = format!("{}: mean {} MACs", variant.name, millions(variant.mean_macs));
        // From the ground: the smallest network is a step, and a single one is a curve, too.
        let ground = variant.cdf.first().map(|p| frame.at(p.macs, 0.0));
        let points: Vec<_> = ground.into_iter().chain(variant.cdf.iter().map(|p| frame.at(p.macs, p.share))).collect();
        svg.polyline(&points, &class, &tip);
        if let Some(p80) = variant.p80_macs {
            let tip = format!("{}: P80 {} MACs", variant.name, millions(p80));
            svg.circle(frame.at(p80, 0.8), if won { 5.0 } else { 3.5 }, &format!("mark s{series}"), &tip);
        }
        let y = 48.0 + 27.0 * rank as f64;
        svg.line(point(legend, y - 4.0), point(legend + 26.0, y - 4.0), &class);
        let label = format!("{} | {}", shortened(&variant.name, 16), millions(variant.mean_macs));
        svg.text(point(legend + 34.0, y), Anchor::Start, if won { "label strong" } else { "label" }, &label);
        if won {
            svg.text(point(1078.0, y), Anchor::End, "label strong", "winner");
        }
    }
    format!("<figure class=\"scroll\">{}</figure>", svg.finish())
}

fn table(selection: &Selection, drawn: &[&Variant]) -> String {
    let mut text = String::from(
        "<div class=\"scroll\"><table><thead><tr><th class=\"n\">#</th><th>variant</th><th class=\"n\">mean MACs</th>\
         <th class=\"n\">P80 MACs</th><th class=\"n\">networks that fit</th><th class=\"n\">share</th><th></th></tr></thead><tbody>",
    );
    for variant in drawn {
        let won = variant.name == selection.winner;
        let rank = selection.variants.iter().position(|v| v.name == variant.name).map_or(0, |at| at + 1);
        let share = if variant.samples == 0 { 0.0 } else { variant.fitting as f64 / variant.samples as f64 };
        let _ = write!(
            text,
            "<tr{}><td class=\"n\">{rank}</td><td><code>{}</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{} of {}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            if won { " class=\"best\"" } else { "" },
            Escaped(&variant.name),
            millions(variant.mean_macs),
            variant.p80_macs.map_or_else(|| "–".into(), millions),
            thousands(variant.fitting),
            thousands(variant.samples),
            percent(share),
            if won { "winner" } else { "" },
        );
    }
    text.push_str("</tbody></table></div>");
    text
}
