//! The board's side of the conversation.
//!
//! [`serve`] knows the order of messages, a [`Machine`] knows memory and the engine, a [`Port`]
//! knows how to move bytes. On a chip they are the image's; in a test they are two channels and a
//! vector.

use core::fmt::Display;

use crate::frame::{FrameError, Receiver, decode, send};
use crate::{
    CHUNK, Crash, ErrorCode, Event, Hello, HostHello, Layer, ModelInfo, PROTOCOL, Request, SCHEMA, Stats, Text,
};

/// Moves bytes between host and board.
pub trait Port {
    /// Waits for one byte; `None` ends the conversation.
    fn read(&mut self) -> Option<u8>;
    /// Sends all bytes.
    fn write(&mut self, bytes: &[u8]);
}

/// A refusal in words.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// What kind.
    pub code: ErrorCode,
    /// Why.
    pub message: Text<96>,
}

impl Failure {
    /// A failure whose message is `why`, cut to what fits a frame.
    pub fn new(code: ErrorCode, why: impl Display) -> Self {
        Self { code, message: Text::of(why) }
    }
}

/// Whom a running model speaks to.
pub trait Host {
    /// A step is done.
    fn layer(&mut self, layer: Layer);
    /// Asks for a row of the input.
    fn row(&mut self, row: u16, to: &mut [i8]);
}

/// What runs the model.
pub trait Machine {
    /// Who this is.
    fn hello(&self) -> Hello<'static>;
    /// The validated model, or why there is none.
    fn model(&self) -> Result<ModelInfo, Failure>;
    /// Writes part of the input tensor.
    fn input(&mut self, offset: u32, chunk: &[u8]) -> Result<(), Failure>;
    /// Runs the model on the input, telling `host` of every step and asking it for rows of an input that comes so.
    fn run(&mut self, host: &mut dyn Host) -> Result<(), Failure>;
    /// The output tensor of the last run.
    fn output(&self) -> &[u8];
    /// Fills arena and unused stack with `pattern`.
    fn paint(&mut self, pattern: u8);
    /// Memory figures against the last paint.
    fn stats(&self, next: u8) -> Stats;
    /// From now on `run` counts instructions with the counter at `address`.
    fn counter(&mut self, address: u32);
    /// Fails as told, if it can: a failure that leaves the machine able to speak is returned.
    fn crash(&mut self, how: Crash) -> Result<(), Failure>;
}

/// Answers requests until the port ends.
pub fn serve(port: &mut impl Port, machine: &mut impl Machine) {
    let mut receiver = Receiver::new();
    while let Some(byte) = port.read() {
        let Some(request) = received(&mut receiver, byte) else { continue };
        let answered = match request {
            Ok(Request::Run) => run(port, &mut receiver, machine),
            Ok(request) => answer(request, port, machine),
            Err(error) => Err(Failure::new(ErrorCode::Frame, error)),
        };
        if let Err(failure) = answered {
            refuse(port, &failure);
        }
    }
}

/// The request that a byte completes. One copy of the decoder is enough on a chip.
#[inline(never)]
fn received(receiver: &mut Receiver, byte: u8) -> Option<Result<Request<'_>, FrameError>> {
    Some(receiver.push(byte)?.and_then(decode::<Request<'_>>))
}

fn run(port: &mut impl Port, receiver: &mut Receiver, machine: &mut impl Machine) -> Result<(), Failure> {
    let mut running = Running { port, receiver, lost: false };
    machine.run(&mut running)?;
    let Running { port, lost, .. } = running;
    if lost {
        return Err(Failure::new(ErrorCode::Range, format_args!("a row was expected")));
    }
    for (index, chunk) in machine.output().chunks(CHUNK).enumerate() {
        emit(port, &Event::Output { offset: (index * CHUNK) as u32, chunk });
    }
    emit(port, &Event::Done);
    Ok(())
}

/// The conversation while the model runs.
struct Running<'a, P> {
    port: &'a mut P,
    receiver: &'a mut Receiver,
    /// Whether something else came than the row that was asked for; no more rows are then.
    lost: bool,
}

impl<P: Port> Running<'_, P> {
    /// Fills a row with what the host sends; `None` if it sends anything else.
    fn fill(&mut self, mut to: &mut [i8]) -> Option<()> {
        let mut at = 0;
        while !to.is_empty() {
            let Some(request) = received(self.receiver, self.port.read()?) else { continue };
            let Ok(Request::Input { offset, chunk }) = request else { return None };
            let (place, rest) = to.split_at_mut_checked(chunk.len()).filter(|_| offset as usize == at)?;
            place.iter_mut().zip(chunk).for_each(|(to, byte)| *to = byte.cast_signed());
            (to, at) = (rest, at + chunk.len());
        }
        Some(())
    }
}

impl<P: Port> Host for Running<'_, P> {
    fn layer(&mut self, layer: Layer) {
        emit(self.port, &Event::Layer(layer));
    }

    fn row(&mut self, row: u16, to: &mut [i8]) {
        if !self.lost {
            emit(self.port, &Event::Row { row });
            self.lost = self.fill(to).is_none();
        }
    }
}

fn answer(request: Request<'_>, port: &mut impl Port, machine: &mut impl Machine) -> Result<(), Failure> {
    match request {
        Request::Hello(host) => {
            emit(port, &Event::Hello(machine.hello()));
            check(host)?;
            emit(port, &Event::Model(machine.model()?));
        }
        Request::Input { offset, chunk } => return machine.input(offset, chunk),
        // The conversation goes on in `run`.
        Request::Run => {}
        Request::Paint { pattern } => machine.paint(pattern),
        Request::Stats { next } => emit(port, &Event::Stats(machine.stats(next))),
        Request::Crash(how) => return machine.crash(how),
        Request::Counter { address } => machine.counter(address),
    }
    Ok(())
}

fn check(host: HostHello) -> Result<(), Failure> {
    if host == (HostHello { protocol: PROTOCOL, schema: SCHEMA }) {
        Ok(())
    } else {
        Err(Failure::new(ErrorCode::Version, format_args!("another protocol")))
    }
}

fn refuse(port: &mut impl Port, failure: &Failure) {
    emit(port, &Event::Error { code: failure.code, message: failure.message.as_str(), file: "", line: 0 });
}

/// Sends one event. Public for handlers outside the conversation: panic and HardFault.
pub fn emit(port: &mut impl Port, event: &Event<'_>) {
    // Every event fits a frame: chunks are cut to CHUNK, texts to their buffers.
    let _ = send(event, &mut |part| port.write(part));
}
