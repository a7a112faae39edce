//! A built example on a simulated Cortex-M4 with nothing but memory.

use std::{env, fs, path::PathBuf};

use object::{
    Object, ObjectSymbol, elf,
    read::elf::{FileHeader, ProgramHeader},
};
use tinynas_sim::{
    bus::{Memory, Width},
    core::Core,
    machine::{Machine, Stop},
};

/// As in the linker scripts of the examples.
const FLASH: usize = 64 << 10;
const RAM: usize = 16 << 10;
const RAM_START: u32 = 0x2000_0000;
const RAM_END: u32 = RAM_START + RAM as u32;
/// What RAM holds before a program starts.
const FILL: u8 = 0xa5;
/// More than any of the programs takes.
const CYCLES: u64 = 50_000_000;

/// Where `cargo xtask examples` puts a program.
pub struct Place(&'static str);

pub const CLASSIFY: Place = Place("thumbv7em-none-eabihf/release/classify");
pub const C_CLASSIFY: Place = Place("c/classify.elf");
pub const C_PARSE: Place = Place("c/parse.elf");

impl Place {
    /// The program, if it was built.
    pub fn read(&self) -> Option<Program> {
        let folder = env::var_os("TINYNAS_EXAMPLES").map(PathBuf::from);
        let folder = folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/examples"));
        let path = folder.join(self.0);
        let Ok(elf) = fs::read(&path) else {
            println!("skipped: examples need {}: `cargo xtask examples` builds it", path.display());
            return None;
        };
        Some(Program { elf })
    }
}

/// What came of a run.
pub struct Run {
    /// The exit code, if the program ended.
    pub exit: Option<u32>,
    pub text: String,
    /// The deepest use of the stack.
    pub stack_bytes: u32,
}

/// A program.
pub struct Program {
    elf: Vec<u8>,
}

impl Program {
    /// Runs it from reset.
    pub fn run(&self) -> Run {
        // What no program has written is not zero.
        let memories = vec![Memory::rom("flash", 0, vec![0xff; FLASH]), Memory::ram("ram", RAM_START, RAM)];
        let mut machine = Machine::new(Core::M4F, memories, None, Vec::new());
        machine.load(RAM_START, &[FILL; RAM]).expect("RAM");
        for (address, bytes) in self.loaded() {
            machine.load(address, bytes).expect("within the flash");
        }
        machine.set_boot(0);
        machine.reset();
        let exit = match machine.run(CYCLES) {
            Stop::Exit(code) => Some(code),
            _ => None,
        };
        let statics = self.address("__euninit").or_else(|| self.address("bss_end")).expect("the end of the statics");
        let mut untouched = |address: &u32| machine.read_memory(*address, Width::Byte) == Ok(FILL.into());
        let lowest = (statics..RAM_END).find(|address| !untouched(address)).unwrap_or(RAM_END);
        Run { exit, text: machine.take_output(), stack_bytes: RAM_END - lowest }
    }

    fn address(&self, symbol: &str) -> Option<u32> {
        let file = object::File::parse(&*self.elf).expect("an ELF");
        file.symbol_by_name(symbol).map(|symbol| symbol.address() as u32)
    }

    /// Bytes of flash: what a programmer writes.
    pub fn flash_bytes(&self) -> usize {
        flash_bytes(&self.elf)
    }

    /// Names of everything that is linked, as the linker knows them.
    pub fn symbols(&self) -> Vec<String> {
        let file = object::File::parse(&*self.elf).expect("an ELF");
        file.symbols().filter_map(|symbol| Some(symbol.name().ok()?.to_owned())).collect()
    }

    fn loaded(&self) -> Vec<(u32, &[u8])> {
        loaded(&self.elf)
    }
}

/// Bytes of flash of an ELF file.
pub fn flash_bytes(elf: &[u8]) -> usize {
    let segments = loaded(elf);
    let start = segments.iter().map(|(address, _)| *address as usize).min().unwrap_or(0);
    segments.iter().map(|(address, bytes)| *address as usize + bytes.len() - start).max().unwrap_or(0)
}

/// Physical addresses and bytes of what is loaded.
fn loaded(elf: &[u8]) -> Vec<(u32, &[u8])> {
    let file = elf::FileHeader32::<object::Endianness>::parse(elf).expect("an ELF of 32 bits");
    let endian = file.endian().expect("an order of bytes");
    let headers = file.program_headers(endian, elf).expect("segments").iter();
    let loaded = headers.filter(|header| header.p_type(endian) == elf::PT_LOAD);
    let bytes = loaded.map(|header| (header.p_paddr(endian), header.data(endian, elf).expect("bytes of the file")));
    bytes.filter(|(_, bytes)| !bytes.is_empty()).collect()
}
