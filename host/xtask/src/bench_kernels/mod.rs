//! `cargo xtask bench-kernels`: executed instructions and modelled cycles of every kernel on a Cortex-M4, beside what the
//! best bit-exact peer needs.

mod layers;
mod networks;
mod program;

use std::collections::HashMap;

use serde::Serialize;

use crate::shell::{Failure, Workspace, print};
use layers::LAYERS;
use networks::Network;
use program::Program;

/// Jobs and answers, as the program has them.
#[path = "../../../../firmware/bench/src/job.rs"]
#[allow(dead_code)]
mod job;

/// What a row says; cycles are modelled (Arm's documented M4 timing, no wait states).
#[derive(Serialize)]
struct Row {
    name: &'static str,
    macs: u64,
    instructions: u64,
    cycles: u64,
    /// Of the best bit-exact peer; see `layers.rs` and `networks.rs`.
    peer_instructions: u64,
    /// The sum of layers that ran one by one, not a run of the engine.
    composed: bool,
}

/// Builds the program for the tests.
pub fn programs(workspace: &Workspace) -> Result<(), Failure> {
    program::build(workspace)
}

/// The table; `arguments` may be `--format json` or `--format text`.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let json = match arguments {
        [] => false,
        [option, format] if option == "--format" && format == "json" => true,
        [option, format] if option == "--format" && format == "text" => false,
        _ => return Err(Failure::Usage("`bench-kernels` takes `--format json` or `--format text`".to_owned())),
    };
    program::build(workspace)?;
    let program = Program::read(workspace)?;
    let mut rows = Vec::new();
    for layer in LAYERS {
        let answer = program.run(layer.job)?;
        rows.push(Row {
            name: layer.name,
            macs: networks::macs(layer.job),
            instructions: answer.instructions.into(),
            cycles: answer.cycles.into(),
            peer_instructions: layer.peer_instructions,
            composed: false,
        });
    }
    for network in networks::all() {
        rows.push(composed(&program, &network)?);
    }
    let failure = |source: serde_json::Error| Failure::Io { what: "the table".to_owned(), source: source.into() };
    print(&if json { serde_json::to_string_pretty(&rows).map_err(failure)? } else { table(&rows) });
    Ok(())
}

/// A network's layers, one by one; equal layers run once.
fn composed(program: &Program, network: &Network) -> Result<Row, Failure> {
    let mut known = HashMap::new();
    let (mut instructions, mut cycles) = (0, 0);
    for job in &network.layers {
        let words = job.words();
        let answer = match known.get(&words) {
            Some(answer) => *answer,
            None => program.run(*job)?,
        };
        known.insert(words, answer);
        instructions += u64::from(answer.instructions);
        cycles += u64::from(answer.cycles);
    }
    let (name, macs, peer_instructions) = (network.name, network.macs(), network.peer_instructions);
    Ok(Row { name, macs, instructions, cycles, peer_instructions, composed: true })
}

fn table(rows: &[Row]) -> String {
    let head = format!(
        "{:<16}{:>12}{:>14}{:>9}{:>14}{:>9}{:>14}{:>8}\n",
        "layer", "MACs", "instructions", "/MAC", "cycles", "/MAC", "peer's best", "fewer"
    );
    let line = |row: &Row| {
        let per = |count: u64| count as f64 / row.macs as f64;
        format!(
            "{:<16}{:>12}{:>14}{:>9.2}{:>14}{:>9.2}{:>14}{:>7.2}x{}\n",
            row.name,
            row.macs,
            row.instructions,
            per(row.instructions),
            row.cycles,
            per(row.cycles),
            row.peer_instructions,
            row.peer_instructions as f64 / row.instructions as f64,
            if row.composed { "  sum of layers" } else { "" }
        )
    };
    let lines: String = rows.iter().map(line).collect();
    let note = "Cortex-M4; cycles are modelled (Arm's documented timing, no wait states). Outputs equal the portable \
                kernels' to the last byte.";
    head + &lines + note
}
