//! An independent definition of every operation: i64/i128 sums, one loop per dimension, padding by hand.
//!
//! Nothing here calls the kernels. The engine's tests execute whole networks with it, in separate buffers.
#![allow(dead_code, clippy::too_many_arguments, clippy::unwrap_used)]

/// Rows, columns, channels.
pub type Hwc = (usize, usize, usize);

/// Bias (zero point not folded in), multiplier, shift of one output channel.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub bias: i32,
    pub multiplier: i32,
    pub shift: i8,
}

/// Zero point, min, max of an output.
pub type Clamp = (i8, i8, i8);

/// ⌊x / 2^31 + ½⌋ of the exact product, saturated.
pub fn doubling_high_mul(a: i32, b: i32) -> i32 {
    let product = i128::from(a) * i128::from(b) + (1 << 30);
    product.div_euclid(1 << 31).clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// x / 2^e, ties away from zero, by comparing twice the remainder of the magnitudes.
pub fn divide_by_pot(x: i32, e: u32) -> i32 {
    let (magnitude, unit) = (i128::from(x).abs(), 1i128 << e);
    let rounded = magnitude / unit + i128::from(2 * (magnitude % unit) >= unit);
    (rounded * i128::from(x.signum())) as i32
}

pub fn requantize(x: i64, multiplier: i32, shift: i8) -> i32 {
    let left = (i128::from(x) << shift.max(0)).clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    divide_by_pot(doubling_high_mul(left, multiplier), u32::from(shift.min(0).unsigned_abs()))
}

pub fn finish(x: i64, (zero, min, max): Clamp) -> i8 {
    (x + i64::from(zero)).clamp(min.into(), max.into()) as i8
}

fn scaled(sum: i64, scale: Scale, clamp: Clamp) -> i8 {
    finish(requantize(sum + i64::from(scale.bias), scale.multiplier, scale.shift).into(), clamp)
}

pub fn out_side(side: usize, kernel: usize, stride: usize, pad: usize) -> usize {
    (side + 2 * pad - kernel) / stride + 1
}

/// A window in rows and columns, and how many positions it has.
#[derive(Clone, Copy, Debug)]
pub struct Moves {
    pub kernel: (usize, usize),
    pub stride: (usize, usize),
    pub pad: (usize, usize),
    pub outputs: (usize, usize),
}

impl Moves {
    /// Equal in both directions, with as much padding behind the image as before it.
    pub fn square((h, w, _): Hwc, (kernel, stride, pad): (usize, usize, usize)) -> Self {
        let outputs = (out_side(h, kernel, stride, pad), out_side(w, kernel, stride, pad));
        Self { kernel: (kernel, kernel), stride: (stride, stride), pad: (pad, pad), outputs }
    }
}

/// [`convolve`] with a window that is equal in both directions.
pub fn conv(
    input: &[i8],
    hwc: Hwc,
    window: (usize, usize, usize),
    zero: i8,
    weights: &[i8],
    scales: &[Scale],
    clamp: Clamp,
) -> Vec<i8> {
    convolve(input, hwc, Moves::square(hwc, window), zero, weights, scales, clamp)
}

/// Weights `[out, in, ky, kx]`.
pub fn convolve(
    input: &[i8],
    (h, w, c): Hwc,
    Moves { kernel, stride, pad, outputs }: Moves,
    zero: i8,
    weights: &[i8],
    scales: &[Scale],
    clamp: Clamp,
) -> Vec<i8> {
    let mut output = Vec::new();
    for oy in 0..outputs.0 {
        for ox in 0..outputs.1 {
            for (o, scale) in scales.iter().enumerate() {
                let mut sum = 0i64;
                for i in 0..c {
                    for ky in 0..kernel.0 {
                        for kx in 0..kernel.1 {
                            let y = (oy * stride.0 + ky).wrapping_sub(pad.0);
                            let x = (ox * stride.1 + kx).wrapping_sub(pad.1);
                            if y < h && x < w {
                                let real = i64::from(input[(y * w + x) * c + i]) - i64::from(zero);
                                sum += real * i64::from(weights[((o * c + i) * kernel.0 + ky) * kernel.1 + kx]);
                            }
                        }
                    }
                }
                output.push(scaled(sum, *scale, clamp));
            }
        }
    }
    output
}

/// [`separate`] with a window that is equal in both directions.
pub fn depthwise(
    input: &[i8],
    hwc: Hwc,
    window: (usize, usize, usize),
    zero: i8,
    weights: &[i8],
    scales: &[Scale],
    clamp: Clamp,
) -> Vec<i8> {
    separate(input, hwc, Moves::square(hwc, window), zero, weights, scales, clamp)
}

/// One filter per channel. Weights `[c, ky, kx]`.
pub fn separate(
    input: &[i8],
    (h, w, c): Hwc,
    moves: Moves,
    zero: i8,
    weights: &[i8],
    scales: &[Scale],
    clamp: Clamp,
) -> Vec<i8> {
    let taps = moves.kernel.0 * moves.kernel.1;
    let mut output = vec![0; moves.outputs.0 * moves.outputs.1 * c];
    for ch in 0..c {
        let plane: Vec<i8> = input.iter().skip(ch).step_by(c).copied().collect();
        let filter = &weights[ch * taps..(ch + 1) * taps];
        let one = convolve(&plane, (h, w, 1), moves, zero, filter, &scales[ch..=ch], clamp);
        for (pixel, value) in one.into_iter().enumerate() {
            output[pixel * c + ch] = value;
        }
    }
    output
}

/// Weights `[out, in]`.
pub fn linear(input: &[i8], zero: i8, weights: &[i8], scales: &[Scale], clamp: Clamp) -> Vec<i8> {
    conv(input, (1, 1, input.len()), (1, 1, 0), zero, weights, scales, clamp)
}

/// Zero points and `(multiplier, shift)` of left, right and output.
pub struct Sum {
    pub left_zero: i8,
    pub right_zero: i8,
    pub left: (i32, i8),
    pub right: (i32, i8),
    pub output: (i32, i8),
}

pub fn add(left: &[i8], right: &[i8], p: &Sum, clamp: Clamp) -> Vec<i8> {
    let one = |(l, r): (&i8, &i8)| {
        let l = requantize((i64::from(*l) - i64::from(p.left_zero)) * 1_048_576, p.left.0, p.left.1);
        let r = requantize((i64::from(*r) - i64::from(p.right_zero)) * 1_048_576, p.right.0, p.right.1);
        finish(requantize(i64::from(l) + i64::from(r), p.output.0, p.output.1).into(), clamp)
    };
    left.iter().zip(right).map(one).collect()
}

/// The factor over `count`, floor(multiplier · 2^s / count) with the largest 2^s ≤ count that keeps the shift ≥ −31.
pub fn divided((multiplier, shift): (i32, i8), count: i64) -> (i32, i8) {
    let s = (0..=31).rev().find(|s| 1i64 << s <= count && shift - *s as i8 >= -31).unwrap();
    ((i64::from(multiplier) * (1 << s)).div_euclid(count) as i32, shift - s as i8)
}

/// `factor`: input scale / output scale.
pub fn global_pool(input: &[i8], (h, w, c): Hwc, zero: i8, factor: (i32, i8), clamp: Clamp) -> Vec<i8> {
    let (multiplier, shift) = divided(factor, (h * w) as i64);
    let mean = |ch: usize| {
        let sum: i64 = input.iter().skip(ch).step_by(c).map(|x| i64::from(*x) - i64::from(zero)).sum();
        finish(requantize(sum, multiplier, shift).into(), clamp)
    };
    (0..c).map(mean).collect()
}
