//! From pixels to the network's input: one integer mean, one scale.

use serde::{Deserialize, Serialize};

/// `x = (pixel - mean) * scale`, the same for all channels.
///
/// With an integer mean the int8 input is exactly `pixel - 128`: its scale is `scale`, its zero
/// point `mean - 128`, and quantizing the input loses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocess {
    /// Side of the square image.
    pub size: u32,
    /// 1 (grey) or 3 (RGB order).
    pub channels: u32,
    /// Mean pixel, 0…255, rounded to an integer.
    pub mean: u8,
    /// 1 / standard deviation of the pixels.
    pub scale: f32,
}

impl Preprocess {
    /// The float input for one pixel.
    #[must_use]
    pub fn float(&self, pixel: u8) -> f32 {
        (f32::from(pixel) - f32::from(self.mean)) * self.scale
    }

    /// The int8 input for one pixel.
    #[must_use]
    pub const fn int8(pixel: u8) -> i8 {
        pixel.wrapping_sub(128).cast_signed()
    }

    /// Zero point of the int8 input.
    #[must_use]
    pub const fn zero_point(&self) -> i8 {
        Self::int8(self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_int8_input_dequantizes_to_the_float_input() {
        let p = Preprocess { size: 28, channels: 1, mean: 73, scale: 0.0111 };
        for pixel in 0..=255 {
            let q = i32::from(Preprocess::int8(pixel)) - i32::from(p.zero_point());
            assert_eq!(q as f32 * p.scale, p.float(pixel));
        }
    }
}
