//! Before a board is erased that holds something else: ask, save, or refuse.

use std::io::{BufRead, IsTerminal, stderr, stdin};

use tinynas_device::{FlashContent, Image, Progress};

use super::Opened;
use crate::{
    args::DeviceArgs,
    failure::Failure,
    output::{Printer, thousands},
};

/// Makes sure that flashing `image` destroys nothing that somebody may miss. Virtual and emulated boards hold nothing.
///
/// # Errors
/// `device::would_erase` if the board holds something else and nobody agreed, `device::*` if it cannot be read.
pub fn before_erasing(opened: &mut Opened, image: &Image, args: &DeviceArgs, printer: &Printer) -> Result<(), Failure> {
    let Some(probe) = opened.board_with_flash() else { return Ok(()) };
    let board = image.manifest().board.clone();
    if let Some(path) = &args.backup {
        let bar = printer.steps("backup");
        let bytes = probe.backup(path, &mut |progress: Progress| bar.show(progress))?;
        bar.finish();
        printer.step("backup", &format!("{} B of flash are saved in {}", thousands(bytes), path.display()));
        return Ok(());
    }
    let agreed = match probe.inspect(image)? {
        FlashContent::Other => args.yes || asked(&board, printer),
        _ => true,
    };
    if agreed {
        return Ok(());
    }
    Err(Failure::new(
        "device::would_erase",
        format!("the flash of {board} holds something that is not from tinynas; it would be erased"),
    )
    .help("--yes to replace it, or --backup FILE to save it first"))
}

/// Asks on a terminal; the answer is no where there is none.
fn asked(board: &str, printer: &Printer) -> bool {
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        return false;
    }
    printer.question(&format!("the flash of {board} holds something that is not from tinynas; erase it? [y/N] "));
    let mut answer = String::new();
    let read = stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}
