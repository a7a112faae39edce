//! `tinynas boards [NAME]`: what networks can be made for.

use serde_json::{Value, json};
use tinynas_cost::{Board, Bytes, Region};

use crate::{
    args::NameArgs,
    failure::Failure,
    output::{Align, Answer, Table, thousands},
};

/// Lists the boards, or shows one.
pub fn run(args: &NameArgs) -> Result<Answer, Failure> {
    match &args.name {
        Some(name) => one(name),
        None => all(),
    }
}

fn all() -> Result<Answer, Failure> {
    let boards = Board::shipped().into_iter().map(Board::open).collect::<Result<Vec<_>, _>>()?;
    let columns = [
        ("board", Align::Left),
        ("core", Align::Left),
        ("MHz", Align::Right),
        ("SRAM for networks", Align::Right),
        ("flash for networks", Align::Right),
        ("", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for board in &boards {
        table.row(vec![
            board.name.clone(),
            board.core.to_string(),
            megahertz(board),
            board.sram_budget().to_string(),
            board.flash_budget().to_string(),
            board.title.clone(),
        ]);
    }
    let json = json!({ "schema": "tinynas/boards/1", "boards": boards.iter().map(summary).collect::<Vec<_>>() });
    let human = format!("{}\n\nyour own board: --board FILE.yaml, fields as in memory-models/boards", table.render());
    Ok(Answer::new(human, &json)?.next("tinynas boards nucleo-f446re"))
}

fn one(name: &str) -> Result<Answer, Failure> {
    let board = Board::open(name)?;
    let flash = &board.flash;
    let columns = [("memory", Align::Left), ("at", Align::Left), ("size", Align::Right), ("bytes", Align::Right)];
    let mut table = Table::new(&columns);
    let mut sources = vec![("clock".to_owned(), &board.clock_hz.source)];
    let mut row = |name: &str, origin: Option<u64>, bytes: Bytes, source| {
        let at = origin.map(|origin| format!("{origin:#010x}")).unwrap_or_default();
        table.row(vec![name.into(), at, bytes.to_string(), thousands(bytes.0)]);
        sources.push((name.trim_start_matches("- ").to_owned(), source));
    };
    row("flash", Some(flash.origin), flash.bytes, &flash.source);
    for region in &board.sram {
        row(&format!("SRAM {}", region.name), Some(region.origin), region.bytes, &region.source);
    }
    let reserved = &board.reserved;
    for (name, kept) in
        [("- stack", &reserved.stack), ("- statics", &reserved.statics), ("- flash kept", &reserved.flash)]
    {
        row(name, None, kept.bytes, &kept.source);
    }
    let sources: Vec<String> = sources.iter().map(|(name, source)| format!("\n  {name}: {source}")).collect();
    let human = format!(
        "{}: {}\n\ncore      {} at {} MHz\nchip      {}\nprobe     {}\nbudget    SRAM {} · flash {}\n\n{}\n\nwhere the numbers are from{}",
        board.name,
        board.title,
        board.core,
        megahertz(&board),
        board.chip.as_deref().unwrap_or("none that a probe knows"),
        board.probe.as_deref().unwrap_or("none"),
        board.sram_budget().exact(),
        board.flash_budget().exact(),
        table.render(),
        sources.concat(),
    );
    let mut json = summary(&board);
    json["schema"] = json!("tinynas/board/1");
    json["hash"] = json!(board.hash());
    json["flash"] = json!({ "origin": flash.origin, "bytes": flash.bytes, "source": flash.source });
    let region = |region: &Region| json!({ "name": region.name, "origin": region.origin, "bytes": region.bytes, "source": region.source });
    json["sram"] = board.sram.iter().map(region).collect();
    json["reserved"] = json!({
        "stack_bytes": reserved.stack.bytes, "statics_bytes": reserved.statics.bytes, "flash_bytes": reserved.flash.bytes });
    Ok(Answer::new(human, &json)?.next(format!("tinynas select mnas --board {name}")))
}

fn summary(board: &Board) -> Value {
    json!({
        "name": board.name, "title": board.title, "chip": board.chip, "core": board.core, "clock_hz": board.clock_hz.value,
        "probe": board.probe, "sram_budget_bytes": board.sram_budget(), "flash_budget_bytes": board.flash_budget() })
}

fn megahertz(board: &Board) -> String {
    let hz = board.clock_hz.value;
    if hz.is_multiple_of(1_000_000) { (hz / 1_000_000).to_string() } else { format!("{:.1}", hz as f64 / 1e6) }
}
