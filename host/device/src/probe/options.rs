//! What a user can say about probe, wires and chip, with the names that probe-rs gives it.

use std::{net::SocketAddr, str::FromStr};

use probe_rs::{
    Permissions,
    probe::{DebugProbeSelector, WireProtocol},
};

use crate::ProbeError;

/// How to reach a chip. The default leaves everything to probe-rs and the board file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbeOptions {
    /// Chip as probe-rs names it; without it the board file's.
    pub chip: Option<String>,
    /// The probe; without it the only one that is connected.
    pub probe: Option<Selector>,
    /// Clock of the wires, kHz.
    pub speed_khz: Option<u32>,
    /// The wires' protocol.
    pub protocol: Option<Protocol>,
    /// Holds the reset pin down while connecting.
    pub connect_under_reset: bool,
    /// Lets probe-rs erase the whole chip where that is what unlocks it.
    pub allow_erase_all: bool,
}

impl ProbeOptions {
    pub(super) fn permissions(&self) -> Permissions {
        if self.allow_erase_all { Permissions::new().allow_erase_all() } else { Permissions::new() }
    }
}

/// Names a probe: `VID:PID[-INTERFACE][:SERIAL]`, VID and PID hexadecimal. A Black Magic Probe that is reached over TCP
/// has its address for serial number: `1d50:6018:127.0.0.1:4444`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(pub(super) DebugProbeSelector);

impl Selector {
    /// The probe's TCP address, if it has one.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.serial_number.as_ref()?.parse().ok()
    }
}

impl FromStr for Selector {
    type Err = ProbeError;

    fn from_str(text: &str) -> Result<Self, ProbeError> {
        let wrong = |_| ProbeError::Option { what: "probe selector VID:PID[:SERIAL]", given: text.to_owned() };
        text.trim().parse().map(Self).map_err(wrong)
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Protocol between probe and chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Serial Wire Debug: two wires.
    Swd,
    /// JTAG: four wires.
    Jtag,
}

impl FromStr for Protocol {
    type Err = ProbeError;

    fn from_str(text: &str) -> Result<Self, ProbeError> {
        match text.to_ascii_lowercase().as_str() {
            "swd" => Ok(Self::Swd),
            "jtag" => Ok(Self::Jtag),
            _ => Err(ProbeError::Option { what: "protocol (swd, jtag)", given: text.to_owned() }),
        }
    }
}

impl From<Protocol> for WireProtocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Swd => Self::Swd,
            Protocol::Jtag => Self::Jtag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_those_of_probe_rs() {
        for text in ["0483:374b", "0483:374b:066EFF55", "1366:1015-2:000760", "1d50:6018:127.0.0.1:4444"] {
            assert_eq!(text.parse::<Selector>().expect(text).to_string(), text);
        }
        for text in ["", "0483", "st-link", "0483:xyzw", "48300:374b"] {
            let error = text.parse::<Selector>().expect_err(text);
            assert_eq!(error.code(), "device::probe_option");
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }

    #[test]
    fn only_a_tcp_probe_has_an_address() {
        let address = |text: &str| text.parse::<Selector>().expect(text).address();
        assert_eq!(address("1d50:6018:127.0.0.1:4444"), Some(([127, 0, 0, 1], 4444).into()));
        assert_eq!(address("1d50:6018:C3D2"), None);
        assert_eq!(address("1d50:6018"), None);
    }

    #[test]
    fn protocols_are_read_in_any_case() {
        assert_eq!("SWD".parse::<Protocol>(), Ok(Protocol::Swd));
        assert_eq!("jtag".parse::<Protocol>(), Ok(Protocol::Jtag));
        assert_eq!("uart".parse::<Protocol>().expect_err("no such").code(), "device::probe_option");
    }
}
