//! What a group of instructions starts from and leaves behind, and the code around each of them.

use core::{fmt, ops::BitXor};

use crate::random::Random;

/// Words of memory that loads and stores reach.
const MEMORY: usize = 32;

/// The registers and memory that instructions under test see. The stubs know the offsets.
#[repr(C)]
#[derive(Clone)]
pub struct State {
    /// r0 to r7.
    pub registers: [u32; 8],
    /// Flags N, Z, C, V, Q and GE.
    pub apsr: u32,
    /// Modes and flags of the floating-point unit.
    pub fpscr: u32,
    /// s0 to s15.
    pub floats: [u32; 16],
    /// r6 points to the middle of it.
    pub memory: [u32; MEMORY],
}

/// What operands a group wants and which part of the state it may change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operands {
    /// r0 to r7.
    Integer,
    /// r0 to r4; r5 a multiple of 4 below 64, r6 an address, r7 below 16.
    Memory,
    /// s0 to s15 and FPSCR, and all that [`Operands::Memory`] gives.
    Float,
}

/// One form of an instruction.
pub struct Group {
    /// Its text in the assembler's language.
    pub text: &'static str,
    /// Operands.
    pub operands: Operands,
    /// Loads the state, executes the text, stores the state.
    pub run: unsafe extern "C" fn(&mut State),
}

/// Flags that programs can set: NZCV, and Q and GE where the core has them.
const FLAGS: u32 = if cfg!(dsp) {
    0xf80f_0000
} else if cfg!(thumb2) {
    0xf800_0000
} else {
    0xf000_0000
};

/// FPSCR: flags NZCV, default NaN, flush to zero, rounding mode (ARMv7-M ARM, A2.5.3). The AHP bit is one group's.
const MODES: u32 = 0xf3c0_0000;

impl State {
    /// The next operands; `state` keeps its place, which r6 points to.
    pub fn fill(&mut self, operands: Operands, random: &mut Random) {
        self.registers = core::array::from_fn(|_| random.integer());
        self.apsr = random.bits() & FLAGS;
        if operands != Operands::Integer {
            self.registers[5] = (random.bits() % 16) * 4;
            self.registers[6] = (&raw const self.memory[MEMORY / 2]).addr() as u32;
            self.registers[7] = random.bits() % 16;
            self.memory = core::array::from_fn(|_| random.integer());
        }
        if operands == Operands::Float {
            self.floats = core::array::from_fn(|_| random.float());
            // Half of the runs in the mode that a core starts with.
            self.fpscr = if random.bits() & 1 == 0 { 0 } else { random.bits() & MODES };
        }
    }

    /// All zero.
    pub const fn new() -> Self {
        Self { registers: [0; 8], apsr: 0, fpscr: 0, floats: [0; 16], memory: [0; MEMORY] }
    }

    /// Takes everything that `operands` covers into `hash`.
    pub fn digest(&self, operands: Operands, hash: Hash) -> Hash {
        let mut hash = hash.words(&self.registers).words(&[self.apsr]);
        if operands != Operands::Integer {
            hash = hash.words(&self.memory);
        }
        if operands == Operands::Float {
            hash = hash.words(&self.floats).words(&[self.fpscr]);
        }
        hash
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

/// For looking at one group: registers, flags, then what else is not zero.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for register in self.registers {
            write!(f, "{register:08x} ")?;
        }
        write!(f, "apsr {:08x} fpscr {:08x}", self.apsr, self.fpscr)?;
        for float in &self.floats[..8] {
            write!(f, " {float:08x}")?;
        }
        Ok(())
    }
}

/// FNV-1a with 64 bits, a word at a time instead of a byte.
#[derive(Clone, Copy)]
pub struct Hash(pub u64);

impl Hash {
    /// Of nothing.
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn words(self, words: &[u32]) -> Self {
        Self(words.iter().fold(self.0, |hash, word| hash.bitxor(u64::from(*word)).wrapping_mul(0x100_0000_01b3)))
    }
}

impl Default for Hash {
    fn default() -> Self {
        Self::new()
    }
}
