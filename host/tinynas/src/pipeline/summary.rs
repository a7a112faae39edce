//! `tinynas/run/1`: what a run found, in one object and in a dozen lines.

use std::{collections::BTreeMap, fmt::Write};

use serde::Serialize;
use tinynas_cost::{Board, Bytes, Engine, Limits, select::Selection};
use tinynas_model::CandidateId;

use super::{Chosen, NO_LIMIT, Pipeline, QuantRecord, SearchRecord};
use crate::{
    device::{Difference, Measured, TimingModel, figures_of},
    failure::Failure,
    output::{bar, kib, percent, thousands},
    run_dir::names,
};

/// The result of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    schema: &'static str,
    name: String,
    version: &'static str,
    seed: u64,
    directory: String,
    budget: BudgetPart,
    select: SelectPart,
    search: SearchPart,
    train: TrainPart,
    quant: QuantPart,
    network: NetworkPart,
    sram: SramPart,
    flash: FlashPart,
    device: DevicePart,
    report: String,
    /// Per stage, resumed parts added.
    seconds: BTreeMap<String, f64>,
    holds: bool,
}

#[derive(Clone, Debug, Serialize)]
struct BudgetPart {
    board: Option<String>,
    engine: Engine,
    sram_bytes: Option<u64>,
    flash_bytes: Option<u64>,
    macs: Option<u64>,
}

#[derive(Clone, Debug, Serialize)]
struct SelectPart {
    variant: String,
    mean_macs: Option<f64>,
    feasible_share: Option<f64>,
    notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct SearchPart {
    evaluated: u64,
    infeasible: u64,
    best_id: CandidateId,
}

#[derive(Clone, Debug, Serialize)]
struct TrainPart {
    accuracy: f64,
    validation_accuracy: f64,
    best_epoch: u32,
}

#[derive(Clone, Debug, Serialize)]
struct QuantPart {
    accuracy: f64,
    float_accuracy: f64,
    lost: f64,
    tract_top1_equal: u64,
    tract_max_difference: f64,
    images: u64,
}

#[derive(Clone, Debug, Serialize)]
struct NetworkPart {
    id: CandidateId,
    genotype: String,
    macs: u64,
    params: u64,
}

/// Words as in the glossary: predicted by the host, linked in the ELF, observed on the device.
#[derive(Clone, Debug, Serialize)]
struct SramPart {
    arena_bytes: u64,
    arena_touched_bytes: Option<u64>,
    predicted_bytes: u64,
    linked_bytes: Option<u64>,
    observed_bytes: Option<u64>,
    stack_reserve_bytes: Option<u64>,
    stack_high_water_bytes: Option<u64>,
}

#[derive(Clone, Debug, Serialize)]
struct FlashPart {
    predicted_bytes: u64,
    linked_bytes: Option<u64>,
    observed_bytes: Option<u64>,
    model_bytes: u64,
    code_bytes: Option<u64>,
}

#[derive(Clone, Debug, Serialize)]
struct DevicePart {
    kind: Option<String>,
    board: Option<String>,
    chip: Option<String>,
    evidence: Option<String>,
    timing_model: Option<TimingModel>,
    clock_hz: Option<u64>,
    first_difference: Option<Difference>,
    outputs_equal: Option<u64>,
    outputs_total: Option<u64>,
    cycles: Option<u64>,
    ms: Option<f64>,
    wait_cycles: Option<u64>,
    instructions: Option<u64>,
    /// What stands beside each figure of time.
    #[serde(skip)]
    figures: String,
}

/// A limit, if there is one.
fn known(limit: Bytes) -> Option<u64> {
    (limit != NO_LIMIT).then_some(limit.0)
}

/// Whether what was compiled keeps the budget that it was searched under. Budgets under other engines' memory
/// say nothing about our plan.
fn within(limits: &Limits, quant: &QuantRecord, flash_bytes: u64) -> bool {
    limits.engine != Engine::Tinynas || (quant.arena_bytes <= limits.sram.0 && flash_bytes <= limits.flash.0)
}

/// SRAM and flash as predicted. Where no image was measured, what the board's file reserves stands for the image's
/// stack and statics, the engine's constant (an upper bound) for its code.
fn predicted(board: Option<&Board>, quant: &QuantRecord, measured: Option<&Measured>) -> Result<(u64, u64), Failure> {
    if let Some(m) = measured {
        return Ok((m.sram.predicted_bytes, m.flash.predicted_bytes));
    }
    let reserved = board.map_or(0, |board| board.reserved.stack.bytes.0 + board.reserved.statics.bytes.0);
    Ok((quant.arena_bytes + reserved, quant.predicted_model_bytes + Engine::Tinynas.code_bytes()?.0))
}

impl Summary {
    /// Reads the stage outputs of a finished run.
    ///
    /// # Errors
    /// If an output is missing or damaged.
    #[expect(clippy::too_many_lines, reason = "one field after another, each from its stage")]
    pub fn read(pipeline: &Pipeline<'_>) -> Result<Self, Failure> {
        let dir = &pipeline.dir;
        let selection = dir.has(names::SELECT).then(|| dir.read_json::<Selection>(names::SELECT)).transpose()?;
        let search: SearchRecord = dir.read_json(names::SEARCH)?;
        let best: Chosen = dir.read_json(names::BEST)?;
        let quant: QuantRecord = dir.read_json(names::QUANT)?;
        let measured = dir.has(names::MEASURE).then(|| dir.read_json::<Measured>(names::MEASURE)).transpose()?;
        let limits = &pipeline.inputs.limits;
        let m = measured.as_ref();
        let (sram_bytes, flash_bytes) = predicted(pipeline.inputs.board.as_ref(), &quant, m)?;
        Ok(Self {
            schema: "tinynas/run/1",
            name: pipeline.experiment.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            seed: pipeline.experiment.seed,
            directory: dir.path().display().to_string(),
            budget: BudgetPart {
                board: pipeline.inputs.board.as_ref().map(|b| b.name.clone()),
                engine: limits.engine,
                sram_bytes: known(limits.sram),
                flash_bytes: known(limits.flash),
                macs: limits.macs,
            },
            select: SelectPart {
                variant: best.variant.clone(),
                mean_macs: selection.as_ref().map(|s| s.winner().mean_macs),
                feasible_share: selection.as_ref().map(|s| s.winner().feasible_share),
                notes: selection.map(|s| s.notes).unwrap_or_default(),
            },
            search: SearchPart { evaluated: search.evaluated, infeasible: search.infeasible, best_id: search.best_id },
            train: TrainPart {
                accuracy: best.test_accuracy,
                validation_accuracy: best.validation_accuracy,
                best_epoch: best.best_epoch,
            },
            quant: QuantPart {
                accuracy: quant.int8_accuracy,
                float_accuracy: quant.float_accuracy,
                lost: quant.float_accuracy - quant.int8_accuracy,
                tract_top1_equal: quant.tract_top1_equal,
                tract_max_difference: quant.tract_max_difference,
                images: quant.images,
            },
            network: NetworkPart {
                id: best.id,
                genotype: best.genotype.to_string(),
                macs: best.macs,
                params: best.params,
            },
            sram: SramPart {
                arena_bytes: quant.arena_bytes,
                arena_touched_bytes: m.map(|m| m.sram.arena_touched_bytes),
                predicted_bytes: sram_bytes,
                linked_bytes: m.map(|m| m.sram.linked_bytes),
                observed_bytes: m.map(|m| m.sram.observed_bytes),
                stack_reserve_bytes: m.map(|m| m.sram.stack_reserve_bytes),
                stack_high_water_bytes: m.map(|m| m.sram.stack_high_water_bytes),
            },
            flash: FlashPart {
                predicted_bytes: flash_bytes,
                linked_bytes: m.map(|m| m.flash.linked_bytes),
                observed_bytes: m.map(|m| m.flash.observed_bytes),
                model_bytes: quant.model_bytes,
                code_bytes: m.map(|m| m.flash.code_bytes),
            },
            device: DevicePart {
                kind: m.map(|m| m.device.kind.clone()),
                board: m.map(|m| m.device.board.clone()),
                chip: m.and_then(|m| m.device.chip.clone()),
                evidence: m.map(|m| m.evidence.clone()),
                timing_model: m.and_then(|m| m.timing_model.clone()),
                clock_hz: m.and_then(|m| m.clock_hz),
                first_difference: m.and_then(|m| m.first_difference.clone()),
                outputs_equal: m.map(|m| m.outputs_equal),
                outputs_total: m.map(|m| m.outputs_total),
                cycles: m.and_then(|m| m.cycles),
                ms: m.and_then(|m| m.ms),
                wait_cycles: m.and_then(|m| m.wait_cycles),
                instructions: m.and_then(|m| m.instructions),
                figures: m.map(|m| figures_of(&m.device, m.timing_model.as_ref())).unwrap_or_default(),
            },
            report: dir.file(names::REPORT).display().to_string(),
            seconds: pipeline.record.seconds.clone(),
            holds: m.is_none_or(Measured::holds)
                && within(limits, &quant, m.map_or(flash_bytes, |m| m.flash.linked_bytes)),
        })
    }

    /// Whether everything that can be checked is as promised: outputs equal, bytes as predicted, within the budget.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.holds
    }

    /// The result for people.
    #[must_use]
    pub fn human(&self) -> String {
        let mut text = String::new();
        let mut line = |label: &str, value: String| {
            let separator = if text.is_empty() { "" } else { "\n" };
            let _ = write!(text, "{separator}{label:<9} {value}");
        };
        line(
            "network",
            format!(
                "{} {}  {} MACs, {} parameters",
                self.select.variant,
                self.network.id,
                thousands(self.network.macs),
                thousands(self.network.params)
            ),
        );
        line(
            "accuracy",
            format!(
                "float {}, int8 {} on {} test images",
                percent(self.quant.float_accuracy),
                percent(self.quant.accuracy),
                thousands(self.quant.images)
            ),
        );
        let used = |bytes: u64, budget: Option<u64>| match budget {
            Some(budget) => {
                format!("{} {} of {} ({} B)", bar(bytes, budget), kib(bytes), kib(budget), thousands(bytes))
            }
            None => format!("{} ({} B)", kib(bytes), thousands(bytes)),
        };
        let flash = self.flash.predicted_bytes;
        line("arena", used(self.sram.arena_bytes, self.budget.sram_bytes));
        line("flash", used(flash, self.budget.flash_bytes));
        self.device_lines(&mut line);
        let seconds: f64 = self.seconds.values().sum();
        line("work", format!("{seconds:.0} s in all"));
        line("report", self.report.clone());
        text
    }

    /// What the device said; nothing if there was none.
    fn device_lines(&self, line: &mut impl FnMut(&str, String)) {
        let (Some(kind), Some(equal), Some(total)) =
            (&self.device.kind, self.device.outputs_equal, self.device.outputs_total)
        else {
            return;
        };
        let board = self.device.board.as_deref().unwrap_or_default();
        line("device", format!("{board} ({kind}): {equal} of {total} outputs equal to the host's"));
        if let Some(difference) = &self.device.first_difference {
            line("", difference.words());
        }
        if let (Some(ms), Some(cycles), Some(clock)) = (self.device.ms, self.device.cycles, self.device.clock_hz) {
            let megahertz = clock as f64 / 1e6;
            let figures = &self.device.figures;
            line("time", format!("{ms:.2} ms at {megahertz} MHz: {} cycles ({figures})", thousands(cycles)));
        }
        let row = |predicted: u64, linked: u64, observed: u64| {
            format!(
                "predicted {} B, linked {} B, observed {} B ({} off)",
                thousands(predicted),
                thousands(linked),
                thousands(observed),
                predicted.abs_diff(linked).max(predicted.abs_diff(observed))
            )
        };
        if let (Some(linked), Some(observed)) = (self.sram.linked_bytes, self.sram.observed_bytes) {
            line("SRAM", row(self.sram.predicted_bytes, linked, observed));
        }
        if let (Some(linked), Some(observed)) = (self.flash.linked_bytes, self.flash.observed_bytes) {
            line("flash", row(self.flash.predicted_bytes, linked, observed));
        }
        if let (Some(high), Some(reserve)) = (self.sram.stack_high_water_bytes, self.sram.stack_reserve_bytes) {
            line("stack", format!("{} of {} B reserved were used", thousands(high), thousands(reserve)));
        }
    }
}
