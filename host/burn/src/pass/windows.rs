//! Averages over windows and over whole images, forward and backward, on slices `[n, h, w, c]`.

use tinynas_model::{Pool, Shape};

/// Calls `visit(input pixel, output pixel, share)` for all that a window connects; padding is not counted.
fn each(pool: &Pool, input: Shape, output: Shape, mut visit: impl FnMut(usize, usize, f32)) {
    let inside = |at: u32, side: u32| {
        let first = at * pool.stride;
        first.saturating_sub(pool.pad)..(first + pool.kernel).saturating_sub(pool.pad).min(side)
    };
    for oy in 0..output.h {
        for ox in 0..output.w {
            let (rows, columns) = (inside(oy, input.h), inside(ox, input.w));
            let share = 1.0 / (rows.len() * columns.len()) as f32;
            for iy in rows {
                for ix in columns.clone() {
                    visit((iy * input.w + ix) as usize, (oy * output.w + ox) as usize, share);
                }
            }
        }
    }
}

fn add(to: &mut [f32], from: &[f32], share: f32) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from * share);
}

/// Means over windows.
pub fn average(pool: &Pool, input: Shape, output: Shape, x: &[f32], y: &mut [f32]) {
    let c = input.c as usize;
    y.fill(0.0);
    for (x, y) in x.chunks_exact(input.elements() as usize).zip(y.chunks_exact_mut(output.elements() as usize)) {
        each(pool, input, output, |i, o, share| add(&mut y[o * c..][..c], &x[i * c..][..c], share));
    }
}

/// Gradient of the input of [`average`].
pub fn average_gradient(pool: &Pool, input: Shape, output: Shape, dy: &[f32], dx: &mut [f32]) {
    let c = input.c as usize;
    dx.fill(0.0);
    for (dx, dy) in dx.chunks_exact_mut(input.elements() as usize).zip(dy.chunks_exact(output.elements() as usize)) {
        each(pool, input, output, |i, o, share| add(&mut dx[i * c..][..c], &dy[o * c..][..c], share));
    }
}

/// Means over whole images.
pub fn mean(input: Shape, x: &[f32], y: &mut [f32]) {
    let (c, share) = (input.c as usize, 1.0 / input.pixels() as f32);
    y.fill(0.0);
    for (x, y) in x.chunks_exact(input.elements() as usize).zip(y.chunks_exact_mut(c)) {
        x.chunks_exact(c).for_each(|pixel| add(y, pixel, 1.0));
        y.iter_mut().for_each(|y| *y *= share);
    }
}

/// Gradient of the input of [`mean`].
pub fn mean_gradient(input: Shape, dy: &[f32], dx: &mut [f32]) {
    let (c, share) = (input.c as usize, 1.0 / input.pixels() as f32);
    for (dx, dy) in dx.chunks_exact_mut(input.elements() as usize).zip(dy.chunks_exact(c)) {
        for pixel in dx.chunks_exact_mut(c) {
            pixel.iter_mut().zip(dy).for_each(|(dx, dy)| *dx = dy * share);
        }
    }
}
