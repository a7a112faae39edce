//! The host's side of the conversation with the firmware, over anything that carries bytes.

mod events;

use std::time::{Duration, Instant};

use tinynas_plan::FORMAT_VERSION;
use tinynas_wire::{
    CHUNK, Crash, Event, HostHello, ModelInfo, PROTOCOL, Request, SCHEMA, Stats,
    frame::{Receiver, decode, send},
};

use crate::{DeviceError, Inference};
use events::{failure, same, unexpected};

/// Moves bytes to and from a board.
pub trait Link {
    /// Sends bytes without waiting for the board to take them.
    fn write(&mut self, bytes: &[u8]);
    /// Waits for bytes until `deadline`.
    fn read(&mut self, deadline: Instant) -> Received;
}

/// What a [`Link`] got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Some bytes.
    Bytes(Vec<u8>),
    /// The deadline passed.
    Late,
    /// No more bytes will come.
    Closed,
}

/// How long the host waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the first word of a board that starts.
    pub start: Duration,
    /// For any other message; a run sends one per layer.
    pub message: Duration,
    /// For one step of a debug probe: attaching, erasing a sector, writing a page.
    pub probe: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { start: Duration::from_secs(30), message: Duration::from_secs(60), probe: Duration::from_secs(20) }
    }
}

/// The bytes that the arena is painted with.
const PAINTS: [u8; 2] = [0xa5, 0x5a];

/// After a damaged frame a reason usually follows at once.
const AFTERMATH: Duration = Duration::from_secs(1);

/// An open conversation.
pub struct Session<L> {
    link: L,
    receiver: Receiver,
    unread: Vec<u8>,
    read: usize,
    timeouts: Timeouts,
}

impl<L: Link> Session<L> {
    /// A conversation in which nothing was said yet.
    pub fn new(link: L, timeouts: Timeouts) -> Self {
        Self { link, receiver: Receiver::new(), unread: Vec::new(), read: 0, timeouts }
    }

    /// What carries the bytes.
    pub fn link(&mut self) -> &mut L {
        &mut self.link
    }

    /// Exchanges versions and asks for the model. `board` is the name the image must have.
    ///
    /// # Errors
    /// [`DeviceError::Version`], [`DeviceError::WrongBoard`], [`DeviceError::ModelRejected`] and what any wait can give.
    pub fn open(&mut self, board: &str) -> Result<ModelInfo, DeviceError> {
        self.send(&Request::Hello(HostHello { protocol: PROTOCOL, schema: SCHEMA }));
        let expected = "the firmware's hello";
        self.event(expected, self.timeouts.start, |event| match event {
            Event::Hello(hello) => {
                same("wire protocol", hello.protocol, PROTOCOL)?;
                same("message schema", format!("{:016x}", hello.schema), format!("{SCHEMA:016x}"))?;
                same("model format", hello.model_format, FORMAT_VERSION)?;
                if hello.board == board {
                    Ok(())
                } else {
                    Err(DeviceError::WrongBoard { image: hello.board.to_owned(), device: board.to_owned() })
                }
            }
            other => Err(unexpected(expected, &other)),
        })?;
        let expected = "the model's description";
        self.event(expected, self.timeouts.message, |event| match event {
            Event::Model(model) => Ok(model),
            other => Err(unexpected(expected, &other)),
        })
    }

    /// Sends an input, runs the model, collects output and counters. `model` is what [`open`](Self::open) gave.
    ///
    /// # Errors
    /// [`DeviceError::InputLength`] and what any wait can give.
    pub fn run(&mut self, model: &ModelInfo, input: &[i8]) -> Result<Inference, DeviceError> {
        if input.len() != model.input_bytes as usize {
            return Err(DeviceError::InputLength { given: input.len(), expected: model.input_bytes as usize });
        }
        if model.input_rows == 0 {
            self.input(input);
        }
        self.send(&Request::Run);
        let mut result = Inference::default();
        let waiting_for = "the end of the run";
        loop {
            let mut asked = None;
            let ended = self.event(waiting_for, self.timeouts.message, |event| match event {
                Event::Row { row } => {
                    asked = Some(usize::from(row));
                    Ok(false)
                }
                event => result.take(event),
            })?;
            if let Some(row) = asked {
                let mut rows = input.chunks_exact((input.len() / usize::from(model.input_rows.max(1))).max(1));
                let bytes = rows.nth(row).filter(|_| model.input_rows > 0).ok_or_else(|| DeviceError::Protocol {
                    waiting_for,
                    reason: format!("row {row} of the input was asked for, which it has not"),
                })?;
                self.input(bytes);
            }
            if ended {
                break;
            }
        }
        let (layers, output) = (result.layers.len(), result.output.len());
        if layers != model.steps as usize || output != model.output_bytes as usize {
            return Err(DeviceError::Protocol {
                waiting_for: "the end of the run",
                reason: format!(
                    "{layers} layers and {output} output values instead of {} and {}",
                    model.steps, model.output_bytes
                ),
            });
        }
        Ok(result)
    }

    /// Tells the firmware where the board counts instructions; from then on runs have them.
    pub fn count_instructions(&mut self, address: u32) {
        self.send(&Request::Counter { address });
    }

    /// Memory figures; runs `input` over two paints.
    ///
    /// A written byte that equals its paint looks untouched, but not under the other paint, too: so the last written
    /// byte is found. Those that the second paint hides are those that equalled it after the first run, because both
    /// runs write the same: so written bytes are counted exactly.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn stats(&mut self, model: &ModelInfo, input: &[i8]) -> Result<Stats, DeviceError> {
        let [first, second] = PAINTS;
        let before = self.painted(model, input, first, second)?;
        let after = self.painted(model, input, second, first)?;
        Ok(Stats {
            arena_high_water: before.arena_high_water.max(after.arena_high_water),
            arena_touched: after.arena_touched + before.arena_next,
            stack_high_water: before.stack_high_water.max(after.stack_high_water),
            ..after
        })
    }

    /// Memory figures of one run over memory painted with `pattern`; `next`: the other paint.
    fn painted(&mut self, model: &ModelInfo, input: &[i8], pattern: u8, next: u8) -> Result<Stats, DeviceError> {
        self.send(&Request::Paint { pattern });
        self.run(model, input)?;
        self.send(&Request::Stats { next });
        let expected = "memory figures";
        self.event(expected, self.timeouts.message, |event| match event {
            Event::Stats(stats) => Ok(stats),
            other => Err(unexpected(expected, &other)),
        })
    }

    /// Makes the firmware fail and returns how it said so.
    pub fn crash(&mut self, how: Crash) -> DeviceError {
        self.send(&Request::Crash(how));
        let expected = "a failure";
        match self.event(expected, self.timeouts.message, |event| Err::<(), _>(unexpected(expected, &event))) {
            Ok(()) => DeviceError::NotFlashed,
            Err(error) => error,
        }
    }

    /// Sends the input, or a row of it.
    fn input(&mut self, input: &[i8]) {
        for (index, chunk) in input.chunks(CHUNK).enumerate() {
            let mut bytes = [0; CHUNK];
            for (byte, value) in bytes.iter_mut().zip(chunk) {
                *byte = value.cast_unsigned();
            }
            self.send(&Request::Input { offset: (index * CHUNK) as u32, chunk: &bytes[..chunk.len()] });
        }
    }

    fn send(&mut self, request: &Request<'_>) {
        let mut frame = Vec::new();
        // Every request fits a frame: chunks are cut to CHUNK.
        let _ = send(request, &mut |part| frame.extend_from_slice(part));
        self.link.write(&frame);
    }

    /// Waits for the next event. Failures that the board reports become errors here.
    fn event<T>(
        &mut self,
        waiting_for: &'static str,
        limit: Duration,
        take: impl FnOnce(Event<'_>) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        let mut deadline = Instant::now() + limit;
        let mut damage = None;
        let broken = |reason: String| DeviceError::Protocol { waiting_for, reason };
        loop {
            while let Some(&byte) = self.unread.get(self.read) {
                self.read += 1;
                match self.receiver.push(byte).map(|frame| frame.and_then(decode::<Event<'_>>)) {
                    None => {}
                    Some(Err(error)) => {
                        damage.get_or_insert(error);
                        deadline = deadline.min(Instant::now() + AFTERMATH);
                    }
                    Some(Ok(event)) => {
                        return match (failure(&event), damage) {
                            (Some(failure), _) => Err(failure),
                            (None, Some(error)) => Err(broken(error.to_string())),
                            (None, None) => take(event),
                        };
                    }
                }
            }
            match (self.link.read(deadline), damage) {
                (Received::Bytes(bytes), _) => (self.unread, self.read) = (bytes, 0),
                (Received::Late | Received::Closed, Some(error)) => return Err(broken(error.to_string())),
                (Received::Late, None) => return Err(DeviceError::Timeout { waiting_for, seconds: limit.as_secs() }),
                (Received::Closed, None) => {
                    return Err(DeviceError::Exited {
                        waiting_for,
                        status: "connection closed".to_owned(),
                        stderr: String::new(),
                    });
                }
            }
        }
    }
}
