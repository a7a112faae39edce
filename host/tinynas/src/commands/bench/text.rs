//! What a bench found, for people.

use std::fmt::Write;

use crate::{
    device::{LayerMeasured, Measured, figures_of, profile_table},
    output::{Align, Table, percent, thousands},
};

/// The device, the time, the bytes, and the layers as a table.
pub fn human(m: &Measured) -> String {
    let mut text = format!(
        "device    {} ({}): {} of {} outputs equal to the host",
        m.device.board, m.device.kind, m.outputs_equal, m.outputs_total
    );
    if let Some(difference) = &m.first_difference {
        let _ = write!(text, "\ndiffers   {}", difference.words());
    }
    time(m, &mut text);
    bytes(m, &mut text);
    if m.cycles.is_some() {
        let figures = figures_of(&m.device, m.timing_model.as_ref());
        let _ = write!(text, "\n\n{}\n\ncycles, ms and what follows from them are {figures}", layers(m).render());
        if let Some(model) = &m.timing_model {
            let _ = write!(text, "\nthe bound is of the {} without wait states: {}", model.name, model.source);
        }
    }
    if let Some(costs) = &m.profile {
        let _ = write!(text, "\n\none inference by function, the conversation around it included ({})\n", m.evidence);
        text.push_str(&profile_table(costs).render());
    }
    text
}

fn time(m: &Measured, text: &mut String) {
    let figures = figures_of(&m.device, m.timing_model.as_ref());
    let Some(cycles) = m.cycles else {
        text.push_str("\ntime      not known: this device counts neither cycles nor instructions");
        return;
    };
    match (m.ms, m.clock_hz) {
        (Some(ms), Some(clock)) => {
            let _ = write!(text, "\ntime      {ms:.3} ms at {} MHz ({figures})", clock as f64 / 1e6);
        }
        _ => {
            let _ = write!(text, "\ntime      clock unknown ({figures})");
        }
    }
    let median = m.cycles_median.unwrap_or(cycles);
    let _ = write!(
        text,
        "\ncycles    {} ({}); median of {} runs {}",
        thousands(cycles),
        m.evidence,
        m.repeats,
        thousands(median)
    );
    if let Some(instructions) = m.instructions {
        let per = cycles as f64 / instructions.max(1) as f64;
        let _ = write!(text, "; {} instructions, {per:.2} cycles each", thousands(instructions));
    }
    if let Some(waits) = m.wait_cycles {
        let share = percent(waits as f64 / cycles.max(1) as f64);
        let _ = write!(
            text,
            "\nwaits     {} cycles wait for memories, {share}, the conversation around the run included ({})",
            thousands(waits),
            m.evidence
        );
    }
}

fn bytes(m: &Measured, text: &mut String) {
    let off = |predicted: u64, seen: u64| format!("{} B off", thousands(predicted.abs_diff(seen)));
    let _ = write!(
        text,
        "\nSRAM      predicted {} B, linked {} B, observed {} B ({})\n\
         marks     arena {} of {} B, stack {} of {} B reserved\n\
         flash     predicted {} B, linked {} B, observed {} B ({}): code {} B, model {} B",
        thousands(m.sram.predicted_bytes),
        thousands(m.sram.linked_bytes),
        thousands(m.sram.observed_bytes),
        off(m.sram.predicted_bytes, m.sram.observed_bytes),
        thousands(m.sram.arena_high_water_bytes),
        thousands(m.sram.arena_bytes),
        thousands(m.sram.stack_high_water_bytes),
        thousands(m.sram.stack_reserve_bytes),
        thousands(m.flash.predicted_bytes),
        thousands(m.flash.linked_bytes),
        thousands(m.flash.observed_bytes),
        off(m.flash.predicted_bytes, m.flash.linked_bytes),
        thousands(m.flash.code_bytes),
        thousands(m.flash.model_bytes),
    );
}

fn layers(m: &Measured) -> Table {
    use Align::{Left, Right};
    let mut table = Table::new(&[
        ("layer", Left),
        ("operation", Left),
        ("output", Left),
        ("MACs", Right),
        ("cycles", Right),
        ("median", Right),
        ("ms", Right),
        ("share", Right),
        ("instructions", Right),
        ("cycles/MAC", Right),
    ]);
    let count = |n: Option<u64>| n.map_or_else(|| "-".into(), thousands);
    let figure = |n: Option<f64>, digits: usize| n.map_or_else(|| "-".into(), |n| format!("{n:.digits$}"));
    for LayerMeasured { name, op, output, macs, cycles, cycles_median, ms, share, cycles_per_mac, instructions } in
        &m.layers
    {
        table.row(vec![
            name.clone(),
            op.clone(),
            format!("{}x{}x{}", output[0], output[1], output[2]),
            thousands(*macs),
            count(*cycles),
            count(*cycles_median),
            figure(*ms, 3),
            share.map_or_else(|| "-".into(), percent),
            count(*instructions),
            figure(*cycles_per_mac, 2),
        ]);
    }
    table
}
