//! Faults that a virtual board can be told to have: each happens once, and the board works again after it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// A fault to have once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injection {
    /// The socket closes after that many commands were answered.
    DropAfterCommands(u64),
    /// The socket closes after that many bytes came in, in the middle of a command if need be.
    DropAfterBytes(u64),
    /// The socket closes once that many bytes of flash were programmed, as when a cable is pulled.
    DropAfterProgrammed(u64),
    /// The chip's supply fails once flash was erased, before it is programmed: RAM, registers and the debug connection
    /// are lost, the flash keeps what it has. The probe has its own supply.
    PowerCutAfterErase,
    /// The next client finds another chip: its identity register (DBGMCU_IDCODE, FICR.INFO.PART, DSU.DID)
    /// reads as this.
    WrongIdentity(u32),
    /// The next client finds the chip locked (ST readout protection level 1, Nordic APPROTECT, Microchip
    /// security bit).
    Locked,
    /// One bit of the next programmed flash stays as it was.
    StuckBit,
}

/// What the fault does to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The socket closes, the board goes on.
    Socket,
    /// The chip's supply is gone for a moment.
    Power,
}

/// State that the debug port, the flash and the identity registers of one board share.
#[derive(Debug, Default)]
pub struct Switches {
    /// The chip is locked.
    pub locked: AtomicBool,
    /// Identity that is told instead of the chip's; zero for the chip's own.
    pub identity: AtomicU32,
    /// One programmed bit is to fail.
    pub stuck: AtomicBool,
    /// Bytes of flash erased so far.
    pub erased: AtomicU64,
    /// Bytes of flash programmed so far.
    pub programmed: AtomicU64,
    /// The core stays in reset although the pin is high, until the debugger ends that.
    pub reset_extended: AtomicBool,
    /// A service unit on the chip asked for all of the flash to be erased.
    pub erase_all: AtomicBool,
}

impl Switches {
    /// The identity to tell, given the chip's own.
    #[must_use]
    pub fn identity(&self, own: u32) -> u32 {
        match self.identity.load(Ordering::Relaxed) {
            0 => own,
            other => other,
        }
    }
}

/// Faults that have not happened yet.
#[derive(Debug, Default)]
pub struct Armed(Vec<Injection>);

impl Armed {
    /// Makes a fault happen as soon as its time comes.
    pub fn arm(&mut self, injection: Injection, switches: &Switches) {
        match injection {
            Injection::StuckBit => switches.stuck.store(true, Ordering::Relaxed),
            Injection::DropAfterProgrammed(bytes) => {
                let sum = switches.programmed.load(Ordering::Relaxed) + bytes;
                self.0.push(Injection::DropAfterProgrammed(sum));
            }
            Injection::PowerCutAfterErase => {
                switches.erased.store(0, Ordering::Relaxed);
                self.0.push(injection);
            }
            other => self.0.push(other),
        }
    }

    /// Bytes that may still be taken from the socket before it closes.
    #[must_use]
    pub fn byte_limit(&self) -> Option<u64> {
        self.0.iter().find_map(|one| if let Injection::DropAfterBytes(bytes) = one { Some(*bytes) } else { None })
    }

    /// The fault whose time has come after `answered` commands and `received` bytes of this connection.
    pub fn due(&mut self, answered: u64, received: u64, switches: &Switches) -> Option<Cut> {
        let index = self.0.iter().position(|one| match one {
            Injection::DropAfterCommands(commands) => answered >= *commands,
            Injection::DropAfterBytes(bytes) => received >= *bytes,
            Injection::DropAfterProgrammed(bytes) => switches.programmed.load(Ordering::Relaxed) >= *bytes,
            Injection::PowerCutAfterErase => switches.erased.load(Ordering::Relaxed) > 0,
            _ => false,
        })?;
        Some(if self.0.swap_remove(index) == Injection::PowerCutAfterErase { Cut::Power } else { Cut::Socket })
    }

    /// Begins the faults that the next client finds. They wait for it, so that the one before, whose leaving may be
    /// noticed late, does not end them.
    pub fn client_came(&mut self, switches: &Switches) {
        self.0.retain(|one| {
            match one {
                Injection::WrongIdentity(identity) => switches.identity.store(*identity, Ordering::Relaxed),
                Injection::Locked => switches.locked.store(true, Ordering::Relaxed),
                _ => return true,
            }
            false
        });
    }

    /// Ends the faults that last as long as a client.
    pub fn client_left(switches: &Switches) {
        switches.locked.store(false, Ordering::Relaxed);
        switches.identity.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_happens_once() {
        let (mut armed, switches) = (Armed::default(), Switches::default());
        armed.arm(Injection::DropAfterCommands(3), &switches);
        assert_eq!(armed.due(2, 0, &switches), None);
        assert_eq!(armed.due(3, 0, &switches), Some(Cut::Socket));
        assert_eq!(armed.due(4, 0, &switches), None);
    }

    #[test]
    fn a_power_cut_waits_for_an_erase() {
        let (mut armed, switches) = (Armed::default(), Switches::default());
        armed.arm(Injection::PowerCutAfterErase, &switches);
        assert_eq!(armed.due(1000, 1000, &switches), None);
        switches.erased.store(1, Ordering::Relaxed);
        assert_eq!(armed.due(1000, 1000, &switches), Some(Cut::Power));
    }

    #[test]
    fn programmed_bytes_count_from_when_the_fault_was_armed() {
        let (mut armed, switches) = (Armed::default(), Switches::default());
        switches.programmed.store(100, Ordering::Relaxed);
        armed.arm(Injection::DropAfterProgrammed(10), &switches);
        assert_eq!(armed.due(0, 0, &switches), None);
        switches.programmed.store(110, Ordering::Relaxed);
        assert_eq!(armed.due(0, 0, &switches), Some(Cut::Socket));
    }

    #[test]
    fn a_wrong_identity_lasts_as_long_as_a_client() {
        let (mut armed, switches) = (Armed::default(), Switches::default());
        armed.arm(Injection::WrongIdentity(0x1234), &switches);
        Armed::client_left(&switches); // The one before.
        armed.client_came(&switches);
        assert_eq!(switches.identity(0x421), 0x1234);
        Armed::client_left(&switches);
        armed.client_came(&switches);
        assert_eq!(switches.identity(0x421), 0x421);
    }
}
