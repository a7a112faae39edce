//! What a device said about a model: outputs, cycles, bytes.

use serde::{Deserialize, Serialize};
use tinynas_device::{Image, Stats};

use super::{Facts, FunctionCost, TimingModel};

/// What a device said about a model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// `tinynas/bench/1`.
    pub schema: String,
    /// The device.
    pub device: Facts,
    /// What its figures may be called: `emulated`, `modelled` or `measured`.
    pub evidence: String,
    /// The model behind modelled cycles; null where they are none.
    pub timing_model: Option<TimingModel>,
    /// Clock that the firmware set, Hz; null where there is none.
    pub clock_hz: Option<u64>,
    /// SHA-256 of the firmware image.
    pub firmware_sha256: String,
    /// Images whose outputs equal the host's in every byte.
    pub outputs_equal: u64,
    /// Images that were run.
    pub outputs_total: u64,
    /// The first image whose outputs differ.
    pub first_difference: Option<Difference>,
    /// Runs of the first image that the counters are from.
    pub repeats: u64,
    /// Least cycles of one inference; null where the device cannot tell.
    pub cycles: Option<u64>,
    /// Median cycles of one inference.
    pub cycles_median: Option<u64>,
    /// Milliseconds of `cycles` at `clock_hz`.
    pub ms: Option<f64>,
    /// Milliseconds of `cycles_median`.
    pub ms_median: Option<f64>,
    /// Cycles that wait for memories during a run, the conversation around it included; known of the simulator only.
    pub wait_cycles: Option<u64>,
    /// Instructions of one inference; null where the device cannot tell.
    pub instructions: Option<u64>,
    /// Per layer, in execution order.
    pub layers: Vec<LayerMeasured>,
    /// SRAM.
    pub sram: SramMeasured,
    /// Flash.
    pub flash: FlashMeasured,
    /// Per function, if that was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Vec<FunctionCost>>,
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

/// One layer, in the order of execution. Cycles and what follows from them are null where the device cannot tell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerMeasured {
    /// Layer name, or a name made from the position.
    pub name: String,
    /// Operation in words, for example `dw 3x3 s2`.
    pub op: String,
    /// Height, width, channels of the output.
    pub output: [u32; 3],
    /// Multiply-accumulates.
    pub macs: u64,
    /// Least cycles of all repeats.
    pub cycles: Option<u64>,
    /// Median cycles of the repeats.
    pub cycles_median: Option<u64>,
    /// Milliseconds of `cycles`.
    pub ms: Option<f64>,
    /// Part of the cycles of all layers, a fraction.
    pub share: Option<f64>,
    /// Cycles per multiply-accumulate; null for layers without any.
    pub cycles_per_mac: Option<f64>,
    /// Executed instructions.
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

impl SramMeasured {
    pub(super) fn new(image: &Image, arena: u64, stats: &Stats) -> Self {
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
    pub(super) fn new(image: &Image, model_bytes: u64, predicted_model_bytes: u64, stats: &Stats) -> Self {
        let (manifest, linked) = (&image.manifest().sections, image.sections());
        Self {
            predicted_bytes: manifest.flash_bytes + predicted_model_bytes,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::EMULATED;

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
            device: Facts {
                kind: "qemu".into(),
                evidence: "emulated".into(),
                board: EMULATED.into(),
                chip: None,
                probe: None,
            },
            evidence: "emulated".into(),
            timing_model: None,
            clock_hz: None,
            firmware_sha256: String::new(),
            outputs_equal: 64,
            outputs_total: 64,
            first_difference: None,
            repeats: 1,
            cycles: None,
            cycles_median: None,
            ms: None,
            ms_median: None,
            wait_cycles: None,
            instructions: None,
            layers: Vec::new(),
            sram,
            flash,
            profile: None,
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
