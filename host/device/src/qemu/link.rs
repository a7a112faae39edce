//! The emulator's process: its pipes, its end.

use std::{
    io::{Read, Write},
    process,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{DeviceError, Link, Received};

/// Longest piece of stderr that is kept.
const STDERR_BYTES: usize = 4096;

/// QEMU warns that the board's network card is not connected; nobody uses it.
const NOISE: &str = "has no peer";

/// How long a child whose pipes are closed may take to end.
const END: Duration = Duration::from_secs(2);

/// A running emulator. Dropping it kills it.
pub(crate) struct Child {
    process: process::Child,
    to_board: Sender<Vec<u8>>,
    from_board: Receiver<Vec<u8>>,
    stderr: Arc<Mutex<String>>,
}

impl Child {
    /// Takes over a process whose three streams are pipes.
    pub(super) fn new(mut process: process::Child) -> Result<Self, DeviceError> {
        let (Some(mut stdin), Some(mut stdout), Some(mut errors)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(DeviceError::io("emulator")(std::io::ErrorKind::BrokenPipe.into()));
        };
        let (to_board, writes) = channel::<Vec<u8>>();
        thread::spawn(move || {
            for bytes in writes {
                if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
                    break;
                }
            }
        });
        let (reads, from_board) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut buffer) {
                if reads.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let stderr = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&stderr);
        thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = errors.read(&mut buffer) {
                if let Ok(mut text) = kept.lock()
                    && text.len() < STDERR_BYTES
                {
                    text.push_str(&String::from_utf8_lossy(&buffer[..count]));
                }
            }
        });
        Ok(Self { process, to_board, from_board, stderr })
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits a moment for the child's own end, then kills it. Its status and stderr, in words.
    pub(super) fn end(&mut self) -> (String, String) {
        let deadline = Instant::now() + END;
        let status = loop {
            match self.process.try_wait() {
                Ok(Some(status)) => break status.to_string(),
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
                _ => break "killed by the host".to_owned(),
            }
        };
        self.kill();
        // The thread that reads stderr ends with the child.
        while Arc::strong_count(&self.stderr) > 1 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let text = self
            .stderr
            .lock()
            .map(|text| text.lines().filter(|line| !line.ends_with(NOISE)).collect::<Vec<_>>().join("\n"));
        (status, text.unwrap_or_default())
    }

    fn kill(&mut self) {
        // Both fail only if the child has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Link for Child {
    fn write(&mut self, bytes: &[u8]) {
        // A closed pipe shows at the next read.
        let _ = self.to_board.send(bytes.to_vec());
    }

    fn read(&mut self, deadline: Instant) -> Received {
        match self.from_board.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(bytes) => Received::Bytes(bytes),
            Err(RecvTimeoutError::Timeout) => Received::Late,
            Err(RecvTimeoutError::Disconnected) => Received::Closed,
        }
    }
}
