//! One k×k filter per channel over packed weights, channel by channel through a padded plane of half-words.
//!
//! A call makes some rows of the output: the plane has what these see. An output element overwrites only elements of
//! its own channel that were copied before, so that the output may take the input's place.

use core::ops::Range;

use super::plane::Job;
use crate::{Dims, KernelError, Output, Rows, Window, geometry::bytes_of};

/// Input and output: two slices, or one that begins with both.
pub(crate) enum Data<'a> {
    Apart(&'a [i8], &'a mut [i8]),
    InPlace { data: &'a mut [i8], input: usize, output: usize },
}

impl Data<'_> {
    pub fn input(&self) -> &[i8] {
        match self {
            Self::Apart(input, _) => input,
            Self::InPlace { data, input, .. } => data.get(..*input).unwrap_or_default(),
        }
    }

    pub fn output(&mut self) -> &mut [i8] {
        match self {
            Self::Apart(_, output) => output,
            Self::InPlace { data, output, .. } => data.get_mut(..*output).unwrap_or_default(),
        }
    }
}

/// All channels, as this core does it best.
fn best(job: &Job<'_>, plane: &mut [u32], data: &mut Data<'_>) {
    #[cfg(dsp)]
    crate::dsp::depthwise::run(job, plane, data);
    #[cfg(not(dsp))]
    job.portable(plane, data);
}

/// How the channels are computed: by the core's own code or by any core's.
type Run = fn(&Job<'_>, &mut [u32], &mut Data<'_>);

#[allow(clippy::too_many_arguments)]
fn apart(
    run: Run,
    input: Rows<'_>,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    rows: &Range<u16>,
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let job = Job::new(input, window, zero, packed, out_dims, rows, out)?;
    if output.len() != bytes_of(rows, out_dims) {
        return Err(KernelError::Output);
    }
    run(&job, job.plane(scratch)?, &mut Data::Apart(input.data, output));
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn in_place(
    run: Run,
    data: &mut [i8],
    dims: Dims,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    let (input, output) = (dims.len()?, out_dims.len()?);
    if data.len() != input.max(output) {
        return Err(KernelError::Input);
    }
    let whole = Rows::whole(dims, data.get(..input).unwrap_or_default());
    let job = Job::new(whole, window, zero, packed, out_dims, &(0..out_dims.h), out)?;
    run(&job, job.plane(scratch)?, &mut Data::InPlace { data, input, output });
    Ok(())
}

/// Computes output rows `rows` of the convolution that [`crate::depthwise`] defines.
///
/// `zero`: the input's zero point; `packed`: [`Depthwise`](super::Depthwise); `out_dims`: the whole output's shape; `output`: the rows;
/// `scratch`: [`depthwise_scratch_words`](super::depthwise_scratch_words).
///
/// # Errors
/// If a slice does not match the shapes, the window does not fit or `input` lacks a row.
#[allow(clippy::too_many_arguments)]
pub fn depthwise(
    input: Rows<'_>,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    rows: Range<u16>,
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    apart(best, input, window, zero, packed, out_dims, &rows, out, output, scratch)
}

/// The whole convolution, with the input at the start of `data` replaced by the output; `data` holds the larger of the
/// two.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn depthwise_in_place(
    data: &mut [i8],
    dims: Dims,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    in_place(best, data, dims, window, zero, packed, out_dims, out, scratch)
}

/// [`depthwise`] on any core.
///
/// # Errors
/// If a slice does not match the shapes, the window does not fit or `input` lacks a row.
#[allow(clippy::too_many_arguments)]
pub fn portable(
    input: Rows<'_>,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    rows: Range<u16>,
    out: Output,
    output: &mut [i8],
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    apart(
        |job, plane, data| job.portable(plane, data),
        input,
        window,
        zero,
        packed,
        out_dims,
        &rows,
        out,
        output,
        scratch,
    )
}

/// [`depthwise_in_place`] on any core.
///
/// # Errors
/// If a slice does not match the shapes or the window does not fit.
#[allow(clippy::too_many_arguments)]
pub fn portable_in_place(
    data: &mut [i8],
    dims: Dims,
    window: Window,
    zero: i8,
    packed: &[u32],
    out_dims: Dims,
    out: Output,
    scratch: &mut [u32],
) -> Result<(), KernelError> {
    in_place(|job, plane, data| job.portable(plane, data), data, dims, window, zero, packed, out_dims, out, scratch)
}
