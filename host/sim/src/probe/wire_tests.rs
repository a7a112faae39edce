//! Bits as probe-rs 0.32 clocks them.

use super::super::adi::tests::powered;
use super::super::fake::Memory;
use super::*;

struct Line {
    wire: Wire,
    port: DebugPort,
    memory: Memory,
}

impl Line {
    fn new() -> Self {
        Self { wire: Wire::default(), port: powered(), memory: Memory::new() }
    }

    fn out(&mut self, bits: u64, count: u8) {
        let low = count.min(32);
        self.wire.drive(bits as u32, low, &mut self.port, &mut self.memory);
        self.wire.drive((bits >> 32) as u32, count - low, &mut self.port, &mut self.memory);
    }

    fn line_reset(&mut self) {
        self.out(0x0007_ffff_ffff_ffff, 54);
    }

    /// Acknowledge, value, and whether the parity was right.
    fn read(&mut self, request: u8) -> (u32, u32, bool) {
        self.out(u64::from(request), 8);
        let low = self.wire.sample(32);
        let high = self.wire.sample(4);
        let value = low >> 3 | high << 29;
        (low & 7, value, high >> 3 == value.count_ones() & 1)
    }

    fn write(&mut self, request: u8, value: u32) -> u32 {
        self.out(u64::from(request), 8);
        let ack = self.wire.sample(3);
        self.out(u64::from(value), 32);
        // The parity bit and eight idle cycles travel together.
        self.out(u64::from(value.count_ones() & 1), 9);
        ack
    }
}

const READ_IDENTITY: u8 = 0xa5;
const READ_CTRL: u8 = 0x8d;
const WRITE_ABORT: u8 = 0x81;
const WRITE_SELECT: u8 = 0xb1;

#[test]
fn nothing_answers_before_a_line_reset() {
    let mut line = Line::new();
    assert_eq!(line.read(READ_IDENTITY).0, 7);
    line.line_reset();
    assert_eq!(line.read(READ_IDENTITY), (1, 0x2ba0_1477, true));
}

#[test]
fn the_switch_sequence_is_no_request() {
    let mut line = Line::new();
    line.out(0x0007_ffff_ffff_ffff, 51);
    line.out(0xe79e, 16);
    line.line_reset();
    assert_eq!(line.read(READ_IDENTITY).0, 1);
}

#[test]
fn a_request_with_a_wrong_parity_loses_the_line() {
    let mut line = Line::new();
    line.line_reset();
    assert_eq!(line.read(READ_IDENTITY ^ 0x20).0, 7);
    assert_eq!(line.read(READ_IDENTITY).0, 7);
    line.line_reset();
    assert_eq!(line.read(READ_IDENTITY).0, 1);
}

#[test]
fn writes_reach_the_debug_port() {
    let mut line = Line::new();
    line.line_reset();
    assert_eq!(line.write(WRITE_SELECT, 1), 1);
    assert_eq!(line.read(READ_CTRL), (1, 0x40, true), "DLCR in bank 1");
    assert_eq!(line.write(WRITE_SELECT, 0), 1);
    assert_eq!(line.read(READ_CTRL).1, 0xf000_0000);
}

#[test]
fn a_fault_is_acknowledged_until_abort() {
    let mut line = Line::new();
    line.line_reset();
    line.port.write_access_port(0x4, 0, &mut line.memory).unwrap();
    assert!(line.port.read_access_port(0xc, &mut line.memory).is_err());
    assert_eq!(line.write(WRITE_SELECT, 0), 4);
    assert_eq!(line.write(WRITE_ABORT, 0x1e), 1);
    assert_eq!(line.write(WRITE_SELECT, 0), 1);
}

#[test]
fn what_is_not_driven_reads_as_ones() {
    let mut wire = Wire::default();
    assert_eq!(wire.sample(0), 0);
    assert_eq!(wire.sample(5), 0x1f);
    assert_eq!(wire.sample(32), u32::MAX);
    assert_eq!(wire.sample(200), u32::MAX);
}
