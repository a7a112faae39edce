//! A virtual board with its image, and the proof that it works.

use tinynas_cost::Board;
use tinynas_device::{Device, DeviceError, Image, ProbeOptions, VirtualBoard, find_image};

use crate::common::{Numbers, expected, model};

/// A started board and its image, or nothing and a line that says what is missing.
pub fn start(name: &str, options: ProbeOptions) -> Option<(VirtualBoard, Image)> {
    let image = match find_image(name, None) {
        Ok(image) => image,
        Err(error @ (DeviceError::ImageMissing { .. } | DeviceError::ImageStale { .. })) => {
            eprintln!("skipped: {name} needs `cargo xtask firmware` ({error})");
            return None;
        }
        Err(error) => panic!("{name}: {error}"),
    };
    let board = Board::open(name).expect("shipped");
    Some((VirtualBoard::start(&board, options).expect("started"), image))
}

/// The board does its work: a model is flashed, and its output is the host's.
pub fn works(device: &mut VirtualBoard, image: &Image) {
    let bytes = model(9).1;
    device.flash(image, &bytes).unwrap_or_else(|error| panic!("next try: {error}; {:?}", error.help()));
    let input = Numbers::new(10).bytes(17 * 17 * 3);
    assert_eq!(device.run(&input).expect("runs").output, expected(&bytes, &input));
}
