//! Runs a model on a device: every output compared, every cycle and byte counted.

use std::sync::atomic::{AtomicBool, Ordering};

use tinynas_device::{DeviceError, Inference};
use tinynas_model::Preprocess;
use tinynas_quant::Int8Model;
use tinynas_train::Split;

use super::{Difference, Facts, FlashMeasured, LayerMeasured, Measured, Opened, SramMeasured, TimingModel, profile};
use crate::{data::sample, failure::Failure, memory, output::Progress};

/// Value of a [`Measured`]'s `schema`.
const SCHEMA: &str = "tinynas/bench/1";

/// What is run on a device.
#[derive(Debug)]
pub struct Bench<'a> {
    /// The firmware image.
    pub image: &'a tinynas_device::Image,
    /// Bytes of the `.tnm`.
    pub model: &'a [u8],
    /// Names of its layers, if known.
    pub names: Option<&'a [String]>,
    /// Size of the model as predicted before it was written; of a file that was given, its size.
    pub predicted_model_bytes: u64,
    /// The core, whose timing may be modelled.
    pub core: tinynas_cost::Core,
    /// Inputs of the network, each with its number.
    pub inputs: &'a [(u64, Vec<i8>)],
    /// Runs of the first input, whose cycles count.
    pub repeats: usize,
    /// Ends the work early when it becomes true.
    pub stop: &'a AtomicBool,
}

/// Cycles and instructions of the repeats.
#[derive(Default)]
struct Repeats {
    runs: Vec<Inference>,
    /// Wait states of each run.
    waits: Vec<u64>,
}

/// The inputs that `count` images of `images` are, as even over the classes as they go.
#[must_use]
pub fn inputs(images: &Split, count: usize) -> Vec<(u64, Vec<i8>)> {
    let input = |index: usize| images.image(index).iter().map(|pixel| Preprocess::int8(*pixel)).collect();
    sample(images, count, 0, "device").into_iter().map(|index| (index as u64, input(index))).collect()
}

/// Puts a model on a device, runs it and compares every output with the host's.
///
/// # Errors
/// If the device fails or the work is stopped; differing outputs are not an error but a result.
pub fn bench(opened: &mut Opened, facts: Facts, job: &Bench<'_>, progress: &Progress) -> Result<Measured, Failure> {
    let host = Int8Model::new(job.model)?;
    let (info, _) = opened.put(job.image, job.model, &mut |_| {})?;
    let (mut equal, mut first) = (0, None);
    let (mut repeats, mut costs) = (Repeats::default(), None);
    for (at, (index, input)) in job.inputs.iter().enumerate() {
        let expected = host.run(input)?;
        let mut all_equal = true;
        for repeat in 0..if at == 0 { job.repeats.max(1) } else { 1 } {
            if job.stop.load(Ordering::SeqCst) {
                return Err(Failure::interrupted(None));
            }
            let before = opened.counters().filter(|_| at == 0);
            let inference = opened.run(input)?;
            if inference.output != expected {
                all_equal = false;
                first.get_or_insert_with(|| Difference {
                    image: *index,
                    host: expected.clone(),
                    device: inference.output.clone(),
                });
            }
            if at > 0 {
                continue;
            }
            if let (Some(before), Some(after)) = (before, opened.counters()) {
                repeats.waits.push(after.flash_stalls.saturating_sub(before.flash_stalls));
                // The first run finds the caches cold: the last one is told.
                if let (true, Some(before), Some(after)) = (repeat + 1 >= job.repeats, before.profile, after.profile) {
                    costs = Some(profile::between(&before, &after, job.image)?);
                }
            }
            repeats.runs.push(inference);
        }
        equal += u64::from(all_equal);
        progress.advance(1, "outputs compared");
    }
    let stats = opened.stats()?;
    let clock_hz = Some(u64::from(info.clock_hz)).filter(|clock| *clock > 0 && facts.kind != "qemu");
    let ms = |cycles: Option<u64>| Some(cycles? as f64 / clock_hz? as f64 * 1e3);
    let total = repeats.of(Inference::cycles);
    Ok(Measured {
        schema: SCHEMA.into(),
        evidence: facts.evidence.clone(),
        timing_model: facts.is_modelled().then(|| TimingModel::of(job.core)),
        clock_hz,
        firmware_sha256: job.image.manifest().sha256.clone(),
        outputs_equal: equal,
        outputs_total: job.inputs.len() as u64,
        first_difference: first,
        repeats: repeats.runs.len() as u64,
        cycles: least(&total),
        cycles_median: median(&total),
        ms: ms(least(&total)),
        ms_median: ms(median(&total)),
        wait_cycles: repeats.waits.iter().min().copied(),
        instructions: least(&repeats.of(Inference::instructions)),
        layers: layers(&host, job.names, &repeats, clock_hz),
        sram: SramMeasured::new(job.image, host.arena_bytes().into(), &stats),
        flash: FlashMeasured::new(job.image, job.model.len() as u64, job.predicted_model_bytes, &stats),
        profile: costs,
        device: facts,
    })
}

/// The latency of one inference of a model in cycles, and the clock in Hz. Nothing is compared.
///
/// # Errors
/// If the device fails.
pub fn latency(
    opened: &mut Opened,
    image: &tinynas_device::Image,
    model: &[u8],
) -> Result<(Option<u64>, u64), DeviceError> {
    let (info, _) = opened.put(image, model, &mut |_| {})?;
    let inference = opened.run(&vec![0; info.input_bytes as usize])?;
    Ok((inference.cycles().filter(|_| !inference.layers.is_empty()), info.clock_hz.into()))
}

impl Repeats {
    /// A figure of every run, in ascending order; empty where one has none.
    fn of(&self, figure: impl Fn(&Inference) -> Option<u64>) -> Vec<u64> {
        let figures = self.runs.iter().map(|run| figure(run).filter(|_| !run.layers.is_empty()));
        let mut figures: Vec<u64> = figures.collect::<Option<_>>().unwrap_or_default();
        figures.sort_unstable();
        figures
    }
}

fn least(ascending: &[u64]) -> Option<u64> {
    ascending.first().copied()
}

/// The middle one; the lower of two.
fn median(ascending: &[u64]) -> Option<u64> {
    ascending.get(ascending.len().saturating_sub(1) / 2).copied()
}

fn layers(
    host: &Int8Model<'_>,
    names: Option<&[String]>,
    repeats: &Repeats,
    clock_hz: Option<u64>,
) -> Vec<LayerMeasured> {
    let rows = memory::steps(host.model(), names);
    let cycles: Vec<Vec<u64>> = rows.iter().map(|row| repeats.of(|run| run.layers.get(row.index)?.cycles)).collect();
    let total: u64 = cycles.iter().filter_map(|cycles| least(cycles)).sum();
    let layer = |(row, cycles): (memory::StepRow, &Vec<u64>)| {
        let fewest = least(cycles);
        LayerMeasured {
            cycles: fewest,
            cycles_median: median(cycles),
            ms: fewest.and_then(|cycles| Some(cycles as f64 / clock_hz? as f64 * 1e3)),
            share: fewest.map(|cycles| cycles as f64 / total.max(1) as f64),
            cycles_per_mac: fewest.filter(|_| row.macs > 0).map(|cycles| cycles as f64 / row.macs as f64),
            instructions: least(&repeats.of(|run| run.layers.get(row.index)?.instructions)),
            name: row.name,
            op: row.op,
            output: row.output,
            macs: row.macs,
        }
    };
    rows.into_iter().zip(&cycles).map(layer).collect()
}

#[cfg(test)]
mod tests {
    use tinynas_device::LayerCounters;

    use super::*;

    fn run(cycles: &[u64]) -> Inference {
        let layer = |cycles: &u64| LayerCounters { cycles: Some(*cycles), instructions: None };
        Inference { output: Vec::new(), layers: cycles.iter().map(layer).collect() }
    }

    #[test]
    fn least_and_median_are_those_of_the_repeats() {
        let repeats = Repeats { runs: vec![run(&[5, 1]), run(&[3, 2]), run(&[4, 9]), run(&[9, 9])], waits: Vec::new() };
        let total = repeats.of(Inference::cycles);
        assert_eq!(total, [5, 6, 13, 18]);
        assert_eq!((least(&total), median(&total)), (Some(5), Some(6)));
        assert_eq!(repeats.of(|run| run.layers[0].cycles), [3, 4, 5, 9]);
        assert!(repeats.of(Inference::instructions).is_empty());
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn without_layers_nothing_is_known() {
        let repeats = Repeats { runs: vec![Inference::default()], waits: Vec::new() };
        assert!(repeats.of(Inference::cycles).is_empty());
    }
}
