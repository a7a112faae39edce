//! The flash algorithms of probe-rs's own target files, unmodified, on the simulated chips: what they return and which
//! cells they change.

mod board;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use board::{Board, DHCSR, OLD, Purpose, RUN, flash};
use tinynas_sim::bus::{Memory, Width};
use tinynas_sim::chip::{ChipSpec, FlashSpec, MemoryKind, MemorySpec, RegisterFile};
use tinynas_sim::core::Core;
use tinynas_sim::flash::{Array, Banks, QspiFlash, ReadProtection, boot_rom, stm32f7};
use tinynas_sim::machine::{Machine, Register, Stop};
use tinynas_sim::probe::faults::Switches;

const KIB: u32 = 1024;

/// What happens when a page is programmed that is not erased.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Overwrite {
    /// The algorithm reports an error, the cells stay.
    Refused,
    /// Bits are cleared, none is set.
    ClearsBits,
}

/// Bytes that differ from place to place.
fn pattern(seed: u32, bytes: usize) -> Vec<u8> {
    (0..bytes as u32).map(|index| (index.wrapping_mul(0x9E37_79B1).wrapping_add(seed) >> 13) as u8).collect()
}

/// Erases two sectors far apart, programs the first page of each and the last of the first, and looks at every cell.
fn erases_and_programs(chip: &str, machine: Machine, origin: u32, overwrite: Overwrite) {
    look_at_every_cell(chip, Board::new(chip, origin, machine), origin, overwrite);
}

fn look_at_every_cell(chip: &str, mut board: Board, origin: u32, overwrite: Overwrite) {
    let (_, bytes) = flash(&board.machine, origin);
    let page = board.algorithm.flash_properties.page_size as usize;
    let mut expected = vec![OLD; bytes];
    let places = [origin, origin + bytes as u32 * 3 / 4];
    for (seed, place) in (1..).zip(places) {
        let sector = board.algorithm.sector_info(u64::from(place)).expect("a sector");
        let (start, size) = (sector.base_address as u32, sector.size as usize);
        board.erase(start);
        let offset = (start - origin) as usize;
        expected[offset..offset + size].fill(0xFF);
        let pages = if size > page { vec![0, size - page] } else { vec![0] };
        for at in pages {
            let data = pattern(seed + at as u32, page);
            assert_eq!(board.program(start + at as u32, &data), 0, "{chip}: ProgramPage");
            expected[offset + at..offset + at + page].copy_from_slice(&data);
        }
        assert!(board.cells(origin, bytes) == expected, "{chip}: cells after sector {start:#010x}");
    }
    over_a_programmed_page(&mut board, origin, overwrite);
    if let Some(erase_all) = board.algorithm.pc_erase_all {
        board.init(Purpose::Erase);
        assert_eq!(board.call(erase_all, [0; 3]), 0, "{chip}: EraseChip");
        board.uninit(Purpose::Erase);
        assert!(board.cells(origin, bytes).iter().all(|cell| *cell == 0xFF), "{chip}: EraseChip");
    }
}

fn over_a_programmed_page(board: &mut Board, origin: u32, overwrite: Overwrite) {
    let page = board.algorithm.flash_properties.page_size as usize;
    let before = board.cells(origin, page).to_vec();
    let data = pattern(99, page);
    let result = board.program(origin, &data);
    let found = board.cells(origin, page);
    match overwrite {
        Overwrite::Refused => {
            assert_ne!(result, 0);
            assert_eq!(found, before);
        }
        Overwrite::ClearsBits => {
            assert_eq!(result, 0);
            let both: Vec<u8> = before.iter().zip(&data).map(|(old, new)| old & new).collect();
            assert_eq!(found, both);
        }
    }
}

/// A chip as its board file describes it: flash and RAM as origin and KiB.
fn chip(name: &str, core: Core, flash: (u32, u32), ram: &[(u32, u32)]) -> Machine {
    chip_with(name, core, flash, ram, &Arc::default())
}

fn chip_with(name: &str, core: Core, flash: (u32, u32), ram: &[(u32, u32)], switches: &Arc<Switches>) -> Machine {
    let memory = |&(origin, kib): &(u32, u32)| MemorySpec {
        name: format!("ram at {origin:#010x}"),
        origin,
        bytes: kib * KIB,
        kind: MemoryKind::Sram,
    };
    let spec = ChipSpec {
        name: name.into(),
        core,
        clock_hz: 64_000_000,
        flash: FlashSpec { origin: flash.0, bytes: flash.1 * KIB, wait_states: 3 },
        memories: ram.iter().map(memory).collect(),
    };
    spec.build(switches).expect("a simulated family")
}

const ST: u32 = 0x0800_0000;
const RAM: u32 = 0x2000_0000;

#[test]
fn stm32f4() {
    let chips = [
        ("STM32F401RETx", 512, 96),
        ("STM32F412ZGTx", 1024, 256),
        ("STM32F446RETx", 512, 128),
        ("STM32F469NIHx", 2048, 320),
    ];
    for (name, flash, ram) in chips {
        let machine = chip(name, Core::M4F, (ST, flash), &[(RAM, ram)]);
        erases_and_programs(name, machine, ST, Overwrite::ClearsBits);
    }
}

#[test]
fn stm32f7_with_one_bank() {
    let f746 = chip("STM32F746NGHx", Core::M7F, (ST, 1024), &[(RAM, 64), (0x2001_0000, 256)]);
    erases_and_programs("STM32F746NGHx", f746, ST, Overwrite::ClearsBits);
    let f767 = chip("STM32F767ZITx", Core::M7F, (ST, 2048), &[(RAM, 128), (0x2002_0000, 384)]);
    erases_and_programs("STM32F767ZITx", f767, ST, Overwrite::ClearsBits);
}

/// Not probe-rs's default: for a chip whose option bytes say nDBANK = 0.
#[test]
fn stm32f7_with_two_banks() {
    let name = "STM32F767ZITx";
    let flash = Array::new(ST, 2048 * KIB as usize);
    let controller = stm32f7(2048 * KIB, Banks::Dual, ReadProtection::Open);
    let watchdog = RegisterFile::new(0x4000_3000..0x4000_3400);
    let machine = Machine::new(
        Core::M7F,
        vec![Memory::ram("dtcm", RAM, 128 * KIB as usize)],
        Some((flash, Box::new(controller))),
        vec![Box::new(watchdog)],
    );
    let board = Board::with_algorithm(name, ST, machine, |raw| raw.name == "stm32f7x_2048dual");
    look_at_every_cell(name, board, ST, Overwrite::ClearsBits);
}

#[test]
fn stm32h7() {
    let machine = chip("STM32H743ZITx", Core::M7F, (ST, 2048), &[(RAM, 128), (0x2400_0000, 512)]);
    erases_and_programs("STM32H743ZITx", machine, ST, Overwrite::ClearsBits);
}

#[test]
fn stm32l4() {
    let l4r5 = chip("STM32L4R5ZITx", Core::M4F, (ST, 2048), &[(RAM, 640)]);
    erases_and_programs("STM32L4R5ZITx", l4r5, ST, Overwrite::Refused);
    let l475 = chip("STM32L475VGTx", Core::M4F, (ST, 1024), &[(RAM, 96)]);
    erases_and_programs("STM32L475VGTx", l475, ST, Overwrite::Refused);
}

#[test]
fn stm32u5() {
    let machine = chip("STM32U575ZITx", Core::M33F, (ST, 2048), &[(RAM, 768)]);
    erases_and_programs("STM32U575ZITx", machine, ST, Overwrite::Refused);
}

#[test]
fn nrf52() {
    let machine = chip("nRF52840_xxAA", Core::M4F, (0, 1024), &[(RAM, 256)]);
    erases_and_programs("nRF52840_xxAA", machine, 0, Overwrite::ClearsBits);
}

#[test]
fn nrf53() {
    let machine = chip("nRF5340_xxAA", Core::M33F, (0, 1024), &[(RAM, 512)]);
    erases_and_programs("nRF5340_xxAA", machine, 0, Overwrite::Refused);
}

#[test]
fn samd51() {
    let machine = chip("ATSAMD51P19A", Core::M4F, (0, 512), &[(RAM, 192)]);
    erases_and_programs("ATSAMD51P19A", machine, 0, Overwrite::ClearsBits);
}

/// Readout protection level 1. The H7's algorithm is not here: it does not look at the error flags.
#[test]
fn a_locked_chip_is_not_erased_and_the_algorithm_says_so() {
    let chips = [
        ("STM32F446RETx", Core::M4F, 512),
        ("STM32F746NGHx", Core::M7F, 1024),
        ("STM32L4R5ZITx", Core::M4F, 2048),
        ("STM32U575ZITx", Core::M33F, 2048),
    ];
    for (name, core, flash_kib) in chips {
        let switches = Arc::new(Switches::default());
        switches.locked.store(true, Ordering::Relaxed);
        let machine = chip_with(name, core, (ST, flash_kib), &[(RAM, 64), (0x2001_0000, 256)], &switches);
        let mut board = Board::new(name, ST, machine);
        board.init(Purpose::Erase);
        assert_eq!(board.call(board.algorithm.pc_erase_sector, [ST, 0, 0]), 1, "{name}: EraseSector");
        assert!(board.cells(ST, 1024).iter().all(|cell| *cell == OLD), "{name}");
        board.uninit(Purpose::Erase);
        assert_eq!(board.program(ST, &pattern(0, 1024)), 1, "{name}: ProgramPage");
        assert!(board.cells(ST, 1024).iter().all(|cell| *cell == OLD), "{name}");
    }
}

/// A chip that flashes through its boot ROM.
fn with_boot_rom(core: Core, flash_kib: u32, ram_kib: u32) -> Machine {
    let rom = Memory::rom("rom", 0, boot_rom(0x1000_0000, RAM + ram_kib * KIB));
    let ram = Memory::ram("sram", RAM, (ram_kib * KIB) as usize);
    let flash = Array::new(0x1000_0000, (flash_kib * KIB) as usize);
    let mut machine = Machine::new(core, vec![rom, ram], Some((flash, Box::new(QspiFlash::new()))), Vec::new());
    machine.set_boot(0);
    machine.reset();
    machine
}

#[test]
fn rp2040() {
    erases_and_programs("RP2040", with_boot_rom(Core::M0Plus, 2048, 264), 0x1000_0000, Overwrite::ClearsBits);
}

#[test]
fn rp2350() {
    erases_and_programs("RP235x", with_boot_rom(Core::M33F, 4096, 520), 0x1000_0000, Overwrite::ClearsBits);
}

#[test]
fn the_boot_rom_starts_the_program_in_flash() {
    let mut machine = with_boot_rom(Core::M0Plus, 2048, 264);
    // Stack pointer, reset handler; there: movs r0, #42; bkpt.
    machine.load(0x1000_0000, &[0x00, 0x10, 0x00, 0x20, 0x09, 0x00, 0x00, 0x10]).expect("flash");
    machine.load(0x1000_0008, &[0x2A, 0x20, 0x00, 0xBE]).expect("flash");
    machine.write_memory(DHCSR, RUN, Width::Word).expect("DHCSR");
    machine.reset();
    assert_eq!(machine.run(100), Stop::Halted);
    assert_eq!(machine.register(Register::R(0)), 42);
    assert_eq!(machine.register(Register::Sp), 0x2000_1000);
    assert_eq!(machine.read_memory(0xE000_ED08, Width::Word), Ok(0x1000_0000), "VTOR");
}
