//! What the decoder makes of code that GNU `as` wrote, and what each core has not.
//!
//! A line of a table: half-words, assembly, kind and fields, class, registers read and written. Every instruction lies
//! at 0x102, label `l0` at 0xf0 and `l1` at 0x110.

mod armv8;
mod control;
mod cores;
mod float;
mod integer;
mod memory;

use tinynas_sim::core::Core;
use tinynas_sim::decode::decode;
use tinynas_sim::op::{Op, flag};

/// Not word-aligned, so that literals show their rounding.
const ADDRESS: u32 = 0x102;

fn half_words(code: &str) -> (u16, u16) {
    let mut halves = code.split(' ').map(|half| u16::from_str_radix(half, 16).expect("hexadecimal"));
    (halves.next().expect("a half-word"), halves.next().unwrap_or(0xffff))
}

/// Kind, registers that are not 15, shift and immediate that are not 0, flags.
fn fields(op: &Op) -> String {
    let mut text = format!("{:?}", op.kind);
    for (name, register) in [('d', op.rd), ('n', op.rn), ('m', op.rm), ('a', op.ra)] {
        if register != 15 {
            text += &format!(" {name}{register}");
        }
    }
    for (name, value) in [("shift", u32::from(op.shift)), ("imm", op.imm)] {
        if value != 0 {
            text += &format!(" {name} {value:#x}");
        }
    }
    for (name, bit) in [
        ("sets", flag::SETS),
        ("narrow", flag::SETS_OUTSIDE_IT),
        ("carry", flag::IMM_CARRY),
        ("back", flag::WRITEBACK),
        ("pre", flag::PRE),
        ("branches", flag::BRANCHES),
    ] {
        if op.has(bit) {
            text += &format!(" {name}");
        }
    }
    text
}

/// Those read, `>`, those written.
fn registers(op: &Op) -> String {
    let list = |mask: u16| {
        (0..16).filter(|register| mask >> register & 1 != 0).map(|register| register.to_string()).collect::<Vec<_>>()
    };
    format!("{} > {}", list(op.reads).join(" "), list(op.writes).join(" ")).trim().to_owned()
}

fn check(core: Core, table: &str) {
    let rows: Vec<_> = table.lines().filter(|line| !line.is_empty()).collect();
    assert!(rows.len() > 10);
    for row in rows {
        let columns: Vec<_> = row.split(" | ").map(str::trim).collect();
        let [code, text, expected, class, masks] = columns[..] else { panic!("five columns: {row}") };
        let (first, second) = half_words(code);
        let op = decode(core, ADDRESS, first, second);
        assert_eq!(fields(&op), expected, "{text} ({code})");
        assert_eq!(format!("{:?}", op.class), class, "class of {text}");
        assert_eq!(registers(&op), masks, "registers of {text}");
        assert_eq!(op.bytes() as usize, if code.len() > 4 { 4 } else { 2 }, "length of {text}");
        assert!(op.has(flag::HALF_ALIGNED));
    }
}

#[test]
fn integer_instructions() {
    check(Core::M4F, integer::TABLE);
}

#[test]
fn loads_and_stores() {
    check(Core::M4F, memory::TABLE);
}

#[test]
fn branches_and_system_instructions() {
    check(Core::M4F, control::TABLE);
}

#[test]
fn floating_point() {
    check(Core::M4F, float::TABLE);
    check(Core::M7F, float::TABLE);
}

#[test]
fn armv8m_and_fpv5() {
    check(Core::M33F, armv8::TABLE);
}
