//! Windows: from the file's padding to ours, and the poolings.

use tinynas_plan::{Dims, Op, Params, Window};

use super::{context::Lowering, quant, refusal::Refusal, value::dims};
use crate::{Operator, Padding, Pooling};

/// What a window does in the file; every pair is rows, columns.
#[derive(Clone, Copy, Debug)]
pub struct Moves {
    pub kernel: [u32; 2],
    pub stride: [u32; 2],
    pub padding: Padding,
}

impl Moves {
    /// Our window and the output's rows and columns, for an input of `sides` with a `border` around it (above, left,
    /// below, right) that counts as padding; `None` if the window or its padding is none of ours.
    pub fn window(self, sides: [u16; 2], border: [u32; 4]) -> Option<(Window, [u16; 2])> {
        let mut window = Window { kernel: [0; 2], stride: [0; 2], pad: [0; 2] };
        let mut output = [0; 2];
        for axis in 0..2 {
            let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
            window.kernel[axis] = u8::try_from(kernel).ok().filter(|n| *n > 0)?;
            window.stride[axis] = u8::try_from(stride).ok().filter(|n| *n > 0)?;
            let side = u32::from(sides[axis]).checked_add(border[axis])?.checked_add(border[axis + 2])?;
            let (count, before) = match self.padding {
                Padding::Same => {
                    let count = side.div_ceil(stride);
                    let total = ((count.checked_sub(1)?) * stride + kernel).saturating_sub(side);
                    (count, total / 2)
                }
                Padding::Valid => (side.checked_sub(kernel)? / stride + 1, 0),
                Padding::Explicit(pads) => {
                    let padded = side.checked_add(pads[axis])?.checked_add(pads[axis + 2])?;
                    (padded.checked_sub(kernel)? / stride + 1, pads[axis])
                }
            };
            window.pad[axis] = u8::try_from(before.checked_add(border[axis])?).ok()?;
            output[axis] = u16::try_from(count).ok()?;
        }
        Some((window, output))
    }
}

/// The window of an operator on an input of shape `input`, checked against the shape of its output.
pub fn checked(
    lowering: &Lowering<'_>,
    operator: &Operator,
    moves: Moves,
    input: Dims,
    border: [u32; 4],
) -> Result<(Window, Dims), Refusal> {
    let shape = &lowering.net.tensors[operator.outputs[0]].shape;
    let found = dims(shape)?;
    let (window, [h, w]) = moves.window([input.h, input.w], border).ok_or_else(|| {
        let reason = format!("a window of {:?}, stride {:?}", moves.kernel, moves.stride);
        Refusal::Unsupported(reason, "sides and strides of 1 to 255 that fit the image can be imported")
    })?;
    if (found.h, found.w) != (h, w) {
        return Err(Refusal::Wrong(format!("its output is {shape:?}, its window makes [1, {h}, {w}, ...]")));
    }
    Ok((window, found))
}

/// AVERAGE_POOL_2D and MAX_POOL_2D.
pub fn pool(
    lowering: &mut Lowering<'_>,
    operator: &Operator,
    pooling: Pooling,
    op: fn(Window) -> Op,
) -> Result<(), Refusal> {
    let input = lowering.argument(operator, 0)?;
    let input = lowering.tensor(input)?;
    let dims = lowering.dims(input);
    let moves = Moves { kernel: pooling.kernel, stride: pooling.stride, padding: pooling.padding };
    let (window, output) = checked(lowering, operator, moves, dims, [0; 4])?;
    if output.c != dims.c {
        return Err(Refusal::Wrong("it changes the number of channels".into()));
    }
    if !window.fits(dims, output) {
        return Err(Refusal::Unsupported("a window that sees padding only".into(), "pad less"));
    }
    let out = quant::output(quant::tensor_quant(lowering, operator.outputs[0])?, pooling.activation)?;
    lowering.make(operator, op(window), vec![input], Params::Window { min: out.min, max: out.max })
}
