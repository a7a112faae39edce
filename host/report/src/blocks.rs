//! The chosen network, block by block: as tall as its resolution, as dark as its channels.

use std::fmt::Write;

use crate::{
    Block, BlockKind, Network,
    page::Section,
    svg::{Anchor, Rect, Svg, fitting, point},
    text::{Escaped, shape, thousands},
};

/// The section about the chosen network.
pub(crate) fn section(network: &Network) -> Section {
    let mut body = String::new();
    let _ = write!(
        body,
        "<p>Candidate <code>{}</code>: {} MACs, {} parameters, input {}, {} classes.</p>",
        Escaped(&network.id),
        thousands(network.macs),
        thousands(network.params),
        shape(network.input),
        thousands(u64::from(network.classes)),
    );
    if !network.genotype.is_empty() {
        let _ = write!(body, "<p class=\"genotype\">genotype <code>{}</code></p>", Escaped(&network.genotype));
    }
    if !network.blocks.is_empty() {
        let _ = write!(body, "<figure class=\"scroll\">{}</figure>", figure(network));
        body.push_str(&table(network));
    }
    Section { id: "network", title: "The chosen network", body }
}

fn figure(network: &Network) -> String {
    let (left, right, base) = (56.0, 1078.0, 206.0);
    let (tallest, widest) = network
        .blocks
        .iter()
        .fold((network.input[0], 1), |(h, c), block| (h.max(block.output[0]), c.max(block.output[2])));
    let mut svg = Svg::new(1080.0, 274.0, "Blocks of the chosen network: height is resolution, strength is channels");
    let pitch = ((right - left) / (network.blocks.len() + 1) as f64).min(86.0);
    let width = pitch * 0.74;
    let tall = |h: u32| (f64::from(h) / f64::from(tallest.max(1))).sqrt() * 150.0 + 8.0;
    let place = |at: usize, h: u32| {
        let x = left + pitch * at as f64 + (pitch - width) / 2.0;
        Rect { x, y: base - tall(h), w: width, h: tall(h) }
    };
    for (dy, word) in [(-6.0, "kernel"), (18.0, "block"), (34.0, "h×w"), (50.0, "channels"), (66.0, "expand")] {
        let _ = (dy > 0.0).then(|| svg.text(point(left - 6.0, base + dy), Anchor::End, "tick", word));
    }
    let input = place(0, network.input[0]);
    svg.rect(input, "input", &format!("input {}", shape(network.input)));
    labels(&mut svg, input, base, pitch, "input", network.input, "");
    for (at, block) in network.blocks.iter().enumerate() {
        let rect = place(at + 1, block.output[0]);
        svg.rect(rect, "block-back", "");
        let strength = 0.25 + 0.75 * (f64::from(block.output[2]) / f64::from(widest)).sqrt();
        svg.cell(rect, &format!("block {}", kind_class(block)), strength, &describe(block));
        let expansion = if block.expansion > 0 { format!("×{}", block.expansion) } else { String::new() };
        labels(&mut svg, rect, base, pitch, &block.name, block.output, &expansion);
        if block.kernel > 0 {
            let ink = if strength > 0.6 { "on-block strong" } else { "label strong" };
            let y = if rect.h > 44.0 { rect.y + 18.0 } else { rect.y - 6.0 };
            let ink = if rect.h > 44.0 { ink } else { "label strong" };
            svg.text(point(rect.center().x, y), Anchor::Middle, ink, &format!("{0}×{0}", block.kernel));
        }
        if block.stride > 1 && rect.h > 44.0 {
            let ink = if strength > 0.6 { "on-block" } else { "label" };
            svg.text(point(rect.center().x, rect.y + 34.0), Anchor::Middle, ink, &format!("/{}", block.stride));
        }
        if block.skip {
            let before = place(at, network.blocks.get(at.wrapping_sub(1)).map_or(network.input[0], |b| b.output[0]));
            let top = before.y.min(rect.y) - if rect.h > 44.0 { 4.0 } else { 20.0 };
            let (from, to) = (point(before.center().x, top), point(rect.center().x, top));
            svg.arc(from, to, 20.0, "skip", &format!("{}: input added to output", block.name));
        }
    }
    svg.finish()
}

/// What is written below a block.
fn labels(svg: &mut Svg, rect: Rect, base: f64, pitch: f64, name: &str, output: [u32; 3], expansion: &str) {
    let x = rect.center().x;
    let [h, w, c] = output;
    let side = if h == w { h.to_string() } else { format!("{h}×{w}") };
    for (dy, class, text) in
        [(18.0, "tick strong", name), (34.0, "tick", &side), (50.0, "tick", &c.to_string()), (66.0, "tick", expansion)]
    {
        if let Some(text) = fitting(text, 10.5, pitch) {
            svg.text(point(x, base + dy), Anchor::Middle, class, &text);
        }
    }
}

const fn kind_class(block: &Block) -> &'static str {
    match (block.kind, block.kernel) {
        (BlockKind::InvertedResidual, 0..=3) => "s0",
        (BlockKind::InvertedResidual, 4..=5) => "s2",
        (BlockKind::InvertedResidual, _) => "s1",
        _ => "s7",
    }
}

const fn kind_word(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Conv => "convolution",
        BlockKind::InvertedResidual => "inverted residual",
        BlockKind::Pool => "global average pooling",
        BlockKind::Linear => "linear",
    }
}

fn describe(block: &Block) -> String {
    let mut text = format!("{}: {}", block.name, kind_word(block.kind));
    if block.kernel > 0 {
        let _ = write!(text, " {0}×{0}", block.kernel);
    }
    if block.expansion > 0 {
        let _ = write!(text, ", expansion {}", block.expansion);
    }
    let _ = write!(text, ", {} channels in, output {}", block.input_channels, shape(block.output));
    text
}

fn table(network: &Network) -> String {
    let mut text = String::from(
        "<details><summary>The blocks as a table</summary><div class=\"scroll\"><table><thead><tr><th>block</th>\
         <th>kind</th><th class=\"n\">stage</th><th class=\"n\">kernel</th><th class=\"n\">expansion</th>\
         <th class=\"n\">stride</th><th class=\"n\">channels in</th><th class=\"n\">output</th><th>skip</th></tr></thead><tbody>",
    );
    let some = |n: u32| if n == 0 { "–".to_owned() } else { n.to_string() };
    for block in &network.blocks {
        let kernel = if block.kernel == 0 { "–".into() } else { format!("{0}×{0}", block.kernel) };
        let _ = write!(
            text,
            "<tr><td><code>{}</code></td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{kernel}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            Escaped(&block.name),
            kind_word(block.kind),
            some(block.stage),
            some(block.expansion),
            some(block.stride),
            some(block.input_channels),
            shape(block.output),
            if block.skip { "yes" } else { "" },
        );
    }
    text.push_str("</tbody></table></div></details>");
    text
}
