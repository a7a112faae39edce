//! The answer of `fit` for people: verdict, memory map, layer table.

use super::Fit;
use crate::output::{Align, Table, bar, kib, thousands};

/// A budget beyond this is none.
const UNLIMITED: u64 = u32::MAX as u64;

/// All of it.
pub(super) fn human(fit: &Fit) -> String {
    let verdict = if fit.fits { "fits" } else { "does not fit" };
    let board = fit.board.as_ref().map(|board| format!(" on {board}")).unwrap_or_default();
    let mut text = format!("{verdict:<9} {}{board}", fit.model);
    text.push_str(&memory("SRAM", fit.sram.arena_bytes, fit.sram.budget_bytes));
    part(&mut text, "arena", fit.sram.arena_bytes, "input, activations and scratch");
    rest(&mut text, fit.sram.arena_bytes, fit.sram.budget_bytes);
    if let (Some(stack), Some(statics)) = (fit.sram.stack_reserve_bytes, fit.sram.static_reserve_bytes) {
        let what = format!("beside it: stack {} B, statics {} B", thousands(stack), thousands(statics));
        part(&mut text, "kept", stack + statics, &what);
    }
    for other in &fit.others {
        part(&mut text, &other.engine.to_string(), other.sram.0, "what that engine would need for its arena");
    }
    text.push_str(&memory("flash", fit.flash.bytes, fit.flash.budget_bytes));
    part(&mut text, "code", fit.flash.code_bytes, "the firmware's code and constants, at most");
    part(&mut text, "model", fit.flash.model_bytes, "weights, constants and plan");
    rest(&mut text, fit.flash.bytes, fit.flash.budget_bytes);
    let limit = match fit.macs.limit {
        Some(limit) if fit.macs.fits => format!(" of at most {}", thousands(limit)),
        Some(limit) => format!(", {} more than the {} allowed", thousands(fit.macs.macs - limit), thousands(limit)),
        None => String::new(),
    };
    text.push_str(&format!("\n\nMACs      {}{limit}\n\n{}", thousands(fit.macs.macs), plans(fit)));
    text.push_str(&format!("\n\n{}", layers(fit)));
    for (index, advice) in fit.advice.iter().enumerate() {
        text.push_str(if index == 0 { "\n\ntry       " } else { "\n          " });
        text.push_str(advice);
    }
    text
}

/// A bar with used and whole.
fn memory(name: &str, used: u64, budget: u64) -> String {
    if budget >= UNLIMITED {
        return format!("\n\n{name:<9} {} without a limit", kib(used));
    }
    let over = if used > budget { "  over" } else { "" };
    let share = used as f64 / budget.max(1) as f64 * 100.0;
    format!("\n\n{name:<9} {} {} of {} ({share:.0} %){over}", bar(used, budget), kib(used), kib(budget))
}

fn part(text: &mut String, name: &str, bytes: u64, what: &str) {
    text.push_str(&format!("\n  {name:<10} {:>9} B  {what}", thousands(bytes)));
}

/// What is free, or what is too much.
fn rest(text: &mut String, used: u64, budget: u64) {
    if budget >= UNLIMITED {
    } else if used <= budget {
        part(text, "free", budget - used, "");
    } else {
        part(text, "over", used - budget, "");
    }
    let kept = text.trim_end().len();
    text.truncate(kept);
}

/// Bytes and estimated cycles of both ends of what can be planned.
fn plans(fit: &Fit) -> String {
    use Align::{Left, Right};
    let mut table =
        Table::new(&[("plan", Left), ("arena B", Right), ("M cycles, estimated", Right), ("options", Left)]);
    for plan in &fit.plans {
        let own = if u64::from(plan.arena_bytes) == fit.sram.arena_bytes { "  <- this" } else { "" };
        table.row(vec![
            plan.name.into(),
            thousands(plan.arena_bytes.into()),
            format!("{:.2}", plan.estimated_cycles as f64 / 1e6),
            format!("{}{own}", plan.options),
        ]);
    }
    table.render()
}

fn layers(fit: &Fit) -> String {
    use Align::{Left, Right};
    let columns = [
        ("#", Right),
        ("layer", Left),
        ("op", Left),
        ("output", Left),
        ("live B", Right),
        ("weights B", Right),
        ("MACs", Right),
        ("", Left),
    ];
    let mut table = Table::new(&columns);
    for layer in &fit.layers {
        let [h, w, c] = layer.output;
        table.row(vec![
            layer.index.to_string(),
            layer.name.clone(),
            layer.op.clone(),
            format!("{h}x{w}x{c}"),
            thousands(layer.live_bytes),
            thousands(layer.weight_bytes),
            if layer.macs == 0 { "-".into() } else { thousands(layer.macs) },
            if layer.index == fit.peak.step { "<- peak".into() } else { String::new() },
        ]);
    }
    table.render()
}
