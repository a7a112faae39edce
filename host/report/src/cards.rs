//! The headline numbers.

use std::fmt::Write;

use crate::{
    DeviceRun, Evidence, Figures, ReportData,
    bytes::{Verdict, verdict},
    text::{Escaped, bytes, kib, millions, percent, ratio, share, thousands},
};

/// One number with what it means.
struct Card {
    label: String,
    value: String,
    detail: String,
    /// Part of the budget that is used, a fraction.
    used: Option<f64>,
    good: bool,
}

/// All cards for which there is data.
pub(crate) fn cards(data: &ReportData) -> String {
    let mut cards = accuracy(data);
    cards.extend(network(data));
    cards.extend(memory(data));
    cards.extend(data.device.as_ref().map(outputs));
    cards.extend(data.device.as_ref().and_then(time));
    cards.extend(searched(data));
    if cards.is_empty() {
        return String::new();
    }
    let mut text = String::from("<div class=\"cards\">");
    for card in cards {
        let _ = write!(
            text,
            "<div class=\"card{}\"><div class=\"card-label\">{}</div><div class=\"card-value\">{}</div>",
            if card.good { "" } else { " bad-card" },
            Escaped(&card.label),
            Escaped(&card.value)
        );
        if let Some(used) = card.used {
            let width = used.clamp(0.0, 1.0) * 100.0;
            let over = if used > 1.0 { " class=\"over\"" } else { "" };
            let _ = write!(text, "<div class=\"track\"><i{over} style=\"width:{width:.1}%\"></i></div>");
        }
        let _ = write!(text, "<div class=\"card-detail\">{}</div></div>", Escaped(&card.detail));
    }
    text.push_str("</div>");
    text
}

fn card(label: &str, value: String, detail: String) -> Card {
    Card { label: label.into(), value, detail, used: None, good: true }
}

fn accuracy(data: &ReportData) -> Vec<Card> {
    let Some(accuracy) = &data.accuracy else { return Vec::new() };
    let images = format!("on {} test images", thousands(accuracy.images));
    let mut cards = Vec::new();
    if let Some(float) = accuracy.float {
        cards.push(card("float accuracy", percent(float), images.clone()));
    }
    if let Some(int8) = accuracy.int8 {
        let lost = accuracy.float.map(|float| (float - int8) * 100.0);
        let detail = lost.map_or(images, |lost| {
            format!("{:.2} points {} than float", lost.abs(), if lost < 0.0 { "more" } else { "less" })
        });
        cards.push(card("int8 accuracy", percent(int8), detail));
    }
    cards
}

fn network(data: &ReportData) -> Vec<Card> {
    let Some(network) = &data.network else { return Vec::new() };
    let limit = data.budget.as_ref().and_then(|b| b.macs);
    let of = limit
        .map_or_else(String::new, |limit| format!(", {} of {}", share(network.macs, limit), millions(limit as f64)));
    vec![
        Card {
            used: limit.map(|limit| ratio(network.macs, limit)),
            good: limit.is_none_or(|limit| network.macs <= limit),
            ..card("MACs", millions(network.macs as f64), format!("{}{of}", thousands(network.macs)))
        },
        card("parameters", thousands(network.params), format!("{} blocks", network.blocks.len())),
    ]
}

fn memory(data: &ReportData) -> Vec<Card> {
    let Some(figures) = &data.bytes else { return Vec::new() };
    let budget = data.budget.as_ref();
    let one = |label: &str, figures: &Figures, limit: Option<u64>| {
        let size = figures.predicted.or(figures.linked).or(figures.observed)?;
        let mut words = Vec::new();
        for (word, n) in [("predicted", figures.predicted), ("linked", figures.linked), ("observed", figures.observed)]
        {
            words.extend(n.map(|_| word));
        }
        let (equal, off) = match verdict(figures) {
            Verdict::Open | Verdict::Equal => (true, String::new()),
            Verdict::Off(off) => (false, format!(" ({} off)", bytes(off))),
        };
        let joined = words.join(if equal { " = " } else { " ≠ " });
        let of = limit.map_or_else(String::new, |limit| format!(", {} of {}", share(size, limit), kib(limit)));
        Some(Card {
            used: limit.map(|limit| ratio(size, limit)),
            good: equal && limit.is_none_or(|limit| size <= limit),
            ..card(label, kib(size), format!("{}{of}; {joined}{off}", bytes(size)))
        })
    };
    let arena = one("arena", &figures.arena, budget.map(|b| b.sram_bytes));
    let sram = one("SRAM: arena, .data, .bss, stack", &figures.sram, None);
    let flash = one("flash", &figures.flash, budget.map(|b| b.flash_bytes));
    [arena, sram, flash].into_iter().flatten().collect()
}

fn outputs(device: &DeviceRun) -> Card {
    let equal = device.outputs_equal == device.outputs_total;
    let mut detail = format!("{} on {}, compared with the host byte for byte", device.evidence.word(), device.name);
    if let Some(difference) = &device.first_difference {
        let _ = write!(detail, "; first difference: {difference}");
    }
    let value = format!("{} / {}", thousands(device.outputs_equal), thousands(device.outputs_total));
    Card { good: equal, ..card("outputs equal", value, detail) }
}

fn time(device: &DeviceRun) -> Option<Card> {
    let word = device
        .bound
        .as_ref()
        .map_or_else(|| device.evidence.word().to_owned(), |bound| format!("{}, {bound},", device.evidence.word()));
    if let (Some(cycles), false) = (device.cycles, device.evidence == Evidence::Emulated) {
        let Some(clock) = device.clock_hz.filter(|hz| *hz > 0) else {
            return Some(card(
                "cycles",
                millions(cycles as f64),
                format!("{} per inference, {word}", thousands(cycles)),
            ));
        };
        let ms = cycles as f64 / clock as f64 * 1e3;
        let detail = format!("{} cycles {word} at {:.0} MHz", thousands(cycles), clock as f64 / 1e6);
        return Some(card("latency", format!("{ms:.1} ms"), detail));
    }
    let instructions = device.instructions?;
    Some(card(
        "instructions",
        millions(instructions as f64),
        format!("{} per inference, {word}", thousands(instructions)),
    ))
}

fn searched(data: &ReportData) -> Option<Card> {
    if let Some(search) = &data.search {
        let detail = format!("and {} thrown away for breaking a limit", thousands(search.infeasible));
        return Some(card("candidates scored", thousands(search.evaluated), detail));
    }
    let selection = data.selection.as_ref()?;
    let winner = selection.variants.iter().find(|v| v.name == selection.winner)?;
    let fit = format!(
        "{} mean MACs; {} of {} networks fit",
        millions(winner.mean_macs),
        thousands(winner.fitting),
        thousands(winner.samples)
    );
    Some(card("best variant", winner.name.clone(), fit))
}
