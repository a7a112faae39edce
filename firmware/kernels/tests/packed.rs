//! Packed weights give what the definition gives, on the host, where the portable code runs them.
#![allow(clippy::unwrap_used)]

use proptest::{collection::vec, prelude::*};
use tinynas_kernels::{
    Channel, Channels, Dims, KernelError, Output, Requant, Window, conv, depthwise, depthwise_scratch_bytes, linear,
    packed, pointwise,
};

/// One random layer.
#[derive(Debug, Clone)]
struct Case {
    dims: Dims,
    window: Window,
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

fn window() -> impl Strategy<Value = Window> {
    (1u8..=7, 1u8..=3).prop_flat_map(|(kernel, stride)| (0..kernel).prop_map(move |pad| Window { kernel, stride, pad }))
}

fn case(
    windows: impl Strategy<Value = Window>,
    weights: fn(Dims, Window, u16) -> u32,
    is_depthwise: bool,
) -> impl Strategy<Value = Case> {
    (windows, 1u16..=9, 1u16..=9, 1u16..=19, 1u16..=11)
        .prop_filter("the window fits", |(window, h, w, ..)| window.output(Dims::new(*h, *w, 1), 1).is_some())
        .prop_flat_map(move |(window, h, w, c, outputs)| {
            let dims = Dims::new(h, w, c);
            let outputs = if is_depthwise { c } else { outputs };
            let count = weights(dims, window, outputs) as usize;
            let weight = prop_oneof![-127i8..=127, any::<i8>()];
            let input = vec(any::<i8>(), dims.bytes() as usize);
            let channels = vec(channel(), usize::from(outputs));
            (input, any::<i8>(), vec(weight, count), channels, output()).prop_map(
                move |(input, zero, weights, channels, out)| Case { dims, window, input, zero, weights, channels, out },
            )
        })
}

impl Case {
    fn constants(&self) -> Vec<u8> {
        let mut bytes = vec![0; Channels::bytes_for(self.channels.len() as u32) as usize];
        self.channels.iter().enumerate().for_each(|(index, channel)| channel.write(&mut bytes, index).unwrap());
        bytes
    }

    fn outputs(&self) -> u16 {
        self.channels.len() as u16
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
    fn pointwise_over_packed_weights_is_exact(case in case(Just(Window::POINTWISE), dense, false)) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let mut expected = vec![0; case.dims.pixels() as usize * case.channels.len()];
        pointwise(&case.input, case.dims, &case.weights, channels, case.out, &mut expected).unwrap();
        let words = packed_matrix(&case, channels);
        let mut scratch = vec![7; packed::matrix_scratch_words(case.dims.c.into()) as usize];
        let mut output = vec![99; expected.len()];
        packed::pointwise(&case.input, case.dims, &words, case.out, &mut output, &mut scratch).unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn linear_over_packed_weights_is_exact(case in case(Just(Window::POINTWISE), whole, false)) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let mut expected = vec![0; case.channels.len()];
        linear(&case.input, case.dims, &case.weights, channels, case.out, &mut expected).unwrap();
        let words = packed_matrix(&case, channels);
        let mut scratch = vec![7; packed::matrix_scratch_words(case.dims.bytes()) as usize];
        let mut output = vec![99; expected.len()];
        packed::linear(&case.input, case.dims, &words, case.out, &mut output, &mut scratch).unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn conv_over_packed_weights_is_exact(case in case(window(), dense, false)) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let (dims, window, outputs) = (case.dims, case.window, case.outputs());
        let mut expected = vec![0; window.output(dims, outputs).unwrap().bytes() as usize];
        conv(&case.input, dims, window, case.zero, &case.weights, channels, case.out, &mut expected).unwrap();
        let words = packed_matrix(&case, channels);
        let mut scratch = vec![7; packed::conv_scratch_words(dims, window) as usize];
        let mut output = vec![99; expected.len()];
        packed::conv(&case.input, dims, window, case.zero, outputs, &words, case.out, &mut output, &mut scratch)
            .unwrap();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn depthwise_over_packed_weights_is_exact_and_the_same_in_place(case in case(window(), per_channel, true)) {
        let constants = case.constants();
        let channels = Channels::new(&constants, case.channels.len() as u32).unwrap();
        let (dims, window, zero, out) = (case.dims, case.window, case.zero, case.out);
        let mut bytes = vec![0; depthwise_scratch_bytes(dims, window) as usize];
        let mut expected = vec![0; window.output(dims, dims.c).unwrap().bytes() as usize];
        depthwise(&case.input, dims, window, zero, &case.weights, channels, out, &mut expected, &mut bytes).unwrap();
        let shape = packed::Depthwise { dims, window };
        let mut words = vec![0; shape.words() as usize];
        shape.pack(&case.weights, channels, out, &mut words).unwrap();
        let mut scratch = vec![7; shape.scratch_words() as usize];
        let mut output = vec![99; expected.len()];
        packed::depthwise(&case.input, shape, zero, &words, out, &mut output, &mut scratch).unwrap();
        prop_assert_eq!(&output, &expected);

        let mut data = case.input.clone();
        data.resize(expected.len().max(case.input.len()), 0);
        packed::depthwise_in_place(&mut data, shape, zero, &words, out, &mut scratch).unwrap();
        prop_assert_eq!(&data[..expected.len()], &expected);
    }

    #[test]
    fn slices_of_any_length_and_words_of_any_content_never_panic(
        (h, w, c, outputs) in (0u16..5, 0u16..5, 0u16..5, 0u16..6),
        (kernel, stride, pad) in prop_oneof![any::<(u8, u8, u8)>(), (0u8..4, 0u8..3, 0u8..4)],
        right: bool,
        words in vec(any::<u32>(), 0..300),
        lengths: (u8, u8, u16),
    ) {
        let (dims, window) = (Dims::new(h, w, c), Window { kernel, stride, pad });
        let out = Output { zero: 0, min: 5, max: -5 };
        let shape = packed::Depthwise { dims, window };
        let inputs = window.taps() * u32::from(c);
        let matrix = packed::Matrix { inputs, outputs: outputs.into() };
        let take = |count: u64| words.get(..if right { count as usize } else { words.len() }).unwrap_or(&words);
        let input = vec![3i8; if right { dims.bytes() as usize } else { lengths.0.into() }];
        let bytes = window.output(dims, outputs).map_or(0, Dims::bytes);
        let mut output = vec![0i8; if right { bytes as usize } else { lengths.1.into() }];
        let mut scratch = vec![0u32; lengths.2.into()];
        let _: [Result<(), KernelError>; 5] = [
            packed::pointwise(&input, dims, take(matrix.words()), out, &mut output, &mut scratch),
            packed::linear(&input, dims, take(matrix.words()), out, &mut output, &mut scratch),
            packed::conv(&input, dims, window, 3, outputs, take(matrix.words()), out, &mut output, &mut scratch),
            packed::depthwise(&input, shape, 3, take(shape.words()), out, &mut output, &mut scratch),
            packed::depthwise_in_place(&mut output, shape, 3, take(shape.words()), out, &mut scratch),
        ];
    }
}
