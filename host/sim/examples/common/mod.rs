//! What the examples share: a program from an ELF file in a simulated chip with a serial port.

pub mod console;

use std::error::Error;
use std::ops::Range;

use console::Console;
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader};
use tinynas_sim::bus::Memory;
use tinynas_sim::core::Core;
use tinynas_sim::machine::Machine;

/// A program in a machine, and what is needed to watch it.
pub struct Program {
    /// After reset, about to execute the first instruction.
    pub machine: Machine,
    /// What it writes to a serial port.
    pub console: Console,
    /// Where its code is.
    pub flash: Range<u32>,
}

/// Addresses that hold RAM on the boards that public benchmarks are built for: 64 KiB or more of CCM, SRAM, and what
/// stands for external RAM on Arm's MPS2.
const RAMS: [(&str, u32, usize); 3] =
    [("ccm", 0x1000_0000, 0x2_0000), ("sram", 0x2000_0000, 0x40_0000), ("psram", 0x2100_0000, 0x100_0000)];

/// Bytes of flash; more than the largest program needs.
const FLASH_BYTES: usize = 0x40_0000;

/// The core that a name means: `m0+`, `m3`, `m4`, `m7`, `m33`.
pub fn core(name: &str) -> Result<Core, String> {
    match name {
        "m0+" | "m0plus" => Ok(Core::M0Plus),
        "m3" => Ok(Core::M3),
        "m4" => Ok(Core::M4F),
        "m7" => Ok(Core::M7F),
        "m33" => Ok(Core::M33F),
        _ => Err(format!("`{name}` is no core; there are m0+, m3, m4, m7, m33")),
    }
}

/// Puts the segments of an ELF file where a programmer puts them: at their physical addresses.
pub fn program(core: Core, elf: &[u8]) -> Result<Program, Box<dyn Error>> {
    let segments = segments(elf)?;
    let first = segments.iter().map(|(address, _)| *address).min().ok_or("the file has nothing to load")?;
    let origin = first & !0xffff;
    let mut code = vec![0xff; FLASH_BYTES];
    for (address, bytes) in &segments {
        let start = (address - origin) as usize;
        code.get_mut(start..start + bytes.len()).ok_or("the program is larger than its flash")?.copy_from_slice(bytes);
    }
    let flash = origin..origin + FLASH_BYTES as u32;
    let mut memories = vec![Memory::rom("flash", origin, code).slow()];
    memories.extend(RAMS.map(|(name, origin, bytes)| Memory::ram(name, origin, bytes)));
    let console = Console::default();
    let mut machine = Machine::new(core, memories, None, console.devices());
    machine.set_boot(first);
    if origin != 0 {
        machine.add_alias(0..FLASH_BYTES as u32, origin);
    }
    machine.reset();
    Ok(Program { machine, console, flash })
}

/// A physical address and the bytes that are loaded there.
type Segment = (u32, Vec<u8>);

/// What is loaded.
fn segments(elf: &[u8]) -> Result<Vec<Segment>, Box<dyn Error>> {
    let file = elf::FileHeader32::<object::Endianness>::parse(elf)?;
    let endian = file.endian()?;
    let mut loaded = Vec::new();
    for header in file.program_headers(endian, elf)? {
        let bytes = header.data(endian, elf).map_err(|()| "a segment lies outside the file")?;
        if header.p_type(endian) == elf::PT_LOAD && !bytes.is_empty() {
            loaded.push((header.p_paddr(endian), bytes.to_vec()));
        }
    }
    Ok(loaded)
}
