//! `tinynas doctor`: what this machine has, and the exact line that installs what is missing.

use serde::Serialize;
use tinynas_cost::Board;
use tinynas_device::{ProbeInfo, ProbeOptions, Qemu, VirtualBoard, find_image, list_probes};

use crate::{
    device::{DEFAULT_BOARD, EMULATED},
    failure::Failure,
    output::{Answer, Verdict},
};

/// One thing that some command needs.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    /// Whether `demo` and `run` work without it.
    optional: bool,
    found: String,
    needed_by: &'static str,
    fix: Option<String>,
}

/// Checks everything.
pub fn run() -> Result<Answer, Failure> {
    let checks = [virtual_board(), images(), probes(&list_probes()), qemu(), qemu_image(), threads(), folder()];
    let line = |check: &Check| {
        let mark = match (check.ok, check.optional) {
            (true, _) => "ok  ",
            (false, true) => "none",
            (false, false) => "MISS",
        };
        let fix = check.fix.as_ref().map(|fix| format!("\n       fix: {fix}")).unwrap_or_default();
        format!("{mark} {:<22} {} ({}){fix}", check.name, check.found, check.needed_by)
    };
    let human: Vec<String> = checks.iter().map(line).collect();
    let ok = checks.iter().all(|check| check.ok || check.optional);
    let json = serde_json::json!({ "schema": "tinynas/doctor/1", "ok": ok, "checks": checks });
    let answer = Answer::new(human.join("\n"), &json)?.verdict(if ok { Verdict::Yes } else { Verdict::No });
    Ok(if ok { answer.next("tinynas demo") } else { answer })
}

/// Starts a virtual board and attaches to it, as a bench does.
fn virtual_board() -> Check {
    let attached = || -> Result<String, Failure> {
        let board = Board::open(DEFAULT_BOARD)?;
        let mut device = VirtualBoard::start(&board, ProbeOptions::default())?;
        device.probe().attach()?;
        Ok(format!("{DEFAULT_BOARD}: attached to {} through its debug port", device.probe().chip()))
    };
    let found = attached();
    Check {
        name: "virtual board",
        ok: found.is_ok(),
        optional: false,
        found: found.as_ref().map_or_else(ToString::to_string, Clone::clone),
        needed_by: "demo, run, bench --virtual",
        fix: found.err().and_then(|failure| failure.helps().map(str::to_owned)),
    }
}

fn images() -> Check {
    let boards: Vec<&str> = Board::shipped().into_iter().filter(|board| *board != EMULATED).collect();
    let missing: Vec<&str> = boards.iter().copied().filter(|board| find_image(board, None).is_err()).collect();
    let ours = find_image(DEFAULT_BOARD, None);
    let count = format!("{} of {} boards have one", boards.len() - missing.len(), boards.len());
    Check {
        name: "firmware images",
        ok: ours.is_ok(),
        optional: false,
        found: ours.as_ref().map_or_else(ToString::to_string, |_| count),
        needed_by: "demo, run, bench, flash",
        fix: match (&ours, missing.is_empty()) {
            (Err(error), _) => error.help().or_else(|| Some("cargo xtask firmware".into())),
            (Ok(_), false) => Some(format!("cargo xtask firmware --all builds the others: {}", missing.join(", "))),
            (Ok(_), true) => None,
        },
    }
}

fn probes(found: &[ProbeInfo]) -> Check {
    let denied = found.iter().find(|probe| !probe.accessible);
    let hint = |probe: &ProbeInfo| {
        tinynas_device::ProbeError::Permission { probe: probe.selector.to_string() }.help().unwrap_or_default()
    };
    let names: Vec<String> = found.iter().map(|probe| format!("{} {}", probe.kind, probe.selector)).collect();
    Check {
        name: "debug probe",
        ok: !found.is_empty() && denied.is_none(),
        optional: found.is_empty(),
        found: match denied {
            Some(probe) => format!("permission to open {} is denied", probe.selector),
            None if found.is_empty() => "no probe is connected".into(),
            None => names.join(", "),
        },
        needed_by: "flash and bench on a board of your own",
        fix: denied.map(hint),
    }
}

fn qemu() -> Check {
    let version = Qemu::find().and_then(|qemu| qemu.version());
    Check {
        name: "qemu-system-arm",
        ok: version.is_ok(),
        optional: true,
        found: version.as_ref().map_or_else(ToString::to_string, Clone::clone),
        needed_by: "bench on qemu-mps2-an386, the tests",
        fix: version.is_err().then(|| "apt-get install qemu-system-arm, or your system's package of that name".into()),
    }
}

fn qemu_image() -> Check {
    let image = find_image(EMULATED, None);
    Check {
        name: "QEMU firmware image",
        ok: image.is_ok(),
        optional: true,
        found: image.as_ref().map_or_else(ToString::to_string, |image| image.path().display().to_string()),
        needed_by: "bench on qemu-mps2-an386, the tests",
        fix: image.is_err().then(|| format!("cargo xtask firmware --board {EMULATED}")),
    }
}

fn threads() -> Check {
    let n = std::thread::available_parallelism().map_or(1, usize::from);
    Check {
        name: "threads",
        ok: true,
        optional: false,
        found: n.to_string(),
        needed_by: "select, search, train",
        fix: None,
    }
}

fn folder() -> Check {
    let probe = std::env::current_dir().and_then(|dir| write_in(&dir).map(|()| dir));
    Check {
        name: "working folder",
        ok: probe.is_ok(),
        optional: false,
        found: probe.as_ref().map_or_else(ToString::to_string, |dir| format!("{} can be written", dir.display())),
        needed_by: "every run directory",
        fix: probe.is_err().then(|| "change to a folder that you may write, or give --out".into()),
    }
}

/// Whether a file can be made here.
fn write_in(dir: &std::path::Path) -> std::io::Result<()> {
    let path = dir.join(format!(".tinynas-{}.tmp", std::process::id()));
    std::fs::write(&path, b"probe")?;
    std::fs::remove_file(&path)
}
