//! What a clean clone needs beyond a Rust toolchain: QEMU and the firmware.

use std::{os::unix::process::CommandExt, process::Command};

use crate::{
    bench_kernels, conformance, examples, firmware, packages,
    shell::{Failure, Keep, Workspace, clean, exists, line, say},
};

/// Something that only a part of the work needs.
type Need = fn(&Workspace) -> Result<(), Failure>;

/// Board of the demo's experiment, `host/tinynas/demo.yaml`.
const DEMO_BOARD: &str = "nucleo-f446re";

/// What running networks on virtual boards and on the emulated one needs.
pub const DEVICE: [Need; 2] = [qemu, images];

/// What the tests need.
pub const TESTS: [Need; 6] =
    [qemu, images, conformance::programs, bench_kernels::programs, examples::programs, browser];

/// Installs and builds what is missing; what cannot be had is said, does not stop the rest, and is given back.
pub fn prepare(workspace: &Workspace, needs: &[Need]) -> Vec<String> {
    let mut missing = Vec::new();
    for need in needs {
        if let Err(failure) = need(workspace) {
            say(&format!("warning: {failure}"));
            missing.push(failure.to_string());
        }
    }
    missing
}

/// `cargo xtask setup`.
pub fn everything(workspace: &Workspace) -> Result<(), Failure> {
    match prepare(workspace, &DEVICE).len() {
        0 => Ok(()),
        missing => Err(Failure::Incomplete(missing)),
    }
}

/// The demo: set-up, then the tool itself, which takes over this process. Paths in the arguments are the caller's.
pub fn demo(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    if !prepare(workspace, &[demo_image]).is_empty() {
        say("warning: everything but the run on the virtual board works without; install what is named above for that");
    }
    let mut command = clean(Command::new("cargo"), Keep::HostSettings);
    command.args(["run", "--release", "--package", "tinynas", "--manifest-path"]);
    command.arg(workspace.root().join("Cargo.toml")).args(["--", "demo"]).args(arguments);
    say(&format!("$ {}", line(&command)));
    Err(Failure::Io { what: line(&command), source: command.exec() })
}

fn qemu(_: &Workspace) -> Result<(), Failure> {
    if exists("qemu-system-arm") { Ok(()) } else { packages::install("QEMU for Arm", &["qemu-system-arm"]) }
}

fn images(workspace: &Workspace) -> Result<(), Failure> {
    firmware::build(workspace, &firmware::tested())
}

/// The demo runs on a virtual board: no emulator, one image.
fn demo_image(workspace: &Workspace) -> Result<(), Failure> {
    firmware::build(workspace, &firmware::ports(&["--board".to_owned(), DEMO_BOARD.to_owned()])?)
}

fn browser(_: &Workspace) -> Result<(), Failure> {
    if ["chromium", "chromium-browser", "google-chrome"].into_iter().any(exists) {
        Ok(())
    } else {
        packages::install("Chromium, which opens the report in a test,", &["chromium"])
    }
}
