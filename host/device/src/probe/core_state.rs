//! What the core does when the firmware says nothing.

use std::time::Duration;

use probe_rs::{Core, CoreStatus, Error, HaltReason, MemoryInterface, RegisterId};

use super::{translate, worker::State};
use crate::{DeviceError, Image, ProbeError};

/// How long the core may take to halt.
const HALT: Duration = Duration::from_millis(500);

/// Fault status registers (ARMv7-M ARM, B3.2.15 to B3.2.18); a core of ARMv6-M has none and reads zeros.
const CFSR: u64 = 0xe000_ed28;
const HFSR: u64 = 0xe000_ed2c;
const MMFAR: u64 = 0xe000_ed34;
const BFAR: u64 = 0xe000_ed38;

/// Register numbers of `DCRSR` (ARMv7-M ARM, C1.6.3).
const LR: RegisterId = RegisterId(14);
const PC: RegisterId = RegisterId(15);
const XPSR: RegisterId = RegisterId(16);
const MSP: RegisterId = RegisterId(17);
const PSP: RegisterId = RegisterId(18);

/// What a core was found doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// It runs the firmware.
    Runs { pc: u32 },
    /// It stopped by itself.
    Halted { pc: u32, reason: String },
    /// A fault within the fault handler.
    Lockup { cfsr: u32, hfsr: u32 },
    /// It is inside a fault handler.
    Fault { pc: u32, lr: u32, cfsr: u32, hfsr: u32, address: u32 },
}

/// Whether the core does something else than running.
pub(super) fn stopped(state: &mut State) -> Result<bool, ProbeError> {
    let doing = "waiting for the firmware";
    let status = state.core(doing)?.status().map_err(|error| translate::error(doing, &error))?;
    Ok(matches!(status, CoreStatus::LockedUp | CoreStatus::Halted(_)))
}

/// Looks at the core. It is halted for that and stays halted.
pub(super) fn examine(state: &mut State) -> Result<Finding, ProbeError> {
    let doing = "looking for what the core does";
    look(&mut state.core(doing)?).map_err(|error| translate::error(doing, &error))
}

fn look(core: &mut Core<'_>) -> Result<Finding, Error> {
    let before = core.status()?;
    let faults = |core: &mut Core<'_>| Ok::<_, Error>((core.read_word_32(CFSR)?, core.read_word_32(HFSR)?));
    if before == CoreStatus::LockedUp {
        let (cfsr, hfsr) = faults(core).unwrap_or_default();
        return Ok(Finding::Lockup { cfsr, hfsr });
    }
    if !before.is_halted() {
        core.halt(HALT)?;
    }
    let pc: u32 = core.read_core_reg(PC)?;
    let exception = core.read_core_reg::<u32>(XPSR)? & 0x1ff;
    // HardFault, MemManage, BusFault, UsageFault.
    if (3..=6).contains(&exception) {
        let (cfsr, hfsr) = faults(core).unwrap_or_default();
        let address = match (cfsr & (1 << 7) != 0, cfsr & (1 << 15) != 0) {
            (true, _) => core.read_word_32(MMFAR)?,
            (_, true) => core.read_word_32(BFAR)?,
            _ => 0,
        };
        let (pc, lr) = stacked(core).unwrap_or((pc, 0));
        return Ok(Finding::Fault { pc, lr, cfsr, hfsr, address });
    }
    match before {
        CoreStatus::Halted(reason) => Ok(Finding::Halted { pc, reason: words(reason) }),
        _ => Ok(Finding::Runs { pc }),
    }
}

/// Program counter and link register that the exception's entry put on the stack. Only as long as the handler has not
/// called anything is the return code still in LR and the frame at the stack pointer.
fn stacked(core: &mut Core<'_>) -> Option<(u32, u32)> {
    let code: u32 = core.read_core_reg(LR).ok()?;
    if code < 0xffff_ff00 {
        return None;
    }
    let frame: u32 = core.read_core_reg(if code & 4 == 0 { MSP } else { PSP }).ok()?;
    let lr = core.read_word_32(u64::from(frame) + 20).ok()?;
    Some((core.read_word_32(u64::from(frame) + 24).ok()?, lr))
}

fn words(reason: HaltReason) -> String {
    match reason {
        HaltReason::Breakpoint(_) => "a breakpoint",
        HaltReason::Exception => "a caught exception",
        HaltReason::Watchpoint => "a watchpoint",
        HaltReason::Request | HaltReason::External => "another debugger's request",
        _ => "no reason given",
    }
    .to_owned()
}

impl Finding {
    /// In the middle of a sentence whose subject is the core.
    pub fn words(&self) -> String {
        match self {
            Self::Runs { pc } => format!("runs at {pc:#010x}"),
            Self::Halted { pc, reason } => format!("stopped at {pc:#010x} ({reason})"),
            Self::Lockup { .. } => "locked up".to_owned(),
            Self::Fault { pc, .. } => format!("took a fault at {pc:#010x}"),
        }
    }

    /// The error it means for a host that waited `seconds` for `waiting_for`.
    pub fn error(self, image: &Image, waiting_for: &'static str, seconds: u64) -> DeviceError {
        match self {
            Self::Runs { pc } => ProbeError::Hang { waiting_for, seconds, pc, location: image.locate(pc) }.into(),
            Self::Halted { pc, reason } => ProbeError::Halted { reason, pc, location: image.locate(pc) }.into(),
            Self::Lockup { cfsr, hfsr } => ProbeError::Lockup { cfsr, hfsr }.into(),
            Self::Fault { pc, lr, cfsr, hfsr, address } => {
                DeviceError::HardFault { pc, lr, cfsr, hfsr, address, location: image.locate(pc) }
            }
        }
    }
}
