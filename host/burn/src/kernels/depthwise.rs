//! Depthwise convolution: vectors of channels over padded planes.
//!
//! For each image and each vector of channels the input is copied into a plane `[rows, columns, WIDTH]` with its
//! zeros around it, so that the loops know no borders and no odd channels. One kernel, a sum over a list of taps
//! for eight pixels at a time, serves the forward pass and the gradient of the input: there, the taps of the
//! pixels of one phase of the stride. The gradient of the weights keeps all taps (of one window row for large
//! windows) in registers while it walks the pixels.

use super::full::Finish;
use super::lanes::{Lanes, width};
use super::norm::Backward;
use super::{Geometry, Task, touch};

/// Weights `[channel vector, tap, WIDTH]`, zeros behind the last channel.
pub fn pack(g: &Geometry, w: &[f32]) -> Vec<f32> {
    assert_eq!(w.len(), g.weights());
    let (width, taps) = (width(), g.depth());
    let mut packed = vec![0.0; weight_gradient_len(g)];
    for (c, filter) in w.chunks_exact(taps).enumerate() {
        for (tap, value) in filter.iter().enumerate() {
            packed[(c / width * taps + tap) * width + c % width] = *value;
        }
    }
    packed
}

/// Elements of packed weights and of a chunk's weight gradient.
pub fn weight_gradient_len(g: &Geometry) -> usize {
    g.cout.next_multiple_of(width()) * g.depth()
}

/// Adds a chunk's weight gradient, packed as [`pack`] does, to `dw` in the order of the weights.
pub fn add_weight_gradient(g: &Geometry, chunk: &[f32], dw: &mut [f32]) {
    let (width, taps) = (width(), g.depth());
    for (c, filter) in dw.chunks_exact_mut(taps).enumerate() {
        for (tap, value) in filter.iter_mut().enumerate() {
            *value += chunk[(c / width * taps + tap) * width + c % width];
        }
    }
}

/// Pixels computed side by side.
const SIDE: usize = 8;

/// A padded plane of one vector of channels; zeros outside the pixels that are set.
struct Plane {
    data: Vec<f32>,
    columns: usize,
    /// Rows above and columns left of pixel (0, 0).
    margin: usize,
}

impl Plane {
    fn new(rows: usize, columns: usize, margin: usize) -> Self {
        Self { data: vec![0.0; rows * columns * width()], columns, margin }
    }

    /// Panics unless `rows` rows of `columns` pixels, `step` apart and rounded up to [`SIDE`], have all `taps`.
    fn check(&self, rows: usize, columns: usize, step: usize, taps: &[Tap]) {
        let reach = taps.iter().map(|tap| tap.offset / width()).max().unwrap_or(0);
        let last = (rows.max(1) - 1) * self.columns + columns.next_multiple_of(SIDE).max(1) - 1;
        assert!((last * step + reach + 1) * width() <= self.data.len(), "a window outside its plane");
    }

    /// Index of a pixel, which may be up to `margin` outside.
    #[inline(always)]
    const fn index(&self, row: usize, column: usize, width: usize) -> usize {
        ((row + self.margin) * self.columns + column + self.margin) * width
    }
}

/// One term of a sum: where in the plane, relative to the first pixel, and which weight; in elements.
#[derive(Clone, Copy)]
struct Tap {
    offset: usize,
    weight: usize,
}

/// Sums over taps for P pixels `step` vectors apart.
#[inline(always)]
unsafe fn sums<V: Lanes, const P: usize>(from: *const f32, step: usize, taps: &[Tap], weights: *const f32) -> [V; P] {
    let mut sums = [V::splat(0.0); P];
    for tap in taps {
        // SAFETY: the caller's plane holds every tap of every pixel, the weights every tap.
        unsafe {
            let w = V::load(weights.add(tap.weight));
            let from = from.add(tap.offset);
            for (p, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(from.add(p * step * V::WIDTH)).mul_add(w, *sum);
            }
        }
    }
    sums
}

/// A row of `count` sums to `to`; plane and `to` have room for [`SIDE`] more.
#[inline(always)]
unsafe fn row_of_sums<V: Lanes>(
    count: usize,
    from: *const f32,
    step: usize,
    taps: &[Tap],
    weights: *const f32,
    to: *mut f32,
) {
    let mut first = 0;
    while first < count {
        // SAFETY: the caller's plane and row have room for `count` rounded up to SIDE.
        unsafe {
            let (from, to) = (from.add(first * step * V::WIDTH), to.add(first * V::WIDTH));
            // Known steps become constants in the addresses.
            first += match (count - first > SIDE / 2, step) {
                (true, 1) => block::<V, SIDE>(from, 1, taps, weights, to),
                (true, 2) => block::<V, SIDE>(from, 2, taps, weights, to),
                (true, _) => block::<V, SIDE>(from, step, taps, weights, to),
                (false, 1) => block::<V, { SIDE / 2 }>(from, 1, taps, weights, to),
                (false, _) => block::<V, { SIDE / 2 }>(from, step, taps, weights, to),
            };
        }
    }
}

/// P sums to `to`; gives P.
#[inline(always)]
unsafe fn block<V: Lanes, const P: usize>(
    from: *const f32,
    step: usize,
    taps: &[Tap],
    weights: *const f32,
    to: *mut f32,
) -> usize {
    // SAFETY: the caller's.
    unsafe {
        for (p, sum) in sums::<V, P>(from, step, taps, weights).into_iter().enumerate() {
            sum.store(to.add(p * V::WIDTH));
        }
    }
    P
}

/// The input's plane, and the copy of one image into it.
struct Input {
    plane: Plane,
}

impl Input {
    fn new(g: &Geometry) -> Self {
        let (k, s, p) = (g.spec.kernel, g.spec.stride, g.spec.pad);
        let rows = ((g.oh - 1) * s + k).max(g.h + p);
        let columns = ((g.ow.next_multiple_of(SIDE) - 1) * s + k).max(g.w + p);
        Self { plane: Plane::new(rows, columns, p) }
    }

    #[inline(always)]
    fn fill<V: Lanes>(&mut self, g: &Geometry, image: &[f32], c: usize) {
        let part = (g.cin - c).min(V::WIDTH);
        for iy in 0..g.h {
            let from = &image[iy * g.w * g.cin + c..];
            assert!(from.len() >= (g.w - 1) * g.cin + part);
            let at = self.plane.index(iy, 0, V::WIDTH);
            let to = &mut self.plane.data[at..at + g.w * V::WIDTH];
            for ix in 0..g.w {
                // SAFETY: asserted above for the last pixel of the row; `to` holds `w` vectors.
                unsafe {
                    let x = V::load_part(from.as_ptr().add(ix * g.cin), part);
                    x.store(to.as_mut_ptr().add(ix * V::WIDTH));
                }
            }
        }
    }

    /// Taps of one output pixel, relative to its window's first pixel.
    fn taps(&self, g: &Geometry) -> Vec<Tap> {
        let (k, width) = (g.spec.kernel, width());
        let tap = |i: usize| Tap { offset: (i / k * self.plane.columns + i % k) * width, weight: i * width };
        let taps: Vec<Tap> = (0..k * k).map(tap).collect();
        self.plane.check(g.oh, g.ow, g.spec.stride, &taps);
        taps
    }
}

/// Forward pass of one chunk.
pub struct Forward<'a> {
    /// Sizes of the chunk.
    pub g: Geometry,
    /// Input of the chunk.
    pub x: &'a [f32],
    /// Packed by [`pack`].
    pub w: &'a [f32],
    /// Output of the chunk.
    pub y: &'a mut [f32],
    /// What follows.
    pub finish: Finish<'a>,
}

impl Task for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let g = self.g;
        assert!(self.x.len() == g.n * g.input() && self.y.len() == g.n * g.output());
        assert_eq!(self.w.len(), weight_gradient_len(&g));
        let mut input = Input::new(&g);
        let taps = input.taps(&g);
        let mut row = vec![0.0_f32; g.ow.next_multiple_of(SIDE) * V::WIDTH];
        for image in 0..g.n {
            let x = &self.x[image * g.input()..(image + 1) * g.input()];
            let y = &mut self.y[image * g.output()..(image + 1) * g.output()];
            touch(x);
            for c in (0..g.cout).step_by(V::WIDTH) {
                input.fill::<V>(&g, x, c);
                let w = self.w[c * g.depth()..].as_ptr();
                let mut total = [V::splat(0.0); 2];
                for oy in 0..g.oh {
                    let from = oy * g.spec.stride * input.plane.columns * V::WIDTH;
                    let y = y[oy * g.ow * g.cout..].as_mut_ptr();
                    // SAFETY: the plane holds the windows of `ow` pixels rounded up to SIDE, `row` their sums.
                    unsafe {
                        let from = input.plane.data.as_ptr().add(from);
                        row_of_sums::<V>(g.ow, from, g.spec.stride, &taps, w, row.as_mut_ptr());
                        if let (0, Finish::Moments(moments)) = (oy, &mut self.finish) {
                            moments.open::<V>(c, row.as_ptr(), V::WIDTH);
                        }
                        self.finish.row::<V>(row.as_ptr(), y, [g.ow, g.cout, c], &mut total);
                    }
                }
                if let Finish::Moments(moments) = &mut self.finish {
                    moments.add(c, total[0], total[1]);
                }
            }
            if let Finish::Moments(moments) = &mut self.finish {
                moments.counted(g.pixels());
            }
        }
    }
}

impl Finish<'_> {
    /// One row of sums of one vector of channels to the output's row; statistics are added to `total`.
    ///
    /// # Safety
    /// `row` must hold `count` vectors, `y` as many pixels of `channels`; `c` is a multiple of the width below that.
    #[inline(always)]
    unsafe fn row<V: Lanes>(
        &mut self,
        row: *const f32,
        y: *mut f32,
        [count, channels, c]: [usize; 3],
        total: &mut [V; 2],
    ) {
        let part = (channels - c).min(V::WIDTH);
        // SAFETY: the caller's.
        unsafe {
            let y = y.add(c);
            match self {
                Self::Nothing => {
                    for x in 0..count {
                        V::load(row.add(x * V::WIDTH)).store_part(y.add(x * channels), part);
                    }
                }
                Self::Affine(affine) => {
                    for x in 0..count {
                        let sum = V::load(row.add(x * V::WIDTH));
                        affine.apply(sum, c).store_part(y.add(x * channels), part);
                    }
                }
                Self::Moments(moments) => {
                    let pivot = moments.pivot::<V>(c);
                    for x in 0..count {
                        let sum = V::load(row.add(x * V::WIDTH));
                        sum.store_part(y.add(x * channels), part);
                        let d = sum.sub(pivot);
                        *total = [total[0].add(d), d.mul_add(d, total[1])];
                    }
                }
            }
        }
    }
}

/// Input pixels of one phase: every `stride`-th, with the taps of the output that reach them.
struct Phase {
    /// First row and column.
    first: [usize; 2],
    /// Rows and columns.
    count: [usize; 2],
    taps: Vec<Tap>,
}

/// The plane of the output's gradient and the phases that read it.
struct Output {
    plane: Plane,
    phases: Vec<Phase>,
    /// A row of sums.
    sums: Vec<f32>,
}

impl Output {
    fn new(g: &Geometry) -> Self {
        let (k, s, p) = (g.spec.kernel, g.spec.stride, g.spec.pad);
        // An input pixel i = first + s * j is read by output o = j + (first + p - k') / s for every tap k' of its phase.
        let margin = (k - 1).saturating_sub(p).div_ceil(s);
        let reach = p.div_ceil(s) + 1;
        let side = |input: usize, output: usize, round: usize| {
            margin + output.max(input.div_ceil(s).next_multiple_of(round) + reach)
        };
        let plane = Plane::new(side(g.h, g.oh, 1), side(g.w, g.ow, SIDE), margin);
        let phase = |fy: usize, fx: usize| {
            let reaches = |first: usize, tap: usize| (first + p + k * s - tap).is_multiple_of(s);
            let shift = |first: usize, tap: usize| (first + p + margin * s - tap) / s;
            let taps = (0..k * k).filter(|i| reaches(fy, i / k) && reaches(fx, i % k));
            let tap = |i: usize| Tap {
                offset: (shift(fy, i / k) * plane.columns + shift(fx, i % k)) * width(),
                weight: i * width(),
            };
            let count = |input: usize, first: usize| input.saturating_sub(first).div_ceil(s);
            Phase { first: [fy, fx], count: [count(g.h, fy), count(g.w, fx)], taps: taps.map(tap).collect() }
        };
        let phases: Vec<Phase> = (0..s * s).map(|i| phase(i / s, i % s)).collect();
        phases.iter().for_each(|phase| plane.check(phase.count[0], phase.count[1], 1, &phase.taps));
        let sums = vec![0.0; g.w.div_ceil(s).next_multiple_of(SIDE) * width()];
        Self { plane, phases, sums }
    }

    /// Gradient of the convolution's output, from that of the activations.
    #[inline(always)]
    fn fill<V: Lanes>(&mut self, g: &Geometry, norm: &Backward, dz: &[f32], y: &[f32], c: usize) {
        let part = (g.cout - c).min(V::WIDTH);
        assert!(dz.len() == g.output() && y.len() == g.output());
        for oy in 0..g.oh {
            let at = self.plane.index(oy, 0, V::WIDTH);
            let to = &mut self.plane.data[at..at + g.ow * V::WIDTH];
            for ox in 0..g.ow {
                let from = (oy * g.ow + ox) * g.cout + c;
                // SAFETY: `from + part` is within one output image, `to` holds `ow` vectors.
                unsafe {
                    let (dz, y) = (V::load_part(dz.as_ptr().add(from), part), V::load_part(y.as_ptr().add(from), part));
                    norm.apply(dz, y, c).store(to.as_mut_ptr().add(ox * V::WIDTH));
                }
            }
        }
    }

    /// Gradient of one image's input.
    #[inline(always)]
    fn input_gradient<V: Lanes>(&mut self, g: &Geometry, w: &[f32], dx: &mut [f32], c: usize) {
        assert!(dx.len() == g.input() && w.len() >= g.depth() * V::WIDTH);
        let (stride, part) = (g.spec.stride, (g.cin - c).min(V::WIDTH));
        let (dx, sums) = (dx.as_mut_ptr(), &mut self.sums);
        for phase in &self.phases {
            for j in 0..phase.count[0] {
                // SAFETY: the plane holds every tap of the phase's pixels, rounded up to SIDE; the pixels are within `dx`.
                unsafe {
                    let from = self.plane.data.as_ptr().add(j * self.plane.columns * V::WIDTH);
                    let row = (phase.first[0] + j * stride) * g.w + phase.first[1];
                    row_of_sums::<V>(phase.count[1], from, 1, &phase.taps, w.as_ptr(), sums.as_mut_ptr());
                    for i in 0..phase.count[1] {
                        let sum = V::load(sums.as_ptr().add(i * V::WIDTH));
                        sum.store_part(dx.add((row + i * stride) * g.cin + c), part);
                    }
                }
            }
        }
    }
}

/// Both gradients of one chunk.
pub struct Gradients<'a> {
    /// Sizes of the chunk.
    pub g: Geometry,
    /// Gradient of the activations.
    pub dz: &'a [f32],
    /// Output of the convolution.
    pub y: &'a [f32],
    /// Input of the convolution.
    pub x: &'a [f32],
    /// The way back to `y`.
    pub norm: &'a Backward,
    /// Gradient of the input, and the weights packed by [`pack`].
    pub dx: Option<(&'a mut [f32], &'a [f32])>,
    /// Zeros of [`weight_gradient_len`] elements.
    pub dw: Option<&'a mut [f32]>,
}

impl Task for Gradients<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let g = self.g;
        assert!(self.x.len() == g.n * g.input() && self.y.len() == g.n * g.output() && self.dz.len() == self.y.len());
        assert!(self.dx.as_ref().is_none_or(|(dx, _)| dx.len() == self.x.len()));
        assert!(self.dw.as_ref().is_none_or(|dw| dw.len() == weight_gradient_len(&g)));
        let mut input = Input::new(&g);
        let mut output = Output::new(&g);
        for image in 0..g.n {
            let from = image * g.input()..(image + 1) * g.input();
            let out = image * g.output()..(image + 1) * g.output();
            touch(&self.dz[out.clone()]);
            touch(&self.y[out.clone()]);
            touch(&self.x[from.clone()]);
            for c in (0..g.cout).step_by(V::WIDTH) {
                output.fill::<V>(&g, self.norm, &self.dz[out.clone()], &self.y[out.clone()], c);
                if let Some((dx, w)) = &mut self.dx {
                    output.input_gradient::<V>(&g, &w[c * g.depth()..], &mut dx[from.clone()], c);
                }
                if let Some(dw) = &mut self.dw {
                    input.fill::<V>(&g, &self.x[from.clone()], c);
                    let dw = &mut dw[c * g.depth()..(c + V::WIDTH) * g.depth()];
                    weight_gradient::<V>(&g, &input.plane, &output.plane, dw);
                }
            }
        }
    }
}

/// Adds one image's gradient of one vector of filters.
#[inline(always)]
fn weight_gradient<V: Lanes>(g: &Geometry, x: &Plane, dy: &Plane, dw: &mut [f32]) {
    assert_eq!(dw.len(), g.depth() * V::WIDTH);
    let mut row = 0;
    while row < g.spec.kernel {
        // SAFETY: window rows `row..` exist; `dw` holds every tap.
        unsafe {
            row += match (g.spec.kernel, g.spec.kernel - row) {
                (3, _) => window_rows::<V, 3, 3>(g, x, dy, row, dw),
                (5, 2..) => window_rows::<V, 5, 2>(g, x, dy, row, dw),
                (5, _) => window_rows::<V, 5, 1>(g, x, dy, row, dw),
                (7, _) => window_rows::<V, 7, 1>(g, x, dy, row, dw),
                _ => {
                    for column in 0..g.spec.kernel {
                        taps::<V, 1, 1>(g, x, dy, [row, column], dw);
                    }
                    1
                }
            };
        }
    }
}

/// R window rows of K taps from `row` on; gives R.
#[inline(always)]
unsafe fn window_rows<V: Lanes, const K: usize, const R: usize>(
    g: &Geometry,
    x: &Plane,
    dy: &Plane,
    row: usize,
    dw: &mut [f32],
) -> usize {
    // SAFETY: the caller's.
    unsafe { taps::<V, K, R>(g, x, dy, [row, 0], dw) };
    R
}

/// R × K taps from window position `at` on.
#[inline(always)]
unsafe fn taps<V: Lanes, const K: usize, const R: usize>(
    g: &Geometry,
    x: &Plane,
    dy: &Plane,
    at: [usize; 2],
    dw: &mut [f32],
) {
    let (k, stride) = (g.spec.kernel, g.spec.stride);
    let mut sums = [[V::splat(0.0); K]; R];
    // SAFETY: both planes hold the pixels and windows of the whole output; `dw` holds k × k taps.
    unsafe {
        for oy in 0..g.oh {
            let dy = dy.data.as_ptr().add(dy.index(oy, 0, V::WIDTH));
            let first = ((oy * stride + at[0]) * x.columns + at[1]) * V::WIDTH;
            let from = x.data.as_ptr().add(first);
            for ox in 0..g.ow {
                let d = V::load(dy.add(ox * V::WIDTH));
                let from = from.add(ox * stride * V::WIDTH);
                for (r, row) in sums.iter_mut().enumerate() {
                    for (tap, sum) in row.iter_mut().enumerate() {
                        *sum = V::load(from.add((r * x.columns + tap) * V::WIDTH)).mul_add(d, *sum);
                    }
                }
            }
        }
        for (r, row) in sums.iter().enumerate() {
            for (tap, sum) in row.iter().enumerate() {
                let to = dw.as_mut_ptr().add(((at[0] + r) * k + at[1] + tap) * V::WIDTH);
                V::load(to).add(*sum).store(to);
            }
        }
    }
}
