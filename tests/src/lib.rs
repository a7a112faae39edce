//! End-to-end tests: what they share. The tests themselves are in `tests/`.

mod board;
mod data;
mod lab;

use std::{path::Path, process::Command};

pub use board::RunningBoard;
pub use data::write_stripes;
pub use lab::{Ended, Lab, RESULTS, journal_lines};

/// The program under test, started in a folder: `tinynas!(folder).args(["boards"])`.
#[macro_export]
macro_rules! tinynas {
    ($folder:expr) => {
        $crate::command(env!("CARGO_BIN_EXE_tinynas-under-test"), $folder.as_ref())
    };
}

/// A command that sees nothing of the user's environment but where firmware and emulator are.
#[must_use]
pub fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("XDG_CACHE_HOME", folder.join(".cache")).env("NO_COLOR", "1");
    command.env("TINYNAS_NO_PROGRESS", "1").env_remove("TINYNAS_FORMAT").env_remove("CLICOLOR_FORCE");
    command
}

/// Why the emulated board cannot be used here; such tests say `skipped: …` and return.
#[must_use]
pub fn board_is_missing() -> Option<String> {
    use tinynas::device::EMULATED;
    let qemu = tinynas_device::Qemu::find().err().map(|error| error.to_string());
    qemu.or_else(|| tinynas_device::find_image(EMULATED, None).err().map(|error| error.to_string()))
}

/// Why virtual boards cannot be used here; such tests say `skipped: …` and return.
#[must_use]
pub fn image_is_missing(board: &str) -> Option<String> {
    tinynas_device::find_image(board, None).err().map(|error| error.to_string())
}
