//! Whole networks as lists of layers.
//!
//! Bars: for every layer the best bit-exact peer (see `layers.rs`), summed. The third network is a MobileNetV1 0.25 with
//! the shapes of `person_detect` (tflite-micro 90b983c).

use tinynas_bench_job::{Constants, Job, Kind};

/// A network.
pub struct Network {
    pub name: &'static str,
    pub layers: Vec<Job>,
    pub peer_instructions: u64,
}

impl Network {
    /// Without sums and means, as MACs are counted.
    pub fn macs(&self) -> u64 {
        let counted = self.layers.iter().filter(|job| !matches!(job.kind, Kind::Add | Kind::GlobalPool));
        counted.map(|job| macs(*job)).sum()
    }
}

/// An inverted residual block: expansion or none, 3×3 depthwise, projection, and a sum where shapes allow.
struct Block {
    c: u16,
    middle: u16,
    outputs: u16,
    stride: u8,
}

const fn block(c: u16, middle: u16, outputs: u16, stride: u8) -> Block {
    Block { c, middle, outputs, stride }
}

/// Blocks that MobileNetV2 of widths 0.30 and 0.35 share (channels rounded to multiples of 8).
const FIRST_BLOCKS: [Block; 13] = [
    block(16, 16, 8, 1),
    block(8, 48, 8, 2),
    block(8, 48, 8, 1),
    block(8, 48, 16, 2),
    block(16, 96, 16, 1),
    block(16, 96, 16, 1),
    block(16, 96, 24, 2),
    block(24, 144, 24, 1),
    block(24, 144, 24, 1),
    block(24, 144, 24, 1),
    block(24, 144, 32, 1),
    block(32, 192, 32, 1),
    block(32, 192, 32, 1),
];

/// All networks.
pub fn all() -> [Network; 3] {
    [
        mobilenet_v2("mbv2-w0.35-r96", 96, 56, 44_490_000),
        mobilenet_v2("mbv2-w0.30-r80", 80, 48, 32_460_000),
        mobilenet_v1("person_detect", 23_370_000),
    ]
}

/// `last`: channels of the last stage but one, half of the last one's.
fn mobilenet_v2(name: &'static str, resolution: u16, last: u16, peer_instructions: u64) -> Network {
    let mut side = resolution / 2;
    let mut layers = vec![window(Kind::Conv, resolution, (3, 16), 2)];
    let last_blocks = [
        block(32, 192, last, 2),
        block(last, 6 * last, last, 1),
        block(last, 6 * last, last, 1),
        block(last, 6 * last, 2 * last, 1),
    ];
    for Block { c, middle, outputs, stride } in FIRST_BLOCKS.iter().chain(&last_blocks) {
        if c != middle {
            layers.push(pointwise(side, *c, *middle, Constants::Relu));
        }
        layers.push(window(Kind::Depthwise, side, (*middle, 0), *stride));
        side = side.div_ceil((*stride).into());
        layers.push(pointwise(side, *middle, *outputs, Constants::Linear));
        if *stride == 1 && c == outputs {
            layers.push(plain(Kind::Add, side, *c, 0));
        }
    }
    layers.push(pointwise(side, 2 * last, 1280, Constants::Relu));
    layers.push(plain(Kind::GlobalPool, side, 1280, 0));
    layers.push(plain(Kind::Linear, 1, 1280, 1000));
    Network { name, layers, peer_instructions }
}

fn mobilenet_v1(name: &'static str, peer_instructions: u64) -> Network {
    let stages = [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2)];
    let stages = stages.into_iter().chain([(128, 1); 5]).chain([(256, 2), (256, 1)]);
    let (mut side, mut c) = (48, 8);
    let mut layers = vec![window(Kind::Conv, 96, (1, c), 2)];
    for (outputs, stride) in stages {
        layers.push(window(Kind::Depthwise, side, (c, 0), stride));
        side = side.div_ceil(stride.into());
        layers.push(pointwise(side, c, outputs, Constants::Relu));
        c = outputs;
    }
    layers.push(plain(Kind::GlobalPool, side, c, 0));
    layers.push(plain(Kind::Linear, 1, c, 2));
    Network { name, layers, peer_instructions }
}

fn window(kind: Kind, side: u16, (c, outputs): (u16, u16), stride: u8) -> Job {
    let (kernel, stride, pad) = ([3; 2], [stride; 2], [1; 2]);
    Job { kind, outputs, kernel, stride, pad, ..pointwise(side, c, 0, Constants::Relu) }
}

fn pointwise(side: u16, c: u16, outputs: u16, constants: Constants) -> Job {
    let (kind, kernel, stride, pad) = (Kind::Pointwise, [1; 2], [1; 2], [0; 2]);
    Job { kind, h: side, w: side, c, outputs, kernel, stride, pad, more: [0; 2], rows: 0, constants, seed: 1 }
}

fn plain(kind: Kind, side: u16, c: u16, outputs: u16) -> Job {
    Job { kind, ..pointwise(side, c, outputs, Constants::Linear) }
}

/// Multiplications and additions of a layer with a square image and window; elements of a sum or a mean.
pub fn macs(job: Job) -> u64 {
    let side = |side: u16| {
        let span = u64::from(side) + 2 * u64::from(job.pad[0]) - u64::from(job.kernel[0]);
        span / u64::from(job.stride[0]) + 1
    };
    let elements = u64::from(job.h) * u64::from(job.w) * u64::from(job.c);
    let windows = || side(job.h) * side(job.w) * u64::from(job.kernel[0]).pow(2) * u64::from(job.c);
    match job.kind {
        Kind::Add | Kind::GlobalPool => elements,
        Kind::Pointwise | Kind::Linear => elements * u64::from(job.outputs),
        Kind::Depthwise => windows(),
        Kind::Conv => windows() * u64::from(job.outputs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_the_published_numbers_of_macs() {
        assert_eq!(all().map(|network| network.macs()), [11_934_128, 8_970_112, 7_157_888]);
    }
}
