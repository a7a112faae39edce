//! Where firmware images are looked for.

use std::{
    env,
    path::{Path, PathBuf},
};

mod embedded;

use crate::{DeviceError, Image, manifest::SOURCES};

pub use embedded::embedded_boards;
use embedded::embedded_image;

/// Environment variable that names an image (an ELF, or the folder that holds `image.elf`).
pub const FIRMWARE_VARIABLE: &str = "TINYNAS_FIRMWARE";

/// File name of an image inside its folder.
const FILE: &str = "image.elf";

/// The folder that a build writes `board`'s image to, below the workspace `root`.
pub fn image_directory(root: &Path, board: &str) -> PathBuf {
    root.join("target").join("firmware").join(board)
}

/// Finds the image of `board`: `explicit` if given, else what [`FIRMWARE_VARIABLE`] names, else the one inside this
/// program, else `target/firmware/<board>/image.elf` in the working folder or above it, in the folder above the
/// program, or in the cargo package that is being tested.
///
/// # Errors
/// [`DeviceError::ImageMissing`] with the places looked at, [`DeviceError::WrongBoard`], [`DeviceError::ImageStale`] if
/// it was built from other sources than this tool, and what [`Image::open`] finds wrong.
pub fn find_image(board: &str, explicit: Option<&Path>) -> Result<Image, DeviceError> {
    let named = explicit.map(Path::to_owned).or_else(|| env::var_os(FIRMWARE_VARIABLE).map(PathBuf::from));
    let image = match (named, embedded_image(board)) {
        (None, Some(image)) => image?,
        (Some(path), _) => open_first(board, vec![if path.is_dir() { path.join(FILE) } else { path }])?,
        (None, None) => open_first(board, default_places(board))?,
    };
    if image.manifest().board != board {
        let image = image.manifest().board.clone();
        return Err(DeviceError::WrongBoard { image, device: board.to_owned() });
    }
    if image.manifest().sources != SOURCES {
        return Err(DeviceError::ImageStale { path: image.path().to_owned() });
    }
    Ok(image)
}

/// Opens the first of `places` that is a file.
fn open_first(board: &str, places: Vec<PathBuf>) -> Result<Image, DeviceError> {
    match places.iter().find(|path| path.is_file()) {
        Some(path) => Image::open(path),
        None => Err(DeviceError::ImageMissing { board: board.to_owned(), searched: places }),
    }
}

fn default_places(board: &str) -> Vec<PathBuf> {
    let starts =
        [env::current_dir().ok(), env::current_exe().ok(), env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)];
    let mut places = Vec::new();
    for root in starts.iter().flatten().flat_map(|start| start.ancestors()) {
        let place = image_directory(root, board).join(FILE);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_image_says_where_it_was_looked_for() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let error = find_image("no-such-board", Some(folder.path())).expect_err("nothing there");
        assert_eq!(error.code(), "device::image_missing");
        let help = error.help().expect("help");
        assert!(help.contains(&folder.path().join(FILE).display().to_string()), "{help}");
        assert!(help.contains("cargo xtask firmware"), "{help}");
    }
}
