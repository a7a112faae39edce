//! The search: scores and accuracies of the candidates against what they cost.

use std::fmt::Write;

use crate::{
    Better, Budget, Candidate, Search, Standing,
    axes::{Axis, Begin, Frame, Unit},
    page::Section,
    svg::{Anchor, Rect, Svg, point, text_width},
    text::{Escaped, bytes, kib, millions, percent, score, thousands},
};

/// What is on the horizontal axis.
#[derive(Clone, Copy)]
struct Cost {
    label: &'static str,
    unit: Unit,
    of: fn(&Candidate) -> u64,
    limit: fn(&Budget) -> Option<u64>,
    print: fn(u64) -> String,
}

const MACS: Cost = Cost {
    label: "MACs (millions)",
    unit: Unit::Macs,
    of: |c| c.macs,
    limit: |b| b.macs,
    print: |macs| millions(macs as f64),
};

const SRAM: Cost =
    Cost { label: "SRAM (KiB)", unit: Unit::Kib, of: |c| c.sram_bytes, limit: |b| Some(b.sram_bytes), print: kib };

/// What is on the vertical axis.
struct Merit<'a> {
    label: &'a str,
    unit: Unit,
    of: fn(&Candidate) -> Option<f64>,
}

/// The section about the search.
pub(crate) fn section(search: &Search, budget: Option<&Budget>) -> Section {
    let better = match search.better {
        Better::Higher => "higher is better",
        Better::Lower => "lower is better",
    };
    let mut body = String::new();
    let _ = write!(
        body,
        "<p>{} candidates were scored without training by <b>{}</b> ({better}); {} more broke a limit and were thrown \
         away before. Finalists are trained; the chosen one has the best accuracy on the validation images.</p>",
        thousands(search.evaluated),
        Escaped(&search.score),
        thousands(search.infeasible)
    );
    body.push_str(
        "<p class=\"legend\"><span class=\"entry\"><span class=\"key k-scored\"></span>scored</span> <span class=\"entry\"><span class=\"key k-finalist\"></span>finalist</span> \
         <span class=\"entry\"><span class=\"key k-chosen\"></span>chosen</span> <span class=\"entry\"><span class=\"key k-limit\"></span>budget</span></p>",
    );
    let label = format!("score ({better})");
    let merits = [
        Merit { label: &label, unit: Unit::Plain, of: |c| c.score },
        Merit { label: "accuracy after training (%)", unit: Unit::Percent, of: |c| c.accuracy },
    ];
    body.push_str("<div class=\"pair\">");
    for merit in &merits {
        for cost in [MACS, SRAM] {
            body.push_str(&figure(search, budget, cost, merit));
        }
    }
    body.push_str("</div>");
    body.push_str(&finalists(search));
    Section { id: "search", title: "Which candidate", body }
}

fn figure(search: &Search, budget: Option<&Budget>, cost: Cost, merit: &Merit<'_>) -> String {
    let value = |c: &Candidate| (merit.of)(c).filter(|v| v.is_finite());
    let mut shown: Vec<(&Candidate, f64)> = search.candidates.iter().filter_map(|c| Some((c, value(c)?))).collect();
    if shown.is_empty() {
        return String::new();
    }
    shown.sort_by_key(|(c, _)| c.standing);
    let limit = budget.and_then(cost.limit);
    let largest = shown.iter().map(|(c, _)| (cost.of)(c)).max().unwrap_or(0);
    // A limit far beyond all candidates would squeeze them together: it is then named, not drawn.
    let near = limit.filter(|limit| *limit <= largest.saturating_mul(3));
    let costs = shown.iter().map(|(c, _)| (cost.of)(c)).chain(near).map(|v| v as f64);
    let frame = Frame {
        area: Rect { x: 62.0, y: 26.0, w: 450.0, h: 250.0 },
        x: Axis::over(cost.label, cost.unit, Begin::Zero, costs, 6),
        y: Axis::over(merit.label, merit.unit, Begin::Data, shown.iter().map(|(_, v)| *v), 5),
    };
    let mut svg = Svg::new(530.0, 322.0, &format!("{} against {}", merit.label, cost.label));
    frame.draw(&mut svg);
    let area = frame.area;
    if let Some(limit) = limit {
        let x = near.map_or(area.right(), |limit| frame.at(limit as f64, 0.0).x);
        if near.is_some() {
            svg.line(point(x, area.y), point(x, area.bottom()), "limit");
        }
        let arrow = if near.is_some() { "" } else { " →" };
        let label = format!("budget {}{arrow}", (cost.print)(limit));
        svg.text(point(x.min(area.right()), area.y - 8.0), Anchor::End, "limit-label", &label);
    }
    // Names only where they cannot pile up.
    let named = shown.iter().filter(|(c, _)| c.standing > Standing::Scored).count() <= 6 && shown.len() <= 6;
    for (candidate, v) in &shown {
        let at = frame.at((cost.of)(candidate) as f64, *v);
        let tip = describe(candidate);
        match candidate.standing {
            Standing::Scored => svg.circle(at, 3.2, "dot", &tip),
            Standing::Finalist => svg.diamond(at, 6.5, "finalist", &tip),
            Standing::Chosen => {
                svg.circle(at, 9.5, "ring", "");
                svg.diamond(at, 6.5, "chosen", &tip);
            }
        }
        if named {
            let left = at.x + 14.0 + text_width(&candidate.id, 11.0) > area.right();
            let (x, anchor) = if left { (at.x - 14.0, Anchor::End) } else { (at.x + 14.0, Anchor::Start) };
            svg.text(point(x, at.y + 4.0), anchor, "label", &candidate.id);
        }
    }
    format!("<figure>{}</figure>", svg.finish())
}

/// All that is known of a candidate, in one line.
fn describe(candidate: &Candidate) -> String {
    let mut text = format!(
        "{}: {} MACs, {} of SRAM ({})",
        candidate.id,
        thousands(candidate.macs),
        kib(candidate.sram_bytes),
        bytes(candidate.sram_bytes)
    );
    if let Some(value) = candidate.score {
        let _ = write!(text, ", score {}", score(value));
    }
    if let Some(accuracy) = candidate.accuracy {
        let _ = write!(text, ", accuracy {}", percent(accuracy));
    }
    text
}

fn finalists(search: &Search) -> String {
    let mut finalists: Vec<&Candidate> = search.candidates.iter().filter(|c| c.standing > Standing::Scored).collect();
    if finalists.is_empty() {
        return String::new();
    }
    finalists.sort_by(|a, b| {
        let accuracy = |c: &Candidate| c.accuracy.unwrap_or(f64::NEG_INFINITY);
        accuracy(b).total_cmp(&accuracy(a)).then_with(|| a.id.cmp(&b.id))
    });
    let mut text = String::from(
        "<div class=\"scroll\"><table><thead><tr><th>finalist</th><th class=\"n\">accuracy</th><th class=\"n\">score</th>\
         <th class=\"n\">MACs</th><th class=\"n\">SRAM</th><th></th></tr></thead><tbody>",
    );
    for candidate in finalists {
        let chosen = candidate.standing == Standing::Chosen;
        let _ = write!(
            text,
            "<tr{}><td><code>{}</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{} <small>({})</small></td><td>{}</td></tr>",
            if chosen { " class=\"best\"" } else { "" },
            Escaped(&candidate.id),
            candidate.accuracy.map_or_else(|| "–".into(), percent),
            candidate.score.map_or_else(|| "–".into(), score),
            thousands(candidate.macs),
            kib(candidate.sram_bytes),
            bytes(candidate.sram_bytes),
            if chosen { "chosen" } else { "" },
        );
    }
    text.push_str("</tbody></table></div>");
    text
}
