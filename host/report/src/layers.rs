//! The layer table: what every layer computes, stores and takes.

use std::fmt::Write;

use crate::{
    DeviceRun, Evidence, Layer,
    page::{Section, bar_cell},
    text::{Escaped, bytes, known, shape, thousands},
};

/// The section about the layers.
pub(crate) fn section(layers: &[Layer], device: Option<&DeviceRun>) -> Section {
    let evidence = device.map(|device| device.evidence);
    let most = |of: fn(&Layer) -> u64| layers.iter().map(of).max().unwrap_or(0);
    let (macs, weights, live) = (most(|l| l.macs), most(|l| l.weight_bytes), most(|l| l.live_bytes));
    let cycles = most(|l| l.cycles.unwrap_or(0));
    let instructions = most(|l| l.instructions.unwrap_or(0));
    let source = evidence.map_or("", Evidence::word);
    let counted = layers.iter().any(|l| l.cycles.is_some() || l.instructions.is_some());
    let mut body = String::from("<p>In the order of execution; bars are relative to the largest value of a column. ");
    body.push_str(&match (counted, evidence) {
        (true, Some(_)) => {
            let bound = device.and_then(|device| device.bound.as_deref());
            let bound = bound.map_or_else(String::new, |bound| format!(" (cycles: {})", Escaped(bound)));
            format!("Cycles and instructions are <b>{source}</b>{bound}.</p>")
        }
        (false, Some(Evidence::Emulated)) => {
            "An emulator has no notion of time: cycles and instructions are left open.</p>".into()
        }
        _ => "</p>".into(),
    });
    let _ = write!(
        body,
        "<div class=\"scroll\"><table class=\"layers tight\"><thead><tr><th class=\"n\">#</th><th>layer</th><th>operation</th>\
         <th class=\"n\">output</th><th class=\"n\">MACs</th><th class=\"n\">weights</th><th class=\"n\">bytes live</th>\
         <th class=\"n\">cycles</th><th class=\"n\">instructions</th></tr></thead><tbody>"
    );
    for (at, layer) in layers.iter().enumerate() {
        let peak = layer.live_bytes == live && live > 0;
        let _ = write!(
            body,
            "<tr{}><td class=\"n dim\">{at}</td><td><code>{}</code></td><td>{}</td><td class=\"n\">{}</td>{}{}{}{}{}</tr>",
            if peak { " class=\"peak-row\"" } else { "" },
            Escaped(&layer.name),
            Escaped(&layer.op),
            shape(layer.output),
            bar_cell(&thousands(layer.macs), layer.macs, macs),
            bar_cell(&bytes(layer.weight_bytes), layer.weight_bytes, weights),
            bar_cell(&bytes(layer.live_bytes), layer.live_bytes, live),
            bar_cell(&known(layer.cycles, thousands), layer.cycles.unwrap_or(0), cycles),
            bar_cell(&known(layer.instructions, thousands), layer.instructions.unwrap_or(0), instructions),
        );
    }
    let sum = |of: fn(&Layer) -> Option<u64>| layers.iter().map(of).sum::<Option<u64>>();
    let _ = write!(
        body,
        "</tbody><tfoot><tr><td></td><td>all</td><td>{} layers</td><td></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
         <td class=\"n\">{} <small>peak</small></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr></tfoot></table></div>",
        layers.len(),
        known(sum(|l| Some(l.macs)), thousands),
        known(sum(|l| Some(l.weight_bytes)), bytes),
        bytes(live),
        known(sum(|l| l.cycles), thousands),
        known(sum(|l| l.instructions), thousands),
    );
    Section { id: "layers", title: "Layer by layer", body }
}
