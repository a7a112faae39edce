//! What a clean clone needs beyond a Rust toolchain: QEMU and the firmware.

use std::{os::unix::process::CommandExt, process::Command};

use crate::{
    firmware, packages,
    shell::{Failure, Keep, Workspace, clean, exists, line, say},
    toolchain,
};

/// Installs what is missing and builds every image.
pub fn everything(workspace: &Workspace) -> Result<(), Failure> {
    qemu()?;
    let toolchain = toolchain::find(workspace)?;
    firmware::BOARDS.iter().try_for_each(|board| firmware::build(workspace, &toolchain, board))
}

/// As [`everything`], but what cannot be had is named and does not stop what can do without it.
pub fn what_is_possible(workspace: &Workspace) -> Vec<String> {
    let mut missing = Vec::new();
    let mut note = |result: Result<(), Failure>| {
        if let Err(failure) = result {
            say(&format!("warning: {failure}"));
            missing.push(failure.to_string());
        }
    };
    note(qemu());
    note(toolchain::find(workspace).and_then(|toolchain| {
        firmware::BOARDS.iter().try_for_each(|board| firmware::build(workspace, &toolchain, board))
    }));
    note(browser());
    missing
}

/// The demo: set-up, then the tool itself, which takes over this process. Paths in the arguments are the caller's.
pub fn demo(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    everything(workspace)?;
    let mut command = clean(Command::new("cargo"), Keep::HostSettings);
    command.args(["run", "--release", "--quiet", "--package", "tinynas", "--manifest-path"]);
    command.arg(workspace.root().join("Cargo.toml")).args(["--", "demo"]).args(arguments);
    say(&format!("$ {}", line(&command)));
    Err(Failure::Io { what: line(&command), source: command.exec() })
}

fn qemu() -> Result<(), Failure> {
    if exists("qemu-system-arm") { Ok(()) } else { packages::install("QEMU for Arm", &["qemu-system-arm"]) }
}

fn browser() -> Result<(), Failure> {
    if ["chromium", "chromium-browser", "google-chrome"].into_iter().any(exists) {
        Ok(())
    } else {
        packages::install("Chromium, which opens the report in a test,", &["chromium"])
    }
}
