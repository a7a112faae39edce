//! Random windows with images and outputs that they fit.
#![allow(dead_code, clippy::unwrap_used)]

use proptest::prelude::*;
use tinynas_kernels::{Dims, Window};

/// A window, the image's and the output's rows and columns (one channel).
pub type Shapes = (Window, Dims, Dims);

/// Kernel, stride and padding in one direction, with the side of an image.
fn axis() -> impl Strategy<Value = (u8, u8, u8, u16)> {
    let kernel = prop_oneof![1u8..=7, prop_oneof![Just(3u8), Just(5), Just(7)]];
    (kernel, 1u8..=3, 1u16..=11)
        .prop_flat_map(|(kernel, stride, side)| (Just(kernel), Just(stride), 0..kernel, Just(side)))
}

/// Square windows or others; outputs with padding behind the image, from the least to the most, or part of it unseen.
pub fn shapes() -> impl Strategy<Value = Shapes> {
    (axis(), axis(), 0u8..4, 0u8..4, any::<(u16, u16)>()).prop_map(|(rows, columns, square, end, random)| {
        let columns = if square == 0 { columns } else { (rows.0, rows.1, rows.2, columns.3) };
        let window = Window { kernel: [rows.0, columns.0], stride: [rows.1, columns.1], pad: [rows.2, columns.2] };
        let dims = Dims::new(rows.3, columns.3, 1);
        let most = |(_, stride, pad, side): (u8, u8, u8, u16)| (side + u16::from(pad)).div_ceil(stride.into());
        let (h, w) = (most(rows), most(columns));
        let out_dims = match (end, window.output(dims, 1)) {
            (0, _) => Dims::new(h, w, 1),
            (1, _) | (_, None) => Dims::new(1 + random.0 % h, 1 + random.1 % w, 1),
            (_, Some(equal)) => equal,
        };
        assert!(window.fits(dims, out_dims));
        (window, dims, out_dims)
    })
}

/// 1×1 with stride 1.
pub fn pointwise_shapes() -> impl Strategy<Value = Shapes> {
    (1u16..=11, 1u16..=11).prop_map(|(h, w)| (Window::POINTWISE, Dims::new(h, w, 1), Dims::new(h, w, 1)))
}

/// Windows and outputs that mostly fit nothing.
pub fn wild() -> impl Strategy<Value = (Window, Dims)> {
    let small = (0u8..4, 0u8..3, 0u8..4);
    let one = prop_oneof![2 => small, 1 => proptest::arbitrary::any::<(u8, u8, u8)>()];
    let two = (one.clone(), one, proptest::arbitrary::any::<bool>());
    (two, 0u16..5, 0u16..5).prop_map(|((a, b, square), h, w)| {
        let b = if square { a } else { b };
        (Window { kernel: [a.0, b.0], stride: [a.1, b.1], pad: [a.2, b.2] }, Dims::new(h, w, 1))
    })
}
