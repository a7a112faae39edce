//! What to change when a model does not fit, smallest change first.

use tinynas_cost::{Board, Limits};
use tinynas_space::{Space, Variant};

use super::{super::model::ModelFile, Fit};
use crate::{
    args::size,
    output::{kib, thousands},
    pipeline::Chosen,
    run_dir::names,
};

/// Boards that are named.
const BOARDS: usize = 4;

/// Lines of advice.
pub(super) fn advice(fit: &Fit, file: &ModelFile, limits: &Limits) -> Vec<String> {
    let mut lines = Vec::new();
    if !fit.sram.fits {
        let alive: Vec<String> =
            fit.peak.alive.iter().map(|alive| format!("{} {} B", alive.name, thousands(alive.bytes.into()))).collect();
        lines.push(format!("the peak is in `{}`: {}", fit.peak.name, alive.join(" + ")));
        lines.push(format!(
            "--sram {} or more ({} B needed)",
            up(fit.sram.arena_bytes),
            thousands(fit.sram.arena_bytes)
        ));
    }
    if !fit.macs.fits {
        lines.push(format!("--macs {} or more", fit.macs.macs));
    }
    if !fit.flash.fits {
        lines.push(format!("--flash {} or more ({} B needed)", up(fit.flash.bytes), thousands(fit.flash.bytes)));
    }
    lines.extend(smaller_variant(file, limits));
    lines.extend(boards(fit));
    lines.push(format!("a network for this budget: {}", search(fit, file, limits)));
    lines
}

/// Whole KiB that hold `bytes`.
fn up(bytes: u64) -> String {
    size(tinynas_cost::Bytes(bytes.div_ceil(1024) * 1024))
}

/// The largest variant in which the same choices fit; known where the model is from a run.
fn smaller_variant(file: &ModelFile, limits: &Limits) -> Option<String> {
    let run = file.run.as_ref()?;
    let best: Chosen = run.dir.read_json(names::BEST).ok()?;
    let space = Space::open(&run.experiment.space).ok()?;
    let (channels, classes) = (best.architecture.input.c, best.architecture.classes);
    let fitting = |variant: &Variant| {
        let network = space.architecture(*variant, &best.genotype, channels, classes).ok()?.network().ok()?;
        let cost = limits.check(&network).ok()?.ok()?;
        Some((cost, *variant))
    };
    let (cost, variant) = space.variants().iter().filter_map(fitting).max_by_key(|(cost, _)| cost.macs)?;
    Some(format!(
        "the same choices fit as {variant}: {} of SRAM, {} of flash, {} MACs",
        kib(cost.sram.0),
        kib(cost.flash.0),
        thousands(cost.macs)
    ))
}

/// Shipped boards that hold the model, the smallest first.
fn boards(fit: &Fit) -> Option<String> {
    let boards = Board::shipped().into_iter().filter_map(|name| Board::open(name).ok());
    let holds =
        |board: &Board| fit.sram.arena_bytes <= board.sram_budget().0 && fit.flash.bytes <= board.flash_budget().0;
    let mut boards: Vec<Board> = boards.filter(holds).collect();
    boards.sort_by_key(|board| (board.sram_budget(), board.flash_budget()));
    let names: Vec<&str> = boards.iter().take(BOARDS).map(|board| board.name.as_str()).collect();
    (!names.is_empty() && fit.macs.fits).then(|| format!("a board that holds it: {}", names.join(", ")))
}

fn search(fit: &Fit, file: &ModelFile, limits: &Limits) -> String {
    let space = file.run.as_ref().map_or("mnas-small", |run| run.experiment.space.as_str());
    let board = fit.board.as_ref().map(|board| format!(" --board {board}")).unwrap_or_default();
    let macs = limits.macs.map(|macs| format!(" --macs {macs}")).unwrap_or_default();
    format!("tinynas search {space}{board} --sram {} --flash {}{macs}", size(limits.sram), size(limits.flash))
}
