//! `tinynas doctor`: what this machine has, and the exact line that installs what is missing.

use serde::Serialize;
use tinynas_device::{Qemu, find_image};

use crate::{
    failure::Failure,
    output::{Answer, Verdict},
};

/// The emulated board.
const BOARD: &str = "qemu-mps2-an386";

/// One thing that some command needs.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    found: String,
    needed_by: &'static str,
    fix: Option<String>,
}

/// Checks everything.
pub fn run() -> Result<Answer, Failure> {
    let checks = [qemu(), image(), threads(), folder()];
    let line = |check: &Check| {
        let mark = if check.ok { "ok  " } else { "MISS" };
        let fix = check.fix.as_ref().map(|fix| format!("\n       fix: {fix}")).unwrap_or_default();
        format!("{mark} {:<22} {} ({}){fix}", check.name, check.found, check.needed_by)
    };
    let human: Vec<String> = checks.iter().map(line).collect();
    let ok = checks.iter().all(|check| check.ok);
    let json = serde_json::json!({ "schema": "tinynas/doctor/1", "ok": ok, "checks": checks });
    let answer = Answer::new(human.join("\n"), &json)?.verdict(if ok { Verdict::Yes } else { Verdict::No });
    Ok(if ok { answer.next("tinynas demo") } else { answer })
}

fn qemu() -> Check {
    let version = Qemu::find().and_then(|qemu| qemu.version());
    Check {
        name: "qemu-system-arm",
        ok: version.is_ok(),
        found: version.as_ref().map_or_else(ToString::to_string, Clone::clone),
        needed_by: "demo, run, bench on the emulated board",
        fix: version.is_err().then(|| "apt-get install qemu-system-arm, or your system's package of that name".into()),
    }
}

fn image() -> Check {
    let image = find_image(BOARD, None);
    Check {
        name: "firmware image",
        ok: image.is_ok(),
        found: image.as_ref().map_or_else(ToString::to_string, |image| image.path().display().to_string()),
        needed_by: "demo, run, bench on the emulated board",
        fix: image.is_err().then(|| format!("cargo xtask firmware --board {BOARD}")),
    }
}

fn threads() -> Check {
    let n = std::thread::available_parallelism().map_or(1, usize::from);
    Check { name: "threads", ok: true, found: n.to_string(), needed_by: "select, search, train", fix: None }
}

fn folder() -> Check {
    let probe = std::env::current_dir().and_then(|dir| write_in(&dir).map(|()| dir));
    Check {
        name: "working folder",
        ok: probe.is_ok(),
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
