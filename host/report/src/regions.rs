//! The board's memories in order of address: what lies where, and what is left of the budget.

use std::fmt::Write;

use crate::{
    Memory, Region,
    page::Section,
    svg::{Anchor, Rect, SERIES, Svg, fitting, point},
    text::{Escaped, bytes, kib, share},
};

/// The section about the memories.
pub(crate) fn section(memories: &[Memory]) -> Section {
    let mut body = String::from("<p>In order of address, to scale. Shaded: observed high-water mark.</p>");
    for memory in memories {
        body.push_str(&one(memory));
    }
    Section { id: "memories", title: "SRAM and flash, by address", body }
}

/// A piece of the bar.
enum Piece<'a> {
    Region(&'a Region, usize),
    /// Unused bytes between two regions; drawn narrow, whatever their number.
    Gap(u64),
}

const GAP: f64 = 26.0;

fn one(memory: &Memory) -> String {
    let used: u64 = memory.regions.iter().fold(0, |sum, r| sum.saturating_add(r.bytes));
    let left = memory.budget_bytes.map(|budget| budget.saturating_sub(used));
    let pieces = pieces(memory);
    let mut text = format!("<h3>{}</h3><p class=\"sub\">", Escaped(&memory.name));
    let _ = write!(text, "{} ({}) used", kib(used), bytes(used));
    if let Some(budget) = memory.budget_bytes {
        let word = if used <= budget { "fits" } else { "over" };
        let _ =
            write!(text, ", {} of a budget of {} ({}): <b>{word}</b>", share(used, budget), kib(budget), bytes(budget));
    }
    if let Some(size) = memory.bytes {
        let _ = write!(text, "; the board has {}", kib(size));
    }
    text.push_str("</p>");
    let _ = write!(text, "<figure class=\"scroll\">{}</figure>", bar(memory, &pieces, used));
    text.push_str(&table(memory, &pieces, left));
    text
}

fn pieces(memory: &Memory) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut end = memory.origin;
    for (index, region) in memory.regions.iter().enumerate() {
        if let (Some(end), Some(begin)) = (end, region.address)
            && begin > end
        {
            pieces.push(Piece::Gap(begin - end));
        }
        pieces.push(Piece::Region(region, index));
        end = region.address.map(|a| a.saturating_add(region.bytes));
    }
    pieces
}

fn bar(memory: &Memory, pieces: &[Piece<'_>], used: u64) -> String {
    let mut svg = Svg::new(1080.0, 84.0, &format!("What lies in the {}", memory.name));
    let gaps = pieces.iter().filter(|p| matches!(p, Piece::Gap(_))).count() as f64;
    let whole = used.max(memory.budget_bytes.unwrap_or(0)).max(1);
    let scale = (1076.0 - gaps * GAP) / whole as f64;
    let (top, height) = (20.0, 46.0);
    let mut x = 2.0;
    for piece in pieces {
        match piece {
            Piece::Gap(free) => {
                let rect = Rect { x, y: top, w: GAP, h: height };
                svg.rect(rect, "free", &format!("{} unused between", bytes(*free)));
                svg.text(point(rect.center().x, rect.center().y + 4.0), Anchor::Middle, "tick", "⋯");
                x += GAP;
            }
            Piece::Region(region, index) => {
                let rect = Rect { x, y: top, w: region.bytes as f64 * scale, h: height };
                draw(&mut svg, region, *index, rect);
                x = rect.right();
            }
        }
    }
    if let Some(budget) = memory.budget_bytes {
        if budget > used {
            let rect = Rect { x, y: top, w: (budget - used) as f64 * scale, h: height };
            svg.rect(rect, "free", &format!("{} left of the budget", bytes(budget - used)));
            let labels = [format!("{} left", bytes(budget - used)), "left".into()];
            if let Some(label) = labels.iter().find(|l| fitting(l, 11.5, rect.w - 6.0).as_ref() == Some(l)) {
                svg.text(point(rect.center().x, rect.center().y + 4.0), Anchor::Middle, "tick", label);
            }
        }
        let edge = if used > budget { 2.0 + gaps * GAP + budget as f64 * scale } else { 1078.0 };
        svg.line(point(edge, top - 6.0), point(edge, top + height + 6.0), "limit");
        svg.text(point(edge, top - 8.0), Anchor::End, "limit-label", &format!("budget {}", kib(budget)));
    }
    svg.finish()
}

fn draw(svg: &mut Svg, region: &Region, index: usize, rect: Rect) {
    let mut tip = format!("{}: {} ({})", region.name, bytes(region.bytes), kib(region.bytes));
    if let Some(high) = region.high_water_bytes {
        let _ = write!(tip, ", {} of them used", bytes(high));
    }
    svg.rect(rect, &format!("region s{}", index % SERIES), &tip);
    if let Some(high) = region.high_water_bytes.filter(|high| *high < region.bytes) {
        // A stack grows from the end of its reserve downwards, everything else from the beginning upwards.
        let w = rect.w * high as f64 / region.bytes.max(1) as f64;
        let x = if is_stack(region) { rect.right() - w } else { rect.x };
        svg.rect(Rect { x, w, ..rect }, "high-water", &tip);
    }
    let size = bytes(region.bytes);
    let center = rect.center();
    if let Some(name) = fitting(&region.name, 12.0, rect.w - 6.0) {
        let second = fitting(&size, 11.5, rect.w - 6.0).filter(|text| *text == size);
        let y = if second.is_some() { center.y - 3.0 } else { center.y + 4.0 };
        svg.text(point(center.x, y), Anchor::Middle, "on-region strong", &name);
        if let Some(text) = second {
            svg.text(point(center.x, center.y + 13.0), Anchor::Middle, "on-region", &text);
        }
    }
}

fn is_stack(region: &Region) -> bool {
    region.name.contains("stack")
}

fn table(memory: &Memory, pieces: &[Piece<'_>], left: Option<u64>) -> String {
    let mut text = String::from(
        "<div class=\"scroll\"><table class=\"tight\"><thead><tr><th></th><th>region</th><th class=\"n\">address</th>\
         <th class=\"n\">bytes</th><th class=\"n\">KiB</th><th class=\"n\">of the budget</th>\
         <th class=\"n\">high-water mark</th></tr></thead><tbody>",
    );
    let whole = memory.budget_bytes.unwrap_or(0);
    let part = |n: u64| if whole == 0 { "–".to_owned() } else { share(n, whole) };
    for piece in pieces {
        let _ = match piece {
            Piece::Gap(free) => write!(
                text,
                "<tr class=\"dim\"><td></td><td>unused between</td><td></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
                 <td class=\"n\">–</td><td></td></tr>",
                bytes(*free),
                kib(*free)
            ),
            Piece::Region(region, index) => write!(
                text,
                "<tr><td><span class=\"key swatch s{}\"></span></td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
                 <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                index % SERIES,
                Escaped(&region.name),
                region.address.map_or_else(|| "–".into(), |a| format!("<code>{a:#010x}</code>")),
                bytes(region.bytes),
                kib(region.bytes),
                part(region.bytes),
                region.high_water_bytes.map_or_else(String::new, |high| format!(
                    "{} <small>({} of it)</small>",
                    bytes(high),
                    share(high, region.bytes)
                )),
            ),
        };
    }
    if let Some(left) = left {
        let _ = write!(
            text,
            "<tr class=\"dim\"><td></td><td>left of the budget</td><td></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td></td></tr>",
            bytes(left),
            kib(left),
            part(left)
        );
    }
    text.push_str("</tbody></table></div>");
    text
}
