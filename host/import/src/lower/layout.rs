//! Operators that move values: shapes, orders, borders, concatenation and nearest neighbour.

use tinynas_plan::{Dims, Op, Params};

use super::{
    context::{Known, Lowering},
    quant,
    refusal::{QUANTIZE, Refusal, SHAPES},
    value::{Value, dims},
};
use crate::{Activation, Element, Operator};

/// The integers of a constant.
pub fn integers(lowering: &Lowering<'_>, tensor: usize) -> Result<Vec<i64>, Refusal> {
    let constant = &lowering.net.tensors[tensor];
    match (&constant.data, constant.element) {
        (Some(data), Element::I32) => {
            Ok(data.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b).into()).collect())
        }
        (Some(data), Element::I64) => Ok(data.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b)).collect()),
        _ => Err(Refusal::Unsupported("sizes that are computed".into(), "export the model with fixed sizes")),
    }
}

/// SHAPE and what computes with shapes: the result is already in the shapes of the tensors that use it.
pub fn shape_arithmetic(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let is_shape = |tensor: &usize| matches!(lowering.known(*tensor), Known::Shape | Known::Constant);
    let arguments: Vec<usize> = operator.inputs.iter().flatten().copied().collect();
    let is_start = operator.title == "SHAPE" || operator.title == "Shape";
    if arguments.iter().any(|tensor| matches!(lowering.known(*tensor), Known::Poisoned)) && !is_start {
        return Err(Refusal::Follows);
    }
    if !is_start && !arguments.iter().all(is_shape) {
        return Err(Refusal::Unsupported("no kernel computes it".into(), "export the model without slices of values"));
    }
    for &tensor in &operator.outputs {
        lowering.set(tensor, Known::Shape);
    }
    Ok(())
}

/// RESHAPE, SQUEEZE and EXPAND_DIMS: the shape of the output says everything.
pub fn reshape(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let value = lowering.value(lowering.argument(operator, 0)?)?;
    let target = operator.outputs[0];
    let made = &lowering.net.tensors[target];
    let elements = value.shape.iter().fold(1u64, |n, side| n.saturating_mul(u64::from(*side)));
    if made.elements() != elements {
        return Err(Refusal::Wrong(format!("shape {:?} cannot become {:?}", value.shape, made.shape)));
    }
    let value = lowering.plain(value)?;
    lowering.set(target, Known::Value(Value::plain(value.tensor, &made.shape)));
    Ok(())
}

/// TRANSPOSE: nothing moves until someone needs the new order.
pub fn transpose(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let value = lowering.value(lowering.argument(operator, 0)?)?;
    let value = lowering.bordered(value)?;
    let axes = integers(lowering, lowering.argument(operator, 1)?)?;
    let axes: Option<Vec<usize>> =
        axes.iter().map(|axis| usize::try_from(*axis).ok().filter(|axis| *axis < value.shape.len())).collect();
    let is_permutation =
        |axes: &Vec<usize>| axes.len() == value.shape.len() && (0..axes.len()).all(|axis| axes.contains(&axis));
    let axes = axes.filter(is_permutation).ok_or_else(|| Refusal::Wrong("its axes are no permutation".into()))?;
    let shape: Vec<u32> = axes.iter().map(|axis| value.shape[*axis]).collect();
    let order = axes.iter().map(|axis| value.order[*axis]).collect();
    let target = operator.outputs[0];
    if shape != lowering.net.tensors[target].shape {
        return Err(Refusal::Wrong(format!("it makes shape {shape:?}")));
    }
    lowering.set(target, Known::Value(Value { shape, order, ..value }));
    Ok(())
}

/// PAD and PADV2: nothing is drawn until someone needs the border.
pub fn pad(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let source = lowering.argument(operator, 0)?;
    let value = lowering.value(source)?;
    let value = lowering.plain(value)?;
    let pads = integers(lowering, lowering.argument(operator, 1)?)?;
    if pads.len() != 2 * value.shape.len() {
        return Err(Refusal::Wrong(format!("{} paddings for shape {:?}", pads.len(), value.shape)));
    }
    let pads: Option<Vec<u32>> = pads.iter().map(|n| u32::try_from(*n).ok().filter(|n| *n <= 0xffff)).collect();
    let pads = pads.ok_or_else(|| Refusal::Wrong("a padding that is negative or too large".into()))?;
    let shape: Vec<u32> =
        value.shape.iter().zip(pads.chunks_exact(2)).map(|(side, p)| side.saturating_add(p[0] + p[1])).collect();
    let target = operator.outputs[0];
    if shape != lowering.net.tensors[target].shape {
        return Err(Refusal::Wrong(format!("it makes shape {shape:?}")));
    }
    if let Some(constant) = operator.inputs.get(2).copied().flatten() {
        let byte = lowering.net.tensors[constant].data.as_ref().and_then(|data| data.first().copied());
        if byte.map(|b| b as i8) != Some(lowering.quant(value.tensor).zero_point) {
            let reason = "padding with a value that is not zero".into();
            return Err(Refusal::Unsupported(reason, "pad with zeros"));
        }
    }
    let is_image = value.shape.len() == 4 && value.shape[0] == 1;
    let [0, 0, top, bottom, left, right, 0, 0] = *pads else {
        return Err(Refusal::Unsupported("padding of other axes than rows and columns".into(), SHAPES));
    };
    if !is_image {
        return Err(Refusal::Unsupported(format!("padding of shape {:?}", value.shape), SHAPES));
    }
    let border = Some([top, left, bottom, right]).filter(|border| *border != [0; 4]);
    lowering.set(target, Known::Value(Value { shape, border, ..value }));
    Ok(())
}

/// CONCATENATION of two or more tensors; scales are not made equal, as the reference does not.
pub fn concatenation(
    lowering: &mut Lowering<'_>,
    operator: &Operator,
    axis: i32,
    activation: Activation,
) -> Result<(), Refusal> {
    if activation != Activation::Linear {
        return Err(Refusal::Unsupported("a fused activation".into(), "apply the activation before"));
    }
    let target = operator.outputs[0];
    let shape = lowering.net.tensors[target].shape.clone();
    let axis = if axis < 0 { i64::from(axis) + shape.len() as i64 } else { axis.into() };
    // From the end: 0 is channels.
    let from_end = shape.len() as i64 - 1 - axis;
    let Ok(axis) = u8::try_from(2 - from_end) else {
        return Err(Refusal::Unsupported(format!("concatenation along axis {axis} of {shape:?}"), SHAPES));
    };
    let mut inputs = Vec::new();
    for tensor in operator.inputs.iter().flatten() {
        inputs.push(lowering.tensor(*tensor)?);
    }
    let sides = |dims: Dims| [dims.h, dims.w, dims.c];
    let made = sides(dims(&shape)?);
    let total: u32 =
        inputs.iter().map(|tensor| u32::from(sides(lowering.dims(*tensor))[usize::from(axis.min(2))])).sum();
    let agrees = |tensor: &usize| {
        let other = sides(lowering.dims(*tensor));
        (0..3).all(|at| at == usize::from(axis) || other[at] == made[at])
    };
    if axis > 2 || inputs.len() < 2 || !inputs.iter().all(agrees) || total != u32::from(made[usize::from(axis)]) {
        return Err(Refusal::Wrong(format!("its inputs do not make shape {shape:?}")));
    }
    let quant = quant::tensor_quant(lowering, target)?;
    let mut joined = inputs[0];
    for (at, &next) in inputs.iter().enumerate().skip(1) {
        if at + 1 == inputs.len() {
            return lowering.make(operator, Op::Concat(axis), vec![joined, next], Params::Move);
        }
        let mut output = sides(lowering.dims(joined));
        output[usize::from(axis)] += sides(lowering.dims(next))[usize::from(axis)];
        let [h, w, c] = output;
        let output = Dims::new(h, w, c);
        joined = lowering.push(Op::Concat(axis), vec![joined, next], output, quant, Params::Move)?;
    }
    Ok(())
}

/// RESIZE_NEAREST_NEIGHBOR, where its rule in f32 is ours in integers.
pub fn resize(
    lowering: &mut Lowering<'_>,
    operator: &Operator,
    align_corners: bool,
    half_pixel_centers: bool,
) -> Result<(), Refusal> {
    let input = lowering.argument(operator, 0)?;
    let input = lowering.tensor(input)?;
    let (from, to) = (lowering.dims(input), dims(&lowering.net.tensors[operator.outputs[0]].shape)?);
    if from.c != to.c {
        return Err(Refusal::Wrong("it changes the number of channels".into()));
    }
    let quant = quant::tensor_quant(lowering, operator.outputs[0])?;
    if quant != lowering.quant(input) {
        return Err(Refusal::Unsupported("an output of another scale than its input".into(), QUANTIZE));
    }
    let offset = if half_pixel_centers { 0.5f32 } else { 0.0 };
    let is_ours = |from: u16, to: u16| {
        (0..to).all(|at| {
            let theirs = if align_corners && to > 1 {
                ((f32::from(at) + offset) * (f32::from(from - 1) / f32::from(to - 1))).round()
            } else {
                ((f32::from(at) + offset) * (f32::from(from) / f32::from(to))).floor()
            };
            theirs.clamp(0.0, f32::from(from - 1)) as u32 == u32::from(at) * u32::from(from) / u32::from(to)
        })
    };
    if !is_ours(from.h, to.h) || !is_ours(from.w, to.w) {
        let reason = format!("nearest neighbour from {}×{} to {}×{}", from.h, from.w, to.h, to.w);
        return Err(Refusal::Unsupported(reason, "resize by a whole factor, without aligned corners"));
    }
    lowering.make(operator, Op::ResizeNearest, vec![input], Params::Move)
}
