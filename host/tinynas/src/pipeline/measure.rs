//! Stage 5: the compiled model on a device; every output compared, every byte counted.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tinynas_device::{Device, Image, Inference, LayerCounters, Qemu, Stats, find_image};
use tinynas_model::Preprocess;
use tinynas_quant::Int8Model;
use tinynas_train::Split;

use super::{Chosen, Pipeline, QuantRecord};
use crate::{
    data::sample,
    failure::Failure,
    output::{Progress, thousands},
    run_dir::names,
};

/// Board file of the machine that QEMU emulates.
pub const EMULATED: &str = "qemu-mps2-an386";

/// What a device said about a model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// `tinynas/measure/1`.
    pub schema: String,
    /// Kind of the device: `qemu`.
    pub device: String,
    /// What its figures may be called: `emulated` (QEMU), later `modelled` or `measured`.
    pub evidence: String,
    /// Board.
    pub board: String,
    /// Images whose outputs equal the host's in every byte.
    pub outputs_equal: u64,
    /// Images that were run.
    pub outputs_total: u64,
    /// The first image whose outputs differ.
    pub first_difference: Option<Difference>,
    /// Cycles of one inference; null where the device cannot tell.
    pub cycles: Option<u64>,
    /// Instructions of one inference; null where the device cannot tell.
    pub instructions: Option<u64>,
    /// Per layer, in execution order.
    pub layers: Vec<LayerMeasured>,
    /// SRAM.
    pub sram: SramMeasured,
    /// Flash.
    pub flash: FlashMeasured,
}

/// Outputs of one image, as int8.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// Position in the test images.
    pub image: u64,
    /// The host's output.
    pub host: Vec<i8>,
    /// The device's output.
    pub device: Vec<i8>,
}

impl Difference {
    /// The difference in words.
    #[must_use]
    pub fn words(&self) -> String {
        let at = self.host.iter().zip(&self.device).position(|(host, device)| host != device);
        match at {
            Some(at) => format!(
                "test image {}, output {at}: the host says {}, the device {}",
                self.image, self.host[at], self.device[at]
            ),
            None => format!(
                "test image {}: the host has {} outputs, the device {}",
                self.image,
                self.host.len(),
                self.device.len()
            ),
        }
    }
}

/// Counters of one layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerMeasured {
    /// Cycles, if the device can tell.
    pub cycles: Option<u64>,
    /// Instructions, if the device can tell.
    pub instructions: Option<u64>,
}

/// SRAM, bytes. Sum = arena + statics + stack reserve.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SramMeasured {
    /// Arena of the host's plan.
    pub arena_bytes: u64,
    /// Bytes of the arena that a run really wrote.
    pub arena_touched_bytes: u64,
    /// One past the last of them, counted from the arena's start.
    pub arena_high_water_bytes: u64,
    /// .data of the image.
    pub data_bytes: u64,
    /// .bss of the image.
    pub bss_bytes: u64,
    /// .data and .bss of the image's manifest.
    pub static_bytes: u64,
    /// .data and .bss as the device counts them.
    pub observed_static_bytes: u64,
    /// Host: plan + manifest.
    pub predicted_bytes: u64,
    /// The ELF's sections and symbols, with the plan's arena.
    pub linked_bytes: u64,
    /// The device's own words.
    pub observed_bytes: u64,
    /// Reserved for the stack.
    pub stack_reserve_bytes: u64,
    /// Most stack that was used.
    pub stack_high_water_bytes: u64,
}

/// Flash, bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlashMeasured {
    /// Code and constants of the image's manifest + the model's size before it was written.
    pub predicted_bytes: u64,
    /// The ELF + the model's file.
    pub linked_bytes: u64,
    /// The image as the device counts it + the model's file.
    pub observed_bytes: u64,
    /// The image alone.
    pub code_bytes: u64,
    /// The model alone.
    pub model_bytes: u64,
    /// Where the image expects the model.
    pub model_address: u64,
}

/// What is run on a device.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The firmware image.
    pub image: Image,
    /// Bytes of the `.tnm`.
    pub model: &'a [u8],
    /// Size of the model as predicted before it was written; of a file that was given, its size.
    pub predicted_model_bytes: u64,
    /// Images at the network's size.
    pub images: &'a Split,
    /// How many of them to run, as even over the classes as they go.
    pub count: usize,
    /// Ends the work early when it becomes true.
    pub stop: &'a AtomicBool,
}

/// Runs a model on the emulated board and compares every output with the host's.
///
/// # Errors
/// If the device fails or the work is stopped; differing outputs are not an error but a result.
pub fn bench(bench: &Bench<'_>, progress: &Progress) -> Result<Measured, Failure> {
    let host = Int8Model::new(bench.model)?;
    let mut device = Qemu::find()?;
    device.flash(&bench.image, bench.model)?;
    let (mut equal, mut first, mut last) = (0, None, Inference::default());
    let chosen = sample(bench.images, bench.count, 0, "device");
    for &index in &chosen {
        if bench.stop.load(Ordering::SeqCst) {
            return Err(Failure::interrupted(None));
        }
        let input: Vec<i8> = bench.images.image(index).iter().map(|pixel| Preprocess::int8(*pixel)).collect();
        let expected = host.run(&input)?;
        last = device.run(&input)?;
        if last.output == expected {
            equal += 1;
        } else if first.is_none() {
            first = Some(Difference { image: index as u64, host: expected, device: last.output.clone() });
        }
        progress.advance(1, "outputs compared");
    }
    let stats = device.stats()?;
    let counted = |layer: &LayerCounters| LayerMeasured { cycles: layer.cycles, instructions: layer.instructions };
    Ok(Measured {
        schema: "tinynas/measure/1".into(),
        device: device.kind().to_string(),
        evidence: device.kind().adjective().into(),
        board: bench.image.manifest().board.clone(),
        outputs_equal: equal,
        outputs_total: chosen.len() as u64,
        first_difference: first,
        cycles: last.cycles().filter(|_| !last.layers.is_empty()),
        instructions: last.instructions().filter(|_| !last.layers.is_empty()),
        layers: last.layers.iter().map(counted).collect(),
        sram: SramMeasured::new(&bench.image, host.arena_bytes().into(), &stats),
        flash: FlashMeasured::new(bench, &stats),
    })
}

impl SramMeasured {
    fn new(image: &Image, arena: u64, stats: &Stats) -> Self {
        let (manifest, linked) = (&image.manifest().sections, image.sections());
        let observed_statics = u64::from(stats.data_bytes) + u64::from(stats.bss_bytes);
        let (touched, reserve) = (u64::from(stats.arena_touched), u64::from(stats.stack_reserve));
        Self {
            arena_bytes: arena,
            arena_touched_bytes: touched,
            arena_high_water_bytes: stats.arena_high_water.into(),
            data_bytes: linked.data_bytes,
            bss_bytes: linked.bss_bytes,
            static_bytes: manifest.data_bytes + manifest.bss_bytes,
            observed_static_bytes: observed_statics,
            predicted_bytes: arena + manifest.sram_overhead_bytes(),
            linked_bytes: arena + linked.sram_overhead_bytes(),
            observed_bytes: touched + observed_statics + reserve,
            stack_reserve_bytes: reserve,
            stack_high_water_bytes: stats.stack_high_water.into(),
        }
    }

    /// Whether every byte is as predicted and the stack stayed within its reserve.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.predicted_bytes == self.linked_bytes
            && self.predicted_bytes == self.observed_bytes
            && self.arena_bytes == self.arena_high_water_bytes
            && self.stack_high_water_bytes <= self.stack_reserve_bytes
    }
}

impl FlashMeasured {
    fn new(bench: &Bench<'_>, stats: &Stats) -> Self {
        let (manifest, linked) = (&bench.image.manifest().sections, bench.image.sections());
        let model_bytes = bench.model.len() as u64;
        Self {
            predicted_bytes: manifest.flash_bytes + bench.predicted_model_bytes,
            linked_bytes: linked.flash_bytes + model_bytes,
            observed_bytes: u64::from(stats.flash_bytes) + model_bytes,
            code_bytes: linked.flash_bytes,
            model_bytes,
            model_address: linked.model_address,
        }
    }

    /// Whether every byte is as predicted.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.predicted_bytes == self.linked_bytes && self.predicted_bytes == self.observed_bytes
    }
}

impl Measured {
    /// Whether everything is as promised: outputs equal, bytes as predicted.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.outputs_equal == self.outputs_total && self.sram.holds() && self.flash.holds()
    }
}

/// Whether the emulated board is the run's board; only its bytes can be compared with the run's budget.
pub(super) fn is_possible(pipeline: &Pipeline<'_>) -> bool {
    pipeline.inputs.board.as_ref().is_some_and(|board| board.name == EMULATED) && !pipeline.experiment.device.skip
}

/// Says before the work begins what the last stages will need.
pub(super) fn preflight(pipeline: &Pipeline<'_>) {
    if !is_possible(pipeline) {
        return;
    }
    let missing = [Qemu::find().err(), find_image(EMULATED, None).err()];
    for error in missing.into_iter().flatten() {
        let help = error.help().unwrap_or_default();
        pipeline.printer.warn(&format!("{error}: the stage `measure` will need it; {help}"));
    }
}

/// Writes `measure.json`; false if it is there or no device is the run's board.
pub(super) fn run(pipeline: &mut Pipeline<'_>) -> Result<bool, Failure> {
    if pipeline.dir.has(names::MEASURE) {
        return Ok(false);
    }
    if !is_possible(pipeline) {
        let why = match &pipeline.inputs.board {
            _ if pipeline.experiment.device.skip => "as the experiment says".into(),
            Some(board) => format!("{} is not the emulated board {EMULATED}", board.name),
            None => format!("no board is named; {EMULATED} is the emulated one"),
        };
        pipeline.printer.step("measure", &format!("skipped: {why}"));
        return Ok(false);
    }
    let chosen: Chosen = pipeline.dir.read_json(names::BEST)?;
    let quant: QuantRecord = pipeline.dir.read_json(names::QUANT)?;
    let model = pipeline.dir.read(names::MODEL)?;
    let test = pipeline.inputs.data.test.resized(chosen.preprocess.size as usize);
    let count = pipeline.experiment.device.images as usize;
    pipeline.printer.step("measure", &format!("{} test images on {EMULATED} (QEMU)", thousands(count as u64)));
    let bench_of = Bench {
        image: find_image(EMULATED, None)?,
        model: &model,
        predicted_model_bytes: quant.predicted_model_bytes,
        images: &test,
        count,
        stop: pipeline.stop,
    };
    let progress = pipeline.printer.progress("measure", count.min(test.len()) as u64);
    let measured = bench(&bench_of, &progress);
    progress.finish();
    let measured = measured?;
    pipeline.dir.write_json(names::MEASURE, &measured)?;
    let (sram, flash) = (&measured.sram, &measured.flash);
    pipeline.printer.step(
        "measure",
        &format!(
            "{} of {} outputs equal to the host's; SRAM {} B observed, {} predicted; flash {} B linked, {} predicted",
            measured.outputs_equal,
            measured.outputs_total,
            thousands(sram.observed_bytes),
            thousands(sram.predicted_bytes),
            thousands(flash.linked_bytes),
            thousands(flash.predicted_bytes)
        ),
    );
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Measured {
        let sram = SramMeasured {
            arena_bytes: 1000,
            arena_touched_bytes: 1000,
            arena_high_water_bytes: 1000,
            data_bytes: 8,
            bss_bytes: 12,
            static_bytes: 20,
            observed_static_bytes: 20,
            predicted_bytes: 1120,
            linked_bytes: 1120,
            observed_bytes: 1120,
            stack_reserve_bytes: 100,
            stack_high_water_bytes: 60,
        };
        let flash = FlashMeasured {
            predicted_bytes: 500,
            linked_bytes: 500,
            observed_bytes: 500,
            code_bytes: 300,
            model_bytes: 200,
            model_address: 0,
        };
        Measured {
            schema: String::new(),
            device: "qemu".into(),
            evidence: "emulated".into(),
            board: EMULATED.into(),
            outputs_equal: 64,
            outputs_total: 64,
            first_difference: None,
            cycles: None,
            instructions: None,
            layers: Vec::new(),
            sram,
            flash,
        }
    }

    #[test]
    fn one_byte_or_one_output_off_is_a_no() {
        assert!(measured().holds());
        let spoiled: [fn(&mut Measured); 7] = [
            |m| m.outputs_equal = 63,
            |m| m.sram.observed_bytes -= 1,
            |m| m.sram.linked_bytes += 1,
            |m| m.sram.arena_high_water_bytes += 1,
            |m| m.sram.stack_high_water_bytes = 101,
            |m| m.flash.linked_bytes += 1,
            |m| m.flash.observed_bytes -= 1,
        ];
        for (number, spoil) in spoiled.iter().enumerate() {
            let mut measured = measured();
            spoil(&mut measured);
            assert!(!measured.holds(), "{number}");
        }
    }

    #[test]
    fn the_first_difference_is_told_in_words() {
        let difference = |device: &[i8]| Difference { image: 7, host: vec![1, 2, 3], device: device.into() };
        assert_eq!(difference(&[1, -2, 3]).words(), "test image 7, output 1: the host says 2, the device -2");
        assert_eq!(difference(&[1, 2]).words(), "test image 7: the host has 3 outputs, the device 2");
    }
}
