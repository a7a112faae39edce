//! `tinynas fit MODEL`: does it fit, where do the bytes lie, what to change if not.

mod advice;
mod plans;
mod text;

use std::fs;

use serde::Serialize;
use tinynas_cost::{Board, Bytes, Engine, Estimate, Limits, estimates};
use tinynas_plan::{Model, graph_of};

use self::plans::Planned;
use super::model::ModelFile;
use crate::{
    args::FitArgs,
    experiment::Budget,
    failure::Failure,
    memory::{StepRow, blocks, steps},
    output::{Answer, Verdict},
    pipeline::limits,
};

/// The answer as data.
#[derive(Debug, Serialize)]
struct Fit {
    schema: &'static str,
    model: String,
    board: Option<String>,
    fits: bool,
    sram: Sram,
    flash: Flash,
    macs: Macs,
    /// The ends of what can be planned.
    plans: Vec<Planned>,
    /// What other engines would need, by their closed forms.
    others: Vec<Estimate>,
    peak: Peak,
    layers: Vec<StepRow>,
    advice: Vec<String>,
}

/// SRAM, bytes.
#[derive(Debug, Serialize)]
struct Sram {
    fits: bool,
    /// Activations, input and scratch.
    arena_bytes: u64,
    budget_bytes: u64,
    /// What the board keeps beside the budget.
    stack_reserve_bytes: Option<u64>,
    /// What the board keeps beside the budget.
    static_reserve_bytes: Option<u64>,
}

/// Flash, bytes.
#[derive(Debug, Serialize)]
struct Flash {
    fits: bool,
    bytes: u64,
    model_bytes: u64,
    /// Upper bound of the firmware's code and constants.
    code_bytes: u64,
    budget_bytes: u64,
}

/// Multiply-accumulates of one inference.
#[derive(Debug, Serialize)]
struct Macs {
    fits: bool,
    macs: u64,
    limit: Option<u64>,
}

/// The step that needs the most SRAM.
#[derive(Debug, Serialize)]
struct Peak {
    step: usize,
    name: String,
    live_bytes: u64,
    /// What is alive in it.
    alive: Vec<Alive>,
}

/// Bytes that are alive in a step.
#[derive(Debug, Serialize)]
struct Alive {
    name: String,
    offset: u32,
    bytes: u32,
}

/// Compares the model with the budget.
pub fn run(args: &FitArgs) -> Result<Answer, Failure> {
    let file = ModelFile::open(&args.model)?;
    let (board, limits) = budget(args, &file, &file.model()?)?;
    let file = file.planned(limits.sram.0, args.plan)?;
    let model = file.model()?;
    let names = file.layer_names()?;
    let layers = steps(&model, names.as_deref());
    let code = Engine::Tinynas.code_bytes()?.0;
    let peak = Peak::new(&model, &layers, names.as_deref());
    let mut fit = Fit::new(&file, &model, board.as_ref(), &limits, code, layers, peak);
    let graph = graph_of(&model);
    fit.plans = plans::plans(&graph)?;
    fit.others = estimates(&graph)?;
    if !fit.fits {
        fit.advice = advice::advice(&fit, &file, &limits);
    }
    let verdict = if fit.fits { Verdict::Yes } else { Verdict::No };
    if let Some(path) = &args.out {
        fs::write(path, &file.bytes).map_err(|error| Failure::io(path, &error))?;
    }
    let answer = Answer::new(text::human(&fit), &fit)?.verdict(verdict);
    let name = args.out.as_ref().map_or_else(|| file.name(), |path| path.display().to_string());
    Ok(if fit.fits { answer.next(format!("tinynas bench {name}")) } else { answer })
}

/// What is compared with: the options, else the run's, else what the model was made for.
fn budget(args: &FitArgs, file: &ModelFile, model: &Model<'_>) -> Result<(Option<Board>, Limits), Failure> {
    let asked = &args.budget;
    let run = file.run.as_ref().map(|run| &run.experiment).filter(|_| asked.is_empty());
    let board = asked.board.as_deref().or_else(|| run.and_then(|run| run.board.as_deref()));
    let board = board.map(Board::open).transpose()?;
    let mut budget = run.map_or_else(|| asked.budget(), |run| run.budget.clone());
    if board.is_none() {
        let own = |bytes: u32| (bytes != 0 && bytes != u32::MAX).then_some(Bytes(bytes.into()));
        let Budget { sram, flash, .. } = budget;
        budget.sram = sram.or_else(|| own(model.sram_budget()));
        budget.flash = flash.or_else(|| own(model.flash_budget()));
    }
    let limits = limits(board.as_ref(), &budget, Engine::Tinynas)?;
    Ok((board, limits))
}

impl Fit {
    fn new(
        file: &ModelFile,
        model: &Model<'_>,
        board: Option<&Board>,
        limits: &Limits,
        code: u64,
        layers: Vec<StepRow>,
        peak: Peak,
    ) -> Self {
        let arena = u64::from(model.arena_bytes());
        let model_bytes = file.bytes.len() as u64;
        let reserved = board.map(|board| &board.reserved);
        let macs = layers.iter().map(|layer| layer.macs).sum();
        let sram = Sram {
            fits: arena <= limits.sram.0,
            arena_bytes: arena,
            budget_bytes: limits.sram.0,
            stack_reserve_bytes: reserved.map(|reserved| reserved.stack.bytes.0),
            static_reserve_bytes: reserved.map(|reserved| reserved.statics.bytes.0),
        };
        let flash = Flash {
            fits: model_bytes + code <= limits.flash.0,
            bytes: model_bytes + code,
            model_bytes,
            code_bytes: code,
            budget_bytes: limits.flash.0,
        };
        let macs = Macs { fits: limits.macs.is_none_or(|limit| macs <= limit), macs, limit: limits.macs };
        Self {
            schema: "tinynas/fit/1",
            model: file.path.display().to_string(),
            board: board.map(|board| board.name.clone()),
            fits: sram.fits && flash.fits && macs.fits,
            sram,
            flash,
            macs,
            plans: Vec::new(),
            others: Vec::new(),
            peak,
            layers,
            advice: Vec::new(),
        }
    }
}

impl Peak {
    /// The first step with the most bytes alive.
    fn new(model: &Model<'_>, layers: &[StepRow], names: Option<&[String]>) -> Self {
        let larger = |best: usize, i: usize| if layers[i].live_bytes > layers[best].live_bytes { i } else { best };
        let step = (0..layers.len()).fold(0, larger);
        let blocks = blocks(model, names);
        let alive = blocks.into_iter().filter(|block| block.alive(step)).map(|block| Alive {
            name: block.words(),
            offset: block.place.offset,
            bytes: block.place.bytes,
        });
        let (name, live_bytes) =
            layers.get(step).map_or_else(Default::default, |layer| (layer.name.clone(), layer.live_bytes));
        Self { step, name, live_bytes, alive: alive.collect() }
    }
}
