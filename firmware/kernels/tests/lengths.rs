//! Whatever the arguments, the kernels compute or refuse; they never panic.
#![allow(clippy::unwrap_used)]

mod windows;

use proptest::{collection::vec, prelude::*};
use tinynas_kernels::{
    Channels, Dims, KernelError, Output, PoolParams, Requant, Rows, conv, depthwise, depthwise_in_place, global_pool,
    linear, packed, pointwise,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn slices_of_any_length_are_refused_or_computed(
        (h, w, c, outputs) in (0u16..5, 0u16..5, 0u16..5, 0u32..6),
        (window, out_dims) in windows::wild(),
        lengths: (u8, u8, u8, u8),
    ) {
        let dims = Dims::new(h, w, c);
        let out_dims = Dims { c: if lengths.3 % 2 == 0 { c } else { outputs as u16 }, ..out_dims };
        let zeros = |n: u8| vec![0i8; usize::from(n)];
        let (input, weights) = (zeros(lengths.0), zeros(lengths.1));
        let (mut output, mut scratch) = (zeros(lengths.2), zeros(lengths.3));
        let packed = vec![255u8; Channels::bytes_for(outputs) as usize];
        let channels = Channels::new(&packed, outputs).unwrap();
        let out = Output { zero: 0, min: 5, max: -5 };
        let pool = PoolParams { input_zero: 1, requant: Requant { multiplier: i32::MIN, shift: -128 } };
        let results: [Result<(), KernelError>; 6] = [
            pointwise(&input, dims, &weights, channels, out, &mut output),
            linear(&input, dims, &weights, channels, out, &mut output),
            conv(&input, dims, window, 3, &weights, channels, out_dims, out, &mut output),
            depthwise(&input, dims, window, 3, &weights, channels, out_dims, out, &mut output, &mut scratch),
            depthwise_in_place(&mut output, dims, window, 3, &weights, channels, out_dims, out, &mut scratch),
            global_pool(&input, dims, &pool, out, &mut output),
        ];
        let fits = usize::from(lengths.0) as u32 == dims.bytes();
        prop_assert!(fits || results[..4].iter().chain(&results[5..]).all(Result::is_err));
    }

    #[test]
    fn packed_words_of_any_length_and_content_are_refused_or_computed(
        (h, w, c, outputs) in (0u16..5, 0u16..5, 0u16..5, 0u16..6),
        (window, out_dims) in windows::wild(),
        (first, start, end) in prop_oneof![Just((0u16, 0u16, 4u16)), (0u16..4, 0u16..5, 0u16..5), any::<(u16, u16, u16)>()],
        right: bool,
        words in vec(any::<u32>(), 0..300),
        lengths: (u8, u8, u16),
    ) {
        let dims = Dims::new(h, w, c);
        let out_dims = Dims { c: if right { c } else { outputs }, ..out_dims };
        let rows = start.min(out_dims.h)..if right { end.min(out_dims.h) } else { end };
        let out = Output { zero: 0, min: 5, max: -5 };
        let matrix = packed::Matrix { inputs: window.taps() * u32::from(c), outputs: out_dims.c.into() };
        let filters = packed::Depthwise { channels: c, window };
        let take = |count: u64| words.get(..if right { count as usize } else { words.len() }).unwrap_or(&words);
        let data = vec![3i8; if right { dims.bytes() as usize } else { lengths.0.into() }];
        let made = usize::from(rows.end.saturating_sub(rows.start));
        let bytes = made * usize::from(out_dims.w) * usize::from(out_dims.c);
        let mut output = vec![0i8; if right { bytes } else { lengths.1.into() }];
        let mut scratch = vec![0u32; lengths.2.into()];
        let input = Rows { dims, first, data: &data };
        let (dense, separate) = (take(matrix.words()), take(filters.words()));
        let mut sums = vec![i32::MAX; usize::from(outputs)];
        let pool = PoolParams { input_zero: -128, requant: Requant { multiplier: i32::MIN, shift: -128 } };
        let _: [Result<(), KernelError>; 8] = [
            packed::pointwise(&data, c, outputs, dense, out, &mut output, &mut scratch),
            packed::linear(&data, dense, out, &mut output, &mut scratch),
            packed::conv(input, window, 3, dense, out_dims, rows.clone(), out, &mut output, &mut scratch),
            packed::depthwise(input, window, 3, separate, out_dims, rows, out, &mut output, &mut scratch),
            packed::depthwise_in_place(&mut output, dims, window, 3, separate, out_dims, out, &mut scratch),
            packed::accumulate(&data, &mut sums),
            packed::finish(&sums, u32::MAX >> (lengths.0 % 32), &pool, out, &mut output),
            packed::global_pool(&data, dims, &pool, out, &mut output),
        ];
    }
}
