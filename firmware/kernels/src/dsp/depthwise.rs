//! Depthwise convolutions channel by channel: one routine copies the plane, one computes it.

use crate::packed::{
    depthwise::{Data, Job, Record, rounding},
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

/// All channels; shapes were checked and the window is one that the assembly has.
pub(crate) fn run(job: &Job<'_>, plane: &mut [u32], data: &mut Data<'_>) {
    let (dims, window, out_dims) = (job.shape.dims, job.shape.window, job.out_dims);
    let (kernel, stride, pad) = (usize::from(window.kernel), usize::from(window.stride), usize::from(window.pad));
    let (depth, width) = (usize::from(dims.c), usize::from(out_dims.w));
    let (routine, block, backwards) = routine(window.kernel, window.stride, rounding(job.out));
    let pitch = 4 * job.shape.pitch();
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
        rows: usize::from(out_dims.h),
        row: plane.as_ptr(),
        advance: stride * pitch,
        blocks: width / block * step,
        rest: rest * depth,
        second: if rest == 2 { depth } else { 0 },
    };
    let first = plane.as_mut_ptr().cast::<i16>().wrapping_add(pad * pitch / 2 + pad);
    let to_next_row = pitch - 2 * usize::from(dims.w);
    for (c, record) in Record::all(job.packed, window).enumerate() {
        let pixels = data.input().as_ptr().wrapping_add(c);
        // SAFETY: the input has `h · w` pixels of `depth` bytes, `c` is less than `depth`, and the plane has room for
        // them between its padding.
        unsafe { tinynas_plane(pixels, depth, dims.w.into(), dims.h.into(), first, to_next_row) };
        let output = data.output();
        if record.scale().defined().is_some() {
            job.convolve(plane, &record, output, c);
            continue;
        }
        let frame = Frame { output: output.as_mut_ptr().wrapping_add(c), ..frame };
        let constants = if backwards { record.words.len() - 3 } else { 0 };
        // SAFETY: the output has `rows` rows of `width` pixels of `depth` bytes. Blocks read rows of the plane up to
        // its slack: the last one begins inside a row and reads at most ten half-words; a record has the window's
        // length.
        unsafe { routine(&raw const frame, record.words.as_ptr().wrapping_add(constants)) };
    }
    super::clamp(data.output(), job.out);
}
