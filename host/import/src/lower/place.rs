//! From what a value means in the file to a tensor whose bytes lie as a step reads them.

use tinynas_plan::{Dims, Op, Params};

use super::{
    context::{Known, Lowering},
    refusal::{Refusal, SHAPES},
    value::{Value, dims, small},
};

impl Lowering<'_> {
    /// A value with its bytes in the order of its shape and its border drawn.
    pub fn plain(&mut self, value: Value) -> Result<Value, Refusal> {
        let value = self.bordered(value)?;
        if value.is_plain() || self.arrange_input(&value) {
            return Ok(Value::plain(value.tensor, &value.shape));
        }
        // Both shapes without axes of one position, as three axes.
        let strip = |axes: Vec<usize>| -> Vec<usize> { axes.into_iter().filter(|a| value.shape[*a] != 1).collect() };
        let (memory, logical) = (strip(value.in_memory()), strip((0..value.shape.len()).collect()));
        let fill = 3usize.checked_sub(memory.len());
        let fill = fill.ok_or_else(|| Refusal::Unsupported("more than three axes".into(), SHAPES))?;
        let sides = |axes: &[usize]| {
            let mut sides = [1; 3];
            sides[fill..].iter_mut().zip(axes).for_each(|(side, axis)| *side = value.shape[*axis]);
            small(sides)
        };
        let mut order = [0u8, 1, 2];
        for (at, axis) in logical.iter().enumerate() {
            let place = memory.iter().position(|other| other == axis).unwrap_or_default();
            order[fill + at] = (fill + place) as u8;
        }
        let input = self.shaped(value.tensor, sides(&memory)?)?;
        let quant = self.quant(input);
        let tensor = self.push(Op::Transpose(order), vec![input], sides(&logical)?, quant, Params::Move)?;
        Ok(Value::plain(tensor, &value.shape))
    }

    /// Lets the user give the input in the order of `value`, if nothing has read it in another; whether that was done.
    fn arrange_input(&mut self, value: &Value) -> bool {
        let is_whole = |value: &Value, shape: &[u32]| {
            let memory = value.in_memory();
            memory.len() == shape.len() && memory.iter().zip(shape).all(|(axis, side)| value.shape[*axis] == *side)
        };
        let views = |known: &Known| match known {
            Known::Value(value) | Known::Seen(value, _) => (value.tensor == 0).then(|| value.clone()),
            _ => None,
        };
        let is_free = value.tensor == 0 && !self.is_input_fixed && self.input.order.is_sorted();
        if !is_free || !self.known.iter().filter_map(views).all(|view| is_whole(&view, &self.input.shape)) {
            return false;
        }
        self.input.order.clone_from(&value.order);
        for known in &mut self.known {
            if let Known::Value(view) | Known::Seen(view, _) = known
                && view.tensor == 0
            {
                for place in &mut view.order {
                    *place = value.order.iter().position(|other| other == place).unwrap_or_default();
                }
            }
        }
        true
    }

    /// A value with its border drawn.
    pub fn bordered(&mut self, value: Value) -> Result<Value, Refusal> {
        let Some([top, left, bottom, right]) = value.border else { return Ok(value) };
        let out = dims(&value.shape)?;
        let inside = |side: u16, a: u32, b: u32| u32::from(side).saturating_sub(a.saturating_add(b));
        let inner = small([inside(out.h, top, bottom), inside(out.w, left, right), out.c.into()])?;
        let input = self.shaped(value.tensor, inner)?;
        let before = [top, left].map(|n| u8::try_from(n).ok());
        let [Some(top), Some(left)] = before else {
            return Err(Refusal::Unsupported("padding of more than 255".into(), "pad less"));
        };
        let quant = self.quant(input);
        let tensor = self.push(Op::Pad([top, left]), vec![input], out, quant, Params::Move)?;
        Ok(Value { tensor, border: None, ..value })
    }

    /// A tensor with the same bytes in another shape.
    pub fn shaped(&mut self, tensor: usize, wanted: Dims) -> Result<usize, Refusal> {
        let (found, quant) = (self.dims(tensor), self.quant(tensor));
        if found.elements() != wanted.elements() {
            return Err(Refusal::Wrong(format!("{found:?} does not have as many elements as {wanted:?}")));
        }
        if tensor == 0 && !self.is_input_fixed {
            self.is_input_fixed = true;
            self.graph.input = wanted;
            return Ok(0);
        }
        if found == wanted { Ok(tensor) } else { self.push(Op::Reshape, vec![tensor], wanted, quant, Params::Move) }
    }
}
