//! Depthwise convolutions channel by channel: one routine copies the plane, one computes it.

use crate::packed::{
    as_halves,
    depthwise::Data,
    filter::{Record, rounding},
    plane::Job,
    scale::Rounding,
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
}

/// `record`: its start, or its constants, as the routine reads it.
type Routine = unsafe extern "C" fn(frame: *const Frame, record: *const u32);

unsafe extern "C" {
    fn tinynas_depthwise_3_1_clamped(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_5_1_clamped(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_7_1_clamped(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_3_2_clamped(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_5_2_clamped(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_7_2_clamped(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_3_1_full(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_5_1_full(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_7_1_full(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_3_2_full(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_5_2_full(frame: *const Frame, record: *const u32);
    fn tinynas_depthwise_7_2_full(frame: *const Frame, record: *const u32);
    fn tinynas_plane(
        pixels: *const i8,
        depth: usize,
        width: usize,
        height: usize,
        halves: *mut i16,
        to_next_row: usize,
        skip: usize,
    );
}

/// A routine, the outputs of its blocks, and whether it reads a record backwards from its constants.
fn routine(kernel: u8, stride: u8, rounding: Rounding) -> (Routine, usize, bool) {
    let clamped = rounding == Rounding::DoubledClamped;
    match (kernel, stride, clamped) {
        (3, 1, true) => (tinynas_depthwise_3_1_clamped, 4, true),
        (5, 1, true) => (tinynas_depthwise_5_1_clamped, 4, true),
        (7, 1, true) => (tinynas_depthwise_7_1_clamped, 4, false),
        (3, _, true) => (tinynas_depthwise_3_2_clamped, 4, true),
        (5, _, true) => (tinynas_depthwise_5_2_clamped, 2, false),
        (_, _, true) => (tinynas_depthwise_7_2_clamped, 2, false),
        (3, 1, false) => (tinynas_depthwise_3_1_full, 4, true),
        (5, 1, false) => (tinynas_depthwise_5_1_full, 4, true),
        (7, 1, false) => (tinynas_depthwise_7_1_full, 4, false),
        (3, _, false) => (tinynas_depthwise_3_2_full, 4, true),
        (5, _, false) => (tinynas_depthwise_5_2_full, 2, false),
        (_, _, false) => (tinynas_depthwise_7_2_full, 2, false),
    }
}

/// All channels; shapes were checked, there is a row, and the window is one that the assembly has.
pub(crate) fn run(job: &Job<'_>, plane: &mut [u32], data: &mut Data<'_>) {
    let (window, seen) = (job.window, job.seen());
    let ([kernel, _], [stride, _]) = (window.kernel.map(usize::from), window.stride.map(usize::from));
    let (depth, width) = (usize::from(job.dims.c), usize::from(job.out_dims.w));
    let (routine, block, backwards) = routine(window.kernel[0], window.stride[0], rounding(job.out));
    let pitch = 4 * job.pitch();
    let rest = width % block;
    let step = 2 * block * stride;
    let frame = Frame {
        back: ((kernel - 1) * pitch).wrapping_sub(step),
        depth,
        last: (block - 1) * depth,
        row_end: 0,
        output: core::ptr::null_mut(),
        pitch,
        tail: rest,
        entry: 0,
        rows: job.rows(),
        row: plane.as_ptr(),
        advance: stride * pitch,
        blocks: width / block * step,
        rest: rest * depth,
        second: if rest == 2 { depth } else { 0 },
    };
    let first = plane.as_mut_ptr().cast::<i16>().wrapping_add(seen.row * pitch / 2 + seen.column);
    let to_next_row = pitch - 2 * seen.columns;
    let skip = (usize::from(job.dims.w) - seen.columns) * depth;
    for (c, record) in Record::all(job.packed, window).enumerate() {
        let pixels = data.input().as_ptr().wrapping_add(seen.start + c);
        // SAFETY: the input has the rows that are seen, of pixels of `depth` bytes, `c` is less than `depth`, and the
        // plane has room for them between its padding.
        unsafe { tinynas_plane(pixels, depth, seen.columns, seen.rows, first, to_next_row, skip) };
        let output = data.output();
        if record.scale().defined().is_some() {
            job.convolve(as_halves(plane), &record, output, c);
            continue;
        }
        let frame = Frame { output: output.as_mut_ptr().wrapping_add(c), ..frame };
        let constants = if backwards { record.words.len() - 3 } else { 0 };
        // SAFETY: the output has `rows` rows of `width` pixels of `depth` bytes. Blocks read rows of the plane up to
        // its slack: the last one has at most one output more than there are; a record has the window's length.
        unsafe { routine(&raw const frame, record.words.as_ptr().wrapping_add(constants)) };
    }
    super::clamp(data.output(), job.out);
}
