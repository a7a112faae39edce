//! Tables of functions of one int8 value, with the arithmetic of TensorFlow Lite Micro's reference kernels.
//!
//! Source: TensorFlow Lite `reference_integer_ops::Logistic`, `Tanh`, `reference_ops::HardSwish`, `ReluQuantized`,
//! `Relu6Quantized`, `QuantizeLeakyRelu`, and their `Prepare`.

use tinynas_kernels::{
    fixed_point::{Q2_ONE, exp_on_negative_values, one_over_one_plus, saturating_shift_left, twice_reciprocal},
    rounding_divide_by_pot,
};
use tinynas_plan::{Output, Requant, Table, TensorQuant};

use super::{
    quant,
    refusal::{QUANTIZE, Refusal},
};
use crate::{Activation, Unary};

/// Integer bits of the argument of a sigmoid.
const SIGMOID_BITS: u32 = 4;

/// The table of a function.
pub fn of(function: impl Fn(i8) -> i8) -> Box<Table> {
    let mut table = Box::new([0; 256]);
    for (y, x) in table.iter_mut().zip(i8::MIN..=i8::MAX) {
        *y = function(x);
    }
    table
}

/// The table of an operator.
pub fn unary(unary: Unary, input: TensorQuant, output: TensorQuant) -> Result<Box<Table>, Refusal> {
    let zero = i32::from(input.zero_point);
    let centred = |x: i8| i32::from(x) - zero;
    let factor = |alpha: f64| Requant::from_real(f64::from(input.scale) * alpha / f64::from(output.scale));
    match unary {
        Unary::Logistic if output.zero_point != -128 => {
            Err(Refusal::Unsupported(format!("an output of zero point {}", output.zero_point), QUANTIZE))
        }
        Unary::Logistic => {
            let sigmoid = Sigmoid::new(input.scale);
            Ok(of(|x| sigmoid.at(centred(x), |q4| rounding_divide_by_pot(logistic(q4), 23) - 128)))
        }
        Unary::Tanh => {
            let sigmoid = Sigmoid::new(input.scale);
            Ok(of(|x| sigmoid.at(centred(x), |q4| rounding_divide_by_pot(tanh(q4), 24))))
        }
        Unary::HardSwish => hard_swish(input, output),
        Unary::Relu => {
            let (factor, out) = (factor(1.0), quant::output(output, Activation::Relu)?);
            Ok(of(|x| out.finish(factor.apply(centred(x)))))
        }
        Unary::Relu6 => {
            // The reference keeps the input's quantization.
            let clamp = quant::output(input, Activation::Relu6)?;
            Ok(of(|x| x.clamp(clamp.min, clamp.max.max(clamp.min))))
        }
        Unary::LeakyRelu(alpha) => {
            let (identity, leak) = (factor(1.0), factor(f64::from(alpha)));
            if !alpha.is_finite() || alpha < 0.0 {
                return Err(Refusal::Unsupported(format!("a slope of {alpha}"), "use a slope of 0 or more"));
            }
            let out = Output { zero: output.zero_point, min: -128, max: 127 };
            let side = |x: i32| if x >= 0 { identity.apply(x) } else { leak.apply(x) };
            Ok(of(|x| out.finish(side(centred(x)))))
        }
    }
}

/// What brings an input to Q4, and from where on the result is the largest or smallest one.
struct Sigmoid {
    factor: Requant,
    radius: i64,
}

impl Sigmoid {
    fn new(scale: f32) -> Self {
        let factor = Requant::from_real(f64::from(scale) * f64::from(1u32 << (31 - SIGMOID_BITS)));
        let largest = 15i64 << (31 - SIGMOID_BITS);
        let shift = i32::from(factor.shift);
        let radius = if shift >= 0 { largest >> shift } else { largest << shift.unsigned_abs().min(30) };
        Self { factor, radius }
    }

    fn at(&self, x: i32, function: impl Fn(i32) -> i32) -> i8 {
        if i64::from(x) <= -self.radius {
            i8::MIN
        } else if i64::from(x) >= self.radius {
            i8::MAX
        } else {
            function(self.factor.apply(x)).clamp(-128, 127) as i8
        }
    }
}

/// 1 / (1 + e^−x) in Q0 of x in Q4.
fn logistic(x: i32) -> i32 {
    let positive = one_over_one_plus(exp_on_negative_values(-x.saturating_abs(), SIGMOID_BITS));
    match x {
        0 => 1 << 30,
        1.. => positive,
        _ => i32::MAX - positive,
    }
}

/// tanh x in Q0 of x in Q4.
fn tanh(x: i32) -> i32 {
    // The raw value of x in Q4 is that of 2x in Q5.
    let exp = exp_on_negative_values(-x.saturating_abs(), SIGMOID_BITS + 1);
    let positive = saturating_shift_left(twice_reciprocal(exp).wrapping_sub(Q2_ONE), 2);
    match x {
        0 => 0,
        1.. => positive,
        _ => -positive,
    }
}

/// x · relu6(x + 3) / 6 in 16-bit fixed point.
fn hard_swish(input: TensorQuant, output: TensorQuant) -> Result<Box<Table>, Refusal> {
    let fine = input.scale * (1.0 / 128.0);
    let to_output = Requant::from_real(f64::from(fine / output.scale));
    let to_relu = Requant::from_real(f64::from(fine / (3.0 / 32768.0)));
    if to_output.shift > 0 {
        return Err(Refusal::Unsupported("an output much finer than its input".into(), QUANTIZE));
    }
    let (output_factor, relu_factor) = (short(to_output.multiplier), short(to_relu.multiplier));
    let left = u32::try_from(to_relu.shift).unwrap_or(0);
    let right = u32::try_from(-i32::from(to_relu.shift)).unwrap_or(0);
    Ok(of(|x| {
        let fine = wrap((i32::from(x) - i32::from(input.zero_point)) << 7);
        let scaled = high_mul(fine, output_factor);
        let mut relu = if left > 0 { shift_left(fine, left - 1) } else { fine };
        relu = high_mul(relu, relu_factor);
        if left > 0 {
            relu = shift_left(relu, 1);
        }
        relu = rounding_divide_by_pot(relu, right);
        let unit = (relu + (1 << 15)) >> 1;
        // Towards zero, unlike the products above.
        let product = unit * scaled / (1 << 15);
        let level = rounding_divide_by_pot(product, (-i32::from(to_output.shift)).unsigned_abs());
        (level + i32::from(output.zero_point)).clamp(-128, 127) as i8
    }))
}

/// A Q31 factor in Q15, rounded; too large ones saturate.
fn short(multiplier: i32) -> i32 {
    (multiplier.saturating_add(1 << 15)) >> 16
}

fn wrap(x: i32) -> i32 {
    i32::from(x as i16)
}

fn shift_left(x: i32, amount: u32) -> i32 {
    saturating_shift_left(x, amount).clamp(i16::MIN.into(), i16::MAX.into())
}

/// `a · b / 2^15` of 16-bit values to nearest, ties away from zero as gemmlowp's truncating division makes them.
fn high_mul(a: i32, b: i32) -> i32 {
    if a == b && a == i32::from(i16::MIN) {
        return i16::MAX.into();
    }
    let product = a * b;
    let nudge = if product >= 0 { 1 << 14 } else { 1 - (1 << 14) };
    (product + nudge) / (1 << 15)
}
