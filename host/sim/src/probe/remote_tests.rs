//! Frames as probe-rs 0.32 writes them, and frames as nobody should.

use super::*;
use proptest::prelude::*;

fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut framer = Framer::default();
    bytes.iter().filter_map(|byte| framer.push(*byte).map(<[u8]>::to_vec)).collect()
}

fn encoded(reply: &Reply) -> String {
    let mut out = Vec::new();
    reply.encode(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn frames_are_found_between_noise() {
    assert_eq!(frames(b"+#!GA# !GV#"), [b"GA".to_vec(), b"GV".to_vec()]);
    assert_eq!(frames(b"!G!HC#"), [b"HC".to_vec()], "a start in a frame starts again");
    assert_eq!(frames(b"#&#"), Vec::<Vec<u8>>::new());
}

#[test]
fn a_frame_that_is_too_long_is_dropped_and_the_next_one_is_not() {
    let mut bytes = vec![b'!'];
    bytes.extend(std::iter::repeat_n(b'A', FRAME_BYTES + 1));
    bytes.extend_from_slice(b"#!HC#");
    assert_eq!(frames(&bytes), [b"HC".to_vec()]);
}

#[test]
fn commands_as_probe_rs_writes_them() {
    for (frame, command) in [
        ("GA", Command::Handshake),
        ("HC", Command::Version),
        ("GV", Command::Voltage),
        ("GF003d0900", Command::SetFrequency(4_000_000)),
        ("Gf", Command::Frequency),
        ("GZ1", Command::SetReset(true)),
        ("GE1", Command::ClockOutput),
        ("SS", Command::WireStart),
        ("So20ffffffff", Command::WireOut { bits: u32::MAX, count: 32, parity: false }),
        ("So08a5", Command::WireOut { bits: 0xa5, count: 8, parity: false }),
        ("Si20", Command::WireIn { count: 32, parity: false }),
        ("Ad00ff0004", Command::ReadPort { address: 4 }),
        ("AR0000000850000000", Command::Raw { read: false, access_port: false, address: 8, value: 0x5000_0000 }),
        ("Aa000001fc", Command::ReadAccessPort { port: 0, address: 0xfc }),
        ("AA00020100520000a3", Command::WriteAccessPort { port: 2, address: 0, value: 0xa300_0052 }),
        (
            "Am0000a3000040e000edf000000004",
            Command::ReadMemory { port: 0, csw: 0xa300_0040, address: 0xe000_edf0, length: 4 },
        ),
        (
            "AM0000a30000400220000000000000040102a0ff",
            Command::WriteMemory {
                port: 0,
                csw: 0xa300_0040,
                width: Width::Word,
                address: 0x2000_0000,
                bytes: vec![1, 2, 0xa0, 0xff],
            },
        ),
    ] {
        assert_eq!(parse(frame.as_bytes()), Ok(command), "{frame}");
    }
}

#[test]
fn commands_of_other_versions_and_wires_are_not_supported() {
    for frame in ["", "G", "HA", "JS", "JR", "HJ0000", "A6a00", "zz"] {
        assert_eq!(parse(frame.as_bytes()), Err(Reply::NotSupported), "{frame}");
    }
}

#[test]
fn fields_must_be_whole_and_in_range() {
    for frame in [
        "GF",
        "GF12",
        "GZ",
        "GZ2",
        "HC0",
        "So",
        "So21ff",
        "So08",
        "So080000000ff",
        "Si",
        "Si21",
        "Ad00ff",
        "Ad00ff000",
        "Ad00ff0004f",
        "Aagg0001fc",
        "Am0000a3000040e000edf0ffffffff",
        "Am0000a3000040e000edf0000001ff",
        "AM0000a3000040022000000000000004",
        "AM00000000000003200000000000000801",
        "AM000000000000022000000000000002aabb",
        "AM0000a300004000200000000000000100zz",
    ] {
        assert_eq!(parse(frame.as_bytes()), Err(Reply::BadParameter), "{frame}");
    }
}

#[test]
fn the_longest_read_of_probe_rs_fits() {
    let Ok(Command::ReadMemory { length, .. }) = parse(b"Am0000a300004020000000000001f8") else { panic!() };
    assert_eq!(length, 504);
    assert!(encoded(&Reply::Bytes(vec![0; READ_BYTES as usize])).len() <= FRAME_BYTES);
}

#[test]
fn replies() {
    assert_eq!(encoded(&Reply::Number(3)), "&K3#");
    assert_eq!(encoded(&Reply::Text("a#b")), "&Kab#");
    assert_eq!(encoded(&Reply::little_endian(0x2477_0011)), "&K11007724#");
    assert_eq!(encoded(&Reply::FAULT), "&E403#");
    assert_eq!(encoded(&Reply::BadParameter), "&P0#");
    assert_eq!(encoded(&Reply::NotSupported), "&N0#");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        for frame in frames(&bytes) {
            let _ = parse(&frame);
        }
        let _ = parse(&bytes);
    }

    #[test]
    fn no_near_miss_makes_it_panic(
        name in "(G[A-Za-z]|H[A-Z]|S[a-zA-Z]|A[adRAmM6])", fields in "[0-9a-fA-F!#&g]{0,80}",
    ) {
        let frame = format!("!{name}{fields}#");
        for frame in frames(frame.as_bytes()) {
            let _ = parse(&frame);
        }
    }
}
