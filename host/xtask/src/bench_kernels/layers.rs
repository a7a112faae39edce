//! The layers that engines are compared on, with the best bit-exact peer's executed instructions.
//!
//! Peers: CMSIS-NN 99f736a (2026-07-15), -O2 or -Ofast, public wrappers and all variants; TinyEngine 47bb283 (2024-11-27)
//! with integer requantization, on CMSIS_5 5b58d2d; the smaller count of the two. gcc 12.2.1, counted by a TCG plugin on
//! QEMU 7.2, `mps2-an386`. For L8 and L11 a MAC is an element.

use tinynas_bench_job::{Constants, Job, Kind};

/// A layer and the bar.
pub struct Layer {
    pub name: &'static str,
    pub job: Job,
    pub peer_instructions: u64,
}

/// `shape`: a side in pixels, channels, output channels, kernel, stride.
const fn layer(
    name: &'static str,
    kind: Kind,
    shape: (u16, u16, u16, u8, u8),
    constants: Constants,
    peer_instructions: u64,
) -> Layer {
    let (side, c, outputs, kernel, stride) = shape;
    let (kernel, stride, pad) = ([kernel; 2], [stride; 2], [kernel / 2; 2]);
    let job =
        Job { kind, h: side, w: side, c, outputs, kernel, stride, pad, more: [0; 2], rows: 0, constants, seed: 1 };
    Layer { name, job, peer_instructions }
}

/// All of them.
pub const LAYERS: [Layer; 13] = {
    use Constants::{Linear as NoActivation, Relu};
    use Kind::{Add, Conv, Depthwise, GlobalPool, Linear, Pointwise};
    [
        layer("L1", Conv, (96, 3, 16, 3, 2), Relu, 2_809_181),
        layer("L2", Pointwise, (48, 16, 96, 1, 1), Relu, 13_998_174),
        layer("L3", Depthwise, (48, 96, 0, 3, 2), Relu, 4_029_414),
        layer("L4", Pointwise, (24, 96, 24, 1, 1), NoActivation, 2_454_882),
        layer("L5", Depthwise, (24, 144, 0, 5, 1), Relu, 10_302_119),
        layer("L6", Depthwise, (12, 192, 0, 7, 1), Relu, 5_241_839),
        layer("L7", Pointwise, (12, 192, 32, 1, 1), NoActivation, 1_464_446),
        layer("L8", Add, (12, 32, 0, 1, 1), NoActivation, 373_811),
        layer("L9", Pointwise, (6, 96, 576, 1, 1), Relu, 3_856_878),
        layer("L10", Depthwise, (6, 576, 0, 3, 1), Relu, 1_391_904),
        layer("L11a", GlobalPool, (3, 320, 0, 1, 1), NoActivation, 21_856),
        layer("L11b", GlobalPool, (6, 320, 0, 1, 1), NoActivation, 74_035),
        layer("L12", Linear, (1, 320, 1000, 1, 1), NoActivation, 649_464),
    ]
};
