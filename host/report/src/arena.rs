//! The arena over time: which bytes hold what in which step.

use std::fmt::Write;

use crate::{
    Arena, ArenaBlock, ArenaKind,
    axes::{Axis, Begin, Frame, Unit},
    page::Section,
    svg::{Anchor, Rect, Svg, fitting, point, text_width},
    text::{Escaped, bytes, kib, shortened},
};

/// The section about the arena.
pub(crate) fn section(arena: &Arena) -> Section {
    let (peak, live) = peak(arena);
    let mut body = String::new();
    let _ = write!(
        body,
        "<p>The plan that the chip executes: {} ({}) of arena for {} steps.",
        kib(arena.bytes),
        bytes(arena.bytes),
        arena.steps.len()
    );
    if let Some(step) = arena.steps.get(peak) {
        let _ = write!(body, " Most is alive in step <code>{}</code>: {}.", Escaped(step), bytes(live));
    }
    body.push_str(
        " A depthwise convolution writes over its input: there two rectangles meet in the middle of a step.</p>\
         <p class=\"legend\"><span class=\"entry\"><span class=\"key k-input\"></span>input</span> <span class=\"entry\"><span class=\"key k-tensor\"></span>tensor</span> \
         <span class=\"entry\"><span class=\"key k-output\"></span>output</span> <span class=\"entry\"><span class=\"key k-scratch\"></span>scratch</span> \
         <span class=\"entry\"><span class=\"key k-limit\"></span>arena</span></p>",
    );
    if !arena.steps.is_empty() {
        let _ = write!(body, "<figure class=\"scroll\">{}</figure>", figure(arena, peak));
        body.push_str(&table(arena));
    }
    Section { id: "arena", title: "The arena, step by step", body }
}

/// The step with the most living bytes, and how many these are.
fn peak(arena: &Arena) -> (usize, u64) {
    let steps = 0..arena.steps.len();
    let best = steps.map(|step| (step, live(arena, step))).max_by_key(|(step, live)| (*live, usize::MAX - step));
    best.unwrap_or_default()
}

/// Bytes that are covered by blocks in a step; bytes that two blocks share count once.
fn live(arena: &Arena, step: usize) -> u64 {
    let alive = arena.blocks.iter().filter(|b| (b.first_step..=b.last_step).contains(&step));
    let mut spans: Vec<(u64, u64)> = alive.map(|b| (b.offset, end(b))).collect();
    spans.sort_unstable();
    let (mut sum, mut covered) = (0, 0);
    for (begin, end) in spans {
        sum += end.saturating_sub(begin.max(covered));
        covered = covered.max(end);
    }
    sum
}

fn figure(arena: &Arena, peak: usize) -> String {
    let longest = arena.steps.iter().map(|s| s.chars().count().min(18)).max().unwrap_or(0);
    let foot = text_width(&"m".repeat(longest), 10.0) + 16.0;
    let (top, height) = (30.0, 330.0);
    let mut svg = Svg::new(1080.0, top + height + foot + 8.0, "Bytes of the arena that are in use in every step");
    let ends = arena.blocks.iter().map(end);
    let frame = Frame {
        area: Rect { x: 62.0, y: top, w: 1010.0, h: height },
        x: Axis::over("", Unit::Count, Begin::Zero, [arena.steps.len() as f64].into_iter(), 1),
        y: Axis::over(
            "offset in the arena (KiB)",
            Unit::Kib,
            Begin::Zero,
            ends.chain([arena.bytes]).map(|v| v as f64),
            6,
        ),
    };
    let area = frame.area;
    let column = area.w / arena.steps.len() as f64;
    for (share, label) in frame.y.ticks() {
        let y = area.bottom() - share * area.h;
        svg.line(point(area.x, y), point(area.right(), y), "grid");
        svg.text(point(area.x - 7.0, y + 4.0), Anchor::End, "tick", &label);
    }
    svg.turned(point(16.0, area.center().y), 90.0, Anchor::Middle, "title", "offset in the arena (KiB)");
    let at_peak = Rect { x: area.x + column * peak as f64, y: area.y, w: column, h: area.h };
    svg.rect(at_peak, "peak", "the step with the most living bytes");
    for (index, block) in arena.blocks.iter().enumerate() {
        draw(&mut svg, arena, block, index, &frame, column);
    }
    let y = frame.at(0.0, arena.bytes as f64).y;
    svg.line(point(area.x, y), point(area.right(), y), "limit");
    let label = format!("arena {} ({})", bytes(arena.bytes), kib(arena.bytes));
    svg.text(point(area.right(), y - 6.0), Anchor::End, "limit-label", &label);
    let every = (11.0 / column).ceil().max(1.0) as usize;
    for (step, name) in arena.steps.iter().enumerate() {
        if step % every == 0 || step == peak {
            let x = area.x + column * (step as f64 + 0.5) + 3.5;
            let class = if step == peak { "tick strong" } else { "tick" };
            let beside_peak = every > 1 && step != peak && step.abs_diff(peak) < every;
            if !beside_peak {
                svg.turned(point(x, area.bottom() + 8.0), 90.0, Anchor::End, class, &shortened(name, 18));
            }
        }
    }
    svg.line(point(area.x, area.bottom()), point(area.right(), area.bottom()), "axis");
    svg.finish()
}

fn end(block: &ArenaBlock) -> u64 {
    block.offset.saturating_add(block.bytes)
}

/// Whether the step in which `early` ends and `late` begins works in place.
fn in_place(early: &ArenaBlock, late: &ArenaBlock) -> bool {
    let overlap = early.offset < end(late) && late.offset < end(early);
    overlap && early.last_step == late.first_step && early.first_step < late.first_step.max(1)
}

fn draw(svg: &mut Svg, arena: &Arena, block: &ArenaBlock, index: usize, frame: &Frame, column: f64) {
    let others = || arena.blocks.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, b)| b);
    let taken_over = others().any(|late| late.kind != ArenaKind::Scratch && in_place(block, late));
    let takes_over = block.kind != ArenaKind::Scratch && others().any(|early| in_place(early, block));
    let begin = block.first_step as f64 + if takes_over { 0.5 } else { 0.0 };
    let until = block.last_step as f64 + if taken_over { 0.5 } else { 1.0 };
    let (x, bottom) = (frame.area.x + begin * column, frame.at(0.0, block.offset as f64).y);
    let top = frame.at(0.0, end(block) as f64).y;
    let rect = Rect { x: x + 0.5, y: top, w: (until - begin) * column - 1.0, h: (bottom - top).max(1.0) };
    let class = match block.kind {
        ArenaKind::Input => "a-input",
        ArenaKind::Output => "a-output",
        ArenaKind::Scratch => "a-scratch",
        ArenaKind::Tensor if index.is_multiple_of(2) => "a-tensor",
        ArenaKind::Tensor => "a-tensor odd",
    };
    let name = |step: usize| arena.steps.get(step).map_or("?", String::as_str);
    let tip = format!(
        "{}: {} at offset {}, from {} to {}",
        block.name,
        bytes(block.bytes),
        block.offset,
        name(block.first_step),
        name(block.last_step)
    );
    svg.rect(rect, class, &tip);
    let center = rect.center();
    let flat = fitting(&block.name, 10.5, rect.w - 4.0).filter(|_| rect.h >= 13.0);
    let tall = fitting(&block.name, 10.5, rect.h - 4.0).filter(|_| rect.w >= 12.0);
    let whole = |label: &Option<String>| label.as_ref().is_some_and(|l| *l == block.name);
    match (flat, tall) {
        (Some(label), tall) if whole(&Some(label.clone())) || !whole(&tall) => {
            svg.text(point(center.x, center.y + 4.0), Anchor::Middle, "on-arena", &label);
        }
        (_, Some(label)) => svg.turned(point(center.x + 4.0, center.y), 90.0, Anchor::Middle, "on-arena", &label),
        _ => {}
    }
}

fn table(arena: &Arena) -> String {
    let mut text = String::from(
        "<details><summary>Every tensor with its place</summary><div class=\"scroll\"><table><thead><tr><th>name</th>\
         <th>kind</th><th class=\"n\">offset</th><th class=\"n\">bytes</th><th class=\"n\">end</th><th>from step</th>\
         <th>to step</th></tr></thead><tbody>",
    );
    let step = |at: usize| arena.steps.get(at).map_or("–", String::as_str);
    for block in &arena.blocks {
        let kind = match block.kind {
            ArenaKind::Input => "input",
            ArenaKind::Tensor => "tensor",
            ArenaKind::Output => "output",
            ArenaKind::Scratch => "scratch",
        };
        let _ = write!(
            text,
            "<tr><td><code>{}</code></td><td>{kind}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td><code>{}</code></td><td><code>{}</code></td></tr>",
            Escaped(&block.name),
            bytes(block.offset),
            bytes(block.bytes),
            bytes(end(block)),
            Escaped(step(block.first_step)),
            Escaped(step(block.last_step)),
        );
    }
    text.push_str("</tbody></table></div></details>");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(offset: u64, bytes: u64, first_step: usize, last_step: usize) -> ArenaBlock {
        ArenaBlock { offset, bytes, first_step, last_step, ..ArenaBlock::default() }
    }

    #[test]
    fn shared_bytes_are_alive_once() {
        let blocks = vec![block(0, 100, 0, 1), block(0, 60, 1, 2), block(100, 10, 1, 1)];
        let arena = Arena { bytes: 110, steps: vec!["a".into(), "b".into(), "c".into()], blocks };
        assert_eq!([0, 1, 2].map(|step| live(&arena, step)), [100, 110, 60]);
        assert_eq!(peak(&arena), (1, 110));
    }

    #[test]
    fn only_the_step_in_place_is_halved() {
        assert!(in_place(&block(0, 100, 0, 1), &block(0, 60, 1, 2)));
        assert!(!in_place(&block(0, 100, 0, 1), &block(100, 60, 1, 2)));
        assert!(!in_place(&block(0, 100, 0, 1), &block(0, 60, 2, 2)));
    }
}
