//! Every kernel is bit-exact to the independent reference, over random shapes, windows and zero points.
#![allow(clippy::unwrap_used)]

mod reference;
mod windows;

use proptest::{collection::vec, prelude::*};
use reference::{Clamp, Moves, Scale, Sum};
use tinynas_kernels::{
    AddParams, Channel, Channels, Dims, Output, PoolParams, Requant, Window, add, conv, depthwise, depthwise_in_place,
    depthwise_scratch_bytes, global_pool, linear, pointwise,
};
use windows::{Shapes, pointwise_shapes, shapes};

/// One random layer with weights.
#[derive(Debug, Clone)]
struct Case {
    dims: Dims,
    window: Window,
    out_dims: Dims,
    input: Vec<i8>,
    zero: i8,
    weights: Vec<i8>,
    scales: Vec<Scale>,
    clamp: Clamp,
}

fn scale() -> impl Strategy<Value = Scale> {
    // Mostly factors that map typical sums into int8, sometimes ones that saturate.
    let shift = prop_oneof![6 => -12i8..=-4, 1 => -31i8..=30, 1 => 0i8..=2];
    let multiplier = prop_oneof![8 => (1 << 30)..=i32::MAX, 1 => Just(0)];
    (-20_000..20_000i32, multiplier, shift).prop_map(|(bias, multiplier, shift)| Scale { bias, multiplier, shift })
}

fn clamp() -> impl Strategy<Value = Clamp> {
    (any::<i8>(), any::<i8>(), any::<i8>()).prop_map(|(zero, a, b)| (zero, a.min(b), a.max(b)))
}

/// `weights(dims, window, outputs)` gives the number of weights.
fn case(
    windows: impl Strategy<Value = Shapes>,
    weights: fn(Dims, Window, u16) -> u32,
    is_depthwise: bool,
) -> impl Strategy<Value = Case> {
    (windows, 1u16..=19, 1u16..=11).prop_flat_map(move |((window, dims, out_dims), c, outputs)| {
        let outputs = if is_depthwise { c } else { outputs };
        let (dims, out_dims) = (Dims { c, ..dims }, Dims { c: outputs, ..out_dims });
        let count = weights(dims, window, outputs) as usize;
        let input = vec(any::<i8>(), dims.bytes() as usize);
        let scales = vec(scale(), usize::from(outputs));
        (input, any::<i8>(), vec(any::<i8>(), count), scales, clamp()).prop_map(
            move |(input, zero, weights, scales, clamp)| Case {
                dims,
                window,
                out_dims,
                input,
                zero,
                weights,
                scales,
                clamp,
            },
        )
    })
}

impl Case {
    fn hwc(&self) -> reference::Hwc {
        (self.dims.h.into(), self.dims.w.into(), self.dims.c.into())
    }

    fn moves(&self) -> Moves {
        let both = |pair: [u8; 2]| (pair[0].into(), pair[1].into());
        let Window { kernel, stride, pad } = self.window;
        let outputs = (self.out_dims.h.into(), self.out_dims.w.into());
        Moves { kernel: both(kernel), stride: both(stride), pad: both(pad), outputs }
    }

    fn output(&self) -> Output {
        Output { zero: self.clamp.0, min: self.clamp.1, max: self.clamp.2 }
    }

    /// Weights from `[out, in, taps]` to `[out][taps][in]`.
    fn ordered(&self) -> Vec<i8> {
        let (taps, c) = (self.window.taps() as usize, usize::from(self.dims.c));
        let filters = self.weights.chunks(taps * c);
        filters.flat_map(|f| (0..taps).flat_map(move |tap| (0..c).map(move |i| f[i * taps + tap]))).collect()
    }

    /// Packed constants with the zero point folded into the bias.
    fn packed(&self) -> Vec<u8> {
        let mut bytes = vec![0; Channels::bytes_for(self.scales.len() as u32) as usize];
        let filters = self.weights.chunks(self.weights.len() / self.scales.len());
        for (index, (scale, filter)) in self.scales.iter().zip(filters).enumerate() {
            let sum: i32 = filter.iter().map(|w| i32::from(*w)).sum();
            let requant = Requant { multiplier: scale.multiplier, shift: scale.shift };
            let channel = Channel { bias: scale.bias - i32::from(self.zero) * sum, requant };
            channel.write(&mut bytes, index).unwrap();
        }
        bytes
    }
}

fn dense(dims: Dims, window: Window, outputs: u16) -> u32 {
    window.taps() * u32::from(dims.c) * u32::from(outputs)
}

fn per_channel(dims: Dims, window: Window, _: u16) -> u32 {
    window.taps() * u32::from(dims.c)
}

fn whole(dims: Dims, _: Window, outputs: u16) -> u32 {
    dims.bytes() * u32::from(outputs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn conv_is_exact(case in case(shapes(), dense, false)) {
        let expected =
            reference::convolve(&case.input, case.hwc(), case.moves(), case.zero, &case.weights, &case.scales, case.clamp);
        let packed = case.packed();
        let channels = Channels::new(&packed, case.scales.len() as u32).unwrap();
        let mut output = vec![0; expected.len()];
        let (dims, window, zero, out_dims) = (case.dims, case.window, case.zero, case.out_dims);
        conv(&case.input, dims, window, zero, &case.ordered(), channels, out_dims, case.output(), &mut output).unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn pointwise_is_exact(case in case(pointwise_shapes(), dense, false)) {
        let expected =
            reference::convolve(&case.input, case.hwc(), case.moves(), case.zero, &case.weights, &case.scales, case.clamp);
        let packed = case.packed();
        let channels = Channels::new(&packed, case.scales.len() as u32).unwrap();
        let mut output = vec![0; expected.len()];
        pointwise(&case.input, case.dims, &case.weights, channels, case.output(), &mut output).unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn linear_is_exact(case in case(pointwise_shapes(), whole, false)) {
        let expected = reference::linear(&case.input, case.zero, &case.weights, &case.scales, case.clamp);
        let packed = case.packed();
        let channels = Channels::new(&packed, case.scales.len() as u32).unwrap();
        let mut output = vec![0; expected.len()];
        linear(&case.input, case.dims, &case.weights, channels, case.output(), &mut output).unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn depthwise_is_exact_and_the_same_in_place(case in case(shapes(), per_channel, true)) {
        let expected = reference::separate(
            &case.input, case.hwc(), case.moves(), case.zero, &case.weights, &case.scales, case.clamp,
        );
        let packed = case.packed();
        let channels = Channels::new(&packed, case.scales.len() as u32).unwrap();
        let mut scratch = vec![99; depthwise_scratch_bytes(case.window, case.out_dims) as usize];
        let (dims, window, zero, out) = (case.dims, case.window, case.zero, case.output());
        let (out_dims, weights) = (case.out_dims, &case.weights);
        let mut output = vec![0; expected.len()];
        depthwise(&case.input, dims, window, zero, weights, channels, out_dims, out, &mut output, &mut scratch)
            .unwrap();
        prop_assert_eq!(&output, &expected);

        let mut data = case.input.clone();
        data.resize(expected.len().max(case.input.len()), 0);
        scratch.fill(-99);
        depthwise_in_place(&mut data, dims, window, zero, weights, channels, out_dims, out, &mut scratch).unwrap();
        prop_assert_eq!(&data[..expected.len()], &expected);
    }

    #[test]
    fn add_is_exact(
        pairs in vec(any::<(i8, i8)>(), 1..300),
        zeros in any::<(i8, i8)>(),
        scales in (1e-4f32..10.0, 1e-4f32..10.0, 1e-4f32..10.0),
        clamp in clamp(),
    ) {
        let params = AddParams::from_scales((scales.0, zeros.0), (scales.1, zeros.1), scales.2);
        let factor = |r: Requant| (r.multiplier, r.shift);
        let sum = Sum {
            left_zero: zeros.0,
            right_zero: zeros.1,
            left: factor(params.left),
            right: factor(params.right),
            output: factor(params.output),
        };
        let (left, right): (Vec<i8>, Vec<i8>) = pairs.into_iter().unzip();
        let mut output = vec![0; left.len()];
        add(&left, &right, &params, Output { zero: clamp.0, min: clamp.1, max: clamp.2 }, &mut output).unwrap();
        prop_assert_eq!(output, reference::add(&left, &right, &sum, clamp));
    }

    #[test]
    fn a_sum_is_within_one_step_of_the_real_sum(
        (l, r, lz, rz) in any::<(i8, i8, i8, i8)>(),
        scales in (0.01f32..1.0, 0.01f32..1.0, 0.05f32..1.0),
    ) {
        let params = AddParams::from_scales((scales.0, lz), (scales.1, rz), scales.2);
        let wide = Output { zero: 0, min: i8::MIN, max: i8::MAX };
        let real = |x: i8, zero: i8, scale: f32| (f32::from(x) - f32::from(zero)) * scale;
        let expected = (real(l, lz, scales.0) + real(r, rz, scales.1)) / scales.2;
        let got = f32::from(params.sum(l, r, wide));
        prop_assert!((got - expected.clamp(-128.0, 127.0)).abs() <= 0.51, "{} instead of {}", got, expected);
    }

    #[test]
    fn global_pool_is_exact(
        (dims, input) in (1u16..=9, 1u16..=9, 1u16..=40).prop_flat_map(|(h, w, c)| {
            let dims = Dims::new(h, w, c);
            (Just(dims), vec(any::<i8>(), dims.bytes() as usize))
        }),
        zero: i8,
        real_factor in 0.01f64..20.0,
        clamp in clamp(),
    ) {
        let requant = Requant::from_real(real_factor);
        let (hwc, factor) = ((dims.h.into(), dims.w.into(), dims.c.into()), (requant.multiplier, requant.shift));
        let expected = reference::global_pool(&input, hwc, zero, factor, clamp);
        let mut output = vec![0; expected.len()];
        let out = Output { zero: clamp.0, min: clamp.1, max: clamp.2 };
        let params = PoolParams { input_zero: zero, requant: requant.divided_by(dims.pixels()) };
        global_pool(&input, dims, &params, out, &mut output).unwrap();
        prop_assert_eq!(&output, &expected);
        // And it is the mean: within one step (two roundings) of the real one.
        for (channel, value) in output.iter().enumerate() {
            let values = input.iter().skip(channel).step_by(usize::from(dims.c));
            let sum: f64 = values.map(|x| f64::from(*x) - f64::from(zero)).sum();
            let real = sum / f64::from(dims.pixels()) * real_factor + f64::from(clamp.0);
            let real = real.clamp(clamp.1.into(), clamp.2.into());
            prop_assert!((f64::from(*value) - real).abs() < 1.0, "{} instead of {}", value, real);
        }
    }
}

#[test]
fn depthwise_5x5_on_a_3_pixel_wide_plane() {
    let (dims, window) = (Dims::new(3, 3, 1), Window::square(5, 2, 2));
    let mut packed = [0; 36];
    Channel { bias: -4 * 25, requant: Requant::from_real(1.0) }.write(&mut packed, 0).unwrap();
    let channels = Channels::new(&packed, 1).unwrap();
    let mut data = [5, 6, 7, 8, 9, 10, 11, 12, 13];
    let out = Output { zero: 0, min: -128, max: 127 };
    // Ones as weights, zero point 4: every output sees all nine pixels, Σ (x − 4) = 45.
    let out_dims = Dims::new(2, 2, 1);
    depthwise_in_place(&mut data, dims, window, 4, &[1; 25], channels, out_dims, out, &mut [0; 49]).unwrap();
    assert_eq!(data, [45, 45, 45, 45, 9, 10, 11, 12, 13]);
}
