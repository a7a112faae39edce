//! A board of ours behind a debug port of its own, reached as a real one is: through probe-rs.
//!
//! The chip is simulated; its flash, its debug port and the flash algorithms that run on it are the real ones' as far as
//! probe-rs can tell. Which chips there are is the simulator's to say; for the others the reason is in the error.

use tinynas_cost::{Board, Core, Region};
use tinynas_sim::{
    chip::{ChipSpec, FlashSpec, MemoryKind, MemorySpec},
    machine::INSTRUCTION_COUNTER,
    virtual_board::{Counters, Injection, Options, StartError, VirtualBoard as Server},
};
use tinynas_wire::{ModelInfo, Stats};

use crate::{Device, DeviceError, DeviceKind, Image, Inference, Probe, ProbeError, ProbeOptions};

/// A virtual board and the probe that reaches it.
pub struct VirtualBoard {
    /// Let go of before the board ends.
    probe: Probe,
    server: Server,
}

impl VirtualBoard {
    /// Starts `board` with erased flash. Of `options` all but the probe is used.
    ///
    /// # Errors
    /// [`ProbeError::NoVirtualBoard`] if the board cannot be simulated behind a debug port.
    pub fn start(board: &Board, options: ProbeOptions) -> Result<Self, DeviceError> {
        Self::with(board, options, &Options::default())
    }

    /// The same with the simulator's own options: faults to have, a profile to keep.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn with(board: &Board, options: ProbeOptions, simulation: &Options) -> Result<Self, DeviceError> {
        let server = serve(board, simulation)?;
        let probe = ProbeOptions { probe: Some(server.probe_selector().parse()?), ..options };
        Ok(Self { probe: Probe::new(board, probe)?.modelled(INSTRUCTION_COUNTER), server })
    }

    /// What names its probe on a command line, this tool's and probe-rs's own: `1d50:6018:127.0.0.1:PORT`. It takes one
    /// client at a time.
    pub fn selector(&self) -> String {
        self.server.probe_selector()
    }

    /// The probe that reaches it.
    pub fn probe(&mut self) -> &mut Probe {
        &mut self.probe
    }

    /// What the simulator counted since the start. All of it is modelled.
    pub fn counters(&self) -> Counters {
        self.server.counters()
    }

    /// Lets it have a fault.
    pub fn inject(&self, fault: Injection) {
        self.server.inject(fault);
    }
}

impl Device for VirtualBoard {
    fn kind(&self) -> DeviceKind {
        self.probe.kind()
    }

    fn flash(&mut self, image: &Image, model: &[u8]) -> Result<ModelInfo, DeviceError> {
        self.probe.flash(image, model)
    }

    fn run(&mut self, input: &[i8]) -> Result<Inference, DeviceError> {
        self.probe.run(input)
    }

    fn stats(&mut self) -> Result<Stats, DeviceError> {
        self.probe.stats()
    }
}

/// Puts `board` behind a port and nothing else: for other programs to attach to.
///
/// # Errors
/// [`ProbeError::NoVirtualBoard`].
pub fn serve(board: &Board, simulation: &Options) -> Result<Server, DeviceError> {
    Server::start(chip_spec(board)?, simulation).map_err(|error| match error {
        StartError::Socket(source) => DeviceError::io("a port on 127.0.0.1")(source),
        other => refused(board, other.to_string(), other.help()).into(),
    })
}

/// What the simulator needs to know of a board.
///
/// # Errors
/// [`ProbeError::NoVirtualBoard`] if the board file names no chip or has addresses beyond 32 bits.
pub fn chip_spec(board: &Board) -> Result<ChipSpec, ProbeError> {
    let no_chip = || refused(board, "its board file names no chip".to_owned(), "run it on QEMU: without --virtual");
    let word = |value: u64| {
        let reason = format!("{value:#x} is no 32-bit address or size");
        u32::try_from(value).map_err(|_| refused(board, reason, "correct the board file"))
    };
    let flash = &board.flash;
    let memory = |region: &Region| {
        let (origin, bytes) = (word(region.origin)?, word(region.bytes.0)?);
        Ok(MemorySpec { name: region.name.clone(), origin, bytes, kind: kind(&region.name) })
    };
    Ok(ChipSpec {
        name: board.chip.clone().ok_or_else(no_chip)?,
        core: core(board.core),
        clock_hz: board.clock_hz.value,
        flash: FlashSpec {
            origin: word(flash.origin)?,
            bytes: word(flash.bytes.0)?,
            wait_states: flash.wait_states.as_ref().map_or(0, |states| states.value),
        },
        memories: board.sram.iter().map(memory).collect::<Result<_, ProbeError>>()?,
    })
}

fn refused(board: &Board, reason: String, help: &'static str) -> ProbeError {
    ProbeError::NoVirtualBoard { board: board.name.clone(), reason, help }
}

const fn core(core: Core) -> tinynas_sim::core::Core {
    use tinynas_sim::core::Core as Simulated;

    match core {
        Core::CortexM0Plus => Simulated::M0Plus,
        Core::CortexM4F => Simulated::M4F,
        Core::CortexM7F => Simulated::M7F,
        Core::CortexM33F => Simulated::M33F,
    }
}

/// Board files name memories as the manuals do.
fn kind(name: &str) -> MemoryKind {
    if name.contains("tcm") {
        MemoryKind::Tcm
    } else if name.contains("axi") {
        MemoryKind::Axi
    } else {
        MemoryKind::Sram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boards_chip_has_its_memories() {
        let spec = chip_spec(&Board::open("nucleo-h743zi2").expect("shipped")).expect("a chip");
        assert_eq!((spec.name.as_str(), spec.clock_hz), ("STM32H743ZITx", 480_000_000));
        assert_eq!((spec.flash.origin, spec.flash.bytes, spec.flash.wait_states), (0x0800_0000, 2 << 20, 4));
        let kinds: Vec<_> = spec.memories.iter().map(|memory| (memory.origin, memory.kind)).collect();
        assert!(kinds.contains(&(0x2400_0000, MemoryKind::Axi)) && kinds.contains(&(0x2000_0000, MemoryKind::Tcm)));
    }

    #[test]
    fn every_shipped_board_is_served_or_refused_by_name() {
        for name in Board::shipped() {
            let board = Board::open(name).expect(name);
            match serve(&board, &Options::default()) {
                Ok(server) => assert!(server.probe_selector().starts_with("1d50:6018:127.0.0.1:"), "{name}"),
                Err(error) => {
                    assert_eq!(error.code(), "device::no_virtual_board", "{name}: {error}");
                    assert!(error.to_string().contains(name) && error.help().is_some(), "{error}");
                }
            }
        }
    }
}
