//! Boards through their sockets, as a debugger sees them; probe-rs itself drives them in the device crate's tests.

use std::net::TcpStream;
use std::thread::sleep;

use super::*;
use crate::chip::{FlashSpec, MemoryKind, MemorySpec};
use crate::core::Core;
use crate::probe::asking::{ask, connect};

const RAM: u32 = 0x2000_0000;

fn spec(name: &str, core: Core, origin: u32) -> ChipSpec {
    ChipSpec {
        name: name.into(),
        core,
        clock_hz: 100_000_000,
        flash: FlashSpec { origin, bytes: 512 * 1024, wait_states: 3 },
        memories: vec![MemorySpec { name: "ram".into(), origin: RAM, bytes: 96 * 1024, kind: MemoryKind::Sram }],
    }
}

fn f446() -> ChipSpec {
    spec("STM32F446RETx", Core::M4F, 0x0800_0000)
}

fn start(spec: ChipSpec, faults: &[Injection]) -> VirtualBoard {
    VirtualBoard::start(spec, &Options { faults: faults.to_vec(), profile: false }).unwrap()
}

/// Connects and powers the debug port.
fn attach(board: &VirtualBoard) -> TcpStream {
    let mut stream = connect(board.address());
    assert_eq!(ask(&mut stream, "!AR0000000450000000#").as_deref(), Some("K0"));
    stream
}

fn read(stream: &mut TcpStream, address: u32) -> Option<u32> {
    let reply = ask(stream, &format!("!Am0000a3000040{address:08x}00000004#"))?;
    u32::from_str_radix(reply.strip_prefix('K')?, 16).ok().map(u32::swap_bytes)
}

fn write(stream: &mut TcpStream, address: u32, value: u32) -> Option<String> {
    ask(stream, &format!("!AM0000a300004002{address:08x}00000004{:08x}#", value.swap_bytes()))
}

#[test]
fn every_family_says_who_it_is() {
    for (name, core, origin, place, identity) in [
        ("STM32F446RETx", Core::M4F, 0x0800_0000, 0xe004_2000, 0x1000_6421),
        ("STM32F746NGHx", Core::M7F, 0x0800_0000, 0xe004_2000, 0x1001_6449),
        ("STM32H743ZITx", Core::M7F, 0x0800_0000, 0x5c00_1000, 0x2003_6450),
        ("STM32L4R5ZITx", Core::M4F, 0x0800_0000, 0xe004_2000, 0x1007_6470),
        ("STM32U575ZITx", Core::M33F, 0x0800_0000, 0xe004_4000, 0x3001_6482),
        ("nRF52840_xxAA", Core::M4F, 0, 0x1000_0100, 0x0005_2840),
        ("nRF5340_xxAA", Core::M33F, 0, 0x00ff_020c, 0x5340),
        ("ATSAMD51J19A", Core::M4F, 0, 0x4100_2118, 0x6006_0305),
        ("RP2040", Core::M0Plus, 0x1000_0000, 0x4000_0000, 0x2000_2927),
        ("RP235x", Core::M33F, 0x1000_0000, 0x4000_0000, 0x2000_4927),
    ] {
        let board = start(spec(name, core, origin), &[]);
        let mut stream = attach(&board);
        assert_eq!(read(&mut stream, place), Some(identity), "{name}");
        assert_eq!(read(&mut stream, 0xe000_ed00), Some(core.cpuid()), "{name}");
    }
}

#[test]
fn what_cannot_be_simulated_is_refused_by_name() {
    let name = "LPC55S69JBD100";
    let error = VirtualBoard::start(spec(name, Core::M33F, 0), &Options::default()).err().unwrap();
    assert_eq!(error.code(), "virtual_board::unknown_chip");
    assert!(error.to_string().contains(name) && !error.help().is_empty());
}

#[test]
fn the_selector_is_a_black_magic_probe_at_the_boards_port() {
    let board = start(f446(), &[]);
    assert_eq!(board.probe_selector(), format!("1d50:6018:127.0.0.1:{}", board.address().port()));
}

#[test]
fn the_first_instruction_is_caught_under_reset_even_if_debugging_is_enabled_late() {
    let board = start(f446(), &[]);
    let mut stream = attach(&board);
    assert!(ask(&mut stream, "!GZ1#").is_some());
    assert_eq!(write(&mut stream, DEMCR, 1).as_deref(), Some("K0"));
    assert!(ask(&mut stream, "!GZ0#").is_some());
    write(&mut stream, DHCSR, DEBUG_KEY | C_DEBUGEN);
    assert_eq!(read(&mut stream, DHCSR).unwrap() >> 17 & 1, 1, "halted");
    assert_eq!(read(&mut stream, 0xe000_ed30).unwrap() & 8, 8, "by the vector catch");
}

#[test]
fn a_board_without_a_debugger_leaves_reset_by_itself() {
    let board = start(f446(), &[]);
    let mut stream = attach(&board);
    ask(&mut stream, "!GZ1#");
    ask(&mut stream, "!GZ0#");
    sleep(2 * RESET_RISE);
    // Erased flash: the vectors are no vectors, and the core locks up.
    assert_eq!(read(&mut stream, DHCSR).unwrap() >> 19 & 1, 1);
}

#[test]
fn a_locked_stm32_hides_its_flash_from_one_client() {
    let board = start(f446(), &[Injection::Locked]);
    let mut stream = attach(&board);
    assert_eq!(read(&mut stream, 0x0800_0000), None);
    assert!(read(&mut stream, RAM).is_some());
    assert_eq!(read(&mut stream, 0x4002_3c14).unwrap() >> 8 & 0xff, 0xbb, "OPTCR.RDP: level 1");
    drop(stream);
    let mut stream = attach(&board);
    assert_eq!(read(&mut stream, 0x0800_0000), Some(u32::MAX));
    assert_eq!(read(&mut stream, 0x4002_3c14).unwrap() >> 8 & 0xff, 0xaa);
}

#[test]
fn a_locked_nrf_is_unlocked_by_its_control_port() {
    let board = start(spec("nRF52840_xxAA", Core::M4F, 0), &[Injection::Locked]);
    let mut stream = attach(&board);
    assert_eq!(read(&mut stream, RAM), None);
    assert_eq!(ask(&mut stream, "!Aa0001010c#").as_deref(), Some("K00000000"));
    assert_eq!(ask(&mut stream, "!AA0001010401000000#").as_deref(), Some("K0"));
    assert_eq!(ask(&mut stream, "!Aa0001010c#").as_deref(), Some("K01000000"));
    assert!(read(&mut stream, RAM).is_some());
}

#[test]
fn a_locked_samd51_shows_its_service_unit_and_is_unlocked_by_a_chip_erase() {
    let board = start(spec("ATSAMD51J19A", Core::M4F, 0), &[Injection::Locked]);
    let mut stream = attach(&board);
    assert_eq!(read(&mut stream, 0x4100_2100).unwrap() >> 16 & 1, 1, "STATUSB.PROT");
    assert_eq!((read(&mut stream, 0), read(&mut stream, RAM)), (None, None));
    assert_eq!(ask(&mut stream, "!AM0000a300004000410021000000000110#").as_deref(), Some("K0"));
    let control = read(&mut stream, 0x4100_2100).unwrap();
    assert_eq!((control >> 8 & 1, control >> 16 & 1), (1, 0), "STATUSA.DONE, not STATUSB.PROT");
    assert_eq!(read(&mut stream, 0), Some(u32::MAX));
}

#[test]
fn a_wrong_identity_is_told_to_one_client() {
    let board = start(f446(), &[Injection::WrongIdentity(0x1000_6413)]);
    let mut stream = attach(&board);
    assert_eq!(read(&mut stream, 0xe004_2000), Some(0x1000_6413));
    drop(stream);
    assert_eq!(read(&mut attach(&board), 0xe004_2000), Some(0x1000_6421));
}

#[test]
fn a_power_cut_after_an_erase_keeps_the_flash_and_nothing_else() {
    let board = start(f446(), &[Injection::PowerCutAfterErase]);
    let mut stream = attach(&board);
    write(&mut stream, RAM, 7);
    write(&mut stream, DHCSR, DEBUG_KEY | 3);
    // FLASH_KEYR, then FLASH_CR: erase sector 1, start.
    for (register, value) in [(0x4002_3c04, 0x4567_0123), (0x4002_3c04, 0xcdef_89ab)] {
        write(&mut stream, register, value);
    }
    let _ = write(&mut stream, 0x4002_3c10, 1 << 16 | 1 << 3 | 2 | 2 << 8);
    assert_eq!(ask(&mut stream, "!HC#").as_deref(), Some("K3"), "the probe is still there");
    assert_eq!(read(&mut stream, RAM), None, "the chip is not");
    assert_eq!(board.counters().erased, 16 * 1024);
    for line_reset in ["!So20ffffffff#", "!So137ffff#", "!AR0000000450000000#"] {
        assert_eq!(ask(&mut stream, line_reset).as_deref(), Some("K0"));
    }
    assert_ne!(read(&mut stream, RAM), Some(7));
    assert_eq!(read(&mut stream, DHCSR).unwrap() & 3, 0, "debugging is off");
    assert_eq!(read(&mut stream, 0x0800_4000), Some(u32::MAX));
}

#[test]
fn a_samd51_stays_in_reset_until_the_debugger_ends_the_extension() {
    let board = start(spec("ATSAMD51J19A", Core::M4F, 0), &[]);
    let mut stream = attach(&board);
    ask(&mut stream, "!GZ1#");
    ask(&mut stream, "!GZ0#");
    assert_eq!(read(&mut stream, 0x4100_2100).unwrap() >> 9 & 1, 1, "STATUSA.CRSTEXT");
    write(&mut stream, DEMCR, 1);
    write(&mut stream, DHCSR, DEBUG_KEY | C_DEBUGEN);
    assert_eq!(ask(&mut stream, "!AM0000a300004000410021010000000102#").as_deref(), Some("K0"));
    assert_eq!(read(&mut stream, 0x4100_2100).unwrap() >> 9 & 1, 0);
    assert_eq!(read(&mut stream, DHCSR).unwrap() >> 17 & 1, 1, "caught at the first instruction");
}
