//! The socket of a virtual board and the thread that runs it: commands while there are any, instructions between.
//!
//! One client at a time: who connects while another one is attached is disconnected at once. The chip runs in
//! slices whose length doubles while nobody asks anything, so that a busy client waits little and an idle
//! one costs little.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::DebugTarget;
use super::adi::DebugPort;
use super::bridge::Bridge;
use super::client::Client;
use super::faults::{Armed, Cut, Injection, Switches};
use super::remote;

/// Cycles between two looks at the socket, right after a command and at most.
const SHORTEST_SLICE: u64 = 2_000;
const LONGEST_SLICE: u64 = 250_000;
/// Rest after each slice without a client: a chip that nobody watches is not worth a core of the host.
const UNWATCHED: Duration = Duration::from_millis(5);

/// Whether a chip has anything to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// It executes instructions.
    Running,
    /// Nothing changes until the debugger does something: halted, asleep for good, locked up, held in reset.
    Still,
}

/// A chip behind a debug port.
pub trait Board: DebugTarget + Send + 'static {
    /// What the server may ask it for.
    type Snapshot: Send;

    /// Lets it run for about that many cycles.
    fn advance(&mut self, cycles: u64) -> Activity;

    /// Its debug port as after power-on.
    fn debug_port(&self) -> DebugPort;

    /// The supply fails and comes back.
    fn power_cycle(&mut self);

    /// What its debug port, flash and identity registers share.
    fn switches(&self) -> &Switches;

    /// Its counters.
    fn snapshot(&mut self) -> Self::Snapshot;
}

/// A request of the handle to the thread.
enum Request<S> {
    Snapshot(Sender<S>),
    Inject(Injection),
}

/// A running server; dropping it ends the thread.
pub struct Server<S> {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    requests: Sender<Request<S>>,
    thread: Option<JoinHandle<()>>,
}

impl<S: Send + 'static> Server<S> {
    /// Puts a board on a port of 127.0.0.1 that the system chooses. `faults` are armed before the first client.
    ///
    /// # Errors
    /// If no socket or thread can be had.
    pub fn start<B: Board<Snapshot = S>>(board: B, faults: &[Injection]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let (requests, incoming) = mpsc::channel();
        let mut armed = Armed::default();
        for fault in faults {
            armed.arm(*fault, board.switches());
        }
        let bridge = Bridge::new(board.debug_port());
        let mut bench = Bench { board, bridge, listener, requests: incoming, armed, stop: Arc::clone(&stop) };
        let thread = std::thread::Builder::new().name("virtual-board".into()).spawn(move || bench.run())?;
        Ok(Self { address, stop, requests, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The board's counters now. None if its thread has ended.
    #[must_use]
    pub fn snapshot(&self) -> Option<S> {
        let (sender, answer) = mpsc::channel();
        self.requests.send(Request::Snapshot(sender)).ok()?;
        answer.recv().ok()
    }

    /// Arms one more fault.
    pub fn inject(&self, fault: Injection) {
        // A thread that has ended has no more faults to have.
        let _ = self.requests.send(Request::Inject(fault));
    }
}

impl<S> Drop for Server<S> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Everything the thread has.
struct Bench<B: Board> {
    board: B,
    bridge: Bridge,
    listener: TcpListener,
    requests: Receiver<Request<B::Snapshot>>,
    armed: Armed,
    stop: Arc<AtomicBool>,
}

impl<B: Board> Bench<B> {
    fn run(&mut self) {
        let mut client: Option<Client> = None;
        let mut slice = SHORTEST_SLICE;
        while !self.stop.load(Ordering::Relaxed) {
            self.answer_requests();
            let activity = self.board.advance(slice);
            slice = (slice * 2).min(LONGEST_SLICE);
            client = match client {
                Some(mut one) => match self.serve(&mut one, activity) {
                    Some(served) => {
                        if served {
                            slice = SHORTEST_SLICE;
                        }
                        Some(one)
                    }
                    None => {
                        Armed::client_left(self.board.switches());
                        None
                    }
                },
                None => {
                    std::thread::sleep(UNWATCHED);
                    None
                }
            };
            self.accept(&mut client);
        }
    }

    fn answer_requests(&mut self) {
        while let Ok(request) = self.requests.try_recv() {
            match request {
                // Who asked may have gone.
                Request::Snapshot(sender) => drop(sender.send(self.board.snapshot())),
                Request::Inject(fault) => self.armed.arm(fault, self.board.switches()),
            }
        }
    }

    /// Takes a client if there is none, and closes whoever else has come.
    fn accept(&mut self, client: &mut Option<Client>) {
        while let Ok((stream, _)) = self.listener.accept() {
            // Who left before the new one came is known by now, but its end of stream may not have been read.
            if client.as_mut().is_some_and(Client::has_left) {
                Armed::client_left(self.board.switches());
                *client = None;
            }
            if client.is_none() {
                *client = Client::new(stream).ok();
                // A fault that was asked for before the client came is one that it finds.
                self.answer_requests();
                self.armed.client_came(self.board.switches());
            }
        }
    }

    /// Does what the client asks. Tells whether it asked anything; None if the connection is over.
    fn serve(&mut self, client: &mut Client, activity: Activity) -> Option<bool> {
        let mut buffer = [0; 4096];
        let limit = self.armed.byte_limit().map_or(buffer.len() as u64, |limit| limit.saturating_sub(client.received));
        let room = limit.clamp(1, buffer.len() as u64) as usize;
        let count = client.read(&mut buffer[..room], activity)?;
        let mut replies = Vec::new();
        for byte in &buffer[..count] {
            client.received += 1;
            let Some(frame) = client.framer.push(*byte) else { continue };
            let reply = match remote::parse(frame) {
                Ok(command) => self.bridge.execute(command, &mut self.board),
                Err(refusal) => refusal,
            };
            reply.encode(&mut replies);
            client.answered += 1;
        }
        if !replies.is_empty() {
            client.write(&replies)?;
        }
        match self.armed.due(client.answered, client.received, self.board.switches()) {
            None => Some(count > 0),
            Some(Cut::Socket) => None,
            Some(Cut::Power) => {
                self.board.power_cycle();
                self.bridge.lose_power(self.board.debug_port());
                Some(true)
            }
        }
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
