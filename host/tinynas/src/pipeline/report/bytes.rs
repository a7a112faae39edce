//! From the device's words and the board's file to the page: bytes side by side, the memory map.

use tinynas_report::{Bytes, DeviceRun, Evidence, Figures, Memory, Region};

use super::Found;
use crate::device::Difference;

/// Alignment of the arena in the linker script.
const ALIGN: u64 = 16;

const fn figures(predicted: u64, linked: u64, observed: u64) -> Figures {
    Figures { predicted: Some(predicted), linked: Some(linked), observed: Some(observed) }
}

impl Found {
    pub(super) fn bytes(&self) -> Option<Bytes> {
        let (quant, measured) = (self.quant.as_ref()?, self.measured.as_ref());
        let Some(m) = measured else {
            let model = Figures {
                predicted: Some(quant.predicted_model_bytes),
                linked: Some(quant.model_bytes),
                observed: None,
            };
            let arena = Figures { predicted: Some(quant.arena_bytes), ..Figures::default() };
            return Some(Bytes { arena, model, ..Bytes::default() });
        };
        let (sram, flash) = (&m.sram, &m.flash);
        let linked_statics = sram.data_bytes + sram.bss_bytes;
        let predicted_code = flash.predicted_bytes.saturating_sub(quant.predicted_model_bytes);
        Some(Bytes {
            arena: Figures {
                predicted: Some(sram.arena_bytes),
                linked: None,
                observed: Some(sram.arena_touched_bytes),
            },
            statics: figures(sram.static_bytes, linked_statics, sram.observed_static_bytes),
            // What the sums leave: a reserve that differs between manifest, ELF and device shows in this row.
            stack_reserve: figures(
                sram.predicted_bytes.saturating_sub(sram.arena_bytes + sram.static_bytes),
                sram.linked_bytes.saturating_sub(sram.arena_bytes + linked_statics),
                sram.stack_reserve_bytes,
            ),
            stack_high_water: Some(sram.stack_high_water_bytes),
            sram: figures(sram.predicted_bytes, sram.linked_bytes, sram.observed_bytes),
            code: figures(predicted_code, flash.code_bytes, flash.observed_bytes.saturating_sub(flash.model_bytes)),
            model: Figures {
                predicted: Some(quant.predicted_model_bytes),
                linked: Some(flash.model_bytes),
                observed: None,
            },
            flash: figures(flash.predicted_bytes, flash.linked_bytes, flash.observed_bytes),
        })
    }

    /// SRAM as the linker lays it out (`.data`, `.bss`, arena from its start, stack at its end), then flash.
    pub(super) fn memories(&self) -> Vec<Memory> {
        let Some(m) = &self.measured else { return Vec::new() };
        let (sram, flash) = (&m.sram, &m.flash);
        let board = self.board.as_ref();
        let ram = board.and_then(|board| board.sram.first());
        let region = |name: &str, address: Option<u64>, bytes: u64| Region {
            name: name.into(),
            address,
            bytes,
            high_water_bytes: None,
        };
        let bottom = ram.map(|ram| ram.origin);
        let after = |bytes: u64| bottom.map(|bottom| bottom + bytes);
        let top = ram.map(|ram| ram.origin + ram.bytes.0);
        let statics = sram.data_bytes + sram.bss_bytes;
        let overhead = sram.predicted_bytes - sram.arena_bytes;
        let rom = board.map(|board| &board.flash);
        vec![
            Memory {
                name: "SRAM".into(),
                origin: bottom,
                bytes: ram.map(|ram| ram.bytes.0),
                // The run's budget is for the arena; what the image needs besides is added to it.
                budget_bytes: self.limits.map(|(sram, _)| sram + overhead),
                regions: vec![
                    region(".data", bottom, sram.data_bytes),
                    region(".bss", after(sram.data_bytes), sram.bss_bytes),
                    Region {
                        high_water_bytes: Some(sram.arena_high_water_bytes),
                        ..region("arena", after(statics.next_multiple_of(ALIGN)), sram.arena_bytes)
                    },
                    Region {
                        high_water_bytes: Some(sram.stack_high_water_bytes),
                        ..region(
                            "stack reserve",
                            top.map(|top| top - sram.stack_reserve_bytes),
                            sram.stack_reserve_bytes,
                        )
                    },
                ],
            },
            Memory {
                name: "flash".into(),
                origin: rom.map(|rom| rom.origin),
                bytes: rom.map(|rom| rom.bytes.0),
                budget_bytes: self.limits.map(|(_, flash)| flash),
                regions: vec![
                    region("code and constants", rom.map(|rom| rom.origin), flash.code_bytes),
                    region("model", Some(flash.model_address), flash.model_bytes),
                ],
            },
        ]
    }

    pub(super) fn device(&self) -> Option<DeviceRun> {
        let measured = self.measured.as_ref()?;
        Some(DeviceRun {
            name: format!("{} ({})", measured.device.board, measured.device.kind),
            evidence: match measured.evidence.as_str() {
                "modelled" => Evidence::Modelled,
                "measured" => Evidence::Measured,
                _ => Evidence::Emulated,
            },
            outputs_equal: measured.outputs_equal,
            outputs_total: measured.outputs_total,
            first_difference: measured.first_difference.as_ref().map(Difference::words),
            cycles: measured.cycles,
            instructions: measured.instructions,
            clock_hz: measured.clock_hz,
            bound: measured.timing_model.as_ref().map(|model| format!("error {}", model.bound())),
        })
    }
}
