//! The network while it is lowered: what every tensor of the file is, and the steps so far.

use tinynas_plan::{Dims, Graph, MAX_STEPS, Op, Params, Step, TensorQuant};

use super::{
    quant,
    refusal::Refusal,
    value::{Value, dims},
};
use crate::{ByteQuant, Edge, Form, ImportError, Imported, Lowered, Operator};

/// Most bytes of weights of a lowered network: many operators could share one large tensor.
const MOST_WEIGHTS: u64 = 64 << 20;

/// What a tensor of the file is.
#[derive(Clone, Debug)]
pub enum Known {
    /// Nothing has made it yet.
    Unknown,
    /// A constant.
    Constant,
    /// One of our tensors.
    Value(Value),
    /// The network's input before it is quantized.
    Raw(Form),
    /// One of our tensors, seen as real values or unsigned bytes.
    Seen(Value, Form),
    /// A shape, whose values are in the shapes of other tensors.
    Shape,
    /// What a refused operator would have made.
    Poisoned,
}

/// The network while it is lowered.
pub struct Lowering<'n> {
    pub net: &'n Imported<'n>,
    pub(super) known: Vec<Known>,
    pub input: Edge,
    pub outputs: Vec<Edge>,
    pub(super) graph: Graph,
    params: Vec<Params>,
    quant: Vec<TensorQuant>,
    names: Vec<String>,
    /// Whether a step has read the input in its shape.
    pub(super) is_input_fixed: bool,
    weights: u64,
}

impl<'n> Lowering<'n> {
    pub fn new(net: &'n Imported<'n>) -> Self {
        let constant = |tensor: &crate::Tensor<'_>| match tensor.data {
            Some(_) => Known::Constant,
            None => Known::Unknown,
        };
        let quant = TensorQuant { scale: 1.0, zero_point: 0 };
        let input =
            Edge { name: String::new(), first: 0, shape: Vec::new(), order: Vec::new(), quant, form: Form::Int8 };
        Self {
            net,
            known: net.tensors.iter().map(constant).collect(),
            input,
            outputs: Vec::new(),
            graph: Graph { input: Dims::vector(1), steps: Vec::new() },
            params: Vec::new(),
            quant: vec![quant],
            names: Vec::new(),
            is_input_fixed: false,
            weights: 0,
        }
    }

    /// The network whose output is tensor `last`, without steps that it does not need.
    pub fn finish(self, last: usize) -> Lowered {
        let Self { mut graph, mut params, mut quant, mut names, input, outputs, .. } = self;
        let mut is_needed = vec![false; quant.len()];
        is_needed[0] = true;
        is_needed[last] = true;
        for (index, step) in graph.steps.iter().enumerate().rev() {
            if is_needed[index + 1] {
                step.inputs.iter().for_each(|tensor| is_needed[*tensor] = true);
            }
        }
        // A tensor's new number is how many needed ones are before it.
        let mut numbers = Vec::with_capacity(is_needed.len());
        let mut next = 0;
        for needed in &is_needed {
            numbers.push(next);
            next += usize::from(*needed);
        }
        let made = &is_needed[1..];
        retain(&mut quant, &is_needed);
        retain(&mut params, made);
        retain(&mut names, made);
        retain(&mut graph.steps, made);
        graph.steps.iter_mut().flat_map(|step| &mut step.inputs).for_each(|tensor| *tensor = numbers[*tensor]);
        Lowered { input, outputs, graph, params, quant, names }
    }

    pub fn known(&self, tensor: usize) -> &Known {
        &self.known[tensor]
    }

    pub fn is_made(&self, tensor: usize) -> bool {
        !matches!(self.known[tensor], Known::Unknown)
    }

    pub fn set(&mut self, tensor: usize, known: Known) {
        self.known[tensor] = known;
    }

    pub fn poison(&mut self, operator: &Operator) {
        for tensor in &operator.outputs {
            self.known[*tensor] = Known::Poisoned;
        }
    }

    /// Name of what an operator makes.
    pub fn layer(&self, operator: &Operator) -> String {
        operator.outputs.first().map(|tensor| self.net.tensors[*tensor].name.clone()).unwrap_or_default()
    }

    /// Quantization of one of our tensors.
    pub fn quant(&self, tensor: usize) -> TensorQuant {
        self.quant[tensor]
    }

    /// Shape of one of our tensors.
    pub fn dims(&self, tensor: usize) -> Dims {
        self.graph.dims(tensor).unwrap_or_default()
    }

    /// The file's tensor at a place of an operator's inputs.
    pub fn argument(&self, operator: &Operator, at: usize) -> Result<usize, Refusal> {
        operator.inputs.get(at).copied().flatten().ok_or_else(|| Refusal::Wrong(format!("it lacks its input {at}")))
    }

    /// The value of a tensor of the file, whatever its layout.
    pub fn value(&self, tensor: usize) -> Result<Value, Refusal> {
        match &self.known[tensor] {
            Known::Value(value) => Ok(value.clone()),
            Known::Poisoned => Err(Refusal::Follows),
            Known::Constant => {
                Err(Refusal::Unsupported("a constant as an activation".into(), "fold the constant when exporting"))
            }
            Known::Raw(Form::Bytes(_)) => {
                Err(Refusal::Unsupported("uint8 activations".into(), super::refusal::QUANTIZE))
            }
            Known::Raw(_) | Known::Seen(..) => Err(super::float(false)),
            Known::Unknown | Known::Shape => Err(Refusal::Wrong("its input is a shape".into())),
        }
    }

    /// Our tensor for one of the file, its bytes in the order of its shape, its border drawn, its shape as asked.
    pub fn tensor(&mut self, tensor: usize) -> Result<usize, Refusal> {
        let value = self.value(tensor)?;
        let value = self.plain(value)?;
        self.shaped(value.tensor, dims(&value.shape)?)
    }

    /// Makes tensor 0 the network's input.
    pub fn set_input(&mut self, dims: Dims, quant: TensorQuant) {
        self.graph.input = dims;
        self.quant[0] = quant;
        self.input.quant = quant;
    }

    /// Appends a step; its output is returned.
    pub fn push(
        &mut self,
        op: Op,
        inputs: Vec<usize>,
        output: Dims,
        quant: TensorQuant,
        params: Params,
    ) -> Result<usize, Refusal> {
        if let Params::Weighted { weights, .. } = &params {
            self.weights += weights.len() as u64;
        }
        let limit = |what, found, most| Err(Refusal::Import(ImportError::Limit { what, found, most }));
        if self.weights > MOST_WEIGHTS {
            return limit("bytes of weights", self.weights, MOST_WEIGHTS);
        }
        if self.graph.steps.len() >= MAX_STEPS {
            return limit("steps", self.graph.steps.len() as u64 + 1, MAX_STEPS as u64);
        }
        let (inputs, params) = self.composed(inputs, params);
        if inputs.contains(&0) {
            self.is_input_fixed = true;
        }
        self.graph.steps.push(Step { op, inputs, output });
        self.params.push(params);
        self.quant.push(quant);
        self.names.push(String::new());
        Ok(self.graph.steps.len())
    }

    /// A table behind a table becomes one table of the first one's input.
    fn composed(&self, inputs: Vec<usize>, params: Params) -> (Vec<usize>, Params) {
        let before = match inputs.as_slice() {
            [input] => input.checked_sub(1).and_then(|step| self.graph.steps.get(step).zip(self.params.get(step))),
            _ => None,
        };
        match (before, params) {
            (Some((Step { inputs: first, .. }, Params::Lookup(before))), Params::Lookup(after)) => {
                let through = |x: i8| after[usize::from(before[usize::from(x as u8 ^ 0x80)] as u8 ^ 0x80)];
                (first.clone(), Params::Lookup(super::table::of(through)))
            }
            (_, params) => (inputs, params),
        }
    }

    /// Appends the step that makes an operator's output, in the order of its shape.
    pub fn make(&mut self, operator: &Operator, op: Op, inputs: Vec<usize>, params: Params) -> Result<(), Refusal> {
        let target = operator.outputs[0];
        let shape = &self.net.tensors[target].shape;
        let (output, quant) = (dims(shape)?, quant::tensor_quant(self, target)?);
        let tensor = self.push(op, inputs, output, quant, params)?;
        if let Some(name) = self.names.last_mut() {
            name.clone_from(&self.net.tensors[target].name);
        }
        self.set(target, Known::Value(Value::plain(tensor, shape)));
        Ok(())
    }

    /// Real form of unsigned bytes.
    pub fn byte_form(&self, tensor: usize) -> Result<Form, Refusal> {
        let (scale, zero) = quant::scale_and_zero(self, tensor)?;
        let zero_point = u8::try_from(zero).map_err(|_| Refusal::Wrong(format!("zero point {zero} of uint8")))?;
        Ok(Form::Bytes(ByteQuant { scale, zero_point }))
    }
}

/// Keeps what is marked.
fn retain<T>(all: &mut Vec<T>, is_kept: &[bool]) {
    let mut marks = is_kept.iter();
    all.retain(|_| marks.next() == Some(&true));
}
