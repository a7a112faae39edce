//! The kernels, each three times.

use core::ops::Range;

use tinynas_bench_job::{Answer, Constants, Job, Kind};
use tinynas_kernels::{
    self as kernels, AddParams, Dims, KernelError, Output, PoolParams, Requant, Rows, Window, packed,
};

use crate::{count::count, data::Memory};

/// Three outputs of one shape, filled with different bytes.
struct Outputs<'a> {
    defined: &'a mut [i8],
    packed: &'a mut [i8],
    assembly: &'a mut [i8],
}

impl<'a> Outputs<'a> {
    fn new(memory: &mut Memory<'a>, count: usize) -> Self {
        let (defined, packed, assembly) = (memory.bytes(count), memory.bytes(count), memory.unaligned(count));
        defined.fill(1);
        packed.fill(2);
        assembly.fill(3);
        Self { defined, packed, assembly }
    }

    fn answer(&self, (ran, instructions, cycles): (bool, u32, u32)) -> Answer {
        let differ = |other: &[i8]| self.defined.iter().zip(other).filter(|(a, b)| a != b).count() as u32;
        let mut seen = [false; 256];
        self.defined.iter().for_each(|value| seen[usize::from(value.cast_unsigned())] = true);
        let values = seen.iter().filter(|seen| **seen).count() as u32;
        let ran = u32::from(ran);
        let (packed_differ, assembly_differ) = (differ(self.packed), differ(self.assembly));
        Answer { ran, packed_differ, assembly_differ, instructions, cycles, values }
    }
}

/// Whether all went well, and what the last one cost.
fn summary(results: [Result<(), KernelError>; 2], counted: (Result<(), KernelError>, u32, u32)) -> (bool, u32, u32) {
    (results.iter().all(Result::is_ok) && counted.0.is_ok(), counted.1, counted.2)
}

/// Runs a job; `None` if its shapes do not fit.
pub fn run(job: Job, memory: &mut Memory<'_>) -> Option<Answer> {
    match job.kind {
        Kind::Pointwise | Kind::Linear => product(job, memory),
        Kind::Conv => conv(job, memory),
        Kind::Depthwise => depthwise(job, memory),
        Kind::Add => add(job, memory),
        Kind::GlobalPool => global_pool(job, memory),
    }
}

/// Shapes of a layer with a window; `None` if it does not fit.
#[derive(Clone, Copy)]
struct Shapes {
    dims: Dims,
    window: Window,
    out_dims: Dims,
    /// Output rows of one call.
    rows: u16,
}

impl Shapes {
    fn of(job: Job, channels: u16) -> Option<Self> {
        let dims = Dims::new(job.h, job.w, job.c);
        let window = Window { kernel: job.kernel, stride: job.stride, pad: job.pad };
        let equal = window.output(dims, channels)?;
        let [down, right] = job.more.map(u16::from);
        let out_dims = Dims { h: equal.h + down, w: equal.w + right, ..equal };
        let rows = if job.rows == 0 { out_dims.h } else { job.rows.min(out_dims.h) };
        window.fits(dims, out_dims).then_some(Self { dims, window, out_dims, rows })
    }

    /// Calls `make` for all output rows with the input rows that these see.
    fn by_rows(
        &self,
        input: &[i8],
        output: &mut [i8],
        mut make: impl FnMut(Rows<'_>, Range<u16>, &mut [i8]) -> Result<(), KernelError>,
    ) -> Result<(), KernelError> {
        let (pitch, out_pitch) =
            (self.dims.bytes() / u32::from(self.dims.h), self.out_dims.bytes() / u32::from(self.out_dims.h));
        let [axis, _] = self.window.axes();
        let mut start = 0;
        for output in output.chunks_mut(out_pitch as usize * usize::from(self.rows)) {
            let end = (start + self.rows).min(self.out_dims.h);
            let (first, last) = (axis.seen(start, self.dims.h).start, axis.seen(end - 1, self.dims.h).end);
            let data = &input[usize::from(first) * pitch as usize..usize::from(last) * pitch as usize];
            make(Rows { dims: self.dims, first, data }, start..end, output)?;
            start = end;
        }
        Ok(())
    }
}

fn product(job: Job, memory: &mut Memory<'_>) -> Option<Answer> {
    let dims = Dims::new(job.h, job.w, job.c);
    let linear = job.kind == Kind::Linear;
    let inputs = if linear { dims.bytes() } else { u32::from(job.c) };
    let pixels = if linear { 1 } else { dims.pixels() as usize };
    let outputs = usize::from(job.outputs);
    let input = &*memory.tensor(dims.bytes() as usize);
    let weights = &*memory.weights(inputs as usize * outputs, job.constants);
    let (zero, out) = (memory.byte(), memory.output(job.constants));
    let channels = memory.channels(weights, outputs, zero, job.constants, None);
    let matrix = packed::Matrix { inputs, outputs: u32::from(job.outputs) };
    let words = memory.words(matrix.words() as usize);
    matrix.pack(weights, channels, out, words).ok()?;
    let scratch = memory.words(packed::matrix_scratch_words(inputs) as usize);
    let to = Outputs::new(memory, pixels * outputs);
    let defined = if linear {
        kernels::linear(input, dims, weights, channels, out, to.defined)
    } else {
        kernels::pointwise(input, dims, weights, channels, out, to.defined)
    };
    let portable = packed::portable::matrix(input, inputs as usize, outputs, words, out, to.packed, scratch);
    let rows = usize::from(if job.rows == 0 { job.h } else { job.rows }) * usize::from(job.w);
    let counted = if linear {
        count(|| packed::linear(input, words, out, to.assembly, scratch))
    } else {
        count(|| {
            let calls = input.chunks(rows * usize::from(job.c)).zip(to.assembly.chunks_mut(rows * outputs));
            calls.into_iter().try_for_each(|(input, output)| {
                packed::pointwise(input, job.c, job.outputs, words, out, output, scratch)
            })
        })
    };
    Some(to.answer(summary([defined, portable], counted)))
}

fn depthwise(job: Job, memory: &mut Memory<'_>) -> Option<Answer> {
    let shapes = Shapes::of(job, job.c)?;
    let Shapes { dims, window, out_dims, rows } = shapes;
    let input = &*memory.tensor(dims.bytes() as usize);
    let weights = &*memory.weights(usize::from(job.c) * window.taps() as usize, job.constants);
    let (zero, out) = (memory.byte(), memory.output(job.constants));
    // Trained networks have such a channel in one depthwise layer.
    let largest = (job.constants == Constants::Relu).then_some(1);
    let channels = memory.channels(weights, usize::from(job.c), zero, job.constants, largest);
    let filters = packed::Depthwise { channels: job.c, window };
    let words = memory.words(filters.words() as usize);
    filters.pack(weights, channels, out, words).ok()?;
    let in_place = job.outputs == 1;
    let rows = if in_place { out_dims.h } else { rows };
    let scratch = memory.words(packed::depthwise_scratch_words(window, out_dims, rows) as usize);
    let whole = memory.words(packed::depthwise_scratch_words(window, out_dims, out_dims.h) as usize);
    let bytes = memory.bytes(kernels::depthwise_scratch_bytes(window, out_dims) as usize);
    let mut to = Outputs::new(memory, out_dims.bytes() as usize);
    let defined = kernels::depthwise(input, dims, window, zero, weights, channels, out_dims, out, to.defined, bytes);
    let all = Rows::whole(dims, input);
    let portable =
        packed::portable::depthwise(all, window, zero, words, out_dims, 0..out_dims.h, out, to.packed, whole);
    let counted = if in_place {
        let data = memory.unaligned(input.len().max(to.assembly.len()));
        data[..input.len()].copy_from_slice(input);
        let counted = count(|| packed::depthwise_in_place(data, dims, window, zero, words, out_dims, out, scratch));
        to.assembly = &mut data[..out_dims.bytes() as usize];
        counted
    } else {
        count(|| {
            shapes.by_rows(input, to.assembly, |input, rows, output| {
                packed::depthwise(input, window, zero, words, out_dims, rows, out, output, scratch)
            })
        })
    };
    Some(to.answer(summary([defined, portable], counted)))
}

fn conv(job: Job, memory: &mut Memory<'_>) -> Option<Answer> {
    let shapes = Shapes::of(job, job.outputs)?;
    let (Shapes { dims, window, out_dims, .. }, outputs) = (shapes, usize::from(job.outputs));
    let inputs = window.taps() * u32::from(job.c);
    let input = &*memory.tensor(dims.bytes() as usize);
    let weights = &*memory.weights(inputs as usize * outputs, job.constants);
    let (zero, out) = (memory.byte(), memory.output(job.constants));
    let channels = memory.channels(weights, outputs, zero, job.constants, None);
    let matrix = packed::Matrix { inputs, outputs: u32::from(job.outputs) };
    let words = memory.words(matrix.words() as usize);
    matrix.pack(weights, channels, out, words).ok()?;
    let scratch = memory.words(packed::conv_scratch_words(job.c, window) as usize);
    let to = Outputs::new(memory, out_dims.bytes() as usize);
    let defined = kernels::conv(input, dims, window, zero, weights, channels, out_dims, out, to.defined);
    let all = Rows::whole(dims, input);
    let portable = packed::portable::conv(all, window, zero, words, out_dims, 0..out_dims.h, out, to.packed, scratch);
    let counted = count(|| {
        shapes.by_rows(input, to.assembly, |input, rows, output| {
            packed::conv(input, window, zero, words, out_dims, rows, out, output, scratch)
        })
    });
    Some(to.answer(summary([defined, portable], counted)))
}

fn add(job: Job, memory: &mut Memory<'_>) -> Option<Answer> {
    let elements = Dims::new(job.h, job.w, job.c).bytes() as usize;
    let (left, right) = (&*memory.tensor(elements), &*memory.tensor(elements));
    let scale = |memory: &mut Memory<'_>| {
        let wild = job.constants == Constants::Wild && memory.below(3) == 0;
        (if wild { 1e-4 } else { 0.02 })
            * (1 + memory.below(if wild { 10_000 } else { 3 })) as f32
            * (1.0 + memory.below(1000) as f32 / 1000.0)
    };
    let [a, b, c] = core::array::from_fn(|_| scale(memory));
    // Equal scales are a case of their own.
    let b = if job.constants == Constants::Wild && memory.below(8) == 0 { a } else { b };
    let zeros = [memory.byte(), memory.byte()];
    let out = memory.output(job.constants);
    let out = if job.constants == Constants::Wild { out } else { Output { min: -128, max: 127, ..out } };
    let params = AddParams::from_scales((a, zeros[0]), (b, zeros[1]), c);
    let to = Outputs::new(memory, elements);
    let defined = kernels::add(left, right, &params, out, to.defined);
    // There is nothing to pack.
    to.packed.copy_from_slice(to.defined);
    let counted = count(|| packed::add(left, right, &params, out, to.assembly));
    Some(to.answer(summary([defined, Ok(())], counted)))
}

fn global_pool(job: Job, memory: &mut Memory<'_>) -> Option<Answer> {
    let dims = Dims::new(job.h, job.w, job.c);
    let input = &*memory.tensor(dims.bytes() as usize);
    let factor = Requant { multiplier: (1 << 30) + memory.below(1 << 30) as i32, shift: 2 - memory.below(4) as i8 };
    let params = PoolParams { input_zero: memory.byte(), requant: factor.divided_by(dims.pixels()) };
    let out = memory.output(job.constants);
    let to = Outputs::new(memory, usize::from(job.c));
    let defined = kernels::global_pool(input, dims, &params, out, to.defined);
    to.packed.copy_from_slice(to.defined);
    let counted = count(|| packed::global_pool(input, dims, &params, out, to.assembly));
    Some(to.answer(summary([defined, Ok(())], counted)))
}
