//! Progress of long work: a bar on a terminal, else a plain line every ten seconds or ten percent.

use std::{
    cell::RefCell,
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tinynas_device::Step;

use super::thousands;

/// Seconds between two plain lines.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// Progress over a known number of units; may be advanced from several threads.
#[derive(Debug)]
pub struct Progress {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Silent,
    Bar(ProgressBar),
    Plain(Plain),
}

#[derive(Debug)]
struct Plain {
    label: String,
    total: u64,
    done: AtomicU64,
    /// Time and share (tenths) of the last line.
    last: Mutex<(Instant, u64)>,
}

impl Progress {
    pub(super) fn new(label: &str, total: u64, live: bool, quiet: bool) -> Self {
        let kind = if quiet {
            Kind::Silent
        } else if live {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let template = "{prefix:<9} [{bar:32}] {pos}/{len} {elapsed} {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("#>."));
            }
            bar.set_prefix(label.to_owned());
            Kind::Bar(bar)
        } else {
            let last = Mutex::new((Instant::now(), 0));
            Kind::Plain(Plain { label: label.into(), total, done: AtomicU64::new(0), last })
        };
        Self { kind }
    }

    /// Adds `units` of finished work with a remark such as the best score so far.
    pub fn advance(&self, units: u64, remark: &str) {
        match &self.kind {
            Kind::Silent => {}
            Kind::Bar(bar) => {
                bar.set_message(remark.to_owned());
                bar.inc(units);
            }
            Kind::Plain(plain) => plain.advance(units, remark),
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Kind::Bar(bar) = &self.kind {
            bar.finish_and_clear();
        }
    }
}

/// Bars for work in several steps, each with its own total: erase, program, verify.
#[derive(Debug)]
pub struct Steps {
    label: String,
    live: bool,
    quiet: bool,
    current: RefCell<Option<(Step, ProgressBar)>>,
}

impl Steps {
    pub(super) fn new(label: &str, live: bool, quiet: bool) -> Self {
        Self { label: label.into(), live, quiet, current: RefCell::new(None) }
    }

    /// Shows how far a step is; a step that ends before the next begins leaves a line.
    pub fn show(&self, progress: tinynas_device::Progress) {
        // What is only announced may never come.
        if self.quiet || progress.done == 0 {
            return;
        }
        let mut current = self.current.borrow_mut();
        if current.as_ref().is_none_or(|(step, _)| *step != progress.step) {
            self.end(current.take());
            let target = if self.live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
            let bar = ProgressBar::with_draw_target(Some(progress.total), target);
            if let Ok(style) = ProgressStyle::with_template("{prefix:<9} [{bar:32}] {bytes}/{total_bytes} {msg}") {
                bar.set_style(style.progress_chars("#>."));
            }
            bar.set_prefix(self.label.clone());
            bar.set_message(progress.step.to_string());
            *current = Some((progress.step, bar));
        }
        if let Some((_, bar)) = &*current {
            bar.set_length(progress.total.max(progress.done));
            bar.set_position(progress.done);
        }
    }

    /// Removes the last bar.
    pub fn finish(&self) {
        self.end(self.current.borrow_mut().take());
    }

    fn end(&self, ended: Option<(Step, ProgressBar)>) {
        let Some((step, bar)) = ended else { return };
        let bytes = thousands(bar.position());
        bar.finish_and_clear();
        // Reading is not worth a line.
        if matches!(step, Step::Erase | Step::Program | Step::Verify | Step::Backup) {
            let _ = writeln!(std::io::stderr(), "{:<9} {step}: {bytes} B", self.label);
        }
    }
}

impl Plain {
    fn advance(&self, units: u64, remark: &str) {
        let done = self.done.fetch_add(units, Ordering::Relaxed) + units;
        let tenth = (done * 10).checked_div(self.total).unwrap_or(10);
        let Ok(mut last) = self.last.lock() else { return };
        if tenth > last.1 || last.0.elapsed() >= PLAIN_INTERVAL {
            *last = (Instant::now(), tenth);
            let _ = writeln!(std::io::stderr(), "{:<9} {done}/{} {remark}", self.label, self.total);
        }
    }
}
