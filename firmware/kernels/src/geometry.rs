//! Shapes and windows, and the one rule that connects them.

use core::ops::Range;

use crate::KernelError;

/// Rows, columns and channels of an int8 activation in HWC order; one element is one byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dims {
    /// Rows.
    pub h: u16,
    /// Columns.
    pub w: u16,
    /// Channels.
    pub c: u16,
}

impl Dims {
    /// `h` rows, `w` columns, `c` channels.
    #[must_use]
    pub const fn new(h: u16, w: u16, c: u16) -> Self {
        Self { h, w, c }
    }

    /// A vector of `c` channels.
    #[must_use]
    pub const fn vector(c: u16) -> Self {
        Self { h: 1, w: 1, c }
    }

    /// Number of elements; cannot overflow.
    #[must_use]
    pub const fn elements(self) -> u64 {
        self.h as u64 * self.w as u64 * self.c as u64
    }

    /// Size in bytes, saturating at 4 GiB: no plan and no model accepts a tensor of that size.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        let elements = self.elements();
        if elements > u32::MAX as u64 { u32::MAX } else { elements as u32 }
    }

    /// Number of pixels, `h * w`.
    #[must_use]
    pub const fn pixels(self) -> u32 {
        self.h as u32 * self.w as u32
    }

    /// Length of a slice that holds the tensor.
    pub(crate) fn len(self) -> Result<usize, KernelError> {
        usize::try_from(self.elements()).map_err(|_| KernelError::Shape)
    }
}

/// A window that moves over an image; every pair is rows, columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Sides in pixels, at least 1.
    pub kernel: [u8; 2],
    /// Steps, at least 1.
    pub stride: [u8; 2],
    /// Pixels added above and on the left, less than `kernel`, so that every window touches the image. What is added
    /// below and on the right follows from the output's shape.
    pub pad: [u8; 2],
}

impl Window {
    /// 1×1, stride 1.
    pub const POINTWISE: Self = Self::square(1, 1, 0);

    /// The same both ways.
    #[must_use]
    pub const fn square(kernel: u8, stride: u8, pad: u8) -> Self {
        Self { kernel: [kernel; 2], stride: [stride; 2], pad: [pad; 2] }
    }

    /// Number of weights of one channel.
    #[must_use]
    pub const fn taps(self) -> u32 {
        let [rows, columns] = self.kernel;
        rows as u32 * columns as u32
    }

    /// Output shape with `channels` channels and as much padding behind the image as before it; `None` if the window
    /// does not fit or is not a window.
    #[must_use]
    pub fn output(self, input: Dims, channels: u16) -> Option<Dims> {
        let [rows, columns] = self.axes();
        Some(Dims { h: rows.side(input.h)?, w: columns.side(input.w)?, c: channels })
    }

    /// Whether `output` is a shape (channels aside) of which every position sees a part of the image.
    #[must_use]
    pub fn fits(self, input: Dims, output: Dims) -> bool {
        let [rows, columns] = self.axes();
        rows.fits(input.h, output.h) && columns.fits(input.w, output.w)
    }

    /// Whether `output` has every position whose window lies in the image.
    #[must_use]
    pub fn covers(self, input: Dims, output: Dims) -> bool {
        let [rows, columns] = self.axes();
        let whole = |axis: Axis, input: u16, output: u16| {
            u32::from(output) * u32::from(axis.stride) + u32::from(axis.kernel) > u32::from(input) + u32::from(axis.pad)
        };
        whole(rows, input.h, output.h) && whole(columns, input.w, output.w)
    }

    /// Rows, columns.
    #[must_use]
    pub const fn axes(self) -> [Axis; 2] {
        let ([k0, k1], [s0, s1], [p0, p1]) = (self.kernel, self.stride, self.pad);
        [Axis { kernel: k0, stride: s0, pad: p0 }, Axis { kernel: k1, stride: s1, pad: p1 }]
    }

    /// The input rows that output row `at` sees, of `input` rows.
    pub(crate) fn rows(self, at: usize, input: u16) -> Clip {
        let [rows, _] = self.axes();
        rows.clip(at, input)
    }

    /// The input columns that output column `at` sees, of `input` columns.
    pub(crate) fn columns(self, at: usize, input: u16) -> Clip {
        let [_, columns] = self.axes();
        columns.clip(at, input)
    }
}

/// A window in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Axis {
    /// Taps.
    pub kernel: u8,
    /// Step.
    pub stride: u8,
    /// Pixels before the image.
    pub pad: u8,
}

impl Axis {
    /// Output side for an input side with equal padding on both ends.
    fn side(self, input: u16) -> Option<u16> {
        let (kernel, stride, pad) = (u32::from(self.kernel), u32::from(self.stride), u32::from(self.pad));
        if kernel == 0 || stride == 0 || pad >= kernel || input == 0 {
            return None;
        }
        let span = (u32::from(input) + 2 * pad).checked_sub(kernel)?;
        u16::try_from(span.checked_div(stride)? + 1).ok()
    }

    #[cfg_attr(dsp, inline(never))]
    fn fits(self, input: u16, output: u16) -> bool {
        let (kernel, stride, pad) = (u32::from(self.kernel), u32::from(self.stride), u32::from(self.pad));
        let last = u32::from(output).saturating_sub(1) * stride;
        kernel > 0 && stride > 0 && pad < kernel && output > 0 && last < u32::from(input) + pad
    }

    /// The positions that output position `at` sees, as `start..end` inside an image of `input` positions.
    #[must_use]
    pub fn seen(self, at: u16, input: u16) -> Range<u16> {
        let first = u32::from(at) * u32::from(self.stride);
        let inside = |position: u32| position.saturating_sub(self.pad.into()).min(input.into()) as u16;
        inside(first)..inside(first + u32::from(self.kernel))
    }

    /// The input positions that output position `at` sees: first one, and the taps inside the image.
    #[cfg_attr(dsp, inline(never))]
    fn clip(self, at: usize, input: u16) -> Clip {
        let (kernel, pad, side) = (usize::from(self.kernel), usize::from(self.pad), usize::from(input));
        let padded = at.saturating_mul(usize::from(self.stride));
        let first_tap = pad.saturating_sub(padded).min(kernel);
        let end_tap = (side + pad).saturating_sub(padded).clamp(first_tap, kernel);
        Clip { start: (padded + first_tap).saturating_sub(pad), first_tap, end_tap }
    }
}

/// Rows of a tensor that lie one after another in memory.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Shape of the whole tensor.
    pub dims: Dims,
    /// Number of the first row in `data`.
    pub first: u16,
    /// As many rows as it holds.
    pub data: &'a [i8],
}

impl<'a> Rows<'a> {
    /// All rows.
    #[must_use]
    pub const fn whole(dims: Dims, data: &'a [i8]) -> Self {
        Self { dims, first: 0, data }
    }

    /// Whether the window fits and everything that output rows `rows` of `out_dims` see is in `data`.
    pub(crate) fn check(&self, window: Window, out_dims: Dims, rows: &Range<u16>) -> Result<(), KernelError> {
        let pitch = usize::from(self.dims.w) * usize::from(self.dims.c);
        if pitch == 0 || !window.fits(self.dims, out_dims) || rows.start > rows.end || rows.end > out_dims.h {
            return Err(KernelError::Shape);
        }
        let end = usize::from(self.first) + self.data.len() / pitch;
        if !self.data.len().is_multiple_of(pitch) || end > usize::from(self.dims.h) {
            return Err(KernelError::Input);
        }
        let [axis, _] = window.axes();
        let seen = |at: u16| axis.seen(at, self.dims.h);
        let missing =
            |rows: &Range<u16>| seen(rows.start).start < self.first || usize::from(seen(rows.end - 1).end) > end;
        if !rows.is_empty() && missing(rows) { Err(KernelError::Input) } else { Ok(()) }
    }
}

/// Bytes of `rows` of a tensor.
pub(crate) fn bytes_of(rows: &Range<u16>, dims: Dims) -> usize {
    usize::from(rows.end.saturating_sub(rows.start)) * usize::from(dims.w) * usize::from(dims.c)
}

/// The part of a window that lies inside the image, in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clip {
    /// Position in the image of the first tap inside.
    pub start: usize,
    /// First tap inside.
    pub first_tap: usize,
    /// One past the last tap inside.
    pub end_tap: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipped_taps_are_those_inside_the_image() {
        for (kernel, stride, pad) in [(1, 1, 0), (3, 1, 1), (3, 2, 1), (5, 2, 2), (7, 3, 6), (2, 2, 1), (3, 1, 0)] {
            let axis = Axis { kernel, stride, pad };
            for side in 1..12u16 {
                for at in 0..axis.side(side).unwrap_or(0) {
                    let position = |tap: u8| i32::from(at) * i32::from(stride) + i32::from(tap) - i32::from(pad);
                    let inside: Vec<u8> =
                        (0..kernel).filter(|t| (0..i32::from(side)).contains(&position(*t))).collect();
                    let clip = axis.clip(usize::from(at), side);
                    let taps: Vec<u8> = (clip.first_tap as u8..clip.end_tap as u8).collect();
                    assert_eq!(taps, inside, "{axis:?} side {side} at {at}");
                    assert_eq!(clip.start as i32, position(inside[0]));
                    let start = clip.start as u16;
                    assert_eq!(axis.seen(at, side), start..start + inside.len() as u16);
                }
            }
        }
    }

    #[test]
    fn windows_that_do_not_fit_have_no_output() {
        let side = |kernel, stride, pad, input| Axis { kernel, stride, pad }.side(input);
        assert_eq!(side(5, 1, 0, 4), None);
        assert_eq!(side(3, 0, 1, 4), None);
        assert_eq!(side(3, 1, 3, 4), None);
        assert_eq!(side(0, 1, 0, 4), None);
        assert_eq!(side(255, 1, 254, u16::MAX), None);
        assert_eq!(side(3, 2, 1, 5), Some(3));
    }

    #[test]
    fn padding_behind_the_image_follows_from_the_output() {
        let same = Window::square(3, 2, 0);
        let (input, output) = (Dims::new(8, 8, 1), |side| Dims::new(side, side, 1));
        assert_eq!(same.output(input, 1), Some(output(3)));
        assert!(same.fits(input, output(4)) && !same.fits(input, output(5)) && !same.fits(input, output(0)));
    }

    extern crate std;
    use std::vec::Vec;
}
