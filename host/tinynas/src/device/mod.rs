//! Which device runs a model, how it is opened, and what it says of the model.

mod bench;
mod consent;
mod evidence;
mod history;
mod measured;
mod profile;

use serde::{Deserialize, Serialize};
use tinynas_cost::Board;
use tinynas_device::{
    Counters, Device, DeviceError, DeviceKind, Image, Inference, ModelInfo, Probe, ProbeError, ProbeOptions, Progress,
    Qemu, Simulation, Stats, Timeouts, VirtualBoard, Written,
};

pub use bench::{Bench, bench, inputs, latency};
pub use consent::before_erasing;
pub use evidence::{TimingModel, figures_of};
pub use history::append;
pub use measured::{Difference, FlashMeasured, LayerMeasured, Measured, SramMeasured};
pub use profile::{FunctionCost, table as profile_table};

use crate::{args::DeviceArgs, failure::Failure};

/// Board file of the machine that QEMU emulates.
pub const EMULATED: &str = "qemu-mps2-an386";

/// The board where nothing names one.
pub const DEFAULT_BOARD: &str = "nucleo-f446re";

/// What a device is: what its figures may be called follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `probe`, `virtual` or `qemu`.
    pub kind: String,
    /// `measured`, `modelled` or `emulated`.
    pub evidence: String,
    /// Board.
    pub board: String,
    /// Chip, as probe-rs names it; null on QEMU.
    pub chip: Option<String>,
    /// The debug probe, if it is one that was named.
    pub probe: Option<String>,
}

impl Facts {
    fn new(kind: DeviceKind, board: &Board, chip: Option<&str>, probe: Option<String>) -> Self {
        Self {
            kind: kind.as_str().into(),
            evidence: kind.adjective().into(),
            board: board.name.clone(),
            chip: chip.map(Into::into),
            probe,
        }
    }

    /// Whether the figures come from a model of the chip's timing.
    #[must_use]
    pub fn is_modelled(&self) -> bool {
        self.kind == DeviceKind::Virtual.as_str()
    }
}

/// The kind of device that the options and the board's name choose.
#[must_use]
pub fn kind(args: &DeviceArgs, board: &Board) -> DeviceKind {
    match () {
        () if args.virtual_board => DeviceKind::Virtual,
        () if args.qemu || board.name == EMULATED => DeviceKind::Qemu,
        () => DeviceKind::Probe,
    }
}

/// An open device.
pub enum Opened {
    /// The emulated board.
    Qemu(Box<Qemu>),
    /// A simulated board behind a debug port.
    Virtual(Box<VirtualBoard>),
    /// A board behind a debug probe.
    Probe(Box<Probe>),
}

impl Opened {
    /// Opens the device of a kind for a board; a board is not attached to before something is asked of it.
    ///
    /// # Errors
    /// `device::*`: no emulator, no virtual board, no such option.
    pub fn open(
        kind: DeviceKind,
        board: &Board,
        args: &DeviceArgs,
        profile: bool,
    ) -> Result<(Self, Facts), DeviceError> {
        let options = options(args)?;
        match kind {
            DeviceKind::Qemu => {
                let mut qemu = Qemu::find()?;
                if board.name != qemu.board() {
                    let reason = "QEMU emulates no board of that kind".to_owned();
                    let help = "--qemu is for --board qemu-mps2-an386; for this board there is --virtual, or a probe";
                    return Err(ProbeError::NoVirtualBoard { board: board.name.clone(), reason, help }.into());
                }
                qemu.set_timeouts(timeouts(args));
                Ok((Self::Qemu(Box::new(qemu)), Facts::new(kind, board, None, None)))
            }
            DeviceKind::Virtual => {
                // The virtual board has its own chip, whatever PROBE_RS_CHIP says of another one.
                let options = ProbeOptions { chip: None, probe: None, ..options };
                let simulation = Simulation { profile, ..Simulation::default() };
                let mut device = VirtualBoard::with(board, options, &simulation)?;
                device.probe().set_timeouts(timeouts(args));
                let facts = Facts::new(kind, board, board.chip.as_deref(), None);
                Ok((Self::Virtual(Box::new(device)), facts))
            }
            _ => {
                let selector = options.probe.clone();
                // What lies behind a virtual board's port is modelled, however it is reached.
                let simulated = selector.as_ref().and_then(tinynas_device::Selector::address);
                let simulated = simulated.is_some_and(evidence::is_virtual_board);
                let kind = if simulated { DeviceKind::Virtual } else { DeviceKind::Probe };
                let mut probe = Probe::new(board, options)?;
                probe.set_timeouts(timeouts(args));
                let facts = Facts::new(kind, board, Some(probe.chip()), selector.map(|selector| selector.to_string()));
                Ok((Self::Probe(Box::new(probe)), facts))
            }
        }
    }

    /// Puts firmware and model in place and starts them. What had to be written is not known of an emulator.
    ///
    /// # Errors
    /// As [`Device::flash`].
    pub fn put(
        &mut self,
        image: &Image,
        model: &[u8],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(ModelInfo, Option<Written>), DeviceError> {
        let (model, written) = match self {
            Self::Qemu(qemu) => return Ok((qemu.flash(image, model)?, None)),
            Self::Virtual(board) => board.probe().flash_with(image, model, progress)?,
            Self::Probe(probe) => probe.flash_with(image, model, progress)?,
        };
        Ok((model, Some(written)))
    }

    /// Runs one input.
    ///
    /// # Errors
    /// As [`Device::run`].
    pub fn run(&mut self, input: &[i8]) -> Result<Inference, DeviceError> {
        match self {
            Self::Qemu(device) => device.run(input),
            Self::Virtual(device) => device.run(input),
            Self::Probe(device) => device.run(input),
        }
    }

    /// Memory figures.
    ///
    /// # Errors
    /// As [`Device::stats`].
    pub fn stats(&mut self) -> Result<Stats, DeviceError> {
        match self {
            Self::Qemu(device) => device.stats(),
            Self::Virtual(device) => device.stats(),
            Self::Probe(device) => device.stats(),
        }
    }

    /// The simulator's counters since its start; none of what is no simulator of ours.
    #[must_use]
    pub fn counters(&self) -> Option<Counters> {
        match self {
            Self::Virtual(board) => Some(board.counters()),
            _ => None,
        }
    }

    /// A board that holds what somebody may miss.
    pub const fn board_with_flash(&mut self) -> Option<&mut Probe> {
        match self {
            Self::Probe(probe) => Some(probe),
            _ => None,
        }
    }
}

fn options(args: &DeviceArgs) -> Result<ProbeOptions, ProbeError> {
    Ok(ProbeOptions {
        chip: args.chip.clone(),
        probe: args.probe.as_deref().map(str::parse).transpose()?,
        speed_khz: args.speed,
        protocol: args.protocol.as_deref().map(str::parse).transpose()?,
        connect_under_reset: args.connect_under_reset,
        allow_erase_all: args.allow_erase_all,
    })
}

fn timeouts(args: &DeviceArgs) -> Timeouts {
    args.limit().map_or_else(Timeouts::default, |limit| Timeouts { start: limit, message: limit, probe: limit })
}

/// The image of a board, where nothing else is said: by name.
///
/// # Errors
/// `device::image_missing` and what else is wrong with it.
pub fn image(board: &Board, args: &DeviceArgs) -> Result<Image, Failure> {
    Ok(tinynas_device::find_image(&board.name, args.firmware.as_deref())?)
}
