//! One core with its memories and devices: what tests, the debug port and examples hold in hand.

use crate::{
    bus::{Bus, BusError, Memory, Peripheral, Width},
    core::Core,
    cpu::{Cpu, PC, SP},
    flash::{Array, FlashController},
    profile::Profile,
    timing::{M0Plus, M3, M4, M7, M33, Timing},
    waits::MemoryTiming,
};

pub use crate::cpu::Stop;

/// A register, as a debugger numbers it (DCRSR, ARMv7-M ARM, C1.6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// R0 to R12.
    R(u8),
    /// The stack pointer in use.
    Sp,
    /// R14.
    Lr,
    /// Address of the next instruction.
    Pc,
    /// Flags, exception number, IT state.
    Xpsr,
    /// Main stack pointer.
    Msp,
    /// Process stack pointer.
    Psp,
    /// CONTROL, FAULTMASK, BASEPRI, PRIMASK, a byte each from the top.
    Special,
    /// Floating point status.
    Fpscr,
    /// A single, 0 to 31.
    S(u8),
}

impl Register {
    fn number(self) -> u32 {
        match self {
            Self::R(number) => u32::from(number.min(12)),
            Self::Sp => SP as u32,
            Self::Lr => 14,
            Self::Pc => PC as u32,
            Self::Xpsr => 16,
            Self::Msp => 17,
            Self::Psp => 18,
            Self::Special => 20,
            Self::Fpscr => 33,
            Self::S(number) => 64 + u32::from(number & 31),
        }
    }
}

/// Address of a 64-bit count of executed instructions, in the vendor's part of the memory map. No chip has it: a
/// host that knows that it talks to this simulator tells the firmware.
pub const INSTRUCTION_COUNTER: u32 = 0xf000_0000;

/// A cycle model with its state.
enum Model {
    M0Plus(M0Plus),
    M3(M3),
    M4(M4),
    M7(Box<M7>),
    M33(M33),
}

/// A simulated chip. Every cycle it counts is modelled.
pub struct Machine {
    cpu: Cpu,
    model: Model,
}

impl Machine {
    /// A chip after power-on; [`reset`](Self::reset) starts it. Its vector table is at the flash's first address, or at 0.
    #[must_use]
    pub fn new(
        core: Core,
        memories: Vec<Memory>,
        flash: Option<(Array, Box<dyn FlashController>)>,
        peripherals: Vec<Box<dyn Peripheral>>,
    ) -> Self {
        let boot = flash.as_ref().map_or(0, |(array, _)| array.origin);
        let mut cpu = Cpu::new(core, Bus::new(memories, flash, peripherals), MemoryTiming::none());
        cpu.scs.boot = boot;
        let model = match core {
            Core::M0Plus => Model::M0Plus(M0Plus),
            Core::M3 => Model::M3(M3::default()),
            Core::M4F => Model::M4(M4::default()),
            Core::M7F => Model::M7(Box::default()),
            Core::M33F => Model::M33(M33::default()),
        };
        let mut machine = Self { cpu, model };
        machine.reset();
        machine
    }

    /// Where the vector table is after a reset.
    pub fn set_boot(&mut self, address: u32) {
        self.cpu.scs.boot = address;
    }

    /// Lets `target` be seen at `seen`, too.
    pub fn add_alias(&mut self, seen: std::ops::Range<u32>, target: u32) {
        self.cpu.bus.add_alias(seen, target);
    }

    /// Wait states of memories marked [`slow`](Memory::slow), and of the flash.
    pub fn set_memory_timing(&mut self, waits: MemoryTiming) {
        self.cpu.waits = waits;
    }

    /// The core.
    #[must_use]
    pub fn core(&self) -> Core {
        self.cpu.core
    }

    /// As nRESET does: registers and devices as at power-on, memories kept, SP and PC from the vector table.
    pub fn reset(&mut self) {
        self.cpu.forget_all();
        self.cpu.reset();
        match &mut self.model {
            Model::M0Plus(model) => model.flush(),
            Model::M3(model) => model.flush(),
            Model::M4(model) => model.flush(),
            Model::M7(model) => model.flush(),
            Model::M33(model) => model.flush(),
        }
    }

    /// Runs until `cycles` more are counted, or until a stop.
    pub fn run(&mut self, cycles: u64) -> Stop {
        let end = self.cpu.cycles.saturating_add(cycles);
        match (&mut self.model, self.cpu.profile.is_some()) {
            (Model::M0Plus(model), false) => resume::<_, false>(&mut self.cpu, model, end),
            (Model::M0Plus(model), true) => resume::<_, true>(&mut self.cpu, model, end),
            (Model::M3(model), false) => resume::<_, false>(&mut self.cpu, model, end),
            (Model::M3(model), true) => resume::<_, true>(&mut self.cpu, model, end),
            (Model::M4(model), false) => resume::<_, false>(&mut self.cpu, model, end),
            (Model::M4(model), true) => resume::<_, true>(&mut self.cpu, model, end),
            (Model::M7(model), false) => resume::<_, false>(&mut self.cpu, model.as_mut(), end),
            (Model::M7(model), true) => resume::<_, true>(&mut self.cpu, model.as_mut(), end),
            (Model::M33(model), false) => resume::<_, false>(&mut self.cpu, model, end),
            (Model::M33(model), true) => resume::<_, true>(&mut self.cpu, model, end),
        }
    }

    /// Runs until one more instruction is counted, or until a stop.
    pub fn step(&mut self) -> Stop {
        self.cpu.last_instruction = self.cpu.instructions + 1;
        let stop = self.run(u64::MAX);
        self.cpu.last_instruction = u64::MAX;
        stop
    }

    /// Whether a debugger has halted the core.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.cpu.scs.is_halted()
    }

    /// Modelled cycles since power-on, wait states included.
    #[must_use]
    pub fn cycles(&self) -> u64 {
        self.cpu.cycles
    }

    /// Executed instructions since power-on; one whose condition fails counts.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        self.cpu.instructions
    }

    /// Cycles of [`cycles`](Self::cycles) that are wait states of memories.
    #[must_use]
    pub fn flash_stalls(&self) -> u64 {
        self.cpu.stalls
    }

    /// A debugger's read: memories, devices, the core's own registers.
    ///
    /// # Errors
    /// Where nothing answers, and if `address` is not a multiple of the width.
    pub fn read_memory(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        if address & (width.bytes() - 1) != 0 {
            return Err(BusError { address });
        }
        self.cpu.read_anything(address, width, true)
    }

    /// A debugger's write.
    ///
    /// # Errors
    /// As [`read_memory`](Self::read_memory).
    pub fn write_memory(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        if address & (width.bytes() - 1) != 0 {
            return Err(BusError { address });
        }
        self.cpu.write_anything(address, value, width, true)
    }

    /// Puts bytes into any memory, flash and ROM included.
    ///
    /// # Errors
    /// If they do not lie in one memory.
    pub fn load(&mut self, address: u32, bytes: &[u8]) -> Result<(), BusError> {
        self.cpu.bus.overwrite(address, bytes)?;
        self.cpu.forget_all();
        Ok(())
    }

    /// A register.
    #[must_use]
    pub fn register(&self, register: Register) -> u32 {
        self.cpu.debug_register(register.number())
    }

    /// Changes a register.
    pub fn set_register(&mut self, register: Register, value: u32) {
        self.cpu.set_debug_register(register.number(), value);
    }

    /// The memories, flash last.
    #[must_use]
    pub fn memories(&self) -> &[Memory] {
        self.cpu.bus.memories()
    }

    /// Text that the program wrote by semihosting since the last call.
    pub fn take_output(&mut self) -> String {
        std::mem::take(&mut self.cpu.output)
    }

    /// Counts per address from now on.
    pub fn enable_profile(&mut self) {
        self.cpu.profile = Some(Box::new(Profile::new()));
    }

    /// The counts.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.cpu.profile.as_deref()
    }
}

fn resume<T: Timing, const PROFILE: bool>(cpu: &mut Cpu, model: &mut T, end: u64) -> Stop {
    // What stands at the program counter is executed even if a breakpoint is there: the debugger has seen it.
    if std::mem::take(&mut cpu.resuming)
        && !cpu.scs.is_halted()
        && cpu.scs.is_breakpoint(cpu.r[PC])
        && let Some(stop) = cpu.step(model)
    {
        return stop;
    }
    cpu.run::<T, PROFILE>(model, end)
}
