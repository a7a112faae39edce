//! From probe-rs's errors to ours.
//!
//! What matters to a user is often several sources deep and sometimes only in words, so the whole chain is looked at.

use std::{error::Error as StdError, io};

use probe_rs::{
    architecture::arm::{ArmError, DapError},
    config::RegistryError,
    flashing::FlashError,
    probe::DebugProbeError,
};

use crate::ProbeError;

/// Before the chip has answered for the first time.
pub(super) const ATTACHING: &str = "attaching to the chip";

/// What a Black Magic Probe's error number says when nothing acknowledged (Black Magic Debug, `remote.h`: error 3 with the
/// acknowledge in bits 15:8, all of them ones).
const NO_RESPONSE: u64 = 0x0703;

/// An error of probe-rs while `doing` something.
pub(super) fn error(doing: &'static str, error: &(dyn StdError + 'static)) -> ProbeError {
    let reason = words(error);
    for link in chain(error) {
        if let Some(io) = link.downcast_ref::<io::Error>()
            && let Some(known) = system(doing, io)
        {
            return known;
        }
        if lost_socket(&link.to_string()) {
            return ProbeError::Disconnected { doing };
        }
        if let Some(error) = link.downcast_ref::<RegistryError>() {
            return ProbeError::UnknownChip { chip: chip_of(error), reason };
        }
        if let Some(FlashError::Verify) = link.downcast_ref::<FlashError>() {
            return ProbeError::Verify { address: 0 };
        }
        if is_permission(link) {
            return ProbeError::Locked { reason };
        }
    }
    if chain(error).any(is_silence) {
        return if doing == ATTACHING { ProbeError::NoTarget { reason } } else { ProbeError::TargetLost { doing } };
    }
    if let Some(command) = chain(error).find_map(unsupported) {
        return ProbeError::Unsupported { command: command.to_owned() };
    }
    if chain(error).any(|link| link.is::<FlashError>()) {
        return ProbeError::Flash { reason };
    }
    ProbeError::Other { doing, reason }
}

/// The error and what caused it, outermost first.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let link = next?;
        next = link.source();
        Some(link)
    })
}

/// The whole chain in one line, without what is said twice.
pub(super) fn words(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for link in chain(error) {
        let more = link.to_string();
        let more = more.trim_end_matches('.');
        if text.is_empty() {
            more.clone_into(&mut text);
        } else if !text.contains(more) {
            text = format!("{text}: {more}");
        }
    }
    text
}

/// What an error of the operating system means for a probe.
fn system(doing: &'static str, error: &io::Error) -> Option<ProbeError> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::PermissionDenied => Some(ProbeError::Permission { probe: String::new() }),
        Kind::ResourceBusy => Some(ProbeError::Busy { probe: String::new() }),
        // nusb has no kind of its own for a claimed interface in `io::Error`.
        Kind::Other if error.to_string().to_ascii_lowercase().contains("busy") => {
            Some(ProbeError::Busy { probe: String::new() })
        }
        Kind::UnexpectedEof
        | Kind::BrokenPipe
        | Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::NotConnected => Some(ProbeError::Disconnected { doing }),
        _ => None,
    }
}

/// The Black Magic driver keeps the system's error only in its words.
fn lost_socket(words: &str) -> bool {
    words.strip_prefix("Probe error ").is_some_and(|rest| {
        ["failed to fill whole buffer", "Broken pipe", "Connection reset", "Connection aborted", "os error"]
            .iter()
            .any(|mark| rest.contains(mark))
    })
}

fn is_permission(link: &(dyn StdError + 'static)) -> bool {
    matches!(link.downcast_ref(), Some(probe_rs::Error::MissingPermissions(_)))
        || matches!(link.downcast_ref(), Some(ArmError::MissingPermissions(_)))
}

/// Whether the chip, not the probe, fails to answer.
fn is_silence(link: &(dyn StdError + 'static)) -> bool {
    matches!(link.downcast_ref(), Some(ArmError::NoTargetResponse { .. } | ArmError::NoArmTarget))
        || matches!(link.downcast_ref(), Some(DebugProbeError::TargetNotFound))
        || matches!(link.downcast_ref(), Some(DapError::NoAcknowledge | DapError::Protocol(_)))
        || link.is::<probe_rs::architecture::arm::dp::DebugPortError>()
        || remote_error(&link.to_string()).is_some_and(|number| number & 0xffff == NO_RESPONSE)
}

/// The number that a Black Magic Probe gave; its driver keeps it only in words.
fn remote_error(words: &str) -> Option<u64> {
    u64::from_str_radix(words.strip_prefix("Remote error with result ")?, 16).ok()
}

/// The command that the probe does not have.
fn unsupported(link: &(dyn StdError + 'static)) -> Option<&'static str> {
    match link.downcast_ref() {
        Some(DebugProbeError::CommandNotSupportedByProbe { command_name }) => Some(command_name),
        _ => None,
    }
}

fn chip_of(error: &RegistryError) -> String {
    match error {
        RegistryError::ChipNotFound(chip) | RegistryError::ChipNotUnique(chip, _) => chip.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use probe_rs::probe::ProbeCreationError;

    use super::*;

    fn usb(kind: io::ErrorKind, words: &'static str) -> probe_rs::Error {
        DebugProbeError::Usb(io::Error::new(kind, words)).into()
    }

    #[test]
    fn errors_of_the_system_keep_their_meaning_however_deep() {
        let code = |error: &probe_rs::Error| super::error("testing", error).code();
        assert_eq!(code(&usb(io::ErrorKind::PermissionDenied, "no")), "device::permission");
        assert_eq!(code(&usb(io::ErrorKind::ResourceBusy, "no")), "device::probe_busy");
        assert_eq!(code(&usb(io::ErrorKind::Other, "interface is busy")), "device::probe_busy");
        assert_eq!(code(&usb(io::ErrorKind::NotConnected, "gone")), "device::disconnected");
        assert_eq!(code(&usb(io::ErrorKind::Other, "something")), "device::probe");
        let arm = ArmError::Probe(DebugProbeError::Usb(io::ErrorKind::BrokenPipe.into()));
        let write = FlashError::PageWrite { page_address: 0x0800_0000, source: Box::new(probe_rs::Error::Arm(arm)) };
        assert_eq!(super::error("flashing", &write).code(), "device::disconnected");
        let creation: DebugProbeError = ProbeCreationError::Usb(io::ErrorKind::PermissionDenied.into()).into();
        assert_eq!(super::error("opening", &creation).code(), "device::permission");
    }

    #[test]
    fn protection_silence_and_damage_are_three_errors() {
        let locked = probe_rs::Error::Arm(ArmError::MissingPermissions("erase_all".into()));
        assert_eq!(error(ATTACHING, &locked).code(), "device::locked");
        let silent = ArmError::NoTargetResponse { source: Box::new(ArmError::Dap(DapError::NoAcknowledge)) };
        let silent = probe_rs::Error::Arm(silent);
        assert_eq!(error(ATTACHING, &silent).code(), "device::no_target");
        assert_eq!(error("flashing", &silent).code(), "device::target_lost");
        assert_eq!(remote_error("Remote error with result 0000000000000703"), Some(NO_RESPONSE));
        assert_eq!(remote_error("Remote parameter error with result 0000000000000703"), None);
        assert_eq!(error("flashing", &FlashError::Verify).code(), "device::verify");
        let failed = FlashError::RoutineCallFailed { name: "EraseSector".into(), error_code: 1 };
        let failed = error("flashing", &FlashError::EraseFailed { sector_address: 0, source: Box::new(failed) });
        assert_eq!(failed.code(), "device::flash");
        assert!(failed.to_string().contains("EraseSector"), "{failed}");
    }

    #[test]
    fn an_unknown_chip_is_named() {
        let registry = probe_rs::config::Registry::from_builtin_families();
        let unknown = registry.get_target_by_name("STM32X999").expect_err("no such chip");
        let unknown = error("attaching", &probe_rs::Error::from(unknown));
        assert_eq!(unknown.code(), "device::unknown_chip");
        assert!(unknown.to_string().contains("STM32X999"), "{unknown}");
    }
}
