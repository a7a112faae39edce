//! Register by register, as ADIv5.2 says.

use super::super::access_port::{Bus, MemoryPort};
use super::super::fake::{Memory, ORIGIN};
use super::*;

pub(crate) fn powered() -> DebugPort {
    let port = MemoryPort::new(0x2477_0011, 0xe00f_f003, Bus::System);
    let mut debug = DebugPort::new(0x2ba0_1477, vec![AccessPort::Memory(port)]);
    debug.write(CTRL_STAT, 0x5000_0000).unwrap();
    debug
}

#[test]
fn power_requests_are_acknowledged() {
    let mut debug = DebugPort::new(0x2ba0_1477, Vec::new());
    assert_eq!(debug.read(CTRL_STAT), Ok(0));
    debug.write(CTRL_STAT, 0x5000_0000).unwrap();
    assert_eq!(debug.read(CTRL_STAT), Ok(0xf000_0000));
    debug.write(CTRL_STAT, 0).unwrap();
    assert_eq!(debug.read(CTRL_STAT), Ok(0));
}

#[test]
fn an_access_port_needs_power() {
    let mut memory = Memory::new();
    let mut debug = powered();
    debug.write(CTRL_STAT, 0).unwrap();
    assert_eq!(debug.read_access_port(0, &mut memory), Err(Fault));
    assert_eq!(debug.read(CTRL_STAT), Ok(0), "no power is no sticky error");
}

#[test]
fn reads_of_an_access_port_come_one_transfer_late() {
    let (mut debug, mut memory) = (powered(), Memory::new());
    debug.write(SELECT_OR_RESEND, 0xf0).unwrap();
    debug.read_access_port(0xc, &mut memory).unwrap();
    assert_eq!(debug.read_access_port(0x8, &mut memory), Ok(0x2477_0011));
    assert_eq!(debug.result(), Ok(0xe00f_f003));
}

#[test]
fn a_failed_access_sticks_until_abort() {
    let (mut debug, mut memory) = (powered(), Memory::new());
    debug.write_access_port(0x4, ORIGIN - 4, &mut memory).unwrap();
    assert_eq!(debug.read_access_port(0xc, &mut memory), Err(Fault));
    assert_eq!(debug.read(CTRL_STAT).unwrap() & ctrl::STICKY, ctrl::STICKY_ERROR);
    assert_eq!(debug.write(SELECT_OR_RESEND, 0), Err(Fault));
    assert_eq!(debug.result(), Err(Fault));
    assert_eq!(debug.read(ABORT_OR_IDENTITY), Ok(0x2ba0_1477));
    debug.write(ABORT_OR_IDENTITY, 1 << 3).unwrap();
    assert!(debug.is_faulted(), "WDERRCLR is not STKERRCLR");
    debug.write(ABORT_OR_IDENTITY, 1 << 2).unwrap();
    assert_eq!(debug.result(), Ok(0));
}

#[test]
fn an_access_port_that_does_not_exist_reads_zero() {
    let (mut debug, mut memory) = (powered(), Memory::new());
    debug.write(SELECT_OR_RESEND, 0x0100_00f0).unwrap();
    debug.read_access_port(0xc, &mut memory).unwrap();
    assert_eq!(debug.result(), Ok(0));
}

#[test]
fn banks_of_the_second_register_are_apart() {
    let mut debug = powered();
    debug.write(SELECT_OR_RESEND, 1).unwrap();
    debug.write(CTRL_STAT, 0).unwrap();
    assert_eq!(debug.read(CTRL_STAT), Ok(0x40));
    debug.write(SELECT_OR_RESEND, 0).unwrap();
    assert_eq!(debug.read(CTRL_STAT), Ok(0xf000_0000), "DLCR was written, not CTRL/STAT");
}
