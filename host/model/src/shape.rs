//! Height, width and channels of one activation tensor.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Shape of an activation, batch 1, in HWC order. One int8 element is one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Rows.
    pub h: u32,
    /// Columns.
    pub w: u32,
    /// Channels.
    pub c: u32,
}

impl Shape {
    /// A shape of `h` rows, `w` columns and `c` channels.
    #[must_use]
    pub const fn new(h: u32, w: u32, c: u32) -> Self {
        Self { h, w, c }
    }

    /// A vector of `c` channels.
    #[must_use]
    pub const fn vector(c: u32) -> Self {
        Self { h: 1, w: 1, c }
    }

    /// Number of elements, which is also the int8 size in bytes.
    #[must_use]
    pub const fn elements(self) -> u64 {
        self.h as u64 * self.w as u64 * self.c as u64
    }

    /// Number of pixels (`h * w`).
    #[must_use]
    pub const fn pixels(self) -> u64 {
        self.h as u64 * self.w as u64
    }

    /// Shape after a window of `kernel` with `stride` and symmetric padding `pad`; `None` if
    /// the window does not fit.
    #[must_use]
    pub fn window(self, kernel: u32, stride: u32, pad: u32, channels: u32) -> Option<Self> {
        let side = |n: u32| Some((n.checked_add(2 * pad)?.checked_sub(kernel)?) / stride + 1);
        Some(Self { h: side(self.h)?, w: side(self.w)?, c: channels })
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}x{}", self.h, self.w, self.c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_padding_gives_the_ceiling_of_the_stride() {
        for side in 1..60 {
            for kernel in [1, 3, 5, 7] {
                for stride in [1, 2] {
                    let out = Shape::new(side, side, 3).window(kernel, stride, (kernel - 1) / 2, 8);
                    let expected = side.div_ceil(stride);
                    assert_eq!(out, Some(Shape::new(expected, expected, 8)), "{side} {kernel} {stride}");
                }
            }
        }
    }

    #[test]
    fn a_window_larger_than_the_padded_input_has_no_shape() {
        assert_eq!(Shape::new(2, 2, 1).window(5, 1, 0, 1), None);
    }
}
