//! From a planned graph and quantized parameters to the bytes of a `.tnm` file.

use alloc::{vec, vec::Vec};

use tinynas_kernels::{Channel, Channels, Output, Requant, packed::Depthwise};

use crate::{
    CompileError, Dims, Graph, Meta, Model, Op, Params, Plan, Step, TensorQuant, Window, constants,
    layout::{HEADER_BYTES, STEP_BYTES, TENSOR_BYTES},
    writer::{Run, Writer},
};

/// Size of the file that [`compile`] writes, known before any weight exists. Saturates at 4 GiB.
#[must_use]
pub fn model_bytes(graph: &Graph, meta: &Meta) -> u32 {
    let tables = tables_bytes(graph.steps.len());
    let data: u64 = (0..graph.steps.len()).map(|index| data_bytes(graph, index)).fold(0, u64::saturating_add);
    let classes: u64 = meta.classes.iter().map(|name| 2 + name.len() as u64).sum();
    let total = (tables as u64).saturating_add(data).saturating_add(meta.provenance.len() as u64 + classes);
    u32::try_from(total).unwrap_or(u32::MAX)
}

fn tables_bytes(steps: usize) -> usize {
    HEADER_BYTES + (steps + 1) * TENSOR_BYTES + steps * STEP_BYTES
}

/// Bytes of the data of one step, a multiple of 4.
fn data_bytes(graph: &Graph, index: usize) -> u64 {
    let Some(step) = graph.steps.get(index) else { return 0 };
    let input = step.inputs.first().and_then(|t| graph.dims(*t)).unwrap_or_default();
    step.op.data_bytes(input, step.output)
}

/// Compiles a planned graph. Equal arguments give equal bytes.
///
/// `params`: one per step; `quant`: one per tensor (input first).
///
/// # Errors
/// If the arguments do not belong together, or the result would not pass [`Model::parse`].
pub fn compile(
    graph: &Graph,
    plan: &Plan,
    params: &[Params],
    quant: &[TensorQuant],
    meta: &Meta,
) -> Result<Vec<u8>, CompileError> {
    graph.check()?;
    let steps = graph.steps.len();
    same("parameters of steps", params.len(), steps)?;
    same("quantization of tensors", quant.len(), steps + 1)?;
    plan.check(graph)?;
    let total = model_bytes(graph, meta);
    if total == u32::MAX {
        return Err(CompileError::TooLong { what: "the model" });
    }
    let mut file = Writer { bytes: vec![0; total as usize] };
    let mut data_at = tables_bytes(steps);
    for (index, (quant, place)) in quant.iter().zip(&plan.tensors).enumerate() {
        file.tensor(index, graph.dims(index).unwrap_or_default(), *quant);
        file.place(index, *place);
    }
    for (index, ((step, params), scratch)) in graph.steps.iter().zip(params).zip(&plan.scratch).enumerate() {
        let input = step.inputs.first().and_then(|t| graph.dims(*t)).unwrap_or_default();
        let job = Job { index, step, input, quant };
        job.check_zero_points(params)?;
        file.step(steps, index, step, params, data_at);
        file.run(steps, index, Run::of(plan, index, *scratch));
        job.write_data(params, file.after(data_at))?;
        data_at += data_bytes(graph, index) as usize;
    }
    file.header(steps, data_at, meta)?;
    file.finish(plan.arena_bytes);
    Model::parse(&file.bytes)?;
    Ok(file.bytes)
}

/// An error if there are not as many of something as there must be.
fn same(what: &'static str, found: usize, expected: usize) -> Result<(), CompileError> {
    if found == expected { Ok(()) } else { Err(CompileError::Count { what, found, expected }) }
}

impl Plan {
    /// Whether it can be a plan of `graph`; the model is checked wholly once it is written.
    pub(crate) fn check(&self, graph: &Graph) -> Result<(), CompileError> {
        same("placed tensors", self.tensors.len(), graph.steps.len() + 1)?;
        same("placed scratch", self.scratch.len(), graph.steps.len())?;
        for (index, place) in self.tensors.iter().enumerate() {
            let dims = graph.dims(index).unwrap_or_default();
            if u64::from(place.bytes) != u64::from(place.rows) * u64::from(dims.w) * u64::from(dims.c) {
                return Err(CompileError::Plan { what: "size of a tensor" });
            }
        }
        Ok(())
    }
}

/// One step on its way into the file.
struct Job<'a> {
    index: usize,
    step: &'a Step,
    input: Dims,
    quant: &'a [TensorQuant],
}

impl Job<'_> {
    fn error(&self, what: &'static str) -> CompileError {
        CompileError::Params { step: self.index, what }
    }

    /// Compares the zero points of the parameters with those of the tensors.
    fn check_zero_points(&self, params: &Params) -> Result<(), CompileError> {
        let zero = |tensor: usize| self.quant.get(tensor).map_or(0, |q| q.zero_point);
        let input = |at: usize| zero(self.step.inputs.get(at).copied().unwrap_or_default());
        let found = [input(0), input(1), zero(self.index + 1)];
        let agree = params.zero_points().iter().zip(found).all(|(wanted, zero)| wanted.is_none_or(|it| it == zero));
        if agree { Ok(()) } else { Err(self.error("a zero point is not that of its tensor")) }
    }

    /// Writes constants and weights to the start of `data`.
    fn write_data(&self, params: &Params, data: &mut [u8]) -> Result<(), CompileError> {
        match (self.step.op, params) {
            (Op::Conv(window), Params::Weighted { weights, bias, multiplier, shift, .. }) => {
                let ordered = self.reorder(window, weights)?;
                self.write_packed(data, &ordered, Constants::of(params, bias, multiplier, shift))
            }
            (Op::Depthwise(_) | Op::Linear, Params::Weighted { weights, bias, multiplier, shift, .. }) => {
                self.write_packed(data, weights, Constants::of(params, bias, multiplier, shift))
            }
            (op, params) => constants::write(op, params, self.input, self.step.output, data)
                .ok_or(self.error("the parameters are those of another operation")),
        }
    }

    fn length(&self, what: &'static str, found: usize, expected: u64) -> Result<(), CompileError> {
        let expected = usize::try_from(expected).unwrap_or(usize::MAX);
        if found == expected { Ok(()) } else { Err(CompileError::Length { step: self.index, what, found, expected }) }
    }

    /// Conv weights from `[out, in, ky, kx]` to `[out][ky][kx][in]`.
    fn reorder(&self, window: Window, weights: &[i8]) -> Result<Vec<i8>, CompileError> {
        self.length("weights", weights.len(), self.step.op.weights(self.input, self.step.output))?;
        let (depth, taps) = (usize::from(self.input.c), window.taps() as usize);
        let mut ordered = Vec::with_capacity(weights.len());
        for filter in weights.chunks_exact(depth * taps) {
            for tap in 0..taps {
                ordered.extend(filter.iter().skip(tap).step_by(taps));
            }
        }
        Ok(ordered)
    }

    /// Packs the weights with the channels' constants, the zero point folded into the bias.
    fn write_packed(&self, data: &mut [u8], weights: &[i8], constants: Constants<'_>) -> Result<(), CompileError> {
        let outputs = usize::from(self.step.output.c);
        self.length("weights", weights.len(), self.step.op.weights(self.input, self.step.output))?;
        self.length("biases", constants.bias.len(), outputs as u64)?;
        self.length("multipliers", constants.multiplier.len(), outputs as u64)?;
        self.length("shifts", constants.shift.len(), outputs as u64)?;
        let taps = (weights.len() / outputs).max(1);
        let mut weights = weights.to_vec();
        let filters = weights.chunks_exact_mut(taps);
        let factors = constants.multiplier.iter().zip(constants.shift);
        let mut groups = vec![0; Channels::bytes_for(outputs as u32) as usize];
        for (channel, ((filter, bias), (multiplier, shift))) in filters.zip(constants.bias).zip(factors).enumerate() {
            let sum: i64 = filter.iter().map(|w| i64::from(*w)).sum();
            let folded = i64::from(*bias) - i64::from(constants.zero) * sum;
            let bias = i32::try_from(folded).map_err(|_| CompileError::Bias { step: self.index, channel })?;
            let requant = Requant { multiplier: *multiplier, shift: *shift };
            if *multiplier < 0 || !(Requant::MIN_SHIFT..=Requant::MAX_SHIFT).contains(shift) {
                return Err(self.error("a factor is out of range"));
            }
            let mut packed = Channel { bias, requant };
            if let Some(constant) = packed.without_weights(filter, constants.out) {
                filter.fill(0);
                packed = constant;
            }
            packed.write(&mut groups, channel).ok_or(self.error("no room for the channels"))?;
        }
        let channels = Channels::new(&groups, outputs as u32).ok_or(self.error("no room for the channels"))?;
        let mut words = vec![0; (self.step.op.data_bytes(self.input, self.step.output) / 4) as usize];
        let packed = match self.step.op {
            Op::Depthwise(window) => {
                Depthwise { channels: self.step.output.c, window }.pack(&weights, channels, constants.out, &mut words)
            }
            op => op.matrix(self.input, self.step.output).pack(&weights, channels, constants.out, &mut words),
        };
        packed.map_err(|_| self.error("the weights cannot be packed"))?;
        for (to, word) in data.chunks_exact_mut(4).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        Ok(())
    }
}

struct Constants<'a> {
    bias: &'a [i32],
    multiplier: &'a [i32],
    shift: &'a [i8],
    zero: i8,
    out: Output,
}

impl<'a> Constants<'a> {
    fn of(params: &Params, bias: &'a [i32], multiplier: &'a [i32], shift: &'a [i8]) -> Self {
        let (zero, out) = match *params {
            Params::Weighted { input_zero, output_zero, min, max, .. } => {
                (input_zero, Output { zero: output_zero, min, max })
            }
            _ => (0, Output { zero: 0, min: i8::MIN, max: i8::MAX }),
        };
        Self { bias, multiplier, shift, zero, out }
    }
}
