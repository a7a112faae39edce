//! The other end of the socket, for tests: one command, one reply.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

/// The reply's content; None if the connection is over.
pub(crate) fn ask(stream: &mut TcpStream, frame: &str) -> Option<String> {
    stream.write_all(frame.as_bytes()).ok()?;
    let mut reply = String::new();
    loop {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        match byte[0] {
            b'#' => return Some(reply),
            b'&' => reply.clear(),
            other => reply.push(char::from(other)),
        }
    }
}
