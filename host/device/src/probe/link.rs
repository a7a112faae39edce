//! The wire to the firmware: channel 0 of SEGGER's RTT, up and down.

use std::{
    collections::VecDeque,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use probe_rs::rtt::Rtt;

use super::{
    core_state, translate,
    worker::{State, Worker},
};
use crate::{Link, ProbeError, Received};

/// Pauses between two looks at the buffers: short ones first, for answers that come at once.
const FIRST_PAUSE: Duration = Duration::from_micros(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

/// How long nothing may come before the core itself is looked at.
const SUSPICION: Duration = Duration::from_millis(50);

/// Longest stay on the probe's thread.
const TURN: Duration = Duration::from_millis(200);

const DOING: &str = "talking to the firmware";

/// Moves bytes between host and firmware through the chip's RAM.
pub(crate) struct RttLink {
    worker: Rc<Worker>,
    limit: Duration,
    /// What the firmware has not taken yet.
    unsent: VecDeque<u8>,
    failure: Option<ProbeError>,
    stopped: bool,
}

/// One turn's result.
struct Turn {
    bytes: Vec<u8>,
    taken: usize,
    stopped: bool,
}

impl RttLink {
    /// A link over the channels that `worker` found; one look at the chip may take `limit`.
    pub(super) fn new(worker: Rc<Worker>, limit: Duration) -> Self {
        Self { worker, limit, unsent: VecDeque::new(), failure: None, stopped: false }
    }

    /// Why the link closed, if the probe is the reason.
    pub fn failure(&mut self) -> Option<ProbeError> {
        self.failure.take()
    }

    fn turn(&mut self, until: Instant) -> Received {
        let unsent: Vec<u8> = self.unsent.iter().copied().collect();
        match self.worker.call(DOING, self.limit, move |state| turn(state, &unsent, until)) {
            Ok(turn) => {
                self.unsent.drain(..turn.taken);
                self.stopped = turn.stopped;
                match (turn.bytes.is_empty(), turn.stopped) {
                    (false, _) => Received::Bytes(turn.bytes),
                    (true, true) => Received::Closed,
                    (true, false) => Received::Late,
                }
            }
            Err(error) => {
                self.failure = Some(error);
                Received::Closed
            }
        }
    }
}

impl Link for RttLink {
    fn write(&mut self, bytes: &[u8]) {
        self.unsent.extend(bytes);
    }

    fn read(&mut self, deadline: Instant) -> Received {
        if self.failure.is_some() {
            return Received::Closed;
        }
        loop {
            let until = deadline.min(Instant::now() + TURN);
            match self.turn(until) {
                Received::Late if Instant::now() < deadline => {}
                other => return other,
            }
        }
    }
}

/// Looks at both buffers until something came, the core stopped, or `until`.
fn turn(state: &mut State, mut unsent: &[u8], until: Instant) -> Result<Turn, ProbeError> {
    let all = unsent.len();
    let (mut pause, mut suspicion) = (FIRST_PAUSE, Instant::now() + SUSPICION);
    let mut stopped = false;
    loop {
        let (sent, bytes) = exchange(state, unsent)?;
        unsent = unsent.get(sent..).unwrap_or_default();
        let done = |bytes, stopped| Ok(Turn { bytes, taken: all - unsent.len(), stopped });
        if !bytes.is_empty() || stopped || Instant::now() >= until {
            return done(bytes, stopped);
        }
        if sent > 0 {
            pause = FIRST_PAUSE;
        }
        if Instant::now() >= suspicion {
            suspicion = Instant::now() + SUSPICION;
            // What it said last is read once more.
            stopped = core_state::stopped(state)?;
        } else {
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Gives the firmware what fits and takes what is there.
fn exchange(state: &mut State, unsent: &[u8]) -> Result<(usize, Vec<u8>), ProbeError> {
    let failed = |error: probe_rs::rtt::Error| translate::error(DOING, &error);
    let State { session: Some(session), rtt: Some(rtt) } = state else {
        return Err(ProbeError::Disconnected { doing: DOING });
    };
    let mut core = session.core(0).map_err(|error| translate::error(DOING, &error))?;
    let mut sent = 0;
    if let Some(down) = rtt.down_channel(0).filter(|_| !unsent.is_empty()) {
        sent = down.write(&mut core, unsent).map_err(failed)?;
    }
    let mut bytes = vec![0; 4096];
    let up = rtt.up_channel(0);
    let count = up.map_or(Ok(0), |up| up.read(&mut core, &mut bytes)).map_err(failed)?;
    bytes.truncate(count);
    Ok((sent, bytes))
}

/// Resets the chip, lets the firmware start and waits up to `limit` for its RTT block at `address`.
pub(super) fn start(state: &mut State, address: u64, limit: Duration) -> Result<(), ProbeError> {
    use probe_rs::{MemoryInterface, rtt::Error};

    let doing = "starting the firmware";
    let failed = |error: probe_rs::Error| translate::error(doing, &error);
    state.rtt = None;
    let mut core = state.core(doing)?;
    core.reset_and_halt(Duration::from_secs(1)).map_err(failed)?;
    // RAM outlives a reset: the block of the last run would look like the new one's.
    core.write_8(address, &[0; 24]).map_err(failed)?;
    core.run().map_err(failed)?;
    let deadline = Instant::now() + limit;
    let rtt = loop {
        match Rtt::attach_at(&mut core, address) {
            Ok(rtt) if !rtt.up_channels.is_empty() && !rtt.down_channels.is_empty() => break Some(rtt),
            Ok(_) | Err(Error::ControlBlockNotFound | Error::ControlBlockCorrupted(_)) => {}
            Err(error) => return Err(translate::error(doing, &error)),
        }
        if Instant::now() >= deadline {
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    drop(core);
    state.rtt = rtt;
    if state.rtt.is_some() {
        return Ok(());
    }
    let core = core_state::examine(state)?.words();
    Err(ProbeError::NoRtt { address, seconds: limit.as_secs(), core })
}
