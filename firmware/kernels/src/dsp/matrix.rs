//! Products over packed weights: four pixels at a time, the rest one by one.

use crate::{
    Output,
    packed::matrix::{View, record_words},
};

/// What a tile of four pixels needs; the layout is the assembly's.
#[repr(C)]
struct Tile {
    inputs: *const u32,
    /// Steps of two inputs, less the first one.
    steps: usize,
    inputs_end: *const u32,
    records: *const u32,
    records_end: *const u32,
    output: *mut i8,
    outputs: usize,
    kind: usize,
}

/// What one pixel needs.
#[repr(C)]
struct Vector {
    inputs: *const u32,
    /// Steps that are no block of four: 0 or 2.
    rest: usize,
    blocks: usize,
    records: *const u32,
    records_end: *const u32,
    output: *mut i8,
    kind: usize,
}

unsafe extern "C" {
    fn tinynas_tile(tile: *const Tile);
    fn tinynas_tile_bytes(tile: *const Tile);
    fn tinynas_vector(vector: *const Vector);
    fn tinynas_vector_bytes(vector: *const Vector);
    fn tinynas_widen(pixels: *const i8, distance: usize, groups: usize, words: *mut u32);
    fn tinynas_widen_doubled(pixels: *const i8, distance: usize, groups: usize, words: *mut u32);
    fn tinynas_widen_one(vector: *const i8, end: *const i8, words: *mut u32);
    fn tinynas_widen_one_doubled(vector: *const i8, end: *const i8, words: *mut u32);
}

// The assembly's numbers.
const CLAMPED: usize = 0;
const FULL: usize = 1;
const LONG: usize = 2;

/// The routines of a layer.
struct Routines {
    tile: unsafe extern "C" fn(*const Tile),
    vector: unsafe extern "C" fn(*const Vector),
    /// How the two make outputs of sums; those of plain bytes do not ask.
    kind: usize,
    widen: unsafe extern "C" fn(*const i8, usize, usize, *mut u32),
    widen_one: unsafe extern "C" fn(*const i8, *const i8, *mut u32),
    factor: i32,
}

impl Routines {
    fn of(view: &View<'_>) -> Self {
        let (tile, vector): (unsafe extern "C" fn(_), unsafe extern "C" fn(_)) = match view {
            view if view.has_plain_bytes() && !view.is_doubled() => (tinynas_tile_bytes, tinynas_vector_bytes),
            _ => (tinynas_tile, tinynas_vector),
        };
        let kind = match view {
            view if view.is_doubled() => CLAMPED,
            view if view.is_long() => LONG,
            _ => FULL,
        };
        if view.is_doubled() {
            return Self {
                tile,
                vector,
                kind,
                widen: tinynas_widen_doubled,
                widen_one: tinynas_widen_one_doubled,
                factor: 2,
            };
        }
        Self { tile, vector, kind, widen: tinynas_widen, widen_one: tinynas_widen_one, factor: 1 }
    }
}

/// Pixels of one tile.
pub(crate) const TILE: usize = 4;

/// The product of all vectors in `input`; lengths were checked, `scratch` holds a tile.
pub(crate) fn run(view: &View<'_>, input: &[i8], out: Output, output: &mut [i8], scratch: &mut [u32]) {
    let (inputs, outputs) = (view.inputs, view.outputs);
    let product = Product::new(view, out);
    let pixels = input.len().checked_div(inputs).unwrap_or(0);
    let mut at = 0;
    while at < pixels {
        // The last three are a tile with the one before them, if there is one.
        let first = if pixels - at == TILE - 1 { pixels.saturating_sub(TILE) } else { at };
        let count = if pixels - first >= TILE { TILE } else { 1 };
        let vectors = input.get(first * inputs..(first + count) * inputs).unwrap_or_default();
        let outputs = output.get_mut(first * outputs..(first + count) * outputs).unwrap_or_default();
        if count == TILE {
            // Inputs past a vector meet weights of zero: they may be anything, but must lie in the slice.
            let readable = if first + TILE < pixels { inputs.div_ceil(4) } else { inputs / 4 };
            product.widen(vectors, inputs, readable, scratch);
            product.tile(scratch, outputs);
        } else {
            product.vector(vectors, scratch, outputs);
        }
        at = first + count;
    }
    product.clamp(output);
}

/// The product of one vector; lengths were checked, `scratch` holds it.
pub(crate) fn one(view: &View<'_>, input: &[i8], out: Output, output: &mut [i8], scratch: &mut [u32]) {
    let product = Product::new(view, out);
    product.vector(input, scratch, output);
    product.clamp(output);
}

/// One layer's weights with what runs them.
pub(crate) struct Product<'a> {
    view: &'a View<'a>,
    out: Output,
    routines: Routines,
    /// Records of two channels that both exist.
    whole: &'a [u32],
}

impl<'a> Product<'a> {
    pub(crate) fn new(view: &'a View<'a>, out: Output) -> Self {
        let whole = view.records.get(..view.outputs / 2 * record_words(view.inputs)).unwrap_or_default();
        Self { view, out, routines: Routines::of(view), whole }
    }

    /// Widens four vectors in `vectors`, `distance` bytes from one to the next, into `words`; `readable`: groups of four
    /// inputs that may be read as words.
    pub(crate) fn widen(&self, vectors: &[i8], distance: usize, readable: usize, words: &mut [u32]) {
        let inputs = self.view.inputs;
        if readable > 0 {
            // SAFETY: the caller's vectors are as long as it says, and the scratch holds all groups of a tile.
            unsafe { (self.routines.widen)(vectors.as_ptr(), distance, readable, words.as_mut_ptr()) };
        }
        if readable * 4 >= inputs {
            return;
        }
        for (pixel, vector) in vectors.chunks_exact(distance.max(1)).enumerate() {
            for i in readable * 4..inputs.next_multiple_of(4) {
                let x = self.routines.factor * i32::from(vector.get(i).copied().unwrap_or_default());
                set(words, i / 4 * 8 + i % 2 * 4 + pixel, i % 4 / 2, x);
            }
        }
    }

    /// Four pixels from widened inputs.
    pub(crate) fn tile(&self, words: &[u32], pixels: &mut [i8]) {
        let groups = self.view.inputs.div_ceil(4);
        if !self.whole.is_empty() {
            let tile = Tile {
                inputs: words.as_ptr(),
                steps: 2 * groups - 1,
                inputs_end: words.as_ptr().wrapping_add(8 * groups),
                records: self.whole.as_ptr(),
                records_end: self.whole.as_ptr_range().end,
                output: pixels.as_mut_ptr(),
                outputs: self.view.outputs,
                kind: self.routines.kind,
            };
            // SAFETY: `words` holds 8 words per group, `whole` whole records, `pixels` four pixels of `outputs` bytes.
            unsafe { (self.routines.tile)(&raw const tile) };
        }
        self.others(pixels, words, TILE);
    }

    /// One pixel from its vector.
    pub(crate) fn vector(&self, vector: &[i8], words: &mut [u32], pixel: &mut [i8]) {
        let groups = self.view.inputs.div_ceil(4);
        let (fours, rest) = vector.as_chunks::<4>();
        if !fours.is_empty() {
            let fours = fours.as_flattened().as_ptr_range();
            // SAFETY: whole words of the vector; `words` holds two for each of them.
            unsafe { (self.routines.widen_one)(fours.start, fours.end, words.as_mut_ptr()) };
        }
        if let (false, Some(words)) = (rest.is_empty(), words.get_mut(2 * fours.len()..2 * groups)) {
            let at = |i: usize| self.routines.factor * i32::from(rest.get(i).copied().unwrap_or_default());
            for (word, i) in words.iter_mut().zip(0..) {
                *word = (at(i) & 0xffff | at(i + 2) << 16).cast_unsigned();
            }
        }
        if !self.whole.is_empty() {
            let job = Vector {
                inputs: words.as_ptr(),
                rest: 2 * groups % 4,
                blocks: groups / 2,
                records: self.whole.as_ptr(),
                records_end: self.whole.as_ptr_range().end,
                output: pixel.as_mut_ptr(),
                kind: self.routines.kind,
            };
            // SAFETY: `words` holds 2 words per group, `whole` whole records, `pixel` has `outputs` bytes.
            unsafe { (self.routines.vector)(&raw const job) };
        }
        self.others(pixel, words, 1);
    }

    /// Channels that the assembly did not do or could not do exactly, of `count` pixels that were widened together.
    fn others(&self, pixels: &mut [i8], words: &[u32], count: usize) {
        let outputs = self.view.outputs;
        if self.view.has_defined() || outputs % 2 != 0 {
            self.one_by_one(pixels, words, count);
        }
    }

    #[inline(never)]
    fn one_by_one(&self, pixels: &mut [i8], words: &[u32], count: usize) {
        let outputs = self.view.outputs;
        for (index, pair) in self.view.pairs().enumerate() {
            let alone = 2 * index + 1 == outputs;
            if alone || pair.is_defined() {
                for (number, pixel) in pixels.chunks_exact_mut(outputs.max(1)).enumerate() {
                    let [first, second] = pair.outputs(words.get(number..).unwrap_or_default(), count, self.out);
                    match pixel.get_mut(2 * index..) {
                        Some([a, b, ..]) => (*a, *b) = (first, second),
                        Some([a]) => *a = first,
                        _ => {}
                    }
                }
            }
        }
    }

    /// The activation's bounds where saturation is not all.
    pub(crate) fn clamp(&self, output: &mut [i8]) {
        super::clamp(output, self.out);
    }
}

fn set(words: &mut [u32], index: usize, half: usize, value: i32) {
    if let Some(word) = words.get_mut(index) {
        let value = value.cast_unsigned() & 0xffff;
        *word = if half == 0 { *word & 0xffff_0000 | value } else { *word & 0xffff | value << 16 };
    }
}
