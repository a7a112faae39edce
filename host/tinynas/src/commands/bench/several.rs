//! Several boards in one table, each run or refused with its reason.

use serde_json::{Value, json};
use tinynas_cost::Board;
use tinynas_device::DeviceKind;

use super::one;
use crate::{
    args::BenchArgs,
    commands::model::ModelFile,
    device::{self, Measured, figures_of},
    failure::Failure,
    output::{Align, Answer, Printer, Table, Verdict, percent, thousands},
};

/// Stands for every shipped board with a chip.
pub const ALL: &str = "all";

/// Runs the model on all the boards that were named.
pub fn run(args: &BenchArgs, file: &ModelFile, printer: &Printer) -> Result<Answer, Failure> {
    let boards = boards(args)?;
    if let Some(board) = boards.iter().find(|board| device::kind(&args.device, board) == DeviceKind::Probe) {
        let message = format!("{} and others cannot all be behind the debug probe", board.name);
        return Err(Failure::new("usage", message).help("add --virtual, or name one board"));
    }
    let mut rows = Vec::new();
    for board in &boards {
        let kind = device::kind(&args.device, board);
        let found = one(args, file, board, kind, printer);
        if let Err(failure) = &found
            && failure.code() == "interrupted"
        {
            return Err(found.err().unwrap_or_else(|| Failure::interrupted(None)));
        }
        rows.push((board, found));
    }
    let ran = rows.iter().filter(|(_, found)| found.is_ok()).count();
    let holds = rows.iter().filter_map(|(_, found)| found.as_ref().ok()).all(Measured::holds);
    let json = json!({
        "schema": "tinynas/bench-boards/1",
        "model": file.path.display().to_string(),
        "ran": ran,
        "refused": rows.len() - ran,
        "boards": rows.iter().map(|(board, found)| row(board, found)).collect::<Result<Vec<_>, _>>()?,
    });
    let verdict = if ran > 0 && holds { Verdict::Yes } else { Verdict::No };
    Ok(Answer::new(human(&rows), &json)?.verdict(verdict))
}

fn boards(args: &BenchArgs) -> Result<Vec<Board>, Failure> {
    let mut boards = Vec::new();
    for name in &args.board {
        if name != ALL {
            boards.push(Board::open(name)?);
            continue;
        }
        for name in Board::shipped() {
            let board = Board::open(name)?;
            if board.chip.is_some() {
                boards.push(board);
            }
        }
    }
    Ok(boards)
}

fn row(board: &Board, found: &Result<Measured, Failure>) -> Result<Value, Failure> {
    Ok(match found {
        Ok(measured) => {
            let mut row = serde_json::to_value(measured).map_err(Failure::internal)?;
            row["board"] = json!(board.name);
            row["status"] = json!("run");
            row
        }
        Err(failure) => json!({
            "board": board.name,
            "status": "refused",
            "code": failure.code(),
            "reason": failure.to_string(),
            "help": failure.helps(),
        }),
    })
}

fn human(rows: &[(&Board, Result<Measured, Failure>)]) -> String {
    use Align::{Left, Right};
    let mut table = Table::new(&[
        ("board", Left),
        ("core", Left),
        ("MHz", Right),
        ("ms", Right),
        ("cycles", Right),
        ("waits", Right),
        ("instructions", Right),
        ("outputs equal", Right),
        ("SRAM", Right),
        ("flash", Right),
        ("figures are", Left),
    ]);
    let mut refused = String::new();
    let count = |n: Option<u64>| n.map_or_else(|| "-".into(), thousands);
    for (board, found) in rows {
        match found {
            Ok(m) => table.row(vec![
                board.name.clone(),
                board.core.to_string(),
                m.clock_hz.map_or_else(|| "-".into(), |clock| (clock as f64 / 1e6).to_string()),
                m.ms.map_or_else(|| "-".into(), |ms| format!("{ms:.3}")),
                count(m.cycles),
                m.wait_cycles
                    .zip(m.cycles)
                    .map_or_else(|| "-".into(), |(waits, cycles)| percent(waits as f64 / cycles.max(1) as f64)),
                count(m.instructions),
                format!("{} of {}", m.outputs_equal, m.outputs_total),
                bytes(m.sram.predicted_bytes, m.sram.observed_bytes),
                bytes(m.flash.predicted_bytes, m.flash.observed_bytes),
                figures_of(&m.device, m.timing_model.as_ref()),
            ]),
            Err(failure) => refused.push_str(&format!("\nrefused   {}: {failure} [{}]", board.name, failure.code())),
        }
    }
    let gap = if refused.is_empty() { "" } else { "\n" };
    format!("{}{gap}{refused}", table.render())
}

/// Bytes that were predicted, with what was observed if that differs.
fn bytes(predicted: u64, observed: u64) -> String {
    match predicted == observed {
        true => format!("{} B", thousands(predicted)),
        false => format!("{} B, {} observed", thousands(predicted), thousands(observed)),
    }
}
