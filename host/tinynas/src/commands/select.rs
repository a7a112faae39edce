//! `tinynas select SPACE`: which variant of a space suits a memory budget.

use std::{path::Path, time::Instant};

use serde_json::json;
use tinynas_cost::{
    Board, Engine, Limits,
    select::{SelectConfig, Selection, VariantStats, cdf_svg, select},
};
use tinynas_space::Space;

use crate::{
    args::SelectArgs,
    failure::Failure,
    output::{Align, Answer, Printer, Table, percent, thousands},
    pipeline::{Question, cached_selection, limits},
    run_dir::write_atomic,
};

/// Variants in the table; JSON has all.
const SHOWN: usize = 12;

/// Ranks the variants.
pub fn run(args: &SelectArgs, printer: &Printer) -> Result<Answer, Failure> {
    let space = Space::open(&args.space)?;
    let board = args.budget.board.as_deref().map(Board::open).transpose()?;
    let limits = limits(board.as_ref(), &args.budget.budget(), args.rank.engine)?;
    let config = SelectConfig {
        samples: args.rank.samples,
        seed: args.work.seed,
        min_feasible: args.rank.min_feasible,
        sample_until: args.rank.sample_until,
        classes: args.classes,
        channels: args.channels.unwrap_or_else(|| space.channels()),
    };
    printer.step(
        "select",
        &format!(
            "{} variants of {} x {} networks",
            space.variants().len(),
            space.name,
            thousands(config.samples.into())
        ),
    );
    let begun = Instant::now();
    let answered = if args.no_cache {
        select(&space, &limits, &config, args.work.threads()).map(|selection| (selection, false)).map_err(Failure::from)
    } else {
        let question = Question { space: &space, limits: &limits, config };
        cached_selection(&question, args.work.threads())
    };
    let (selection, cached) = answered.map_err(|failure| in_board(failure, args, board.as_ref()))?;
    let elapsed = begun.elapsed().as_secs_f64();
    if let Some(file) = &args.svg {
        write_atomic(file, cdf_svg(&selection).as_bytes())?;
        printer.step("figure", &file.display().to_string());
    }
    let winner = selection.winner();
    let mut json = serde_json::to_value(&selection).map_err(Failure::internal)?;
    json["elapsed_s"] = json!(elapsed);
    json["cached"] = json!(cached);
    json["winner"] = json!({
        "variant": winner.variant, "mean_macs": winner.mean_macs, "p80_macs": winner.p80_macs,
        "feasible_share": winner.feasible_share, "fitting": winner.fitting, "samples": winner.samples });
    let engine = match args.rank.engine {
        Engine::Tinynas => String::new(),
        engine => format!(" --engine {engine}"),
    };
    let next = format!("tinynas search {}@{}{}{engine}", args.space, winner.variant, args.budget.flags());
    Ok(Answer::new(human(&selection, &limits, elapsed, cached), &json)?.next(next))
}

/// Points at the memory of the user's board file if that is what nothing fits.
fn in_board(failure: Failure, args: &SelectArgs, board: Option<&Board>) -> Failure {
    match (&args.budget.board, board) {
        (Some(file), Some(board)) if failure.code() == "budget::infeasible" && Path::new(file).is_file() => {
            let field = if failure.to_string().ends_with("flash") { "flash.bytes" } else { "sram.bytes" };
            failure.at_field(file, board.text(), field, "less what is reserved")
        }
        _ => failure,
    }
}

fn human(selection: &Selection, limits: &Limits, elapsed: f64, cached: bool) -> String {
    let mut text = format!(
        "budget    SRAM {} · flash {}{} · engine {}\n\n",
        limits.sram,
        limits.flash,
        limits.macs.map(|macs| format!(" · at most {} MACs", thousands(macs))).unwrap_or_default(),
        limits.engine,
    );
    text.push_str(&table(selection).render());
    let fitting = selection.variants.iter().filter(|variant| variant.fitting > 0).count();
    text.push_str(&format!("\n\n{fitting} of {} variants have networks that fit", selection.variants.len()));
    if fitting > SHOWN {
        text.push_str(&format!("; the best {SHOWN} are shown, --format json has all"));
    }
    text.push_str(&if cached { " (from the cache)".to_owned() } else { format!(" ({elapsed:.2} s)") });
    for note in &selection.notes {
        text.push_str(&format!("\nnote      {note}"));
    }
    text
}

fn table(selection: &Selection) -> Table {
    use Align::{Left, Right};
    let columns = [
        ("rank", Right),
        ("variant", Left),
        ("mean MACs", Right),
        ("P80 MACs", Right),
        ("fit", Right),
        ("networks", Right),
    ];
    let mut table = Table::new(&columns);
    let shown = selection.variants.iter().filter(|variant| variant.fitting > 0).take(SHOWN);
    for (rank, variant) in shown.enumerate() {
        table.row(row(rank + 1, variant));
    }
    table
}

fn row(rank: usize, stats: &VariantStats) -> Vec<String> {
    vec![
        rank.to_string(),
        stats.variant.to_string(),
        millions(stats.mean_macs),
        stats.p80_macs.map_or_else(|| "-".into(), millions),
        percent(stats.feasible_share),
        format!("{} of {}", thousands(stats.fitting.into()), thousands(stats.samples.into())),
    ]
}

/// MACs in millions.
fn millions(macs: f64) -> String {
    format!("{:.2} M", macs / 1e6)
}
