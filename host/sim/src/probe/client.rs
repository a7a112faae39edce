//! The client at a virtual board's socket: bytes in, replies out, and whether it is still there.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::remote::Framer;
use super::server::Activity;

/// How long the thread waits for bytes while the chip has nothing to do. Also bounds the time to end.
const WAIT: Duration = Duration::from_millis(10);

/// The client that is attached.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    pub(super) framer: Framer,
    pub(super) answered: u64,
    pub(super) received: u64,
    pub(super) waits: bool,
}

impl Client {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        // A client waits for each reply, so that the socket's buffer is never full but by one that takes none.
        stream.set_write_timeout(Some(5 * WAIT))?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, framer: Framer::default(), answered: 0, received: 0, waits: false })
    }

    /// Bytes that have come; waits for some if the chip has nothing to do. None if the client has gone.
    pub(super) fn read(&mut self, buffer: &mut [u8], activity: Activity) -> Option<usize> {
        let waits = activity == Activity::Still;
        if self.waits != waits {
            self.stream.set_nonblocking(!waits).ok()?;
            self.waits = waits;
        }
        match self.stream.read(buffer) {
            Ok(0) => None,
            Ok(count) => Some(count),
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) =>
            {
                Some(0)
            }
            Err(_) => None,
        }
    }

    /// Sends all of it. A client that takes no replies is one that has gone.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Option<()> {
        if !self.waits {
            self.stream.set_nonblocking(false).ok()?;
            self.waits = true;
        }
        self.stream.write_all(bytes).ok()
    }

    /// Whether it has closed the connection, as far as one can tell without taking its bytes.
    pub(super) fn has_left(&mut self) -> bool {
        self.waits = false;
        matches!(self.stream.set_nonblocking(true).and_then(|()| self.stream.peek(&mut [0])), Ok(0))
    }
}
