//! Registers in, accesses out.

use super::super::fake::{Memory, ORIGIN};
use super::*;

fn port() -> MemoryPort {
    MemoryPort::new(0x2477_0011, 0xe00f_f003, Bus::System)
}

#[test]
fn the_address_wraps_within_one_kibibyte() {
    let (mut port, mut memory) = (port(), Memory::new());
    port.write(CSW, 0x12, &mut memory).unwrap();
    port.write(TAR, ORIGIN + 0x3fc, &mut memory).unwrap();
    port.write(DRW, 1, &mut memory).unwrap();
    port.write(DRW, 2, &mut memory).unwrap();
    let addresses: Vec<u32> = memory.accesses.iter().map(|access| access.0).collect();
    assert_eq!(addresses, [ORIGIN + 0x3fc, ORIGIN]);
    assert_eq!(port.read(TAR, &mut memory), Ok(ORIGIN + 4));
}

#[test]
fn bytes_travel_in_the_lane_of_their_address() {
    let (mut port, mut memory) = (port(), Memory::new());
    port.write(CSW, 0x10, &mut memory).unwrap();
    port.write(TAR, ORIGIN + 2, &mut memory).unwrap();
    port.write(DRW, 0x4433_2211, &mut memory).unwrap();
    assert_eq!(memory.bytes[..4], [0, 0, 0x33, 0]);
    port.write(TAR, ORIGIN + 2, &mut memory).unwrap();
    assert_eq!(port.read(DRW, &mut memory), Ok(0x0033_0000));
}

#[test]
fn packed_transfers_fill_a_word_in_four_bytes() {
    let (mut port, mut memory) = (port(), Memory::new());
    port.write(CSW, 0x20, &mut memory).unwrap();
    port.write(TAR, ORIGIN, &mut memory).unwrap();
    port.write(DRW, 0x4433_2211, &mut memory).unwrap();
    assert_eq!(memory.bytes[..4], [0x11, 0x22, 0x33, 0x44]);
    assert_eq!(memory.accesses.len(), 4);
    assert_eq!(port.read(TAR, &mut memory), Ok(ORIGIN + 4));
}

#[test]
fn banked_data_is_a_window_that_does_not_move() {
    let (mut port, mut memory) = (port(), Memory::new());
    port.write(TAR, ORIGIN + 0x24, &mut memory).unwrap();
    port.write(0x1c, 7, &mut memory).unwrap();
    assert_eq!(memory.bytes[0x2c], 7);
    assert_eq!(port.read(TAR, &mut memory), Ok(ORIGIN + 0x24));
}

#[test]
fn reserved_sizes_read_back_as_words_and_read_only_bits_stay() {
    let (mut port, mut memory) = (port(), Memory::new());
    port.write(CSW, 0xffff_ffff, &mut memory).unwrap();
    assert_eq!(port.read(CSW, &mut memory), Ok(0xff7f_0002 | CSW_DEVICE_ENABLED));
}

#[test]
fn a_locked_chip_disables_its_memory_port_until_the_control_port_erased_it() {
    let (mut port, mut memory) = (port(), Memory::new());
    let mut control = ControlPort::NRF52;
    memory.locked = true;
    assert_eq!(port.read(CSW, &mut memory).unwrap() & CSW_DEVICE_ENABLED, 0);
    assert_eq!(control.read(0x0c, &memory), 0);
    port.write(TAR, ORIGIN, &mut memory).unwrap();
    assert!(port.read(DRW, &mut memory).is_err());
    control.write(0x04, 1, &mut memory);
    assert_eq!((memory.erased, control.read(0x08, &memory), control.read(0x0c, &memory)), (1, 0, 1));
    assert_eq!(port.read(DRW, &mut memory), Ok(0));
}

#[test]
fn a_domain_that_is_not_simulated_is_listed_but_refuses_accesses() {
    let mut memory = Memory::new();
    let mut port = MemoryPort::new(0x8477_0001, 0, Bus::Absent);
    assert_eq!(port.read(IDR, &mut memory), Ok(0x8477_0001));
    port.write(TAR, ORIGIN, &mut memory).unwrap();
    assert!(port.read(DRW, &mut memory).is_err());
    assert!(memory.accesses.is_empty());
}
