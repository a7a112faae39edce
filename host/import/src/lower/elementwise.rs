//! Sums, products, softmax and functions of one value.
//!
//! Source: TensorFlow Lite Micro `CalculateOpDataAdd`, `CalculateOpDataMul`, `CalculateSoftmaxParams`.

use tinynas_kernels::ADD_LEFT_SHIFT;
use tinynas_plan::{AddConstantParams, AddParams, MulParams, Op, Output, Params, SoftmaxParams, TensorQuant};

use super::{
    context::{Known, Lowering},
    quant,
    refusal::{QUANTIZE, Refusal},
    table,
    value::dims,
};
use crate::{Activation, Element, Operator, Unary};

/// The right operand of a sum or product.
enum Right {
    /// One of our tensors, of the same shape.
    Tensor(usize),
    /// One of our tensors, of one pixel.
    Pixel(usize),
    /// Constants, one or one per channel.
    Constants(Vec<i8>),
}

/// Both operands in the order that the kernels want, with their quantization.
struct Operands {
    left: usize,
    right: Right,
    quant: [TensorQuant; 2],
}

fn operands(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<Operands, Refusal> {
    let (a, b) = (lowering.argument(operator, 0)?, lowering.argument(operator, 1)?);
    let quant = [quant::tensor_quant(lowering, a)?, quant::tensor_quant(lowering, b)?];
    let swapped = [quant[1], quant[0]];
    match (lowering.known(a), lowering.known(b)) {
        (Known::Constant, Known::Constant) => {
            Err(Refusal::Unsupported("two constants".into(), "fold the constants when exporting"))
        }
        (_, Known::Constant) => with_constants(lowering, a, b, quant),
        (Known::Constant, _) => with_constants(lowering, b, a, swapped),
        _ => {
            let (left, right) = (lowering.tensor(a)?, lowering.tensor(b)?);
            let (l, r) = (lowering.dims(left), lowering.dims(right));
            if l == r {
                Ok(Operands { left, right: Right::Tensor(right), quant })
            } else if r.pixels() == 1 && r.c == l.c {
                Ok(Operands { left, right: Right::Pixel(right), quant })
            } else if l.pixels() == 1 && l.c == r.c {
                Ok(Operands { left: right, right: Right::Pixel(left), quant: swapped })
            } else {
                let reason = format!("operands of shapes {l:?} and {r:?}");
                Err(Refusal::Unsupported(reason, "give both operands one shape, or the second one pixel"))
            }
        }
    }
}

fn with_constants(
    lowering: &mut Lowering<'_>,
    value: usize,
    constant: usize,
    quant: [TensorQuant; 2],
) -> Result<Operands, Refusal> {
    let left = lowering.tensor(value)?;
    let channels = usize::from(lowering.dims(left).c);
    let tensor = &lowering.net.tensors[constant];
    if tensor.element != Element::I8 {
        return Err(Refusal::Unsupported(format!("{} constants", tensor.element.name()), QUANTIZE));
    }
    let values: Vec<i8> = tensor.data.iter().flat_map(|data| data.iter()).map(|b| *b as i8).collect();
    let is_along_channels = tensor.shape.last().is_none_or(|last| *last as usize == values.len());
    if values.len() != 1 && (values.len() != channels || !is_along_channels) {
        let reason = format!("a constant of shape {:?}", tensor.shape);
        return Err(Refusal::Unsupported(reason, "constants of one value or one per channel can be imported"));
    }
    Ok(Operands { left, right: Right::Constants(values), quant })
}

/// Checks that the output has the left operand's shape; the output's quantization and clamp.
fn output(
    lowering: &Lowering<'_>,
    operator: &Operator,
    left: usize,
    activation: Activation,
) -> Result<(TensorQuant, Output), Refusal> {
    let target = operator.outputs[0];
    let made = dims(&lowering.net.tensors[target].shape)?;
    if made != lowering.dims(left) {
        return Err(Refusal::Wrong(format!("operands of {:?} do not make {made:?}", lowering.dims(left))));
    }
    let quant = quant::tensor_quant(lowering, target)?;
    Ok((quant, quant::output(quant, activation)?))
}

fn pair(quant: TensorQuant) -> (f32, i8) {
    (quant.scale, quant.zero_point)
}

/// ADD.
pub fn add(lowering: &mut Lowering<'_>, operator: &Operator, activation: Activation) -> Result<(), Refusal> {
    let Operands { left, right, quant } = operands(lowering, operator)?;
    let (target, out) = output(lowering, operator, left, activation)?;
    let params = AddParams::from_scales(pair(quant[0]), pair(quant[1]), target.scale);
    if params.output.shift > 0 {
        let reason = "an output much finer than its operands";
        return Err(Refusal::Unsupported(reason.into(), "calibrate the model again: an output's range is too small"));
    }
    match right {
        Right::Tensor(right) => {
            let AddParams { left_zero, right_zero, left: l, right: r, output } = params;
            let (output_zero, min, max) = (out.zero, out.min, out.max);
            let params = Params::Add { left_zero, right_zero, output_zero, left: l, right: r, output, min, max };
            lowering.make(operator, Op::Add, vec![left, right], params)
        }
        Right::Pixel(_) => {
            let reason = "a sum with a tensor of one pixel";
            Err(Refusal::Unsupported(reason.into(), "give both operands one shape"))
        }
        Right::Constants(values) => {
            if let [value] = *values {
                let table = table::of(|x| params.sum(x, value, out));
                return lowering.make(operator, Op::Lookup, vec![left], Params::Lookup(table));
            }
            let term = |x: &i8| params.right.apply((i32::from(*x) - i32::from(params.right_zero)) << ADD_LEFT_SHIFT);
            let terms = values.iter().map(term).collect();
            let params = AddConstantParams { zero: params.left_zero, left: params.left, output: params.output };
            lowering.make(operator, Op::AddConstant, vec![left], Params::AddConstant { params, terms, out })
        }
    }
}

/// MUL.
pub fn mul(lowering: &mut Lowering<'_>, operator: &Operator, activation: Activation) -> Result<(), Refusal> {
    let Operands { left, right, quant } = operands(lowering, operator)?;
    let (target, out) = output(lowering, operator, left, activation)?;
    let params = MulParams::from_scales(pair(quant[0]), pair(quant[1]), target.scale);
    match right {
        Right::Tensor(right) => lowering.make(operator, Op::Mul, vec![left, right], Params::Mul { params, out }),
        Right::Pixel(right) => lowering.make(operator, Op::Scale, vec![left, right], Params::Mul { params, out }),
        Right::Constants(values) => {
            if let [value] = *values {
                let table = table::of(|x| params.product(x, value, out));
                return lowering.make(operator, Op::Lookup, vec![left], Params::Lookup(table));
            }
            lowering.make(operator, Op::MulConstant, vec![left], Params::MulConstant { params, constants: values, out })
        }
    }
}

/// SOFTMAX.
pub fn softmax(lowering: &mut Lowering<'_>, operator: &Operator, beta: f32) -> Result<(), Refusal> {
    let source = lowering.argument(operator, 0)?;
    let target = quant::tensor_quant(lowering, operator.outputs[0])?;
    if target.scale != 1.0 / 256.0 || target.zero_point != -128 {
        let reason = format!("an output of scale {} and zero point {}", target.scale, target.zero_point);
        return Err(Refusal::Unsupported(reason, QUANTIZE));
    }
    let input = lowering.tensor(source)?;
    let (_, _) = output(lowering, operator, input, Activation::Linear)?;
    let params = SoftmaxParams::from_scale(lowering.quant(input).scale, beta);
    let params = params.ok_or_else(|| Refusal::Wrong(format!("β of {beta}")))?;
    lowering.make(operator, Op::Softmax, vec![input], Params::Softmax(params))
}

/// A function of one value, as a table.
pub fn unary(lowering: &mut Lowering<'_>, operator: &Operator, unary: Unary) -> Result<(), Refusal> {
    let input = lowering.argument(operator, 0)?;
    let input = lowering.tensor(input)?;
    let (target, _) = output(lowering, operator, input, Activation::Linear)?;
    let table = table::unary(unary, lowering.quant(input), target)?;
    lowering.make(operator, Op::Lookup, vec![input], Params::Lookup(table))
}
