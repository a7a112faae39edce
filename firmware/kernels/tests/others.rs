//! Poolings, softmax, products and movers of values against definitions by single elements, over random shapes.
#![allow(clippy::unwrap_used)]

use proptest::{collection::vec, prelude::*};
use tinynas_kernels::{
    ADD_LEFT_SHIFT, AddConstantParams, AddParams, Dims, KernelError, MulParams, Output, Requant, Rows, SoftmaxParams,
    Table, Window, add, add_constant, add_constant_in_place, average_pool, concat, lookup, lookup_in_place, max_pool,
    mul, mul_in_place, pad, rescale, rescale_in_place, resize_nearest, softmax, softmax_in_place, transpose,
};

const ALL: Output = Output { zero: 0, min: -128, max: 127 };

fn dims() -> impl Strategy<Value = Dims> {
    (1u16..=9, 1u16..=9, 1u16..=19).prop_map(|(h, w, c)| Dims::new(h, w, c))
}

fn tensor() -> impl Strategy<Value = (Dims, Vec<i8>)> {
    dims().prop_flat_map(|dims| (Just(dims), vec(any::<i8>(), dims.bytes() as usize)))
}

fn output() -> impl Strategy<Value = Output> {
    (any::<i8>(), any::<i8>(), any::<i8>()).prop_map(|(zero, a, b)| Output { zero, min: a.min(b), max: a.max(b) })
}

/// A window and an output that it makes of `dims`.
fn window(dims: Dims) -> impl Strategy<Value = (Window, Dims)> {
    let axis = |side: u16| {
        (1u8..=5, 1u8..=3).prop_flat_map(|(kernel, stride)| (Just(kernel), Just(stride), 0..kernel)).prop_flat_map(
            move |(kernel, stride, pad)| {
                // Every position whose window lies in the image, and more up to the last that sees a part of it.
                let (kernel, stride, padded) = (u16::from(kernel), u16::from(stride), side + u16::from(pad));
                let fewest = padded.saturating_sub(kernel) / stride + u16::from(padded >= kernel);
                let most = padded.div_ceil(stride);
                (Just((kernel as u8, stride as u8, pad)), fewest.max(1)..=most)
            },
        )
    };
    (axis(dims.h), axis(dims.w)).prop_map(move |((rows, h), (columns, w))| {
        let kernel = [rows.0, columns.0];
        (Window { kernel, stride: [rows.1, columns.1], pad: [rows.2, columns.2] }, Dims::new(h, w, dims.c))
    })
}

fn at(dims: Dims, y: usize, x: usize, c: usize) -> usize {
    (y * usize::from(dims.w) + x) * usize::from(dims.c) + c
}

fn positions(dims: Dims) -> impl Iterator<Item = (usize, usize, usize)> {
    let [h, w, c] = [dims.h, dims.w, dims.c].map(usize::from);
    (0..h).flat_map(move |y| (0..w).flat_map(move |x| (0..c).map(move |c| (y, x, c))))
}

/// The values under a window that are inside the image.
fn seen(data: &[i8], dims: Dims, window: Window, (y, x, c): (usize, usize, usize)) -> Vec<i32> {
    let place = |at: usize, tap: u8, axis: usize, side: u16| {
        let position = at as i64 * i64::from(window.stride[axis]) + i64::from(tap) - i64::from(window.pad[axis]);
        usize::try_from(position).ok().filter(|p| *p < usize::from(side))
    };
    let rows = (0..window.kernel[0]).filter_map(|tap| place(y, tap, 0, dims.h));
    rows.flat_map(|row| (0..window.kernel[1]).filter_map(move |tap| Some((row, place(x, tap, 1, dims.w)?))))
        .map(|(row, column)| data[at(dims, row, column, c)].into())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn poolings_are_exact_and_rows_are_rows_of_the_whole(
        ((dims, data), (window, out_dims)) in tensor().prop_flat_map(|t| { let d = t.0; (Just(t), window(d)) }),
        out in output(),
        cut in any::<prop::sample::Index>(),
    ) {
        let clamp = |x: i32| x.clamp(out.min.into(), out.max.into()) as i8;
        let mean = |values: Vec<i32>| {
            let (sum, count) = (f64::from(values.iter().sum::<i32>()), values.len() as f64);
            clamp((sum / count).round() as i32)
        };
        let expected: Vec<i8> = positions(out_dims).map(|p| mean(seen(&data, dims, window, p))).collect();
        let largest: Vec<i8> =
            positions(out_dims).map(|p| clamp(seen(&data, dims, window, p).into_iter().max().unwrap())).collect();
        let mut found = vec![0; expected.len()];
        average_pool(Rows::whole(dims, &data), window, 0..out_dims.h, out_dims, out, &mut found).unwrap();
        prop_assert_eq!(&found, &expected);
        max_pool(Rows::whole(dims, &data), window, 0..out_dims.h, out_dims, out, &mut found).unwrap();
        prop_assert_eq!(&found, &largest);

        // One row of the output from just the rows of the input that it sees.
        let y = cut.index(out_dims.h.into()) as u16;
        let rows = window.axes()[0].seen(y, dims.h);
        let (row_len, out_row) = (usize::from(dims.w * dims.c), usize::from(out_dims.w * dims.c));
        let part = &data[usize::from(rows.start) * row_len..usize::from(rows.end) * row_len];
        let input = Rows { dims, first: rows.start, data: part };
        let mut row = vec![0; out_row];
        average_pool(input, window, y..y + 1, out_dims, out, &mut row).unwrap();
        prop_assert_eq!(&row, &expected[usize::from(y) * out_row..][..out_row]);
        let short = Rows { data: &part[..part.len() - row_len], ..input };
        prop_assert_eq!(max_pool(short, window, y..y + 1, out_dims, out, &mut row), Err(KernelError::Input));
    }

    #[test]
    fn softmax_is_within_one_step_of_the_real_one(
        values in vec(any::<i8>(), 1..40), scale in 0.001f32..1.0, beta in prop_oneof![Just(1.0f32), 0.2f32..2.0],
    ) {
        let params = SoftmaxParams::from_scale(scale, beta).unwrap();
        let mut found = vec![0; values.len()];
        softmax(&values, values.len() as u16, &params, &mut found).unwrap();
        let largest = values.iter().max().unwrap();
        let exp = |x: &i8| ((f64::from(*x) - f64::from(*largest)) * f64::from(scale) * f64::from(beta)).exp();
        let sum: f64 = values.iter().map(exp).sum();
        for (found, x) in found.iter().zip(&values) {
            let expected = (exp(x) / sum * 256.0 - 128.0).min(127.0);
            prop_assert!((f64::from(*found) - expected).abs() <= 1.0, "{x}: {found} for {expected}");
        }
    }

    #[test]
    fn products_are_exact(
        (dims, left) in tensor(), zeros in any::<(i8, i8)>(), scales in (0.001f32..1.0, 0.001f32..1.0, 0.001f32..1.0),
        out in output(), seed in vec(any::<i8>(), 9 * 9 * 19), per_channel in any::<bool>(),
    ) {
        let right = if per_channel { &seed[..usize::from(dims.c)] } else { &seed[..left.len()] };
        let params = MulParams::from_scales((scales.0, zeros.0), (scales.1, zeros.1), scales.2);
        let mut found = vec![0; left.len()];
        mul(&left, right, &params, out, &mut found).unwrap();
        let real = f64::from(scales.0) * f64::from(scales.1) / f64::from(scales.2);
        for (index, found) in found.iter().enumerate() {
            let (l, r) = (i32::from(left[index]) - i32::from(zeros.0), i32::from(right[index % right.len()]) - i32::from(zeros.1));
            let exact = f64::from(out.finish(Requant::from_real(real).apply(l * r)));
            prop_assert_eq!(f64::from(*found), exact);
            let near = (real * f64::from(l * r) + f64::from(out.zero)).clamp(out.min.into(), out.max.into());
            prop_assert!((exact - near).abs() <= 1.0);
        }
    }

    #[test]
    fn a_constant_per_channel_is_added_as_a_tensor_of_equal_pixels_is(
        (dims, input) in tensor(), zeros in any::<(i8, i8)>(), scales in (0.01f32..1.0, 0.01f32..1.0, 0.01f32..1.0),
        out in output(), constants in vec(any::<i8>(), 19),
    ) {
        let constants = &constants[..usize::from(dims.c)];
        let sum = AddParams::from_scales((scales.0, zeros.0), (scales.1, zeros.1), scales.2);
        let term = |x: &i8| sum.right.apply((i32::from(*x) - i32::from(zeros.1)) << ADD_LEFT_SHIFT);
        let terms: Vec<i32> = constants.iter().map(term).collect();
        let params = AddConstantParams { zero: sum.left_zero, left: sum.left, output: sum.output };
        let (mut found, mut expected) = (vec![0; input.len()], vec![0; input.len()]);
        add_constant(&input, &terms, &params, out, &mut found).unwrap();
        let pixels: Vec<i8> = constants.iter().copied().cycle().take(input.len()).collect();
        add(&input, &pixels, &sum, out, &mut expected).unwrap();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn borders_are_drawn_around_the_image(
        (dims, data) in tensor(), before in (0u8..4, 0u8..4), after in (0u16..4, 0u16..4), value in any::<i8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (top, left) = (u16::from(before.0), u16::from(before.1));
        let out_dims = Dims::new(dims.h + top + after.0, dims.w + left + after.1, dims.c);
        let expected: Vec<i8> = positions(out_dims)
            .map(|(y, x, c)| {
                let inside = y.checked_sub(top.into()).zip(x.checked_sub(left.into()));
                let inside = inside.filter(|(y, x)| *y < dims.h.into() && *x < dims.w.into());
                inside.map_or(value, |(y, x)| data[at(dims, y, x, c)])
            })
            .collect();
        let mut found = vec![0; expected.len()];
        let input = Rows::whole(dims, &data);
        pad(input, [before.0, before.1], value, 0..out_dims.h, out_dims, &mut found).unwrap();
        prop_assert_eq!(&found, &expected);
        let y = cut.index(out_dims.h.into()) as u16;
        let out_row = usize::from(out_dims.w * out_dims.c);
        let mut row = vec![0; out_row];
        pad(input, [before.0, before.1], value, y..y + 1, out_dims, &mut row).unwrap();
        prop_assert_eq!(&row, &expected[usize::from(y) * out_row..][..out_row]);
    }

    #[test]
    fn axes_are_exchanged((dims, data) in tensor(), order in Just([0u8, 1, 2]).prop_shuffle()) {
        let sides = [dims.h, dims.w, dims.c];
        let [h, w, c] = order.map(|axis| sides[usize::from(axis)]);
        let out_dims = Dims::new(h, w, c);
        let expected: Vec<i8> = positions(out_dims)
            .map(|(y, x, c)| {
                let mut place = [0; 3];
                for (axis, position) in order.iter().zip([y, x, c]) {
                    place[usize::from(*axis)] = position;
                }
                data[at(dims, place[0], place[1], place[2])]
            })
            .collect();
        let mut found = vec![0; data.len()];
        transpose(&data, dims, order, 0..h, &mut found).unwrap();
        prop_assert_eq!(&found, &expected);
        let row = usize::from(w * c);
        transpose(&data, dims, order, h - 1..h, &mut found[..row]).unwrap();
        prop_assert_eq!(&found[..row], &expected[expected.len() - row..]);
    }

    #[test]
    fn tensors_are_joined((dims, left) in tensor(), axis in 0u8..3, more in 1u16..9, seed in vec(any::<i8>(), 19 * 81 * 9)) {
        let mut sides = [dims.h, dims.w, dims.c];
        sides[usize::from(axis)] = more;
        let other = Dims::new(sides[0], sides[1], sides[2]);
        let right = &seed[..other.bytes() as usize];
        let mut joined = [dims.h, dims.w, dims.c];
        let first = usize::from(joined[usize::from(axis)]);
        joined[usize::from(axis)] += more;
        let out_dims = Dims::new(joined[0], joined[1], joined[2]);
        let expected: Vec<i8> = positions(out_dims)
            .map(|(y, x, c)| {
                let mut place = [y, x, c];
                match place[usize::from(axis)].checked_sub(first) {
                    None => left[at(dims, y, x, c)],
                    Some(beyond) => {
                        place[usize::from(axis)] = beyond;
                        right[at(other, place[0], place[1], place[2])]
                    }
                }
            })
            .collect();
        let mut found = vec![0; expected.len()];
        concat((&left, dims), (right, other), axis, &mut found).unwrap();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn images_are_resized((dims, data) in tensor(), h in 1u16..20, w in 1u16..20) {
        let out_dims = Dims::new(h, w, dims.c);
        let from = |at: usize, input: u16, output: u16| (at as f64 * f64::from(input) / f64::from(output)).floor() as usize;
        let expected: Vec<i8> =
            positions(out_dims).map(|(y, x, c)| data[at(dims, from(y, dims.h, h), from(x, dims.w, w), c)]).collect();
        let mut found = vec![0; expected.len()];
        resize_nearest(Rows::whole(dims, &data), 0..h, out_dims, &mut found).unwrap();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn scales_are_exchanged(input in vec(any::<i8>(), 0..50), zero in any::<i8>(), real in 0.01f64..20.0, out in output()) {
        let mut found = vec![0; input.len()];
        rescale(&input, zero, Requant::from_real(real), out, &mut found).unwrap();
        for (y, x) in found.iter().zip(&input) {
            let exact = (f64::from(*x) - f64::from(zero)) * real + f64::from(out.zero);
            prop_assert!((f64::from(*y) - exact.clamp(out.min.into(), out.max.into())).abs() < 1.01);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn in_place_is_the_same(
        (dims, input) in tensor(), zeros in any::<(i8, i8)>(), scales in (0.01f32..1.0, 0.01f32..1.0, 0.01f32..1.0),
        out in output(), seed in vec(any::<i8>(), 256),
    ) {
        let (constants, depth) = (&seed[..usize::from(dims.c)], dims.c);
        let table: Table = seed.clone().try_into().unwrap();
        let product = MulParams::from_scales((scales.0, zeros.0), (scales.1, zeros.1), scales.2);
        let sum = AddParams::from_scales((scales.0, zeros.0), (scales.1, zeros.1), scales.2);
        let constant = AddConstantParams { zero: sum.left_zero, left: sum.left, output: sum.output };
        let terms: Vec<i32> = constants.iter().map(|x| i32::from(*x) << 18).collect();
        let shares = SoftmaxParams::from_scale(scales.0, 1.0).unwrap();
        let factor = Requant::from_real(scales.0.into());
        let (mut apart, mut over) = (vec![0; input.len()], input.clone());
        mul(&input, constants, &product, out, &mut apart).unwrap();
        mul_in_place(&mut over, constants, &product, out).unwrap();
        prop_assert_eq!(&apart, &over);
        mul(constants, &over[..constants.len()], &product.swapped(), out, &mut apart[..constants.len()]).unwrap();
        mul_in_place(&mut over[..constants.len()], constants, &product, out).unwrap();
        prop_assert_eq!(&apart[..constants.len()], &over[..constants.len()]);
        over.clone_from(&input);
        add_constant(&input, &terms, &constant, out, &mut apart).unwrap();
        add_constant_in_place(&mut over, &terms, &constant, out).unwrap();
        prop_assert_eq!(&apart, &over);
        over.clone_from(&input);
        softmax(&input, depth, &shares, &mut apart).unwrap();
        softmax_in_place(&mut over, depth, &shares).unwrap();
        prop_assert_eq!(&apart, &over);
        over.clone_from(&input);
        lookup(&input, &table, &mut apart).unwrap();
        lookup_in_place(&mut over, &table);
        prop_assert_eq!(&apart, &over);
        over.clone_from(&input);
        rescale(&input, zeros.0, factor, out, &mut apart).unwrap();
        rescale_in_place(&mut over, zeros.0, factor, out);
        prop_assert_eq!(&apart, &over);
    }
}

#[test]
fn a_table_is_read_in_the_order_of_its_inputs() {
    let mut table = [0i8; 256];
    for (y, x) in table.iter_mut().zip(i8::MIN..=i8::MAX) {
        *y = x.wrapping_mul(3);
    }
    let input: Vec<i8> = (i8::MIN..=i8::MAX).rev().collect();
    let mut found = vec![0; 256];
    lookup(&input, &table, &mut found).unwrap();
    assert!(found.iter().zip(&input).all(|(y, x)| *y == x.wrapping_mul(3)));
}

#[test]
fn wrong_arguments_are_refused() {
    let dims = Dims::new(2, 2, 3);
    let (data, mut output) = ([0i8; 12], [0i8; 12]);
    let whole = Rows::whole(dims, &data);
    let window = Window::square(2, 1, 0);
    let one = Dims::new(1, 1, 3);
    assert_eq!(average_pool(whole, window, 0..1, one, ALL, &mut output), Err(KernelError::Output));
    assert_eq!(average_pool(whole, window, 0..2, one, ALL, &mut output[..6]), Err(KernelError::Shape));
    assert_eq!(max_pool(whole, window, 0..1, Dims::new(1, 1, 2), ALL, &mut output[..2]), Err(KernelError::Shape));
    assert_eq!(pad(whole, [1, 1], 0, 0..2, dims, &mut output), Err(KernelError::Shape));
    assert_eq!(transpose(&data, dims, [0, 1, 1], 0..2, &mut output), Err(KernelError::Shape));
    assert_eq!(transpose(&data, dims, [0, 1, 2], 0..2, &mut output[1..]), Err(KernelError::Output));
    assert_eq!(concat((&data, dims), (&data, one), 2, &mut output), Err(KernelError::Shape));
    assert_eq!(concat((&data, dims), (&data, dims), 3, &mut output), Err(KernelError::Shape));
    assert_eq!(resize_nearest(whole, 0..5, Dims::new(4, 4, 3), &mut output), Err(KernelError::Shape));
    assert_eq!(lookup(&data, &[0; 256], &mut output[1..]), Err(KernelError::Output));
    let softmax_params = SoftmaxParams::from_scale(0.1, 1.0).unwrap();
    assert_eq!(softmax(&data, 5, &softmax_params, &mut output), Err(KernelError::Input));
    assert_eq!(softmax(&data, 0, &softmax_params, &mut output), Err(KernelError::Shape));
    assert_eq!(SoftmaxParams::from_scale(f32::NAN, 1.0), None);
    assert_eq!(SoftmaxParams::from_scale(0.1, -1.0), None);
    let product = MulParams::from_scales((0.1, 0), (0.1, 0), 0.1);
    assert_eq!(mul(&data, &data[..5], &product, ALL, &mut output), Err(KernelError::Input));
    assert_eq!(mul(&data, &[], &product, ALL, &mut output), Err(KernelError::Input));
}
