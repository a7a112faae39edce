//! From a selector to an open debug session with the right chip.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use probe_rs::{Target, config::Registry, probe::list::Lister};

use super::{
    chips,
    list::choose_probe,
    options::{ProbeOptions, Protocol, Selector},
    plain_port, translate,
    worker::State,
};
use crate::ProbeError;

/// How long a server may take to answer when it is asked why it would not talk.
const QUESTION: Duration = Duration::from_millis(500);

/// How fast a chip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// As fast as its clock.
    Real,
    /// As fast as this machine finds time to simulate it.
    Simulated,
}

/// Least time limit for one call of a flash algorithm on a simulated chip, ms: the target files' limits are the real
/// chips' and too short for a machine that has other things to do.
const SIMULATED_MS: u32 = 10_000;

/// How probe-rs begins to tell that the core did not stay halted after a reset; it has no variant of its own.
const UNDER_RESET_TIMEOUT: &str = "Timeout while attaching to target under reset";

/// Opens the probe, attaches to the chip and checks that it is the one.
pub(super) fn attach(state: &mut State, options: &ProbeOptions, chip: &str, pace: Pace) -> Result<(), ProbeError> {
    let selector = choose_probe(options.probe.as_ref())?;
    let named = |error| with_selector(error, &selector);
    let target = target(chip, pace)?;
    let doing = "opening the probe";
    let mut probe = Lister::new().open(selector.0.clone()).map_err(|error| match selector.address() {
        Some(address) => ask_why(&selector, address),
        None => named(translate::error(doing, &error)),
    })?;
    let refused = |error| named(translate::error("setting up the probe", &error));
    // Every board here has SWD, and some drivers take no default; a probe for JTAG alone keeps its own.
    let selected = probe.select_protocol(options.protocol.unwrap_or(Protocol::Swd).into());
    if options.protocol.is_some() {
        selected.map_err(refused)?;
    }
    if let Some(speed) = options.speed_khz {
        probe.set_speed(speed).map_err(refused)?;
    }
    let session = match options.connect_under_reset {
        true => probe.attach_under_reset(target, options.permissions()),
        false => probe.attach(target, options.permissions()),
    };
    state.session = Some(session.map_err(|error| match translate::error(translate::ATTACHING, &error) {
        ProbeError::Unsupported { command } if options.connect_under_reset => {
            ProbeError::UnderReset { chip: chip.to_owned(), command }
        }
        // probe-rs resumes the core that it has just caught, and waits in vain for it to halt (SAMD51).
        _ if options.connect_under_reset && error.to_string().starts_with(UNDER_RESET_TIMEOUT) => {
            ProbeError::UnderReset { chip: chip.to_owned(), command: "a halt at the reset vector".to_owned() }
        }
        other => named(other),
    })?);
    chips::check(state, chip)
}

/// The chip's description, with time limits that suit its pace and the debug port that a virtual board has.
fn target(chip: &str, pace: Pace) -> Result<Target, ProbeError> {
    let registry = Registry::from_builtin_families();
    let mut target =
        registry.get_target_by_name(chip).map_err(|error| translate::error("looking for the chip", &error))?;
    if pace == Pace::Simulated {
        plain_port::describe(&registry, &mut target)
            .map_err(|error| translate::error("looking for the chip", &error))?;
        for algorithm in &mut target.flash_algorithms {
            let limits = &mut algorithm.flash_properties;
            limits.program_page_timeout = limits.program_page_timeout.max(SIMULATED_MS);
            limits.erase_sector_timeout = limits.erase_sector_timeout.max(SIMULATED_MS);
        }
    }
    Ok(target)
}

fn with_selector(error: ProbeError, selector: &Selector) -> ProbeError {
    match error {
        ProbeError::Permission { .. } => ProbeError::Permission { probe: selector.to_string() },
        ProbeError::Busy { .. } => ProbeError::Busy { probe: selector.to_string() },
        other => other,
    }
}

/// Why a Black Magic Probe at an address could not be opened; the driver says only that it could not. Asks for the
/// handshake again and looks at the answer.
fn ask_why(selector: &Selector, address: SocketAddr) -> ProbeError {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, QUESTION) else {
        return ProbeError::NotFound { wanted: Some(selector.to_string()) };
    };
    let mut answer = [0; 64];
    let asked = stream.set_read_timeout(Some(QUESTION)).and_then(|()| stream.write_all(b"+#!GA#"));
    let count = asked.and_then(|()| stream.read(&mut answer)).unwrap_or(0);
    let text = String::from_utf8_lossy(&answer[..count]);
    // A server that has its one client either says so, answers with an error, or closes at once.
    if count == 0 || text.starts_with('&') || text.contains("in use") {
        ProbeError::Busy { probe: selector.to_string() }
    } else {
        let line: String = text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
        ProbeError::NotAProbe { address: address.to_string(), answer: format!("`{line}`") }
    }
}
