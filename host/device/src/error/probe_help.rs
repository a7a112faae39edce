//! Codes for scripts and the steps that help, for probes.

use super::ProbeError;

/// Where the rule is that lets users open debug probes on Linux.
const UDEV_HELP: &str = "let your user open it: copy 69-probe-rs.rules (https://probe.rs/docs/getting-started/probe-setup) to \
     /etc/udev/rules.d, run `sudo udevadm control --reload && sudo udevadm trigger`, then plug the probe in again";

impl ProbeError {
    /// The stable name of the kind of failure, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "device::no_probe",
            Self::Several { .. } => "device::several_probes",
            Self::Permission { .. } => "device::permission",
            Self::Busy { .. } => "device::probe_busy",
            Self::NotAProbe { .. } => "device::not_a_probe",
            Self::Option { .. } => "device::probe_option",
            Self::UnknownChip { .. } => "device::unknown_chip",
            Self::NoTarget { .. } => "device::no_target",
            Self::WrongChip { .. } => "device::wrong_chip",
            Self::Locked { .. } => "device::locked",
            Self::Disconnected { .. } => "device::disconnected",
            Self::TargetLost { .. } => "device::target_lost",
            Self::Unsupported { .. } => "device::probe_unsupported",
            Self::UnderReset { .. } => "device::under_reset",
            Self::Silent { .. } => "device::probe_timeout",
            Self::ImageTooLarge { .. } => "device::image_too_large",
            Self::Flash { .. } => "device::flash",
            Self::Verify { .. } => "device::verify",
            Self::NoRtt { .. } => "device::no_rtt",
            Self::Hang { .. } => "device::hang",
            Self::Lockup { .. } => "device::lockup",
            Self::Halted { .. } => "device::halted",
            Self::NoVirtualBoard { .. } => "device::no_virtual_board",
            Self::Other { .. } => "device::probe",
        }
    }

    /// The smallest step that helps, if one is known.
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::NotFound { wanted: None } => "plug the board's probe in, see `tinynas probes`; or use --virtual",
            Self::NotFound { .. } => "see `tinynas probes` for those that are connected",
            Self::Several { found } => {
                let first = found.first().map_or("VID:PID:SERIAL", String::as_str);
                return Some(format!("choose one, for instance --probe {first} (or set PROBE_RS_PROBE)"));
            }
            Self::Permission { .. } => UDEV_HELP,
            Self::Busy { .. } => "close the other debugger, IDE or `probe-rs` that holds it, then try again",
            Self::NotAProbe { .. } => "give the address of a Black Magic Probe: --probe 1d50:6018:HOST:PORT",
            Self::Option { .. } => {
                "as in --probe 0483:374b:066EFF55 --speed 4000 --protocol swd; VID and PID are hexadecimal"
            }
            Self::UnknownChip { .. } => "name it as probe-rs does (`probe-rs chip list`): --chip STM32F446RETx",
            Self::NoTarget { .. } => {
                "check power and the wires SWDIO, SWCLK, GND; firmware that switches the debug port off needs \
                 --connect-under-reset; long wires a lower --speed 400"
            }
            Self::WrongChip { .. } => "choose the board that is connected with --board, or its chip with --chip",
            Self::Locked { .. } => {
                "unlocking erases everything on it: use --allow-erase-all, or the vendor's tool (STM32: read-out \
                 protection level 0)"
            }
            Self::Disconnected { .. } => {
                "check cable and power, then run the same command again: flashing starts over, the board is not damaged"
            }
            Self::TargetLost { .. } => {
                "check the board's power supply, then run the same command again: flashing starts over; if the chip does \
                 not answer at all, add --connect-under-reset"
            }
            Self::Unsupported { .. } => "update the probe's firmware, or use another probe",
            Self::UnderReset { .. } => "leave --connect-under-reset out, or use a CMSIS-DAP probe",
            Self::Silent { .. } => "plug the probe in again; end other programs that use it; try --speed 400",
            Self::ImageTooLarge { .. } => {
                "build the image for this board (`cargo xtask firmware --board NAME`), or check --board and --chip"
            }
            Self::Flash { .. } | Self::Verify { .. } => {
                "run the command again; if it fails at the same place, check power, --speed and the chip's write protection"
            }
            Self::NoRtt { .. } => "build the image again with `cargo xtask firmware`; check that it is this board's",
            Self::Hang { .. } => {
                "run it with --virtual to see where the time goes; reset the board before the next try"
            }
            Self::Lockup { .. } => {
                "often the stack left its memory: raise `reserved.stack` in the board file and build the image again"
            }
            Self::Halted { .. } => "end other debuggers; remove breakpoints; then run the command again",
            Self::NoVirtualBoard { help, .. } => help,
            Self::Other { .. } => {
                "run the command again; if it fails the same way, plug probe and board in anew, or try --speed 400"
            }
        };
        Some(text.to_owned())
    }
}
