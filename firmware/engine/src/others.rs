//! The operations of imported networks: poolings, functions of single values, products, and what moves values.

use tinynas_kernels::{
    Dims, KernelError, MulParams, Rows, add_constant, add_constant_in_place, average_pool, concat, lookup,
    lookup_in_place, max_pool, mul, mul_in_place, pad, rescale, rescale_in_place, resize_nearest, softmax,
    softmax_in_place, transpose,
};
use tinynas_plan::{Op, StepParams};

use crate::run::Job;

/// `None`: a place does not fit.
type Done = Result<(), Option<KernelError>>;

impl Job<'_> {
    /// Runs a call of an operation that has no packed weights.
    pub fn other(&self, arena: &mut [i8]) -> Done {
        match (self.step.op, self.step.params) {
            (Op::Scale, StepParams::Mul(params)) if self.step.inputs[0] != self.step.inputs[1] => {
                let [left, right, output] = self.places(arena)?;
                let left = self.part(left, output).map_err(Some)?;
                mul(left, right, &params, self.step.finish, output).map_err(Some)
            }
            (Op::Mul | Op::Scale, StepParams::Mul(params)) => self.product(&params, arena),
            (Op::Concat(0), _) => self.stack(arena),
            (Op::Concat(axis), _) => self.concat(axis, arena),
            _ if self.step.op.is_in_place(self.step.inputs) && self.is_in_place(&self.step.input) => {
                self.over_input(arena)
            }
            _ => self.beside_input(arena),
        }
    }

    /// Both inputs and the output.
    fn places<'a>(&self, arena: &'a mut [i8]) -> Result<[&'a mut [i8]; 3], Option<KernelError>> {
        let left = self.input(self.step.inputs[0], &self.step.input).1;
        let right = self.input(self.step.inputs[1], &self.step.second).1;
        arena.get_disjoint_mut([left, right, self.output()]).map_err(|_| None)
    }

    fn product(&self, params: &MulParams, arena: &mut [i8]) -> Done {
        let (step, out) = (self.step, self.step.finish);
        let left = self.input(step.inputs[0], &step.input).1;
        let right = self.input(step.inputs[1], &step.second).1;
        let output = self.output();
        if left == right {
            let [input, output] = arena.get_disjoint_mut([left, output]).map_err(|_| None)?;
            return mul(input, input, params, out, output).map_err(Some);
        }
        if left == output {
            let [data, right] = arena.get_disjoint_mut([left, right]).map_err(|_| None)?;
            return mul_in_place(data, right, params, out).map_err(Some);
        }
        if right == output {
            let [left, data] = arena.get_disjoint_mut([left, right]).map_err(|_| None)?;
            return mul_in_place(data, left, &params.swapped(), out).map_err(Some);
        }
        let [left, right, output] = self.places(arena)?;
        mul(left, right, params, out, output).map_err(Some)
    }

    fn concat(&self, axis: u8, arena: &mut [i8]) -> Done {
        let (left, right) = (self.step.input.dims, self.step.second.dims);
        let h = self.call.rows.end.saturating_sub(self.call.rows.start);
        let (left, right) = (Dims { h, ..left }, Dims { h, ..right });
        if self.step.inputs[0] == self.step.inputs[1] {
            let input = self.input(self.step.inputs[0], &self.step.input).1;
            let [input, output] = arena.get_disjoint_mut([input, self.output()]).map_err(|_| None)?;
            return concat((input, left), (input, right), axis, output).map_err(Some);
        }
        let [first, second, output] = self.places(arena)?;
        concat((first, left), (second, right), axis, output).map_err(Some)
    }

    /// Concatenation along rows: both inputs are whole.
    fn stack(&self, arena: &mut [i8]) -> Done {
        let (row, height) = (self.step.output.row_bytes(), self.step.input.dims.h);
        let output = self.output();
        let bytes = |rows: u16| usize::try_from(u32::from(rows).saturating_mul(row)).unwrap_or(usize::MAX);
        let split = self.call.rows.end.min(height).max(self.call.rows.start);
        let parts = [
            (&self.step.input, self.step.inputs[0], self.call.rows.start, split),
            (&self.step.second, self.step.inputs[1], split, self.call.rows.end),
        ];
        for (number, (input, tensor, start, end)) in parts.into_iter().enumerate() {
            if start >= end {
                continue;
            }
            let before = if number == 0 { 0 } else { height };
            let from = self.input(tensor, input).1.start.saturating_add(bytes(start.saturating_sub(before)));
            let to = output.start.saturating_add(bytes(start.saturating_sub(self.call.rows.start)));
            let count = bytes(end.saturating_sub(start));
            let source = from..from.saturating_add(count);
            if source.end > arena.len() || to.saturating_add(count) > output.end || output.end > arena.len() {
                return Err(None);
            }
            arena.copy_within(source, to);
        }
        Ok(())
    }

    /// The rows of this call of an input that is whole and of the output's shape.
    fn part<'a>(&self, input: &'a [i8], output: &[i8]) -> Result<&'a [i8], KernelError> {
        let start = u32::from(self.call.rows.start).saturating_mul(self.step.output.row_bytes());
        let start = usize::try_from(start).map_err(|_| KernelError::Shape)?;
        start.checked_add(output.len()).and_then(|end| input.get(start..end)).ok_or(KernelError::Input)
    }

    /// The output replaces the input, all of it.
    fn over_input(&self, arena: &mut [i8]) -> Done {
        let (step, out) = (self.step, self.step.finish);
        let data = arena.get_mut(self.output()).ok_or(None)?;
        match step.params {
            StepParams::Softmax(params) => softmax_in_place(data, step.input.dims.c, &params),
            StepParams::Lookup(table) => {
                lookup_in_place(data, table);
                Ok(())
            }
            StepParams::MulConstant(params, constants) => mul_in_place(data, constants, &params, out),
            StepParams::AddConstant(params, terms) => add_constant_in_place(data, terms, &params, out),
            StepParams::Requantize(factor) => {
                rescale_in_place(data, step.input.zero, factor, out);
                Ok(())
            }
            StepParams::None if step.op == Op::Reshape => Ok(()),
            _ => Err(KernelError::Shape),
        }
        .map_err(Some)
    }

    /// Input and output are two places.
    fn beside_input(&self, arena: &mut [i8]) -> Done {
        let (step, out, rows) = (self.step, self.step.finish, self.call.rows.clone());
        let (first, input) = self.input(step.inputs[0], &step.input);
        let [input, output] = arena.get_disjoint_mut([input, self.output()]).map_err(|_| None)?;
        let (dims, out_dims) = (step.input.dims, step.output.dims);
        let seen = Rows { dims, first, data: input };
        match (step.op, step.params) {
            (Op::AveragePool(window), _) => average_pool(seen, window, rows, out_dims, out, output),
            (Op::MaxPool(window), _) => max_pool(seen, window, rows, out_dims, out, output),
            (Op::Softmax, StepParams::Softmax(params)) => softmax(input, dims.c, &params, output),
            (Op::Lookup, StepParams::Lookup(table)) => lookup(input, table, output),
            (Op::MulConstant, StepParams::MulConstant(params, constants)) => {
                mul(input, constants, &params, out, output)
            }
            (Op::AddConstant, StepParams::AddConstant(params, terms)) => {
                add_constant(input, terms, &params, out, output)
            }
            (Op::Requantize, StepParams::Requantize(factor)) => rescale(input, step.input.zero, factor, out, output),
            (Op::Pad(before), _) => pad(seen, before, step.input.zero, rows, out_dims, output),
            (Op::Reshape, _) => self.part(input, output).map(|part| output.copy_from_slice(part)),
            (Op::Transpose(order), _) => transpose(input, dims, order, rows, output),
            (Op::ResizeNearest, _) => resize_nearest(seen, rows, out_dims, output),
            _ => Err(KernelError::Shape),
        }
        .map_err(Some)
    }
}
