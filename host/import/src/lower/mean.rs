//! MEAN over any run of axes: a mean over pixels of the same bytes seen in another shape.
//!
//! Bytes of `[outer, reduced, inner]` with one outer position are `reduced` pixels of `inner` channels. With several
//! outer positions the axes are exchanged first. Source: TensorFlow Lite Micro `PrepareMeanOrSum`.

use tinynas_plan::{Dims, Op, Params};

use super::{
    context::{Known, Lowering},
    layout::integers,
    quant,
    refusal::Refusal,
    value::{Value, dims, small},
};
use crate::Operator;

/// MEAN.
pub fn mean(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let axes = integers(lowering, lowering.argument(operator, 1)?)?;
    let value = lowering.value(lowering.argument(operator, 0)?)?;
    let value = lowering.bordered(value)?;
    let rank = value.shape.len();
    let mut is_reduced = vec![false; rank];
    for axis in axes {
        let axis = if axis < 0 { axis + rank as i64 } else { axis };
        let axis = usize::try_from(axis).ok().filter(|axis| *axis < rank);
        is_reduced[axis.ok_or_else(|| Refusal::Wrong("it reduces an axis that is not there".into()))?] = true;
    }
    let made = kept(lowering, operator, &value, &is_reduced)?;
    let runs = runs(&value, &is_reduced)?;
    let [outer, reduced, inner] = runs;
    let target = operator.outputs[0];
    let (source, output) = (lowering.quant(value.tensor), quant::tensor_quant(lowering, target)?);
    let input = if outer == 1 {
        let found = lowering.dims(value.tensor);
        let is_input = value.tensor == 0;
        let fits = |dims: Dims| dims.pixels() == reduced && u32::from(dims.c) == inner;
        let wanted = dims(&value.shape).ok().filter(|dims| fits(*dims) && value.is_plain());
        let wanted = if fits(found) && !is_input { Some(found) } else { wanted };
        lowering.shaped(value.tensor, wanted.map_or_else(|| small([reduced, 1, inner]), Ok)?)?
    } else {
        let input = lowering.shaped(value.tensor, small(runs)?)?;
        let exchanged = small([reduced, outer, inner])?;
        let input = lowering.push(Op::Transpose([1, 0, 2]), vec![input], exchanged, source, Params::Move)?;
        lowering.shaped(input, small([reduced, 1, outer.saturating_mul(inner)])?)?
    };
    let params = Params::pool(source, output);
    let pooled = Dims::vector(lowering.dims(input).c);
    let tensor = lowering.push(Op::GlobalPool, vec![input], pooled, output, params)?;
    lowering.set(target, Known::Value(Value { tensor, ..made }));
    Ok(())
}

/// What the file's output is: the axes that are kept, in their order in memory. Its tensor is not known yet.
fn kept(lowering: &Lowering<'_>, operator: &Operator, value: &Value, is_reduced: &[bool]) -> Result<Value, Refusal> {
    let shape = &lowering.net.tensors[operator.outputs[0]].shape;
    let has_all = shape.len() == value.shape.len();
    let axes: Vec<usize> = (0..value.shape.len()).filter(|axis| has_all || !is_reduced[*axis]).collect();
    let sides: Vec<u32> = axes.iter().map(|a| if is_reduced[*a] { 1 } else { value.shape[*a] }).collect();
    if sides != *shape {
        return Err(Refusal::Wrong(format!("the mean has shape {sides:?}, its output {shape:?}")));
    }
    Ok(Value { tensor: 0, shape: sides, order: axes.iter().map(|axis| value.order[*axis]).collect(), border: None })
}

/// Positions before, along and behind the reduced axes in memory.
fn runs(value: &Value, is_reduced: &[bool]) -> Result<[u32; 3], Refusal> {
    let mut runs = [1u32; 3];
    let mut at = 0;
    for axis in value.in_memory() {
        let side = value.shape[axis];
        if side == 1 {
            continue;
        }
        at = match (at, is_reduced[axis]) {
            (0, false) => 0,
            (0 | 1, true) => 1,
            (1 | 2, false) => 2,
            _ => {
                let reason = "a mean over axes that do not lie together".into();
                return Err(Refusal::Unsupported(reason, "take the mean over rows and columns"));
            }
        };
        runs[at] = runs[at].saturating_mul(side);
    }
    Ok(runs)
}
