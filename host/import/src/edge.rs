//! What the user gives and gets: real values, unsigned or signed bytes, and their exact conversion.
//!
//! Source: TensorFlow Lite `reference_ops::AffineQuantize`, `Dequantize` and `Requantize`.

use core::ops::Range;

use tinynas_plan::{Requant, TensorQuant};

/// An input or output of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its name in the file.
    pub name: String,
    /// First element in the tensor: several outputs lie one after the other.
    pub first: usize,
    /// Its shape in the file.
    pub shape: Vec<u32>,
    /// Axes of `shape` from the slowest to the fastest in our tensor: an input that the network reads in another order
    /// only is given in that order.
    pub order: Vec<usize>,
    /// Quantization of its elements.
    pub quant: TensorQuant,
    /// What the file's user sees.
    pub form: Form,
}

/// What the file's user sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// The bytes of our tensor.
    Int8,
    /// Real values.
    Real,
    /// Unsigned bytes of their own quantization.
    Bytes(ByteQuant),
}

/// Real value = (unsigned byte − zero point) · scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ByteQuant {
    /// Real value of one step.
    pub scale: f32,
    /// Byte of real zero.
    pub zero_point: u8,
}

impl Edge {
    /// Its elements in our tensor.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        let elements = self.shape.iter().fold(1usize, |n, side| n.saturating_mul(*side as usize));
        self.first..self.first.saturating_add(elements)
    }

    /// Values in the order of `shape`, in the order of our tensor.
    #[must_use]
    pub fn arranged<T: Copy>(&self, values: &[T]) -> Vec<T> {
        if self.order.is_sorted() {
            return values.to_vec();
        }
        let sides: Vec<usize> = self.shape.iter().map(|side| *side as usize).collect();
        let step = |axis: usize| sides.iter().skip(axis + 1).product::<usize>();
        let places = self.order.iter().fold(vec![0usize], |places, &axis| {
            let (count, step) = (sides.get(axis).copied().unwrap_or(1), step(axis));
            places.iter().flat_map(|place| (0..count).map(move |i| place + i * step)).collect()
        });
        places.iter().filter_map(|place| values.get(*place).copied()).collect()
    }

    /// The int8 value of a real one: to nearest, ties away from zero.
    #[must_use]
    pub fn from_real(&self, x: f32) -> i8 {
        // f32 to i64 saturates and takes NaN to 0.
        let steps = (x / self.quant.scale).round() as i64;
        steps.saturating_add(self.quant.zero_point.into()).clamp(-128, 127) as i8
    }

    /// The real value of an int8 one.
    #[must_use]
    pub fn real(&self, x: i8) -> f32 {
        let steps = i32::from(x) - i32::from(self.quant.zero_point);
        (f64::from(self.quant.scale) * f64::from(steps)) as f32
    }

    /// The int8 value of an unsigned byte; `None` if the edge has no unsigned bytes.
    #[must_use]
    pub fn from_byte(&self, x: u8) -> Option<i8> {
        let Form::Bytes(bytes) = self.form else { return None };
        let factor = Requant::from_real(f64::from(bytes.scale) / f64::from(self.quant.scale));
        let level = factor.apply(i32::from(x) - i32::from(bytes.zero_point));
        Some(level.saturating_add(self.quant.zero_point.into()).clamp(-128, 127) as i8)
    }

    /// The unsigned byte of an int8 value; `None` if the edge has no unsigned bytes.
    #[must_use]
    pub fn byte(&self, x: i8) -> Option<u8> {
        let Form::Bytes(bytes) = self.form else { return None };
        let factor = Requant::from_real(f64::from(self.quant.scale) / f64::from(bytes.scale));
        let level = factor.apply(i32::from(x) - i32::from(self.quant.zero_point));
        Some(level.saturating_add(bytes.zero_point.into()).clamp(0, 255) as u8)
    }
}
