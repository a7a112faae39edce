//! Commands in, replies out, and the accesses between them.

use super::super::adi::tests::powered;
use super::super::fake::{Memory, ORIGIN};
use super::super::remote::parse;
use super::*;

fn ask(bridge: &mut Bridge, memory: &mut Memory, frame: &str) -> String {
    let reply = parse(frame.as_bytes()).map_or_else(|reply| reply, |command| bridge.execute(command, memory));
    let mut out = Vec::new();
    reply.encode(&mut out);
    String::from_utf8(out).unwrap()
}

fn bench() -> (Bridge, Memory) {
    (Bridge::new(powered()), Memory::new())
}

#[test]
fn the_greeting_is_one_reply_and_the_version_is_three() {
    let (mut bridge, mut memory) = bench();
    let greeting = ask(&mut bridge, &mut memory, "GA");
    assert!(greeting.starts_with("&KBlack Magic Probe") && greeting.matches('#').count() == 1);
    assert_eq!(ask(&mut bridge, &mut memory, "HC"), "&K3#");
}

#[test]
fn the_wire_speed_reads_back_in_kilohertz() {
    let (mut bridge, mut memory) = bench();
    assert_eq!(ask(&mut bridge, &mut memory, "GF001e8480"), "&K0#");
    assert_eq!(ask(&mut bridge, &mut memory, "Gf"), "&K7d0#");
}

#[test]
fn registers_come_back_little_endian() {
    let (mut bridge, mut memory) = bench();
    assert_eq!(ask(&mut bridge, &mut memory, "Ad00ff0000"), "&K7714a02b#");
    assert_eq!(ask(&mut bridge, &mut memory, "Aa000001fc"), "&K11007724#");
    assert_eq!(ask(&mut bridge, &mut memory, "Aa000101fc"), "&K00000000#", "no second access port");
}

#[test]
fn memory_is_written_and_read_back_in_the_widest_accesses() {
    let (mut bridge, mut memory) = bench();
    assert_eq!(ask(&mut bridge, &mut memory, "AM0000a3000040022000000000000004010203ff"), "&K0#");
    assert_eq!(memory.accesses, [(ORIGIN, Width::Word)]);
    for (frame, reply, width) in [
        ("Am0000a30000402000000000000004", "&K010203ff#", Width::Word),
        ("Am0000a30000402000000200000002", "&K03ff#", Width::Half),
        ("Am0000a30000402000000300000001", "&Kff#", Width::Byte),
    ] {
        assert_eq!(ask(&mut bridge, &mut memory, frame), reply);
        assert_eq!(memory.accesses.last().unwrap().1, width);
    }
}

#[test]
fn a_transfer_crosses_the_kibibyte_that_the_port_cannot() {
    let (mut bridge, mut memory) = bench();
    memory.bytes[0x3fc..0x404].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(ask(&mut bridge, &mut memory, "Am0000a3000040200003fc00000008"), "&K0102030405060708#");
    assert_eq!(ask(&mut bridge, &mut memory, "AM0000a300004002200007fc000000081112131415161718"), "&K0#");
    assert_eq!(memory.bytes[0x7fc..0x804], [0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18]);
}

#[test]
fn a_fault_is_told_and_the_next_access_works() {
    let (mut bridge, mut memory) = bench();
    assert_eq!(ask(&mut bridge, &mut memory, "Am0000a30000401000000000000004"), "&E403#");
    assert_eq!(ask(&mut bridge, &mut memory, "Ad00ff0004"), "&K200000f0#", "STICKYERR shows");
    assert_eq!(ask(&mut bridge, &mut memory, "Am0000a30000402000000000000004"), "&K00000000#");
}

#[test]
fn a_misaligned_write_is_a_bad_parameter() {
    let (mut bridge, mut memory) = bench();
    assert_eq!(ask(&mut bridge, &mut memory, "AM0000a3000040022000000200000004010203ff"), "&P0#");
    assert!(memory.accesses.is_empty());
}

#[test]
fn the_reset_pin_moves_only_when_its_level_changes() {
    let (mut bridge, mut memory) = bench();
    ask(&mut bridge, &mut memory, "GZ0");
    assert_eq!(memory.reset, None);
    ask(&mut bridge, &mut memory, "GZ1");
    assert_eq!(memory.reset, Some(ResetPin::Asserted));
    assert_eq!(ask(&mut bridge, &mut memory, "Gz"), "&K1#");
    ask(&mut bridge, &mut memory, "GZ0");
    assert_eq!(memory.reset, Some(ResetPin::Released));
}

#[test]
fn the_first_read_of_probe_rs_on_the_raw_wire() {
    let (mut bridge, mut memory) = bench();
    for frame in ["SS", "So20ffffffff", "So137ffff", "So10e79e", "So20ffffffff", "So167ffff", "So08a5"] {
        assert_eq!(ask(&mut bridge, &mut memory, frame), "&K0#");
    }
    // Acknowledge 1, then DPIDR 0x2ba01477 three bits up.
    assert_eq!(ask(&mut bridge, &mut memory, "Si20"), format!("&K{:x}#", 0x2ba0_1477_u32 << 3 | 1));
    let high = 0x2ba0_1477_u32 >> 29 | (0x2ba0_1477_u32.count_ones() & 1) << 3;
    assert_eq!(ask(&mut bridge, &mut memory, "Si04"), format!("&K{high:x}#"));
}
