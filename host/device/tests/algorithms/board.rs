//! A chip that runs flash algorithms: loads and calls them as probe-rs does, without a debug port.

use probe_rs::config::{RawFlashAlgorithm, Registry};
use probe_rs::flashing::FlashAlgorithm;
use tinynas_sim::bus::Width;
use tinynas_sim::machine::{Machine, Register, Stop};

const CFSR: u32 = 0xE000_ED28;
const BFAR: u32 = 0xE000_ED38;
pub const DHCSR: u32 = 0xE000_EDF0;
const HALT: u32 = 0xA05F_0003;
pub const RUN: u32 = 0xA05F_0001;
/// What the flash holds before.
pub const OLD: u8 = 0xA5;
/// Longest that a function of an algorithm may take, modelled cycles.
const LIMIT: u64 = 20_000_000;

/// What an algorithm is called for (`Init`'s last argument, CMSIS-Pack "Flash Programming").
#[derive(Clone, Copy)]
pub enum Purpose {
    Erase = 1,
    Program = 2,
}

/// A simulated chip with a flash algorithm in its RAM.
pub struct Board {
    pub machine: Machine,
    pub algorithm: FlashAlgorithm,
}

impl Board {
    /// `chip`: name in probe-rs, whose default algorithm for the flash is taken. The flash is full of [`OLD`].
    pub fn new(chip: &str, origin: u32, machine: Machine) -> Self {
        let default =
            |raw: &RawFlashAlgorithm| raw.default && raw.flash_properties.address_range.contains(&u64::from(origin));
        Self::with_algorithm(chip, origin, machine, default)
    }

    /// The same with another of the chip's algorithms.
    pub fn with_algorithm(
        chip: &str,
        origin: u32,
        mut machine: Machine,
        choose: impl Fn(&RawFlashAlgorithm) -> bool,
    ) -> Self {
        let target = Registry::from_builtin_families().get_target_by_name(chip).expect("a chip that probe-rs knows");
        let raw = target.flash_algorithms.iter().find(|raw| choose(raw)).expect("an algorithm for the flash");
        let core = &target.cores[0].name;
        let algorithm = FlashAlgorithm::assemble_from_raw_with_core(raw, core, &target).expect("room in RAM");
        machine.write_memory(DHCSR, HALT, Width::Word).expect("DHCSR");
        let (start, bytes) = flash(&machine, origin);
        machine.load(start, &vec![OLD; bytes]).expect("the flash");
        for (index, word) in algorithm.instructions.iter().enumerate() {
            let address = algorithm.load_address as u32 + 4 * index as u32;
            machine.write_memory(address, *word, Width::Word).expect("RAM for the algorithm");
        }
        Self { machine, algorithm }
    }

    /// Calls a function until it returns to the breakpoint at the load address; its result.
    pub fn call(&mut self, function: u64, arguments: [u32; 3]) -> u32 {
        for (number, argument) in (0..).zip(arguments) {
            self.machine.set_register(Register::R(number), argument);
        }
        self.machine.set_register(Register::R(9), self.algorithm.static_base as u32);
        self.machine.set_register(Register::Sp, self.algorithm.stack_top as u32);
        self.machine.set_register(Register::Lr, self.algorithm.load_address as u32 | 1);
        self.machine.set_register(Register::Pc, function as u32 & !1);
        self.machine.write_memory(DHCSR, RUN, Width::Word).expect("DHCSR");
        let stop = self.machine.run(LIMIT);
        let pc = self.machine.register(Register::Pc);
        let fault = [CFSR, BFAR].map(|address| self.machine.read_memory(address, Width::Word).unwrap_or_default());
        let end = (Stop::Halted, self.algorithm.load_address as u32);
        assert_eq!((stop, pc), end, "stopped at {pc:#010x}; CFSR, BFAR: {fault:#010x?}");
        self.machine.register(Register::R(0))
    }

    pub fn init(&mut self, purpose: Purpose) {
        let start = self.algorithm.flash_properties.address_range.start as u32;
        let function = self.algorithm.pc_init.expect("Init");
        assert_eq!(self.call(function, [start, 0, purpose as u32]), 0, "Init");
    }

    pub fn uninit(&mut self, purpose: Purpose) {
        let function = self.algorithm.pc_uninit.expect("UnInit");
        assert_eq!(self.call(function, [purpose as u32, 0, 0]), 0, "UnInit");
    }

    pub fn erase(&mut self, address: u32) {
        self.init(Purpose::Erase);
        assert_eq!(self.call(self.algorithm.pc_erase_sector, [address, 0, 0]), 0, "EraseSector");
        self.uninit(Purpose::Erase);
    }

    /// Programs a page; the algorithm's result.
    pub fn program(&mut self, address: u32, data: &[u8]) -> u32 {
        let buffer = self.algorithm.page_buffers[0] as u32;
        for (offset, byte) in (0..).zip(data) {
            self.machine.write_memory(buffer + offset, u32::from(*byte), Width::Byte).expect("the page buffer");
        }
        self.init(Purpose::Program);
        let result = self.call(self.algorithm.pc_program_page, [address, data.len() as u32, buffer]);
        self.uninit(Purpose::Program);
        result
    }

    pub fn cells(&self, address: u32, bytes: usize) -> &[u8] {
        let memories = self.machine.memories();
        let memory = memories.iter().find(|memory| memory.name == "flash").expect("the flash");
        let start = (address - memory.origin) as usize;
        &memory.bytes[start..start + bytes]
    }
}

/// Where the flash is: its first address and its bytes.
pub fn flash(machine: &Machine, origin: u32) -> (u32, usize) {
    let memory = machine.memories().iter().find(|memory| memory.name == "flash").expect("the flash");
    assert_eq!(memory.origin, origin);
    (memory.origin, memory.bytes.len())
}
