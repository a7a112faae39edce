//! What the host asks of the program that runs one kernel (`firmware/bench`), and what it answers, word by word.
#![no_std]

/// Where the mailbox is.
pub const MAILBOX: u32 = 0x2000_0000;
/// Words of a job.
pub const JOB_WORDS: usize = 15;
/// Words of an answer, behind the job.
pub const ANSWER_WORDS: usize = 6;

/// The kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// k×k convolution.
    Conv = 1,
    /// 1×1 convolution.
    Pointwise = 2,
    /// Depthwise convolution; in place if `outputs` is 1.
    Depthwise = 3,
    /// Sum of two tensors.
    Add = 4,
    /// Mean over all pixels.
    GlobalPool = 5,
    /// Fully connected.
    Linear = 6,
}

/// How the random constants are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constants {
    /// As trained networks have them; ReLU6.
    Relu = 1,
    /// As trained networks have them; no activation.
    Linear = 2,
    /// Anything that is allowed.
    Wild = 3,
}

/// One layer. Sides and channels: at least 1. Pairs: rows, columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Job {
    pub kind: Kind,
    pub h: u16,
    pub w: u16,
    pub c: u16,
    pub outputs: u16,
    pub kernel: [u8; 2],
    pub stride: [u8; 2],
    pub pad: [u8; 2],
    /// How many output rows and columns there are more than with equal padding on both sides.
    pub more: [u8; 2],
    /// Output rows of one call; 0: all.
    pub rows: u16,
    pub constants: Constants,
    pub seed: u32,
}

impl Job {
    /// As words.
    pub fn words(self) -> [u32; JOB_WORDS] {
        let Self { kind, h, w, c, outputs, kernel, stride, pad, more, rows, constants, seed } = self;
        let [h, w, c, outputs, rows] = [h, w, c, outputs, rows].map(u32::from);
        let [[k0, k1], [s0, s1], [p0, p1], [m0, m1]] = [kernel, stride, pad, more].map(|pair| pair.map(u32::from));
        [kind as u32, h, w, c, outputs, k0, k1, s0, s1, p0, p1, m0 << 8 | m1, rows, constants as u32, seed]
    }

    /// From words.
    pub fn read(words: [u32; JOB_WORDS]) -> Option<Self> {
        let [kind, h, w, c, outputs, k0, k1, s0, s1, p0, p1, more, rows, constants, seed] = words;
        let kinds = [Kind::Conv, Kind::Pointwise, Kind::Depthwise, Kind::Add, Kind::GlobalPool, Kind::Linear];
        let kind = kinds.into_iter().find(|known| *known as u32 == kind)?;
        let known = [Constants::Relu, Constants::Linear, Constants::Wild];
        let constants = known.into_iter().find(|known| *known as u32 == constants)?;
        let (h, w, c, outputs, rows) = (h as u16, w as u16, c as u16, outputs as u16, rows as u16);
        let (kernel, stride, pad) = ([k0 as u8, k1 as u8], [s0 as u8, s1 as u8], [p0 as u8, p1 as u8]);
        let more = [(more >> 8) as u8, more as u8];
        Some(Self { kind, h, w, c, outputs, kernel, stride, pad, more, rows, constants, seed })
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 1 if every kernel ran.
    pub ran: u32,
    /// Output bytes of the portable code over packed weights that differ from the definition.
    pub packed_differ: u32,
    /// Output bytes of the assembly that differ from the definition.
    pub assembly_differ: u32,
    /// Executed instructions of the assembly, call and return included.
    pub instructions: u32,
    /// Modelled cycles of the same.
    pub cycles: u32,
    /// Different bytes in the output, to see that it is not all saturated.
    pub values: u32,
}

impl Answer {
    /// As words.
    pub fn words(self) -> [u32; ANSWER_WORDS] {
        [self.ran, self.packed_differ, self.assembly_differ, self.instructions, self.cycles, self.values]
    }

    /// From words.
    pub fn read(words: [u32; ANSWER_WORDS]) -> Self {
        let [ran, packed_differ, assembly_differ, instructions, cycles, values] = words;
        Self { ran, packed_differ, assembly_differ, instructions, cycles, values }
    }
}
