//! Ctrl-C: the first asks the work to stop after its current unit, the second ends the process.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{failure::Failure, output::Printer};

static STOP: AtomicBool = AtomicBool::new(false);
static INSTALLED: OnceLock<()> = OnceLock::new();
static RUN: Mutex<Option<(Printer, PathBuf)>> = Mutex::new(None);

/// Installs the handler once; the flag becomes true at the first Ctrl-C or SIGTERM.
pub fn install() -> &'static AtomicBool {
    INSTALLED.get_or_init(|| {
        // Without a handler (refused by the system) Ctrl-C ends the process at once, which loses nothing.
        let _ = ctrlc::set_handler(pressed);
    });
    &STOP
}

/// Names the run, so that even an end at once says how to go on.
pub fn on_second(printer: &Printer, run: &Path) {
    if let Ok(mut slot) = RUN.lock() {
        *slot = Some((*printer, run.into()));
    }
}

/// Whether a stop was asked for.
#[must_use]
pub fn stopped() -> bool {
    STOP.load(Ordering::SeqCst)
}

fn pressed() {
    let second = STOP.swap(true, Ordering::SeqCst);
    let run = RUN.lock().ok().and_then(|slot| slot.clone());
    match run {
        Some((printer, _)) if !second => {
            printer.step("stop", "after this unit of work; press Ctrl-C again to stop at once");
        }
        Some((printer, run)) => {
            let failure = Failure::interrupted(Some(&run));
            printer.failure(&failure);
            std::process::exit(failure.exit().into());
        }
        None if second => std::process::exit(Failure::interrupted(None).exit().into()),
        None => {}
    }
}
