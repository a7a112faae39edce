//! Packed weights give what the definition gives, on the host, where the portable code runs them.
#![allow(clippy::unwrap_used)]

mod windows;

use std::ops::Range;

use proptest::{collection::vec, prelude::*};
use tinynas_kernels::{
    AddParams, Channel, Channels, Dims, KernelError, Output, PoolParams, Requant, Rows, Window, add, conv, depthwise,
    depthwise_scratch_bytes, global_pool, linear, packed, pointwise,
};
use windows::{Shapes, pointwise_shapes, shapes};

/// One random layer.
#[derive(Debug, Clone)]
struct Case {
    dims: Dims,
    window: Window,
    out_dims: Dims,
    input: Vec<i8>,
    zero: i8,
    weights: Vec<i8>,
    channels: Vec<Channel>,
    out: Output,
}

fn channel() -> impl Strategy<Value = Channel> {
    let shift = prop_oneof![6 => -12i8..=-4, 1 => -31i8..=30, 1 => -1i8..=2];
    let multiplier = prop_oneof![8 => (1 << 30)..=i32::MAX, 1 => Just(0)];
    let bias = prop_oneof![12 => -20_000..20_000i32, 1 => any::<i32>()];
    (bias, multiplier, shift)
        .prop_map(|(bias, multiplier, shift)| Channel { bias, requant: Requant { multiplier, shift } })
}

fn output() -> impl Strategy<Value = Output> {
    (any::<i8>(), any::<i8>(), any::<i8>(), any::<bool>()).prop_map(|(zero, a, b, relu)| {
        let (min, max) = (a.min(b), a.max(b));
        if relu { Output { zero, min: zero, max: 127 } } else { Output { zero, min, max } }
    })
}

fn case(
    windows: impl Strategy<Value = Shapes>,
    weights: fn(Dims, Window, u16) -> u32,
    is_depthwise: bool,
) -> impl Strategy<Value = Case> {
    (windows, 1u16..=19, 1u16..=11).prop_flat_map(move |((window, dims, out_dims), c, outputs)| {
        let outputs = if is_depthwise { c } else { outputs };
        let (dims, out_dims) = (Dims { c, ..dims }, Dims { c: outputs, ..out_dims });
        let count = weights(dims, window, outputs) as usize;
        let weight = prop_oneof![-127i8..=127, any::<i8>()];
        let input = vec(any::<i8>(), dims.bytes() as usize);
        let channels = vec(channel(), usize::from(outputs));
        (input, any::<i8>(), vec(weight, count), channels, output()).prop_map(
            move |(input, zero, weights, channels, out)| Case {
                dims,
                window,
                out_dims,
                input,
                zero,
                weights,
                channels,
                out,
            },
        )
    })
}

impl Case {
    fn constants(&self) -> Vec<u8> {
        let mut bytes = vec![0; Channels::bytes_for(self.channels.len() as u32) as usize];
        self.channels.iter().enumerate().for_each(|(index, channel)| channel.write(&mut bytes, index).unwrap());
        bytes
    }

    /// All output rows, and an input that lacks the last row that they see.
    fn lacking(&self) -> (Rows<'_>, Range<u16>, Vec<i8>) {
        let [axis, _] = self.window.axes();
        let pitch = usize::from(self.dims.w) * usize::from(self.dims.c);
        let last = axis.seen(self.out_dims.h - 1, self.dims.h).end;
        let data = &self.input[..usize::from(last - 1) * pitch];
        (Rows::whole(self.dims, data), 0..self.out_dims.h, vec![0; self.out_dims.bytes() as usize])
    }

    /// Calls `make` with output rows from `cut` to `cut`, the input rows that these see and nothing more, and where the
    /// outputs go.
    fn by_rows(&self, cuts: &[u16], mut make: impl FnMut(Rows<'_>, Range<u16>, &mut [i8])) -> Vec<i8> {
        let mut output = vec![99; self.out_dims.bytes() as usize];
        let mut cuts: Vec<u16> = cuts.iter().map(|cut| cut % self.out_dims.h).collect();
        cuts.extend([0, self.out_dims.h]);
        cuts.sort_unstable();
        let [axis, _] = self.window.axes();
        let pitch = usize::from(self.dims.w) * usize::from(self.dims.c);
        let out_pitch = usize::from(self.out_dims.w) * usize::from(self.out_dims.c);
        for rows in cuts.windows(2).map(|pair| pair[0]..pair[1]) {
            let last = rows.end.max(rows.start + 1) - 1;
            let (first, end) = (axis.seen(rows.start, self.dims.h).start, axis.seen(last, self.dims.h).end);
            let data = self.input[usize::from(first) * pitch..usize::from(end) * pitch].to_vec();
            let to = &mut output[usize::from(rows.start) * out_pitch..usize::from(rows.end) * out_pitch];
            make(Rows { dims: self.dims, first, data: &data }, rows, to);
        }
        output
    }
}

fn packed_matrix(case: &Case, channels: Channels<'_>) -> Vec<u32> {
    let inputs = (case.weights.len() / case.channels.len()) as u32;
    let matrix = packed::Matrix { inputs, outputs: case.channels.len() as u32 };
    let mut words = vec![0; matrix.words() as usize];
    matrix.pack(&case.weights, channels, case.out, &mut words).unwrap();
    words
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
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn pointwise_over_packed_weights_is_exact(case in case(pointwise_shapes(), dense, false), cut: u8) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let (inputs, outputs) = (case.dims.c, case.channels.len() as u16);
        let mut expected = vec![0; case.dims.pixels() as usize * case.channels.len()];
        pointwise(&case.input, case.dims, &case.weights, channels, case.out, &mut expected).unwrap();
        let words = packed_matrix(&case, channels);
        let mut scratch = vec![7; packed::matrix_scratch_words(inputs.into()) as usize];
        let mut output = vec![99; expected.len()];
        let pixels = usize::from(cut) % (case.dims.pixels() as usize + 1);
        let (a, b) = case.input.split_at(pixels * usize::from(inputs));
        let (to_a, to_b) = output.split_at_mut(pixels * usize::from(outputs));
        packed::pointwise(a, inputs, outputs, &words, case.out, to_a, &mut scratch).unwrap();
        packed::pointwise(b, inputs, outputs, &words, case.out, to_b, &mut scratch).unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn linear_over_packed_weights_is_exact(case in case(pointwise_shapes(), whole, false)) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let mut expected = vec![0; case.channels.len()];
        linear(&case.input, case.dims, &case.weights, channels, case.out, &mut expected).unwrap();
        let words = packed_matrix(&case, channels);
        let mut scratch = vec![7; packed::vector_scratch_words(case.dims.bytes()) as usize];
        let mut output = vec![99; expected.len()];
        packed::linear(&case.input, &words, case.out, &mut output, &mut scratch).unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn conv_over_packed_weights_is_exact_for_any_rows(case in case(shapes(), dense, false), cuts in vec(0u16..11, 0..4)) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let Case { dims, window, out_dims, zero, out, .. } = case;
        let mut expected = vec![0; out_dims.bytes() as usize];
        conv(&case.input, dims, window, zero, &case.weights, channels, out_dims, out, &mut expected).unwrap();
        let words = packed_matrix(&case, channels);
        let mut scratch = vec![7; packed::conv_scratch_words(dims.c, window) as usize];
        let mut make = |input: Rows<'_>, rows: Range<u16>, to: &mut [i8]| {
            packed::conv(input, window, zero, &words, out_dims, rows, out, to, &mut scratch)
        };
        let output = case.by_rows(&cuts, |input, rows, to| make(input, rows, to).unwrap());
        prop_assert_eq!(output, expected);
        let (input, rows, mut to) = case.lacking();
        prop_assert_eq!(make(input, rows, &mut to), Err(KernelError::Input));
    }

    #[test]
    fn depthwise_over_packed_weights_is_exact_for_any_rows_and_in_place(
        case in case(shapes(), per_channel, true),
        cuts in vec(0u16..11, 0..4),
    ) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let Case { dims, window, out_dims, zero, out, .. } = case;
        let mut bytes = vec![0; depthwise_scratch_bytes(window, out_dims) as usize];
        let mut expected = vec![0; out_dims.bytes() as usize];
        depthwise(&case.input, dims, window, zero, &case.weights, channels, out_dims, out, &mut expected, &mut bytes)
            .unwrap();
        let filters = packed::Depthwise { channels: dims.c, window };
        let mut words = vec![0; filters.words() as usize];
        filters.pack(&case.weights, channels, out, &mut words).unwrap();
        let make = |input: Rows<'_>, rows: Range<u16>, to: &mut [i8]| {
            let made = rows.end - rows.start;
            let mut scratch = vec![7; packed::depthwise_scratch_words(window, out_dims, made) as usize];
            packed::depthwise(input, window, zero, &words, out_dims, rows, out, to, &mut scratch)
        };
        let output = case.by_rows(&cuts, |input, rows, to| make(input, rows, to).unwrap());
        prop_assert_eq!(&output, &expected);
        let (input, rows, mut to) = case.lacking();
        prop_assert_eq!(make(input, rows, &mut to), Err(KernelError::Input));

        let mut data = case.input.clone();
        data.resize(expected.len().max(case.input.len()), 0);
        let mut scratch = vec![7; packed::depthwise_scratch_words(window, out_dims, out_dims.h) as usize];
        packed::depthwise_in_place(&mut data, dims, window, zero, &words, out_dims, out, &mut scratch).unwrap();
        prop_assert_eq!(&data[..expected.len()], &expected);
    }

    #[test]
    fn a_sum_is_the_same_in_place_of_either_input(
        pairs in vec(any::<(i8, i8)>(), 0..70),
        zeros in any::<(i8, i8)>(),
        scales in (1e-3f32..1.0, 1e-3f32..1.0, 1e-3f32..1.0),
        out in output(),
    ) {
        let params = AddParams::from_scales((scales.0, zeros.0), (scales.1, zeros.1), scales.2);
        let (left, right): (Vec<i8>, Vec<i8>) = pairs.into_iter().unzip();
        let mut expected = vec![0; left.len()];
        add(&left, &right, &params, out, &mut expected).unwrap();
        let mut output = vec![0; left.len()];
        packed::add(&left, &right, &params, out, &mut output).unwrap();
        prop_assert_eq!(&output, &expected);
        let (mut in_left, mut in_right) = (left.clone(), right.clone());
        packed::add_in_place(&mut in_left, &right, &params, out).unwrap();
        packed::add_in_place(&mut in_right, &left, &params.swapped(), out).unwrap();
        prop_assert_eq!(&in_left, &expected);
        prop_assert_eq!(&in_right, &expected);
    }

    #[test]
    fn a_mean_is_the_same_of_pixels_that_come_one_after_another(
        (h, w, c, cut) in (1u16..7, 1u16..7, 1u16..70, any::<u16>()),
        seed in vec(any::<i8>(), 7 * 7 * 70),
        (zero, real, out) in (any::<i8>(), 0.01f64..20.0, output()),
    ) {
        let dims = Dims::new(h, w, c);
        let input = &seed[..dims.bytes() as usize];
        let params = PoolParams { input_zero: zero, requant: Requant::from_real(real).divided_by(dims.pixels()) };
        let mut expected = vec![0; usize::from(c)];
        global_pool(input, dims, &params, out, &mut expected).unwrap();
        let mut output = vec![0; usize::from(c)];
        packed::global_pool(input, dims, &params, out, &mut output).unwrap();
        prop_assert_eq!(&output, &expected);
        let mut sums = vec![0; usize::from(c)];
        let (a, b) = input.split_at(usize::from(c) * (usize::from(cut) % dims.pixels() as usize));
        packed::accumulate(a, &mut sums).unwrap();
        packed::accumulate(b, &mut sums).unwrap();
        packed::finish(&sums, dims.pixels(), &params, out, &mut output).unwrap();
        prop_assert_eq!(&output, &expected);
    }
}
