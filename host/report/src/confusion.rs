//! The confusion matrix as a heat map, and the mistakes that are made most.

use std::fmt::Write;

use crate::{
    Confusion,
    svg::{Anchor, Rect, Svg, point, text_width},
    text::{Escaped, percent, ratio, shortened, thousands},
};

/// Letters of a class name in the drawing.
const NAME: usize = 18;

/// Rows of the list of mistakes.
const MISTAKES: usize = 8;

/// Heat map and list of mistakes.
pub(crate) fn part(confusion: &Confusion) -> String {
    if confusion.classes.is_empty() {
        return String::new();
    }
    let (right, all) = totals(confusion);
    let mut text = format!(
        "<h3>Which class is taken for which</h3><p class=\"sub\">{}: {} of {} right ({}). Rows are labels, columns \
         predictions; strength is the share of the row.</p><div class=\"beside\">",
        Escaped(&confusion.of),
        thousands(right),
        thousands(all),
        percent(ratio(right, all))
    );
    let _ = write!(text, "<figure class=\"scroll\">{}</figure>", figure(confusion));
    text.push_str(&mistakes(confusion));
    text.push_str("</div>");
    text
}

/// Images on the diagonal, and all.
fn totals(confusion: &Confusion) -> (u64, u64) {
    let right = confusion.counts.iter().enumerate().filter_map(|(at, row)| row.get(at)).sum();
    (right, confusion.counts.iter().flatten().sum())
}

fn figure(confusion: &Confusion) -> String {
    let classes: Vec<String> = confusion.classes.iter().map(|name| shortened(name, NAME)).collect();
    let n = classes.len() as f64;
    let cell = (560.0 / n).clamp(5.0, 46.0);
    let size = if cell < 12.0 { cell.max(5.0) } else { 11.5 };
    let margin = classes.iter().map(|name| text_width(name, size)).fold(40.0, f64::max) + 12.0;
    // Turned names lean out to the right by as much as they are high.
    let lean = margin * 0.71 + 8.0;
    let (left, top) = (margin, lean + 4.0);
    let recall: f64 = 58.0;
    let mut svg = Svg::new(left + n * cell + recall.max(lean - cell / 2.0), top + n * cell + 8.0, "Confusion matrix");
    for (at, name) in classes.iter().enumerate() {
        let middle = (at as f64 + 0.5) * cell;
        svg.text(point(left - 6.0, top + middle + size * 0.35), Anchor::End, "name", name);
        svg.turned(point(left + middle + size * 0.3, top - 6.0), 45.0, Anchor::Start, "name", name);
    }
    for (label, row) in confusion.counts.iter().enumerate().take(classes.len()) {
        let sum: u64 = row.iter().sum();
        for (prediction, count) in row.iter().enumerate().take(classes.len()) {
            let part = ratio(*count, sum);
            let rect =
                Rect { x: left + prediction as f64 * cell, y: top + label as f64 * cell, w: cell - 1.0, h: cell - 1.0 };
            let name = |at: usize| confusion.classes.get(at).map_or("?", String::as_str);
            let tip =
                format!("{} taken for {}: {} of {}", name(label), name(prediction), thousands(*count), thousands(sum));
            let right = label == prediction;
            // Mistakes are rare: the square root makes them visible.
            let strength = if right { part } else { part.sqrt() };
            svg.rect(rect, "cell-back", "");
            svg.cell(rect, if right { "cell-right" } else { "cell-wrong" }, strength, &tip);
            if *count > 0 && text_width(&count.to_string(), 11.0) < cell - 2.0 && cell >= 16.0 {
                let ink = if strength > 0.6 { "on-cell" } else { "cell-ink" };
                svg.text(point(rect.center().x, rect.center().y + 4.0), Anchor::Middle, ink, &count.to_string());
            }
        }
        if cell >= 12.0 {
            let right = row.get(label).copied().unwrap_or(0);
            let y = top + (label as f64 + 0.5) * cell + 4.0;
            svg.text(point(left + n * cell + 6.0, y), Anchor::Start, "tick", &percent(ratio(right, sum)));
        }
    }
    svg.finish()
}

fn mistakes(confusion: &Confusion) -> String {
    let mut found: Vec<(usize, usize, u64, u64)> = Vec::new();
    for (label, row) in confusion.counts.iter().enumerate() {
        let sum = row.iter().sum();
        let wrong = row.iter().enumerate().filter(|(prediction, count)| *prediction != label && **count > 0);
        found.extend(wrong.map(|(prediction, count)| (label, prediction, *count, sum)));
    }
    if found.is_empty() {
        return "<p>No mistake was made.</p>".into();
    }
    found.sort_by_key(|(label, prediction, count, _)| (u64::MAX - count, *label, *prediction));
    let mut text = String::from(
        "<div class=\"scroll\"><table class=\"tight\"><thead><tr><th>label</th><th>taken for</th><th class=\"n\">images</th></tr></thead><tbody>",
    );
    let name = |at: usize| confusion.classes.get(at).map_or("?", String::as_str);
    for (label, prediction, count, sum) in found.into_iter().take(MISTAKES) {
        let _ = write!(
            text,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{} <small>of {}</small></td></tr>",
            Escaped(name(label)),
            Escaped(name(prediction)),
            thousands(count),
            thousands(sum)
        );
    }
    text.push_str("</tbody></table></div>");
    text
}
