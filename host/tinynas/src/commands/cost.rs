//! `tinynas cost NETWORKS.json`: every engine's figures of networks beside the published ones.

use serde_json::json;
use tinynas_cost::published::{Row, read, row};

use crate::{
    args::CostArgs,
    failure::Failure,
    output::{Align, Answer, Table, Verdict},
};

/// Counts the networks of a file.
pub fn run(args: &CostArgs) -> Result<Answer, Failure> {
    let rows = read(&args.networks)?.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let differences: Vec<String> = rows.iter().flat_map(differences).collect();
    let mut text = table(&rows).render();
    text.push_str(
        "\n\nSRAM in KiB, computed / published where that is known; tinynas: arena of the smallest plan, kernels' scratch \
         included; vs TE: TinyEngine's over it; cycles: the planner's estimate for it over the fastest plan's, whose arena \
         is in the last column; by rows: the arena if the input is fed row by row",
    );
    let counted = rows.iter().filter(|row| row.recomputed.is_some()).count();
    if counted > 0 && differences.is_empty() {
        text.push_str(&format!(
            "\nequal     all figures of {counted} networks that were counted by other programs, to the byte"
        ));
    }
    for difference in &differences {
        text.push_str(&format!("\ndiffers   {difference}"));
    }
    let json = json!({
        "schema": "tinynas/cost/1", "networks": rows, "counted_elsewhere": counted, "differences": differences });
    let verdict = if differences.is_empty() { Verdict::Yes } else { Verdict::No };
    Ok(Answer::new(text, &json)?.verdict(verdict))
}

fn table(rows: &[Row]) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("network", Left),
        ("M MACs", Right),
        ("M params", Right),
        ("naive", Right),
        ("tflm", Right),
        ("tinyengine", Right),
        ("tinynas", Right),
        ("vs TE", Right),
        ("cycles", Right),
        ("by rows", Right),
        ("fastest", Right),
    ];
    let mut table = Table::new(&columns);
    for row in rows {
        let published = &row.published;
        let ratio = row.tinyengine_peak_bytes as f64 / row.tinynas_arena_bytes as f64;
        table.row(vec![
            row.name.clone(),
            beside(format!("{:.2}", row.macs as f64 / 1e6), published.macs_millions),
            beside(format!("{:.2}", row.params as f64 / 1e6), published.params_millions),
            beside(kib(row.naive_act_bytes), published.act_kib),
            beside(kib(row.tflm_peak_bytes), published.tflm_sram_kib),
            beside(kib(row.tinyengine_peak_bytes), published.tinyengine_sram_kib),
            kib(row.tinynas_arena_bytes),
            format!("{ratio:.2}x"),
            format!("{:.2}x", row.tinynas_smallest_cycles),
            kib(row.tinynas_rowfed_arena_bytes),
            kib(row.tinynas_fastest_arena_bytes),
        ]);
    }
    table
}

/// `45.0 / 45`.
fn beside(computed: String, published: Option<f64>) -> String {
    match published {
        Some(published) => format!("{computed} / {published}"),
        None => computed,
    }
}

fn kib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1024.0)
}

/// Figures that other programs counted otherwise.
fn differences(row: &Row) -> Vec<String> {
    let Some(theirs) = &row.recomputed else { return Vec::new() };
    let figures = [
        ("MACs", row.macs, theirs.macs),
        ("parameters", row.params, theirs.params_with_bn),
        ("naive SRAM", row.naive_act_bytes, theirs.peak_act_mcunet_formula),
        ("TinyEngine SRAM", row.tinyengine_peak_bytes, theirs.te_peak),
        ("TinyEngine model", row.tinyengine_model_bytes, theirs.te_model_size),
    ];
    let differing = figures.into_iter().filter(|(_, ours, theirs)| ours != theirs);
    differing.map(|(what, ours, theirs)| format!("{}: {what} {ours}, elsewhere {theirs}", row.name)).collect()
}
