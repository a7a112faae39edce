//! A client on the socket, as probe-rs is one.

use super::super::ResetPin;
use super::super::adi::tests::powered;
use super::super::asking::{self, ask};
use super::super::fake::Memory;
use super::*;
use crate::bus::{BusError, Width};
use std::net::TcpStream;
use std::time::Instant;

/// A write here counts as an erase.
const ERASES: u32 = 0x2000_0800;

/// A chip that counts the cycles it was given while it runs.
struct Counting {
    memory: Memory,
    running: bool,
    cycles: u64,
    cuts: u32,
    switches: Switches,
}

impl DebugTarget for Counting {
    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        self.memory.read(address, width)
    }

    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        if address == ERASES {
            self.switches.erased.fetch_add(1, Ordering::Relaxed);
        }
        self.memory.write(address, value, width)
    }

    fn set_reset(&mut self, level: ResetPin) {
        self.memory.set_reset(level);
    }

    fn erase_all(&mut self) {
        self.memory.erase_all();
    }
}

impl Board for Counting {
    type Snapshot = (u64, u32);

    fn advance(&mut self, cycles: u64) -> Activity {
        if !self.running {
            return Activity::Still;
        }
        self.cycles += cycles;
        Activity::Running
    }

    fn debug_port(&self) -> DebugPort {
        powered()
    }

    fn power_cycle(&mut self) {
        self.cuts += 1;
    }

    fn switches(&self) -> &Switches {
        &self.switches
    }

    fn snapshot(&mut self) -> Self::Snapshot {
        (self.cycles, self.cuts)
    }
}

fn start(running: bool, faults: &[Injection]) -> Server<(u64, u32)> {
    let switches = Switches::default();
    Server::start(Counting { memory: Memory::new(), running, cycles: 0, cuts: 0, switches }, faults).unwrap()
}

fn connect(server: &Server<(u64, u32)>) -> TcpStream {
    asking::connect(server.address())
}

#[test]
fn a_client_is_answered_and_another_one_can_follow() {
    let server = start(false, &[]);
    for _ in 0..20 {
        let mut stream = connect(&server);
        assert!(ask(&mut stream, "+#!GA#").unwrap().starts_with("KBlack Magic"));
        assert_eq!(ask(&mut stream, "!HC#").as_deref(), Some("K3"));
    }
}

#[test]
fn a_second_client_is_closed_at_once_and_the_first_one_is_not_disturbed() {
    for running in [false, true] {
        let server = start(running, &[]);
        let mut first = connect(&server);
        assert_eq!(ask(&mut first, "!HC#").as_deref(), Some("K3"));
        let mut second = connect(&server);
        let asked = Instant::now();
        assert_eq!(ask(&mut second, "!HC#"), None);
        assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
        assert_eq!(ask(&mut first, "!HC#").as_deref(), Some("K3"));
    }
}

#[test]
fn memory_keeps_its_content_between_clients() {
    let server = start(true, &[]);
    let mut first = connect(&server);
    assert_eq!(ask(&mut first, "!AM0000a300004002200000000000000401020304#").as_deref(), Some("K0"));
    drop(first);
    let mut second = connect(&server);
    assert_eq!(ask(&mut second, "!Am0000a30000402000000000000004#").as_deref(), Some("K01020304"));
}

#[test]
fn the_chip_runs_while_a_client_is_silent() {
    let server = start(true, &[]);
    let mut stream = connect(&server);
    assert!(ask(&mut stream, "!HC#").is_some());
    let (before, _) = server.snapshot().unwrap();
    std::thread::sleep(Duration::from_millis(20));
    assert!(server.snapshot().unwrap().0 > before);
}

#[test]
fn the_socket_drops_after_so_many_commands_or_bytes_and_the_next_try_works() {
    for fault in [Injection::DropAfterCommands(2), Injection::DropAfterBytes(9)] {
        let server = start(false, &[fault]);
        let mut stream = connect(&server);
        assert!(ask(&mut stream, "!HC#").is_some());
        let _ = ask(&mut stream, "!GV#");
        assert_eq!(ask(&mut stream, "!HC#"), None, "{fault:?}");
        let mut again = connect(&server);
        for _ in 0..5 {
            assert!(ask(&mut again, "!HC#").is_some());
        }
    }
}

#[test]
fn a_power_cut_takes_the_chip_once_and_leaves_the_probe() {
    let server = start(false, &[Injection::PowerCutAfterErase]);
    let mut stream = connect(&server);
    assert!(ask(&mut stream, "!HC#").is_some());
    assert_eq!(server.snapshot().map(|snapshot| snapshot.1), Some(0));
    // The chip takes this write for an erase.
    let _ = ask(&mut stream, "!AM0000a3000040022000080000000004ffffffff#");
    assert_eq!(ask(&mut stream, "!HC#").as_deref(), Some("K3"));
    assert_eq!(server.snapshot().map(|snapshot| snapshot.1), Some(1));
    let again = "!AM0000a3000040022000080000000004ffffffff#";
    assert_eq!(ask(&mut stream, again).as_deref(), Some("E703"), "no acknowledge");
    // 51 ones: a line reset.
    for bits in ["!So20ffffffff#", "!So137ffff#"] {
        assert_eq!(ask(&mut stream, bits).as_deref(), Some("K0"));
    }
    assert_eq!(ask(&mut stream, again).as_deref(), Some("K0"));
    assert_eq!(server.snapshot().map(|snapshot| snapshot.1), Some(1));
}

#[test]
fn a_server_ends_at_once_with_and_without_a_client() {
    for running in [false, true] {
        for attached in [false, true] {
            let server = start(running, &[]);
            let stream = attached.then(|| connect(&server));
            let begun = Instant::now();
            drop(server);
            assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
            drop(stream);
        }
    }
}

#[test]
fn a_command_on_a_still_chip_takes_little_time() {
    let server = start(false, &[]);
    let mut stream = connect(&server);
    assert!(ask(&mut stream, "!HC#").is_some());
    let begun = Instant::now();
    for _ in 0..1000 {
        assert!(ask(&mut stream, "!Am0000a30000402000000000000004#").is_some());
    }
    // Far from the 20 µs of an idle machine, near enough to see a thread that sleeps between commands.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?} for a thousand commands", begun.elapsed());
}
