//! A virtual board: a simulated chip behind a debug port on 127.0.0.1, in a thread of its own.
//!
//! What a debugger finds there is what it finds on the board, but for time: the chip's clock runs as fast as the
//! host simulates it, and every cycle it counts is modelled.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::bus::{BusError, Width};
use crate::chip::{ChipError, ChipSpec, Family};
use crate::machine::{Machine, Stop};
use crate::probe::adi::DebugPort;
pub use crate::probe::faults::Injection;
use crate::probe::faults::Switches;
use crate::probe::server::{Activity, Board, Server};
use crate::probe::{DebugTarget, ResetPin};
use crate::profile::Profile;

const DHCSR: u32 = 0xe000_edf0;
const DEMCR: u32 = 0xe000_edfc;
const FP_CTRL: u32 = 0xe000_2000;
const DEBUG_KEY: u32 = 0xa05f_0000;
const C_DEBUGEN: u32 = 1;

/// How long the reset pin takes to rise. Boards have 100 nF at it against the chip's pull-up of some 40 kOhm, which
/// are milliseconds; probe-rs enables debugging in that time and expects to catch the first instruction. Here it
/// is long enough for a client on a busy host, and over as soon as debugging is enabled.
const RESET_RISE: Duration = Duration::from_millis(50);

/// Why a virtual board cannot be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The chip is not simulated.
    #[error(transparent)]
    Chip(#[from] ChipError),
    /// No socket or no thread.
    #[error("the virtual board cannot open a port on 127.0.0.1: {0}")]
    Socket(#[from] io::Error),
}

impl StartError {
    /// A stable name of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Chip(error) => error.code(),
            Self::Socket(_) => "virtual_board::socket",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Chip(error) => error.help(),
            Self::Socket(_) => "the system must allow sockets on the loopback interface",
        }
    }
}

/// How a virtual board starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Faults to have, each once.
    pub faults: Vec<Injection>,
    /// Whether to count per address, at half the speed.
    pub profile: bool,
}

/// What a virtual board has counted since it was started. All of it is modelled.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// Cycles of the core, wait states included.
    pub cycles: u64,
    /// Executed instructions.
    pub instructions: u64,
    /// Cycles of `cycles` that waited for memories.
    pub flash_stalls: u64,
    /// Bytes of flash erased through its controller.
    pub erased: u64,
    /// Bytes of flash programmed through its controller.
    pub programmed: u64,
    /// Counts per address, if they were asked for.
    pub profile: Option<Profile>,
}

/// A running virtual board; dropping it ends it.
pub struct VirtualBoard(Server<Counters>);

impl VirtualBoard {
    /// Starts a board with erased flash on a port that the system chooses.
    ///
    /// # Errors
    /// [`StartError`] if the chip is not simulated or no port can be had.
    pub fn start(spec: ChipSpec, options: &Options) -> Result<Self, StartError> {
        let family = Family::of(&spec.name)?;
        let switches = Arc::new(Switches::default());
        let mut machine = spec.build(&switches)?;
        if options.profile {
            machine.enable_profile();
        }
        let chip = Chip { machine, spec, family, switches, reset: Reset::Running };
        Ok(Self(Server::start(chip, &options.faults)?))
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// What to give to probe-rs as the probe: `1d50:6018:127.0.0.1:PORT`.
    #[must_use]
    pub fn probe_selector(&self) -> String {
        format!("1d50:6018:{}", self.address())
    }

    /// Its counters now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.0.snapshot().unwrap_or_default()
    }

    /// Lets it have one more fault.
    pub fn inject(&self, fault: Injection) {
        self.0.inject(fault);
    }
}

/// What the reset pin does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reset {
    Running,
    Held,
    /// Released, but not yet high.
    Rising(Instant),
    /// High, but the core waits for the debugger.
    Extended,
}

/// The chip and what is soldered around it.
struct Chip {
    machine: Machine,
    spec: ChipSpec,
    family: Family,
    switches: Arc<Switches>,
    reset: Reset,
}

impl Chip {
    fn is_locked(&self) -> bool {
        self.switches.locked.load(Ordering::Relaxed)
    }

    fn check(&self, address: u32) -> Result<(), BusError> {
        if self.is_locked() && self.family.refuses_when_locked(&self.spec, address) {
            return Err(BusError { address });
        }
        Ok(())
    }

    /// The core leaves reset: it reads its vectors, or halts there if the debugger asked for it.
    fn start(&mut self) {
        self.reset = Reset::Running;
        self.switches.reset_extended.store(false, Ordering::Relaxed);
        self.machine.reset();
    }

    fn is_debugged(&mut self) -> bool {
        self.machine.read_memory(DHCSR, Width::Word).is_ok_and(|dhcsr| dhcsr & C_DEBUGEN != 0)
    }
}

impl DebugTarget for Chip {
    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        self.check(address)?;
        self.machine.read_memory(address, width)
    }

    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        self.check(address)?;
        let result = self.machine.write_memory(address, value, width);
        if self.switches.erase_all.swap(false, Ordering::Relaxed) {
            self.erase_all();
        }
        let starts = match self.reset {
            Reset::Rising(_) => address == DHCSR && self.is_debugged(),
            Reset::Extended => !self.switches.reset_extended.load(Ordering::Relaxed),
            Reset::Running | Reset::Held => false,
        };
        if starts {
            self.start();
        }
        result
    }

    fn set_reset(&mut self, level: ResetPin) {
        match level {
            ResetPin::Asserted => {
                self.machine.reset();
                self.reset = Reset::Held;
            }
            ResetPin::Released if self.family.extends_reset() => {
                self.switches.reset_extended.store(true, Ordering::Relaxed);
                self.reset = Reset::Extended;
            }
            ResetPin::Released if self.is_debugged() => self.start(),
            ResetPin::Released => self.reset = Reset::Rising(Instant::now()),
        }
    }

    fn erase_all(&mut self) {
        self.switches.locked.store(false, Ordering::Relaxed);
        if let Some(base) = self.family.erase_controller() {
            // CONFIG (erase), ERASEALL, CONFIG (read): the user information registers are erased with it.
            for (offset, value) in [(0x504, 2), (0x50c, 1), (0x504, 0)] {
                // Nothing else answers at the controller's address.
                let _ = self.machine.write_memory(base + offset, value, Width::Word);
            }
        } else {
            let _ = self.machine.load(self.spec.flash.origin, &vec![0xff; self.spec.flash.bytes as usize]);
        }
    }

    fn is_open(&self) -> bool {
        !(self.is_locked() && self.family.disables_ports_when_locked())
    }
}

impl Board for Chip {
    type Snapshot = Counters;

    fn advance(&mut self, cycles: u64) -> Activity {
        match self.reset {
            Reset::Held | Reset::Extended => return Activity::Still,
            Reset::Rising(since) if since.elapsed() < RESET_RISE => return Activity::Still,
            Reset::Rising(_) => self.start(),
            Reset::Running => {}
        }
        if self.machine.run(cycles) == Stop::Cycles { Activity::Running } else { Activity::Still }
    }

    fn debug_port(&self) -> DebugPort {
        self.family.debug_port()
    }

    fn power_cycle(&mut self) {
        for (register, value) in [(DHCSR, DEBUG_KEY), (DEMCR, 0), (FP_CTRL, 2)] {
            // The core answers at its own registers.
            let _ = self.machine.write_memory(register, value, Width::Word);
        }
        for memory in &self.spec.memories {
            // Cells of RAM come up in no order worth modelling, but not as they were.
            let _ = self.machine.load(memory.origin, &vec![0x55; memory.bytes as usize]);
        }
        self.start();
    }

    fn switches(&self) -> &Switches {
        &self.switches
    }

    fn snapshot(&mut self) -> Counters {
        Counters {
            cycles: self.machine.cycles(),
            instructions: self.machine.instructions(),
            flash_stalls: self.machine.flash_stalls(),
            erased: self.switches.erased.load(Ordering::Relaxed),
            programmed: self.switches.programmed.load(Ordering::Relaxed),
            profile: self.machine.profile().cloned(),
        }
    }
}

#[cfg(test)]
#[path = "virtual_board_tests.rs"]
mod tests;
