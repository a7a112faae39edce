//! The thread that talks to probe-rs, so that every wait of the host has a limit.
//!
//! probe-rs reads a Black Magic Probe's socket without a time limit and has a few limits of minutes elsewhere. Each step
//! is a job for this thread; a step that says nothing for too long is given up together with the thread, which ends when
//! its probe does.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use probe_rs::{Core, rtt::Rtt};

use super::{Progress, translate};
use crate::ProbeError;

/// How long a worker that is no longer needed may take to let go of the probe.
const END: Duration = Duration::from_secs(2);

/// What lives on the thread.
#[derive(Default)]
pub(super) struct State {
    /// The open debug session.
    pub session: Option<probe_rs::Session>,
    /// The firmware's channels.
    pub rtt: Option<Rtt>,
}

impl State {
    /// The open session.
    pub fn session(&mut self) -> Result<&mut probe_rs::Session, ProbeError> {
        self.session.as_mut().ok_or(ProbeError::Disconnected { doing: "using a probe that was let go" })
    }

    /// The core that runs the firmware: the first one of the chip.
    pub fn core(&mut self, doing: &'static str) -> Result<Core<'_>, ProbeError> {
        self.session()?.core(0).map_err(|error| translate::error(doing, &error))
    }

    /// Lets go of the chip and leaves it running.
    fn leave(&mut self) {
        self.rtt = None;
        // A chip that cannot be reached any more cannot be set going either.
        if let Some(mut session) = self.session.take()
            && let Ok(mut core) = session.core(0)
            && matches!(core.core_halted(), Ok(true))
        {
            let _ = core.reset();
        }
    }
}

type Job = Box<dyn FnOnce(&mut State) + Send>;

enum Note<T> {
    Progress(Progress),
    Done(Result<T, ProbeError>),
}

/// The thread and the way to it. Dropping it lets go of the probe.
pub(super) struct Worker {
    jobs: Option<Sender<Job>>,
    ended: Receiver<()>,
    /// Nothing more can be done over this connection.
    lost: AtomicBool,
    /// The thread is still in a step that was given up.
    hangs: AtomicBool,
}

impl Worker {
    /// Starts a thread that holds no probe yet.
    pub fn start() -> Self {
        let (jobs, work) = channel::<Job>();
        let (end, ended) = channel();
        thread::spawn(move || {
            let mut state = State::default();
            for job in work {
                job(&mut state);
            }
            state.leave();
            // Nobody waits any longer if this took longer than END.
            let _ = end.send(());
        });
        Self { jobs: Some(jobs), ended, lost: AtomicBool::new(false), hangs: AtomicBool::new(false) }
    }

    /// Whether the probe was lost: nothing more can be done over this worker.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Does `job` on the thread; `doing` says what it is, in errors.
    ///
    /// # Errors
    /// [`ProbeError::Silent`] if it neither ends nor reports progress for `limit`, and what the job gives.
    pub fn call<T: Send + 'static>(
        &self,
        doing: &'static str,
        limit: Duration,
        job: impl FnOnce(&mut State) -> Result<T, ProbeError> + Send + 'static,
    ) -> Result<T, ProbeError> {
        self.call_with(doing, limit, &mut |_| {}, |state, _| job(state))
    }

    /// As [`call`](Self::call); what the job reports is given to `progress` on this thread.
    pub fn call_with<T: Send + 'static>(
        &self,
        doing: &'static str,
        limit: Duration,
        progress: &mut dyn FnMut(Progress),
        job: impl FnOnce(&mut State, &mut dyn FnMut(Progress)) -> Result<T, ProbeError> + Send + 'static,
    ) -> Result<T, ProbeError> {
        if self.is_lost() {
            return Err(ProbeError::Disconnected { doing });
        }
        let (notes, news) = channel();
        let work = Box::new(move |state: &mut State| {
            let mut report = |step| {
                // The host may have given up on this job.
                let _ = notes.send(Note::Progress(step));
            };
            // Drivers of probe-rs index into answers that broke off. After that nothing on this connection can be trusted.
            let result = catch_unwind(AssertUnwindSafe(|| job(state, &mut report)));
            let _ = notes.send(Note::Done(result.unwrap_or(Err(ProbeError::Disconnected { doing }))));
        });
        if self.jobs.as_ref().is_none_or(|jobs| jobs.send(work).is_err()) {
            return Err(self.lose(ProbeError::Disconnected { doing }));
        }
        loop {
            match news.recv_timeout(limit) {
                Ok(Note::Progress(step)) => progress(step),
                Ok(Note::Done(Err(error))) if error.ends_connection() => return Err(self.lose(error)),
                Ok(Note::Done(result)) => return result,
                Err(RecvTimeoutError::Timeout) => {
                    self.hangs.store(true, Ordering::Relaxed);
                    return Err(self.lose(ProbeError::Silent { doing, seconds: limit.as_secs() }));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.lose(ProbeError::Disconnected { doing })),
            }
        }
    }

    fn lose(&self, error: ProbeError) -> ProbeError {
        self.lost.store(true, Ordering::Relaxed);
        error
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if !self.hangs.load(Ordering::Relaxed) {
            // The next one finds the probe free. A probe that hangs now is left to its thread.
            let _ = self.ended.recv_timeout(END);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_step_that_hangs_ends_at_its_limit_and_the_worker_is_lost() {
        let worker = Worker::start();
        let start = Instant::now();
        let wait = |_: &mut State| {
            thread::sleep(Duration::from_secs(3));
            Ok(())
        };
        let error = worker.call("sleeping", Duration::from_millis(50), wait).expect_err("too long");
        assert_eq!(error.code(), "device::probe_timeout");
        assert!(worker.is_lost());
        assert_eq!(worker.call("more", END, |_| Ok(())).expect_err("lost").code(), "device::disconnected");
        drop(worker);
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }

    #[test]
    fn progress_keeps_a_long_step_alive() {
        let worker = Worker::start();
        let mut seen = Vec::new();
        let result =
            worker.call_with("counting", Duration::from_millis(500), &mut |step| seen.push(step.done), |_, report| {
                for done in 0..4 {
                    thread::sleep(Duration::from_millis(200));
                    report(Progress { step: super::super::Step::Compare, done, total: 4 });
                }
                Ok(7)
            });
        assert_eq!((result, seen), (Ok(7), vec![0, 1, 2, 3]));
    }

    #[test]
    fn a_panic_in_the_library_is_a_lost_connection() {
        let worker = Worker::start();
        let error = worker.call::<()>("parsing", END, |_| panic!("on purpose")).expect_err("it panicked");
        assert_eq!(error.code(), "device::disconnected");
        assert!(worker.is_lost());
    }
}
