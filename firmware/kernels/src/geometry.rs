//! Shapes and windows, and the one rule that connects them.

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

/// A square window with symmetric padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// Side in pixels, at least 1.
    pub kernel: u8,
    /// Step both ways, at least 1.
    pub stride: u8,
    /// Pixels added on each side, less than `kernel`, so that every window touches the image.
    pub pad: u8,
}

impl Window {
    /// 1×1, stride 1.
    pub const POINTWISE: Self = Self { kernel: 1, stride: 1, pad: 0 };

    /// Number of weights of one channel.
    #[must_use]
    pub const fn taps(self) -> u32 {
        self.kernel as u32 * self.kernel as u32
    }

    /// Output side for an input side; `None` if the window does not fit or is not a window.
    #[must_use]
    pub fn side(self, input: u16) -> Option<u16> {
        let (kernel, stride, pad) = (u32::from(self.kernel), u32::from(self.stride), u32::from(self.pad));
        if kernel == 0 || stride == 0 || pad >= kernel || input == 0 {
            return None;
        }
        let span = (u32::from(input) + 2 * pad).checked_sub(kernel)?;
        u16::try_from(span.checked_div(stride)? + 1).ok()
    }

    /// Output shape with `channels` channels; `None` if the window does not fit.
    #[must_use]
    pub fn output(self, input: Dims, channels: u16) -> Option<Dims> {
        Some(Dims { h: self.side(input.h)?, w: self.side(input.w)?, c: channels })
    }

    /// The input rows (or columns) that output position `at` sees: first one, and the taps inside the image.
    pub(crate) fn clip(self, at: usize, input: u16) -> Clip {
        let (kernel, pad, side) = (usize::from(self.kernel), usize::from(self.pad), usize::from(input));
        let padded = at.saturating_mul(usize::from(self.stride));
        let first_tap = pad.saturating_sub(padded).min(kernel);
        let end_tap = (side + pad).saturating_sub(padded).clamp(first_tap, kernel);
        Clip { start: (padded + first_tap).saturating_sub(pad), first_tap, end_tap }
    }
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
            let window = Window { kernel, stride, pad };
            for side in 1..12u16 {
                for at in 0..window.side(side).unwrap_or(0) {
                    let position = |tap: u8| i32::from(at) * i32::from(stride) + i32::from(tap) - i32::from(pad);
                    let inside: Vec<u8> =
                        (0..kernel).filter(|t| (0..i32::from(side)).contains(&position(*t))).collect();
                    let clip = window.clip(usize::from(at), side);
                    let taps: Vec<u8> = (clip.first_tap as u8..clip.end_tap as u8).collect();
                    assert_eq!(taps, inside, "{window:?} side {side} at {at}");
                    assert_eq!(clip.start as i32, position(inside[0]));
                }
            }
        }
    }

    #[test]
    fn windows_that_do_not_fit_have_no_output() {
        assert_eq!(Window { kernel: 5, stride: 1, pad: 0 }.side(4), None);
        assert_eq!(Window { kernel: 3, stride: 0, pad: 1 }.side(4), None);
        assert_eq!(Window { kernel: 3, stride: 1, pad: 3 }.side(4), None);
        assert_eq!(Window { kernel: 0, stride: 1, pad: 0 }.side(4), None);
        assert_eq!(Window { kernel: 255, stride: 1, pad: 254 }.side(u16::MAX), None);
        assert_eq!(Window { kernel: 3, stride: 2, pad: 1 }.side(5), Some(3));
    }

    extern crate std;
    use std::vec::Vec;
}
