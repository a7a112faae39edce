//! Normalisation per channel with its activation, forward and backward, over rows `[rows, c]`.
//!
//! Forward: `z = clamp(y * scale + shift)`. Backward: `g = dz` where the activation passes, then
//! `dy = g * scale + (y - mean) * slope + offset`, where slope and offset carry what the batch statistics depend on.
//! Sums over pixels run in f32 over one tile and in f64 over tiles, around a value of the channel itself, so that
//! a large mean costs no precision.

use tinynas_model::Activation;

use super::lanes::Lanes;
use super::{Task, touch};

/// Longest vector: per-channel lists are padded to a multiple of it, so that kernels read whole vectors.
const PAD: usize = 16;

/// A list per channel, padded with zeros to whole vectors.
pub fn padded(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut list: Vec<f32> = values.collect();
    list.resize(list.len().next_multiple_of(PAD), 0.0);
    list
}

/// The values that an activation lets pass.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Everything below becomes this.
    pub low: f32,
    /// Everything above becomes this.
    pub high: f32,
}

impl Limits {
    /// The limits of an activation.
    pub const fn of(activation: Activation) -> Self {
        match activation {
            Activation::Linear => Self { low: f32::NEG_INFINITY, high: f32::INFINITY },
            Activation::Relu => Self { low: 0.0, high: f32::INFINITY },
            Activation::Relu6 => Self { low: 0.0, high: 6.0 },
        }
    }
}

/// `z = clamp(y * scale + shift)`; lists padded.
#[derive(Clone, Debug)]
pub struct Affine {
    /// Factor per channel.
    pub scale: Vec<f32>,
    /// Added per channel.
    pub shift: Vec<f32>,
    /// Of the activation.
    pub limits: Limits,
}

impl Affine {
    /// One vector of channels from channel `c` on.
    ///
    /// # Safety
    /// `c` must be a multiple of the width and less than the channels.
    #[inline(always)]
    pub unsafe fn apply<V: Lanes>(&self, y: V, c: usize) -> V {
        // SAFETY: the lists are padded to whole vectors.
        let (scale, shift) = unsafe { (V::load(self.scale.as_ptr().add(c)), V::load(self.shift.as_ptr().add(c))) };
        y.mul_add(scale, shift).clamp(V::splat(self.limits.low), V::splat(self.limits.high))
    }

    /// Whole rows: `z` may be `y`.
    ///
    /// # Safety
    /// `y` must be readable and `z` writable for `rows` rows of `c` channels, as many as the lists have.
    #[inline(always)]
    pub unsafe fn rows<V: Lanes>(&self, y: *const f32, z: *mut f32, rows: usize, c: usize) {
        debug_assert!(c <= self.scale.len() && self.scale.len() == self.shift.len());
        for row in 0..rows {
            let mut first = 0;
            while first < c {
                let (at, part) = (row * c + first, (c - first).min(V::WIDTH));
                // SAFETY: `at + part` stays within the row.
                unsafe { self.apply(V::load_part(y.add(at), part), first).store_part(z.add(at), part) };
                first += V::WIDTH;
            }
        }
    }
}

/// Activations of whole rows.
pub struct Apply<'a> {
    /// What to compute.
    pub affine: &'a Affine,
    /// The convolution's output; `None`: it is in `z`.
    pub y: Option<&'a [f32]>,
    /// Activations.
    pub z: &'a mut [f32],
    /// Channels.
    pub c: usize,
}

impl Task for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        assert!(self.y.is_none_or(|y| y.len() == self.z.len()) && self.c <= self.affine.scale.len());
        let z = self.z.as_mut_ptr();
        let y = self.y.map_or(z.cast_const(), <[f32]>::as_ptr);
        // SAFETY: both hold as many rows.
        unsafe { self.affine.rows::<V>(y, z, self.z.len() / self.c, self.c) };
    }
}

/// Count, sum and sum of squares per channel, around a pivot.
#[derive(Clone, Debug)]
pub struct Moments {
    count: usize,
    pivot: Vec<f32>,
    sum: Vec<f64>,
    square: Vec<f64>,
}

impl Moments {
    /// No values of `c` channels.
    pub fn new(c: usize) -> Self {
        let c = c.next_multiple_of(PAD);
        Self { count: 0, pivot: vec![0.0; c], sum: vec![0.0; c], square: vec![0.0; c] }
    }

    /// Takes the first values seen, `part` of a vector of channels, as the pivot.
    ///
    /// # Safety
    /// `c` must be a multiple of the width and less than the channels, `first` readable for `part` floats.
    #[inline(always)]
    pub unsafe fn open<V: Lanes>(&mut self, c: usize, first: *const f32, part: usize) {
        if self.count == 0 {
            // SAFETY: the list is padded to whole vectors.
            unsafe { V::load_part(first, part).store(self.pivot.as_mut_ptr().add(c)) };
        }
    }

    /// The pivot of a vector of channels.
    ///
    /// # Safety
    /// `c` must be a multiple of the width and less than the channels.
    #[inline(always)]
    pub unsafe fn pivot<V: Lanes>(&self, c: usize) -> V {
        // SAFETY: the list is padded to whole vectors.
        unsafe { V::load(self.pivot.as_ptr().add(c)) }
    }

    /// Adds sums of `value - pivot` and of its square.
    #[inline(always)]
    pub fn add<V: Lanes>(&mut self, c: usize, sum: V, square: V) {
        add_lanes(&mut self.sum[c..], sum);
        add_lanes(&mut self.square[c..], square);
    }

    /// Counts values that were added for every channel.
    #[inline(always)]
    pub const fn counted(&mut self, values: usize) {
        self.count += values;
    }

    /// Rows of all channels.
    ///
    /// # Safety
    /// `y` must be readable for `rows` rows of `c` channels, the number given to [`Self::new`].
    #[inline(always)]
    pub unsafe fn rows<V: Lanes>(&mut self, y: *const f32, rows: usize, c: usize) {
        let mut first = 0;
        while first < c {
            let part = (c - first).min(V::WIDTH);
            // SAFETY: `first + part` stays within the rows.
            unsafe {
                let y = y.add(first);
                self.open::<V>(first, y, part);
                let pivot = self.pivot::<V>(first);
                // Two chains each, so that additions do not wait for one another.
                let mut sums = [V::splat(0.0); 2];
                let mut squares = [V::splat(0.0); 2];
                for row in 0..rows {
                    let d = V::load_part(y.add(row * c), part).sub(pivot);
                    sums[row % 2] = sums[row % 2].add(d);
                    squares[row % 2] = d.mul_add(d, squares[row % 2]);
                }
                self.add(first, sums[0].add(sums[1]), squares[0].add(squares[1]));
            }
            first += V::WIDTH;
        }
        self.count += rows;
    }

    /// Mean and biased variance per channel over all chunks, joined in their order (Chan et al., 1979).
    pub fn join(chunks: &[Self], c: usize) -> (Vec<f32>, Vec<f32>) {
        let join = |i: usize| {
            let (mut count, mut mean, mut m2) = (0.0, 0.0, 0.0);
            for chunk in chunks.iter().filter(|chunk| chunk.count > 0) {
                let n = chunk.count as f64;
                let (sum, square) = (chunk.sum[i], chunk.square[i]);
                let delta = f64::from(chunk.pivot[i]) + sum / n - mean;
                let total = count + n;
                m2 += (square - sum * sum / n).max(0.0) + delta * delta * count * n / total;
                mean += delta * n / total;
                count = total;
            }
            (mean as f32, (m2 / count) as f32)
        };
        (0..c).map(join).unzip()
    }
}

#[inline(always)]
fn add_lanes<V: Lanes>(to: &mut [f64], x: V) {
    let mut lanes = [0.0_f32; PAD];
    // SAFETY: no vector is longer than `PAD`.
    unsafe { x.store(lanes.as_mut_ptr()) };
    for (to, x) in to.iter_mut().zip(&lanes[..V::WIDTH]) {
        *to += f64::from(*x);
    }
}

/// The way back through activation and normalisation; lists padded.
#[derive(Clone, Debug)]
pub struct Backward {
    /// The forward pass.
    pub affine: Affine,
    /// Batch mean, or zero where the statistics are constants.
    pub mean: Vec<f32>,
    /// What `y - mean` adds to the gradient.
    pub slope: Vec<f32>,
    /// Added to the gradient.
    pub offset: Vec<f32>,
}

impl Backward {
    /// Gradient of one vector of the convolution's output.
    ///
    /// # Safety
    /// `c` must be a multiple of the width and less than the channels.
    #[inline(always)]
    pub unsafe fn apply<V: Lanes>(&self, dz: V, y: V, c: usize) -> V {
        // SAFETY: the lists are padded to whole vectors.
        unsafe {
            let scale = V::load(self.affine.scale.as_ptr().add(c));
            let centred = y.sub(V::load(self.mean.as_ptr().add(c)));
            let slow = centred.mul_add(V::load(self.slope.as_ptr().add(c)), V::load(self.offset.as_ptr().add(c)));
            self.gate(dz, y, c).mul_add(scale, slow)
        }
    }

    /// The gradient that passes the activation.
    ///
    /// # Safety
    /// As [`Self::apply`].
    #[inline(always)]
    unsafe fn gate<V: Lanes>(&self, dz: V, y: V, c: usize) -> V {
        // SAFETY: the lists are padded to whole vectors.
        let (scale, shift) =
            unsafe { (V::load(self.affine.scale.as_ptr().add(c)), V::load(self.affine.shift.as_ptr().add(c))) };
        let limits = self.affine.limits;
        dz.gate(y.mul_add(scale, shift), V::splat(limits.low), V::splat(limits.high))
    }

    /// Gradients of whole rows.
    ///
    /// # Safety
    /// `dz` and `y` must be readable, `dy` writable for `rows` rows of `c` channels, as many as the lists have.
    #[inline(always)]
    pub unsafe fn rows<V: Lanes>(&self, dz: *const f32, y: *const f32, dy: *mut f32, rows: usize, c: usize) {
        for row in 0..rows {
            let mut first = 0;
            while first < c {
                let (at, part) = (row * c + first, (c - first).min(V::WIDTH));
                // SAFETY: `at + part` stays within the row.
                unsafe {
                    let (dz, y) = (V::load_part(dz.add(at), part), V::load_part(y.add(at), part));
                    self.apply(dz, y, first).store_part(dy.add(at), part);
                }
                first += V::WIDTH;
            }
        }
    }

    /// Adds `g` and `g * (y - mean)` of whole rows to `sums`; with `VALUES` also `y - mean` and its square.
    ///
    /// # Safety
    /// `dz` and `y` must be readable for `rows` rows of `c` channels, as many as the lists have.
    #[inline(always)]
    pub unsafe fn sums<V: Lanes, const VALUES: bool>(
        &self,
        dz: *const f32,
        y: *const f32,
        rows: usize,
        c: usize,
        sums: &mut Sums,
    ) {
        let mut first = 0;
        while first < c {
            let part = (c - first).min(V::WIDTH);
            // SAFETY: `first + part` stays within the rows.
            unsafe {
                let mean = V::load(self.mean.as_ptr().add(first));
                let mut plain = [V::splat(0.0); 2];
                let mut centred = [V::splat(0.0); 2];
                let mut values = [V::splat(0.0); 2];
                for row in 0..rows {
                    let at = row * c + first;
                    let y = V::load_part(y.add(at), part);
                    let g = self.gate(V::load_part(dz.add(at), part), y, first);
                    plain[row % 2] = plain[row % 2].add(g);
                    let d = y.sub(mean);
                    centred[row % 2] = g.mul_add(d, centred[row % 2]);
                    if VALUES {
                        values = [values[0].add(d), d.mul_add(d, values[1])];
                    }
                }
                add_lanes(&mut sums.plain[first..], plain[0].add(plain[1]));
                add_lanes(&mut sums.centred[first..], centred[0].add(centred[1]));
                if VALUES {
                    add_lanes(&mut sums.value[first..], values[0]);
                    add_lanes(&mut sums.square[first..], values[1]);
                }
            }
            first += V::WIDTH;
        }
    }
}

/// Sums over pixels that the gradients of normalisation need, per channel, padded.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Of the gradient behind the activation.
    pub plain: Vec<f64>,
    /// Of the same times `y - mean`.
    pub centred: Vec<f64>,
    /// Of `y - mean`, if asked for.
    pub value: Vec<f64>,
    /// Of its square, if asked for.
    pub square: Vec<f64>,
}

impl Sums {
    /// Zeros for `c` channels.
    pub fn new(c: usize) -> Self {
        let c = c.next_multiple_of(PAD);
        let zeros = || vec![0.0; c];
        Self { plain: zeros(), centred: zeros(), value: zeros(), square: zeros() }
    }

    /// Adds another chunk's sums of gradients.
    pub fn add(&mut self, other: &Self) {
        self.plain.iter_mut().zip(&other.plain).for_each(|(a, b)| *a += b);
        self.centred.iter_mut().zip(&other.centred).for_each(|(a, b)| *a += b);
    }
}

/// Sums over the rows of one chunk; with `VALUES` also those of the output alone.
pub struct Collect<'a, const VALUES: bool> {
    /// The way back.
    pub norm: &'a Backward,
    /// Gradient of the activations.
    pub dz: &'a [f32],
    /// Output of the convolution.
    pub y: &'a [f32],
    /// Where to add.
    pub sums: &'a mut Sums,
    /// Channels.
    pub c: usize,
}

impl<const VALUES: bool> Task for Collect<'_, VALUES> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(self) {
        assert!(self.dz.len() == self.y.len() && self.c <= self.sums.plain.len() && self.c <= self.norm.mean.len());
        // Columns are walked one vector at a time: a tile must stay in the first-level cache.
        let (rows, tile) = (self.y.len() / self.c, (3072 / self.c).max(8));
        let mut first = 0;
        while first < rows {
            let count = (rows - first).min(tile);
            let range = first * self.c..(first + count) * self.c;
            touch(&self.dz[range.clone()]);
            touch(&self.y[range]);
            // SAFETY: rows `first..first + count` exist in both.
            unsafe {
                let (dz, y) = (self.dz.as_ptr().add(first * self.c), self.y.as_ptr().add(first * self.c));
                self.norm.sums::<V, VALUES>(dz, y, count, self.c, self.sums);
            }
            first += count;
        }
    }
}
