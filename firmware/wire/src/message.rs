//! The messages. A change of this file changes [`SCHEMA`](crate::SCHEMA).
//!
//! `Request::Hello` and `Event::Hello` stay the first variants and keep their layout for ever:
//! they are what two different versions still understand of each other.

use serde::{Deserialize, Serialize};

/// What the host asks of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request<'a> {
    /// Opens the conversation; answered by `Event::Hello`, then `Event::Model` or `Event::Error`.
    Hello(HostHello),
    /// Writes bytes of the input tensor (int8 as raw bytes), `offset` from its start, or of the row that `Event::Row`
    /// asked for, in their order. Answered only by an error.
    Input {
        /// First byte written.
        offset: u32,
        /// The bytes, at most [`CHUNK`](crate::CHUNK).
        chunk: &'a [u8],
    },
    /// Runs the model; answered by `Row` per row of an input that comes by rows, `Layer` per step, `Output` chunks, `Done`.
    Run,
    /// Fills the arena and the unused stack with one byte, so that later writes show in `Stats`.
    Paint {
        /// The byte.
        pattern: u8,
    },
    /// Asks for `Event::Stats`.
    Stats {
        /// What the next paint will be: bytes of the arena that equal it are counted, because that paint hides them.
        next: u8,
    },
    /// Fails on purpose: proves that failures come back as messages.
    Crash(Crash),
    /// A 64-bit counter of executed instructions can be read at this address: only simulated boards have one. From
    /// now on `Layer` carries instructions. Not answered.
    Counter {
        /// Address of the low word.
        address: u32,
    },
}

/// The host's side of the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostHello {
    /// The host's [`PROTOCOL`](crate::PROTOCOL).
    pub protocol: u16,
    /// The host's [`SCHEMA`](crate::SCHEMA).
    pub schema: u64,
}

/// Ways to fail on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Crash {
    /// A Rust panic.
    Panic,
    /// An undefined instruction.
    HardFault,
    /// Never answers.
    Hang,
    /// Writes the last byte of the stack's reserve; the board goes on and says so.
    Stack,
    /// A read from an address where nothing answers.
    BadPointer,
    /// Calls itself until the stack is full.
    Recursion,
}

/// What the board tells the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event<'a> {
    /// Who is speaking.
    #[serde(borrow)]
    Hello(Hello<'a>),
    /// The model in flash is valid and fits the arena.
    Model(ModelInfo),
    /// One step of the running model is done.
    Layer(Layer),
    /// Bytes of the output tensor (int8 as raw bytes).
    Output {
        /// Offset of the first byte in the output tensor.
        offset: u32,
        /// The bytes, at most [`CHUNK`](crate::CHUNK).
        chunk: &'a [u8],
    },
    /// The running model needs a row of its input; the host sends it as `Request::Input`.
    Row {
        /// Which one.
        row: u16,
    },
    /// The run is over.
    Done,
    /// Memory figures.
    Stats(Stats),
    /// Something was refused or the firmware panicked.
    Error {
        /// What kind of failure.
        code: ErrorCode,
        /// In words.
        message: &'a str,
        /// Source file of a panic, else empty.
        file: &'a str,
        /// Source line of a panic, else 0.
        line: u32,
    },
    /// The core took a HardFault; nothing follows.
    HardFault(HardFault),
}

/// The board's side of the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello<'a> {
    /// The board's [`PROTOCOL`](crate::PROTOCOL).
    pub protocol: u16,
    /// The board's [`SCHEMA`](crate::SCHEMA).
    pub schema: u64,
    /// Version of the compiled-model format the image runs.
    pub model_format: u16,
    /// Version of the firmware, as in its `Cargo.toml`.
    pub firmware: &'a str,
    /// Name of the board file the image was linked for.
    pub board: &'a str,
    /// The core, as in the board file.
    pub core: &'a str,
}

/// What the validated model says of itself. Sizes in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Arena the plan needs.
    pub arena_bytes: u32,
    /// Steps of the plan.
    pub steps: u32,
    /// Length of the input tensor.
    pub input_bytes: u32,
    /// Rows of the input if it comes row by row; 0 if it is written whole before the run.
    pub input_rows: u16,
    /// Length of the output tensor.
    pub output_bytes: u32,
    /// Length of the compiled model in flash.
    pub model_bytes: u32,
    /// The core's clock in Hz as the firmware set it: the rated one, or what the chip started with if that failed.
    pub clock_hz: u32,
}

/// Counters of one step. `None` where the core cannot count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Index of the step.
    pub index: u32,
    /// Clock cycles.
    pub cycles: Option<u32>,
    /// Executed instructions.
    pub instructions: Option<u32>,
}

/// Memory as the chip sees it, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// The linker's region for the arena.
    pub arena_region: u32,
    /// Offset behind the last arena byte that differs from the paint.
    pub arena_high_water: u32,
    /// Arena bytes that differ from the paint.
    pub arena_touched: u32,
    /// Arena bytes that equal the request's `next`.
    pub arena_next: u32,
    /// Stack reserve.
    pub stack_reserve: u32,
    /// Deepest stack since start or the last paint.
    pub stack_high_water: u32,
    /// `.data`.
    pub data_bytes: u32,
    /// `.bss`.
    pub bss_bytes: u32,
    /// Code.
    pub text_bytes: u32,
    /// Constants.
    pub rodata_bytes: u32,
    /// Everything the image occupies in flash: vector table, code, constants, initial values of `.data`, padding.
    pub flash_bytes: u32,
}

/// Kinds of failure that the board reports in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorCode {
    /// The hello's protocol or schema is another one.
    Version,
    /// The model region holds nothing valid, or a model that does not fit.
    ModelRejected,
    /// A frame or message could not be read.
    Frame,
    /// Input outside the input tensor.
    Range,
    /// The engine refused or failed.
    Engine,
    /// The stack left its reserve.
    StackOverflow,
    /// A Rust panic; nothing follows.
    Panic,
}

/// Registers of a fault (ARMv7-M Architecture Reference Manual, B1.5.6 and B3.2.15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HardFault {
    /// Stacked program counter: the instruction that faulted.
    pub pc: u32,
    /// Stacked link register.
    pub lr: u32,
    /// Configurable Fault Status Register.
    pub cfsr: u32,
    /// HardFault Status Register.
    pub hfsr: u32,
    /// Faulting address, where CFSR says it is valid, else 0.
    pub address: u32,
}
