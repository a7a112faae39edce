//! Depthwise convolutions: one routine for a run of channels, which copies each one's plane and computes it.

use crate::packed::{
    as_halves,
    depthwise::Data,
    filter::{Record, is_fast, record_words},
    plane::Job,
};

/// The assembly's frame; its words are described there.
#[repr(C)]
#[derive(Clone, Copy)]
struct Frame {
    back: usize,
    depth: usize,
    last: usize,
    row_end: usize,
    output: *mut i8,
    pitch: usize,
    tail: usize,
    entry: usize,
    rows: usize,
    row: *const u32,
    advance: usize,
    blocks: usize,
    rest: usize,
    second: usize,
    pixels: *const i8,
    pixel: usize,
    height: usize,
    skip: usize,
    three_pixels: usize,
    halves: *mut i16,
    to_next_row: usize,
    width: usize,
    channel: *mut i8,
    all_rows: usize,
    plane: *const u32,
    record: *const u32,
    channels: usize,
}

type Routine = unsafe extern "C" fn(frame: *const Frame);

unsafe extern "C" {
    fn tinynas_depthwise_3_1(frame: *const Frame);
    fn tinynas_depthwise_5_1(frame: *const Frame);
    fn tinynas_depthwise_7_1(frame: *const Frame);
    fn tinynas_depthwise_3_2(frame: *const Frame);
    fn tinynas_depthwise_5_2(frame: *const Frame);
    fn tinynas_depthwise_7_2(frame: *const Frame);
}

/// A routine, the outputs of its blocks, and whether it reads a record backwards from its constants.
///
/// One routine for both roundings: it lets the sign of the sum stand for the sign of the result, and where outputs below the
/// zero point are cut off, one less for a result that is negative or 0 changes nothing.
fn routine(kernel: u8, stride: u8) -> (Routine, usize, bool) {
    match (kernel, stride) {
        (3, 1) => (tinynas_depthwise_3_1, 4, true),
        (5, 1) => (tinynas_depthwise_5_1, 4, true),
        (7, 1) => (tinynas_depthwise_7_1, 4, false),
        (3, _) => (tinynas_depthwise_3_2, 4, true),
        (5, _) => (tinynas_depthwise_5_2, 2, false),
        _ => (tinynas_depthwise_7_2, 2, false),
    }
}

/// All channels; shapes were checked.
pub(crate) fn run(job: &Job<'_>, plane: &mut [u32], data: &mut Data<'_>) {
    let depth = usize::from(job.dims.c);
    let words = record_words(job.window);
    let frame = frame(job, plane);
    let fast = is_fast(job.window) && job.rows() > 0;
    let mut first = 0;
    while first < depth {
        let records = job.packed.get(first * words..).unwrap_or_default();
        let defined = |words| Record::new(words, job.window).scale().defined().is_some();
        let count = if fast { records.chunks_exact(words).position(defined).unwrap_or(depth - first) } else { 0 };
        if count > 0 {
            some(job, &frame, records, first, count, data);
        }
        first += count;
        // A channel that goes by the definition, or one of a window that the assembly does not have.
        if let Some(record) = records.chunks_exact(words).nth(count) {
            let halves = as_halves(plane);
            job.fill(halves, data.input(), first);
            job.convolve(halves, &Record::new(record, job.window), data.output(), first);
            first += 1;
        }
    }
    super::clamp(data.output(), job.out);
}

/// What is the same for all channels.
fn frame(job: &Job<'_>, plane: &mut [u32]) -> Frame {
    let (window, seen) = (job.window, job.seen());
    let ([kernel, _], [stride, _]) = (window.kernel.map(usize::from), window.stride.map(usize::from));
    let (depth, width) = (usize::from(job.dims.c), usize::from(job.out_dims.w));
    let (_, block, _) = routine(window.kernel[0], window.stride[0]);
    let pitch = 4 * job.pitch();
    let (rest, step) = (width % block, 2 * block * stride);
    Frame {
        back: ((kernel - 1) * pitch).wrapping_sub(step),
        depth,
        last: (block - 1) * depth,
        row_end: 0,
        output: core::ptr::null_mut(),
        pitch,
        tail: rest,
        entry: 0,
        rows: 0,
        row: core::ptr::null(),
        advance: stride * pitch,
        blocks: width / block * step,
        rest: rest * depth,
        second: if rest == 2 { depth } else { 0 },
        pixels: core::ptr::null(),
        pixel: depth,
        height: seen.rows,
        skip: (usize::from(job.dims.w) - seen.columns) * depth,
        three_pixels: 3 * depth,
        halves: plane.as_mut_ptr().cast::<i16>().wrapping_add(seen.row * pitch / 2 + seen.column),
        to_next_row: pitch - 2 * seen.columns,
        width: seen.columns,
        channel: core::ptr::null_mut(),
        all_rows: job.rows(),
        plane: plane.as_ptr(),
        record: core::ptr::null(),
        channels: 0,
    }
}

/// `count` channels from `first` on, at least one; `records` begins with theirs.
fn some(job: &Job<'_>, frame: &Frame, records: &[u32], first: usize, count: usize, data: &mut Data<'_>) {
    let (routine, _, backwards) = routine(job.window.kernel[0], job.window.stride[0]);
    let (pixels, output) = match data {
        Data::Apart(input, output) => (input.as_ptr(), output.as_mut_ptr()),
        Data::InPlace { data, .. } => {
            let data = data.as_mut_ptr();
            (data.cast_const(), data)
        }
    };
    let constants = if backwards { record_words(job.window) - 3 } else { 0 };
    let frame = Frame {
        pixels: pixels.wrapping_add(job.seen().start + first),
        channel: output.wrapping_add(first),
        record: records.as_ptr().wrapping_add(constants),
        channels: count,
        ..*frame
    };
    // SAFETY: there are `count` records and channels from `first` on. The input has the rows that are seen, of pixels of
    // `depth` bytes, and the plane has room for them between its padding. The output has `all_rows` rows of pixels of
    // `depth` bytes; where it takes the input's place, an output overwrites only values of its own channel, which were
    // copied. Blocks read rows of the plane up to its slack: the last one has at most one output more than there are.
    unsafe { routine(&raw const frame) };
}
