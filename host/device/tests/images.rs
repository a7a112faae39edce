//! What every image that was built must look like, read from its ELF and compared with the board's file.

use std::{fs, path::PathBuf};

use object::{Object, ObjectSection, ObjectSymbol, elf::FileHeader32, read::elf::FileHeader};
use tinynas_cost::{Board, Core, Engine};
use tinynas_device::{Image, image_directory};

type Header = FileHeader32<object::Endianness>;

/// Arm ELF for the Arm architecture, table 4-1: the image passes floats in the FPU's registers.
const EF_ARM_ABI_FLOAT_HARD: u32 = 0x400;

/// The boards that have an image, with its bytes.
fn images() -> Vec<(Board, Image, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let open = |name: &str| {
        let path = image_directory(&root, name).join("image.elf");
        path.is_file().then(|| {
            let image = Image::open(&path).expect("image and manifest agree");
            (Board::open(name).expect("shipped"), image, fs::read(&path).expect("readable"))
        })
    };
    let images: Vec<_> = Board::shipped().into_iter().filter_map(open).collect();
    if images.is_empty() {
        eprintln!("skipped: images are needed in target/firmware (cargo xtask firmware)");
    }
    images
}

fn symbol(elf: &[u8], name: &str) -> Option<u64> {
    object::File::parse(elf).expect("ELF").symbol_by_name(name).map(|symbol| symbol.address())
}

#[test]
fn memories_are_the_boards() {
    for (board, image, elf) in images() {
        let (name, sections, flash) = (&board.name, image.sections(), &board.flash);
        let code = flash.code_region.as_ref().map_or(128 * 1024, |code| code.bytes.0);
        assert_eq!(sections.model_address, flash.origin + code, "{name}");
        assert_eq!(sections.model_address + sections.model_region_bytes, flash.origin + flash.bytes.0, "{name}");
        assert!(sections.flash_bytes <= Engine::Tinynas.code_bytes().expect("known").0, "{name}: {sections:?}");
        assert_eq!(symbol(&elf, "__sflash"), Some(flash.origin), "{name}");

        let sram = &board.sram[0];
        assert_eq!(sections.stack_reserve_bytes, board.reserved.stack.bytes.0, "{name}");
        assert_eq!(symbol(&elf, "_stack_start"), Some(sram.origin + sram.bytes.0), "{name}");
        assert!(sections.data_bytes + sections.bss_bytes <= board.reserved.statics.bytes.0, "{name}");
        assert!(sections.arena_region_bytes >= board.sram_budget().0, "{name}");
    }
}

#[test]
fn the_first_words_start_the_image() {
    for (board, image, elf) in images() {
        let name = &board.name;
        let file = object::File::parse(&*elf).expect("ELF");
        let table = file.section_by_name(".vector_table").expect("vectors");
        let words: Vec<u32> = table.data().expect("in the file").chunks(4).map(word).collect();
        let end = board.sram[0].origin + board.sram[0].bytes.0;
        assert_eq!(u64::from(words[0]), end, "{name}: the stack begins at the end of RAM");
        let code = board.flash.origin..image.sections().model_address;
        for handler in [1, 2, 3] {
            let address = u64::from(words[handler]);
            assert!(address & 1 == 1 && code.contains(&address), "{name}: vector {handler} is {address:#x}");
        }
        let before = if name == "raspberry-pi-pico" { 256 } else { 0 };
        assert_eq!(table.address(), board.flash.origin + before, "{name}");
    }
}

#[test]
fn the_probe_finds_its_rings_in_ram() {
    for (board, image, elf) in images() {
        let (name, sram) = (&board.name, &board.sram[0]);
        let rings = symbol(&elf, "_SEGGER_RTT");
        assert_eq!(rings.is_some(), board.chip.is_some(), "{name}");
        let Some(rings) = rings else { continue };
        let statics = sram.origin..sram.origin + image.sections().data_bytes + image.sections().bss_bytes;
        assert!(statics.contains(&rings), "{name}: {rings:#x}");
    }
}

#[test]
fn floats_are_the_cores() {
    for (board, _, elf) in images() {
        let header = Header::parse(&*elf).expect("ELF header");
        let endian = header.endian().expect("endianness");
        let hard = header.e_flags.get(endian).0 & EF_ARM_ABI_FLOAT_HARD != 0;
        assert_eq!(hard, board.core != Core::CortexM0Plus, "{}", board.name);
    }
}

/// RP2040 Datasheet, 2.8.1.3.1: the ROM runs the second stage only if its checksum is right.
#[test]
fn the_boot_rom_takes_the_pico_s_second_stage() {
    for (board, _, elf) in images().into_iter().filter(|(board, ..)| board.name == "raspberry-pi-pico") {
        let file = object::File::parse(&*elf).expect("ELF");
        let stage = file.section_by_name(".boot2").expect("second stage");
        assert_eq!((stage.address(), stage.size()), (board.flash.origin, 256));
        let bytes = stage.data().expect("in the file");
        let sum = bytes[..252].iter().fold(!0_u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 })
        });
        assert_eq!(word(&bytes[252..]), sum);
    }
}

/// RP2350 Datasheet, 5.9: marks and self-reference of the only block, in the first 4 KiB.
#[test]
fn the_boot_rom_finds_the_pico_2_s_definition() {
    for (board, _, elf) in images().into_iter().filter(|(board, ..)| board.name == "raspberry-pi-pico-2") {
        let file = object::File::parse(&*elf).expect("ELF");
        let block = file.section_by_name(".start_block").expect("definition");
        assert!(block.address() < board.flash.origin + 4096);
        let words: Vec<u32> = block.data().expect("in the file").chunks(4).map(word).collect();
        assert_eq!((words[0], words[words.len() - 1]), (0xffff_ded3, 0xab12_3579));
        assert_eq!(words[words.len() - 2], 0, "the next block is this one");
    }
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes[..4].try_into().expect("four bytes"))
}
