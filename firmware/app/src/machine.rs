//! The chip as the protocol sees it: model, arena, engine, memory figures.

use core::{cell::Cell, ops::Range};

use tinynas_engine::Observer;
use tinynas_plan::{FORMAT_VERSION, MAX_SEGMENT, Model, ModelError};
use tinynas_wire::{Crash, ErrorCode, Failure, Hello, Host, Layer, Machine, ModelInfo, PROTOCOL, SCHEMA, Stats};

use crate::{board, counters::Cycles, memory, register::Register};

/// Where a model's length stands in its header, see `FORMAT.md` of `tinynas-plan`.
const MODEL_LENGTH: usize = 8;

/// The running image.
pub struct Chip {
    model: Result<Model<'static>, ModelError>,
    arena: &'static mut [u8],
    cycles: Cycles,
    clock_hz: u32,
    /// Address of a 64-bit instruction counter, on simulated boards.
    instructions: Option<Register>,
    arena_paint: u8,
    stack_paint: u8,
}

impl Chip {
    /// Takes the arena and checks the model, once: nothing is read from the model before that.
    ///
    /// # Safety
    /// At most one chip may exist: it owns the arena.
    pub unsafe fn start(clock_hz: u32) -> Self {
        Self {
            model: Model::parse(model_bytes()),
            // SAFETY: this is the only chip, and nobody else asks for the arena.
            arena: unsafe { memory::arena() },
            cycles: Cycles::start(),
            clock_hz,
            instructions: None,
            arena_paint: 0,
            stack_paint: memory::STACK_PAINT,
        }
    }

    fn checked(&self) -> Result<Model<'static>, Failure> {
        let model = self.model.map_err(|error| Failure::new(ErrorCode::ModelRejected, error))?;
        if model.arena_bytes() as usize > self.arena.len() {
            let (needed, given) = (model.arena_bytes(), self.arena.len());
            let why = format_args!("it needs an arena of {needed} B, the board has {given} B");
            return Err(Failure::new(ErrorCode::ModelRejected, why));
        }
        Ok(model)
    }

    fn check_stack(&self) -> Result<(), Failure> {
        if memory::stack_overflowed(self.stack_paint) {
            let reserve = memory::sections().stack_reserve;
            Err(Failure::new(ErrorCode::StackOverflow, format_args!("all {reserve} B of it were written")))
        } else {
            Ok(())
        }
    }
}

/// The model region up to the length that the model's header gives, or all of it if that is nonsense.
fn model_bytes() -> &'static [u8] {
    let region = memory::model_region();
    let length = region.get(MODEL_LENGTH..).and_then(<[u8]>::first_chunk::<4>).map(|bytes| u32::from_le_bytes(*bytes));
    length.and_then(|length| region.get(..length as usize)).unwrap_or(region)
}

impl Machine for Chip {
    fn hello(&self) -> Hello<'static> {
        Hello {
            protocol: PROTOCOL,
            schema: SCHEMA,
            model_format: FORMAT_VERSION,
            firmware: env!("CARGO_PKG_VERSION"),
            board: board::NAME,
            core: board::CORE,
        }
    }

    fn model(&self) -> Result<ModelInfo, Failure> {
        let model = self.checked()?;
        let input = model.input();
        Ok(ModelInfo {
            arena_bytes: model.arena_bytes(),
            steps: model.step_count() as u32,
            input_bytes: input.dims.bytes(),
            input_rows: if input.is_whole() { 0 } else { input.dims.h },
            output_bytes: model.output().dims.bytes(),
            model_bytes: model.byte_len(),
            clock_hz: self.clock_hz,
        })
    }

    fn input(&mut self, offset: u32, chunk: &[u8]) -> Result<(), Failure> {
        let range = self.checked()?.input().range();
        let place = self.arena.get_mut(range).and_then(|input| input.get_mut(offset as usize..));
        match place.and_then(|place| place.get_mut(..chunk.len())) {
            Some(place) => {
                place.copy_from_slice(chunk);
                Ok(())
            }
            None => Err(Failure::new(ErrorCode::Range, format_args!("past the input's end"))),
        }
    }

    fn run(&mut self, host: &mut dyn Host) -> Result<(), Failure> {
        let model = self.checked()?;
        let (cycles, instructions) = (&self.cycles, self.instructions);
        let host = Shared(Cell::new(Some(host)));
        let mut counters = Counters {
            cycles,
            instructions,
            start: Counts::default(),
            first: 0,
            sums: [Counts::default(); MAX_SEGMENT],
            host: &host,
        };
        tinynas_engine::run_fed(&model, self.arena, |row, to| host.with(|host| host.row(row, to)), &mut counters)
            .map_err(|error| Failure::new(ErrorCode::Engine, error))?;
        self.check_stack()
    }

    fn output(&self) -> &[u8] {
        self.model.ok().and_then(|model| self.arena.get(model.output().range())).unwrap_or(&[])
    }

    fn paint(&mut self, pattern: u8) {
        self.arena.fill(pattern);
        memory::paint_stack(pattern);
        (self.arena_paint, self.stack_paint) = (pattern, pattern);
    }

    fn stats(&self, next: u8) -> Stats {
        let equal = |paint: u8| self.arena.iter().filter(|byte| **byte == paint).count() as u32;
        let written = |byte: &u8| *byte != self.arena_paint;
        Stats {
            arena_high_water: self.arena.iter().rposition(written).map_or(0, |last| last as u32 + 1),
            arena_touched: self.arena.len() as u32 - equal(self.arena_paint),
            arena_next: equal(next),
            stack_high_water: memory::stack_high_water(self.stack_paint),
            ..memory::sections()
        }
    }

    fn counter(&mut self, address: u32) {
        self.instructions = Some(Register::at(address as usize));
    }

    fn crash(&mut self, how: Crash) -> Result<(), Failure> {
        match how {
            Crash::Panic => panic!("on purpose"),
            // SAFETY: an undefined instruction touches nothing; the fault handler does not return.
            Crash::HardFault => unsafe { core::arch::asm!("udf #0", options(nomem, nostack)) },
            Crash::BadPointer => {
                // Below 0x10000000, at the end of the code region's first half: none of the boards has anything there.
                Register::at(0x0fff_fff0).read();
            }
            Crash::Hang => loop {
                core::hint::spin_loop();
            },
            Crash::Stack => memory::touch_stack_end(self.stack_paint),
            Crash::Recursion => {
                core::hint::black_box(descend(1));
            }
        }
        self.check_stack()
    }
}

/// Calls itself until the stack is full: the addition after the call keeps it from becoming a loop.
#[allow(unconditional_recursion, reason = "this is what it is for")]
#[inline(never)]
fn descend(depth: u32) -> u32 {
    let frame = core::hint::black_box([depth; 8]);
    descend(frame[0].wrapping_add(1)).wrapping_add(frame[7])
}

/// Tells the host of every step and what it cost, after the segment that it belongs to.
struct Counters<'a> {
    cycles: &'a Cycles,
    instructions: Option<Register>,
    start: Counts,
    /// The segment's first step.
    first: usize,
    sums: [Counts; MAX_SEGMENT],
    host: &'a Shared<'a>,
}

/// The host, whom the engine's observer and what feeds it rows speak to in turn.
struct Shared<'a>(Cell<Option<&'a mut dyn Host>>);

impl Shared<'_> {
    fn with(&self, speak: impl FnOnce(&mut dyn Host)) {
        if let Some(host) = self.0.take() {
            speak(host);
            self.0.set(Some(host));
        }
    }
}

/// Low words of both counters at one moment; differences are right as long as a step takes less than 2^32.
#[derive(Clone, Copy, Default)]
struct Counts {
    cycles: Option<u32>,
    instructions: Option<u32>,
}

impl Observer for Counters<'_> {
    // The cycle counter is read last before the step and first after it.
    fn before(&mut self, _step: usize) {
        let instructions = self.instructions.map(Register::read);
        self.start = Counts { instructions, cycles: self.cycles.now() };
    }

    fn after(&mut self, step: usize) {
        let cycles = self.cycles.now();
        let instructions = self.instructions.map(Register::read);
        let more = |sum: Option<u32>, start: Option<u32>, end: Option<u32>| {
            Some(sum.unwrap_or(0).wrapping_add(end?.wrapping_sub(start?)))
        };
        if let Some(sum) = self.sums.get_mut(step.wrapping_sub(self.first)) {
            sum.cycles = more(sum.cycles, self.start.cycles, cycles);
            sum.instructions = more(sum.instructions, self.start.instructions, instructions);
        }
    }

    fn finished(&mut self, steps: Range<usize>) {
        self.first = steps.end;
        for (index, sum) in steps.zip(&mut self.sums) {
            let Counts { cycles, instructions } = core::mem::take(sum);
            self.host.with(|host| host.layer(Layer { index: index as u32, cycles, instructions }));
        }
    }
}
