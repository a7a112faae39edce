//! `cargo xtask bench-kernels`: executed instructions and modelled cycles of every kernel on a Cortex-M4, beside what the
//! best bit-exact peer needs.

mod bare;
mod engine;
mod layers;
mod networks;
mod program;

use serde::Serialize;
use tinynas_plan::Goal;

use crate::shell::{Failure, Workspace, print};
use engine::{Engine, Run};
use layers::LAYERS;
use program::Program;

/// What a row says; cycles are modelled (Arm's documented M4 timing, no wait states).
#[derive(Serialize)]
struct Row {
    name: &'static str,
    macs: u64,
    instructions: u64,
    cycles: u64,
    /// Of the best bit-exact peer; see `layers.rs` and `networks.rs`.
    peer_instructions: u64,
    /// Of a network, which ran through the engine: from the call of `run` to its return under the fastest plan, whose
    /// arena this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    arena_bytes: Option<u32>,
    /// The same network under the smallest plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    smallest: Option<Smallest>,
}

/// A network under its smallest plan.
#[derive(Serialize)]
struct Smallest {
    arena_bytes: u32,
    instructions: u64,
    cycles: u64,
}

/// Builds the program for the tests.
pub fn programs(workspace: &Workspace) -> Result<(), Failure> {
    bare::build(workspace)
}

/// The table; `arguments` may be `--format json` or `--format text`.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let json = match arguments {
        [] => false,
        [option, format] if option == "--format" && format == "json" => true,
        [option, format] if option == "--format" && format == "text" => false,
        _ => return Err(Failure::Usage("`bench-kernels` takes `--format json` or `--format text`".to_owned())),
    };
    bare::build(workspace)?;
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
            arena_bytes: None,
            smallest: None,
        });
    }
    let engine = Engine::read(workspace)?;
    for network in networks::all() {
        let (fastest, smallest) = (engine.run(&network, Goal::Fastest)?, engine.run(&network, Goal::Smallest)?);
        let Run { arena_bytes, instructions, cycles } = smallest;
        rows.push(Row {
            name: network.name,
            macs: network.macs(),
            instructions: fastest.instructions,
            cycles: fastest.cycles,
            peer_instructions: network.peer_instructions,
            arena_bytes: Some(fastest.arena_bytes),
            smallest: Some(Smallest { arena_bytes, instructions, cycles }),
        });
    }
    let failure = |source: serde_json::Error| Failure::Io { what: "the table".to_owned(), source: source.into() };
    print(&if json { serde_json::to_string_pretty(&rows).map_err(failure)? } else { table(&rows) });
    Ok(())
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
            match (&row.arena_bytes, &row.smallest) {
                (Some(arena), Some(smallest)) => format!(
                    "  arena {arena} B; smallest plan {} B, {} instructions, {} cycles",
                    smallest.arena_bytes, smallest.instructions, smallest.cycles
                ),
                _ => String::new(),
            }
        )
    };
    let lines: String = rows.iter().map(line).collect();
    let note = "Networks: the engine's `run`, call to return, outputs equal the host's. Cortex-M4; cycles are modelled (Arm's documented timing, no wait states). Outputs equal the portable \
                kernels' to the last byte.";
    head + &lines + note
}
