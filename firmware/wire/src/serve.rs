//! The board's side of the conversation.
//!
//! [`serve`] knows the order of messages, a [`Machine`] knows memory and the engine, a [`Port`]
//! knows how to move bytes. On a chip they are the image's; in a test they are two channels and a
//! vector.

use core::fmt::Display;

use crate::frame::{Receiver, decode, send};
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

/// What runs the model.
pub trait Machine {
    /// Who this is.
    fn hello(&self) -> Hello<'static>;
    /// The validated model, or why there is none.
    fn model(&self) -> Result<ModelInfo, Failure>;
    /// Writes part of the input tensor.
    fn input(&mut self, offset: u32, chunk: &[u8]) -> Result<(), Failure>;
    /// Runs the model on the input, telling `layer` of every step.
    fn run(&mut self, layer: &mut dyn FnMut(Layer)) -> Result<(), Failure>;
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
        let Some(received) = receiver.push(byte) else { continue };
        match received.and_then(decode::<Request<'_>>) {
            Ok(request) => {
                if let Err(failure) = answer(request, port, machine) {
                    refuse(port, &failure);
                }
            }
            Err(error) => refuse(port, &Failure::new(ErrorCode::Frame, error)),
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
        Request::Run => {
            machine.run(&mut |layer| emit(port, &Event::Layer(layer)))?;
            for (index, chunk) in machine.output().chunks(CHUNK).enumerate() {
                emit(port, &Event::Output { offset: (index * CHUNK) as u32, chunk });
            }
            emit(port, &Event::Done);
        }
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
        Err(Failure::new(ErrorCode::Version, format_args!("the host speaks another version of the protocol")))
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
