//! Images that are part of the program, so that a board can be used without a cross compiler.
//!
//! `cargo xtask dist` builds such a program; any other build has none.

use std::path::Path;

use crate::{DeviceError, Image, Manifest};

/// One image as the build script found it.
struct Embedded {
    board: &'static str,
    elf: &'static [u8],
    manifest: &'static str,
}

static IMAGES: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Names of the boards whose images are inside this program.
pub fn embedded_boards() -> impl Iterator<Item = &'static str> {
    IMAGES.iter().map(|image| image.board)
}

/// The image of `board` that is inside this program, if there is one.
///
/// # Errors
/// As [`Image::from_parts`], which only a damaged program gives.
pub(super) fn embedded_image(board: &str) -> Option<Result<Image, DeviceError>> {
    IMAGES.iter().find(|image| image.board == board).map(open)
}

fn open(image: &Embedded) -> Result<Image, DeviceError> {
    let place = format!("the image of {} inside this program", image.board);
    let path = Path::new(&place);
    Image::from_parts(path, image.elf, Manifest::parse(image.manifest, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_images_opens_each_of_them() {
        for board in embedded_boards() {
            let image = embedded_image(board).expect("listed").expect("intact");
            assert_eq!(image.manifest().board, board);
        }
        assert!(embedded_image("no-such-board").is_none());
    }

    #[test]
    fn a_damaged_image_is_not_taken() {
        let image = Embedded { board: "b", elf: b"ELF", manifest: "{}" };
        let error = open(&image).expect_err("no manifest");
        assert_eq!(error.code(), "device::version");
        assert!(error.to_string().contains("without a schema"), "{error}");
    }
}
