//! Inputs and outputs: what is quantized and dequantized at the edges of the network.

use tinynas_plan::{Op, Output, Params, Requant};

use super::{
    context::{Known, Lowering},
    quant,
    refusal::{QUANTIZE, Refusal},
    value::{Value, dims},
};
use crate::{Edge, Element, Form, ImportError, Operator, Unsupported};

/// Help for several outputs.
const ONE_OUTPUT: &str = "export the model with fewer outputs: together they may have 65,535 values";
/// Help for several inputs.
const ONE_INPUT: &str = "export the model with one input";

fn whole(kind: &str, layer: String, reason: String, help: &'static str) -> Unsupported {
    Unsupported { operator: None, kind: kind.into(), layer, reason, help }
}

/// Makes the network's input known; what is not supported about it is returned.
pub fn inputs(lowering: &mut Lowering<'_>) -> Vec<Unsupported> {
    let net = lowering.net;
    let given: Vec<usize> = net.inputs.iter().copied().filter(|tensor| net.tensors[*tensor].data.is_none()).collect();
    let mut refused = Vec::new();
    if given.len() != 1 {
        let names: Vec<&str> = given.iter().map(|tensor| net.tensors[*tensor].name.as_str()).collect();
        refused.push(whole("inputs", names.join(", "), format!("{} inputs", given.len()), ONE_INPUT));
    }
    for tensor in given.iter().skip(1) {
        lowering.set(*tensor, Known::Poisoned);
    }
    if let Some(&tensor) = given.first() {
        match input(lowering, tensor) {
            Ok(known) => lowering.set(tensor, known),
            Err(refusal) => {
                let (reason, help) = match refusal {
                    Refusal::Unsupported(reason, help) => (reason, help),
                    Refusal::Import(error) => (error.to_string(), QUANTIZE),
                    Refusal::Wrong(reason) => (reason, QUANTIZE),
                    Refusal::Follows => ("an input that follows from others".into(), ONE_INPUT),
                };
                refused.push(whole("input", net.tensors[tensor].name.clone(), reason, help));
                lowering.set(tensor, Known::Poisoned);
            }
        }
    }
    // State that no operator makes: a reader of it is refused for what it computes.
    let mut is_state: Vec<bool> = (0..net.tensors.len()).map(|tensor| !lowering.is_made(tensor)).collect();
    for &tensor in net.operators.iter().flat_map(|operator| &operator.outputs) {
        is_state[tensor] = false;
    }
    for (tensor, _) in is_state.iter().enumerate().filter(|(_, is_state)| **is_state) {
        lowering.set(tensor, Known::Poisoned);
    }
    refused
}

fn input(lowering: &mut Lowering<'_>, tensor: usize) -> Result<Known, Refusal> {
    let net = lowering.net;
    let given = &net.tensors[tensor];
    lowering.input.name = given.name.clone();
    lowering.input.shape = given.shape.clone();
    lowering.input.order = (0..given.shape.len()).collect();
    match given.element {
        Element::I8 => {
            let quant = quant::tensor_quant(lowering, tensor)?;
            lowering.set_input(dims(&given.shape)?, quant);
            Ok(Known::Value(Value::plain(0, &given.shape)))
        }
        Element::F32 => Ok(Known::Raw(Form::Real)),
        Element::U8 => Ok(Known::Raw(lowering.byte_form(tensor)?)),
        other => Err(Refusal::Unsupported(format!("{} values", other.name()), QUANTIZE)),
    }
}

/// QUANTIZE: at the input, at the output, or between two int8 tensors.
pub fn quantize(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let (source, target) = (lowering.argument(operator, 0)?, operator.outputs[0]);
    let made = &lowering.net.tensors[target];
    match (lowering.known(source).clone(), made.element) {
        (Known::Poisoned, _) => Err(Refusal::Follows),
        (Known::Raw(form), Element::I8) => {
            let quant = quant::tensor_quant(lowering, target)?;
            if !lowering.input.shape.is_empty() && lowering.input.form != Form::Int8 && lowering.input.quant != quant {
                let reason = "an input that is quantized in two ways".into();
                return Err(Refusal::Unsupported(reason, "quantize the input once"));
            }
            if made.shape != lowering.input.shape {
                return Err(Refusal::Wrong("it changes the shape".into()));
            }
            lowering.set_input(dims(&made.shape)?, quant);
            lowering.input.form = form;
            lowering.set(target, Known::Value(Value::plain(0, &made.shape)));
            Ok(())
        }
        (Known::Value(_), Element::I8) => {
            let input = lowering.tensor(source)?;
            let (from, to) = (lowering.quant(input), quant::tensor_quant(lowering, target)?);
            if dims(&made.shape)? != lowering.dims(input) {
                return Err(Refusal::Wrong("it changes the shape".into()));
            }
            if from == to {
                lowering.set(target, Known::Value(Value::plain(input, &made.shape)));
                return Ok(());
            }
            let factor = Requant::from_real(f64::from(from.scale) / f64::from(to.scale));
            let out = Output { zero: to.zero_point, min: -128, max: 127 };
            lowering.make(
                operator,
                Op::Requantize,
                vec![input],
                Params::Requantize { input_zero: from.zero_point, factor, out },
            )
        }
        (Known::Value(value), Element::U8) => {
            let form = lowering.byte_form(target)?;
            lowering.set(target, Known::Seen(value, form));
            Ok(())
        }
        (_, element) => {
            let from = lowering.net.tensors[source].element.name();
            Err(Refusal::Unsupported(format!("quantization from {from} to {}", element.name()), QUANTIZE))
        }
    }
}

/// DEQUANTIZE: at the output.
pub fn dequantize(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let (source, target) = (lowering.argument(operator, 0)?, operator.outputs[0]);
    match (lowering.known(source).clone(), lowering.net.tensors[target].element) {
        (Known::Poisoned, _) => Err(Refusal::Follows),
        (Known::Value(value), Element::F32) => {
            lowering.set(target, Known::Seen(value, Form::Real));
            Ok(())
        }
        (_, element) => {
            let from = lowering.net.tensors[source].element.name();
            Err(Refusal::Unsupported(format!("dequantization from {from} to {}", element.name()), QUANTIZE))
        }
    }
}

/// Makes the network's outputs, parts of one tensor of ours; that tensor.
pub fn outputs(lowering: &mut Lowering<'_>, refused: &mut Vec<Unsupported>) -> Result<usize, ImportError> {
    let net = lowering.net;
    if net.outputs.is_empty() {
        refused.push(whole("outputs", String::new(), "no output".into(), "export the model with an output"));
    }
    let mut made = Vec::new();
    for &target in &net.outputs {
        let name = net.tensors[target].name.clone();
        match output(lowering, target) {
            Ok((tensor, form)) => made.push((target, tensor, form)),
            Err(Refusal::Unsupported(reason, help)) => refused.push(whole("output", name, reason, help)),
            Err(Refusal::Import(error)) => return Err(error),
            Err(Refusal::Wrong(reason)) => return Err(ImportError::Tensor { tensor: target, name, reason }),
            Err(Refusal::Follows) => {}
        }
    }
    let tensors: Vec<usize> = made.iter().map(|(_, tensor, _)| *tensor).collect();
    let last = match joined(lowering, &tensors) {
        Ok(last) => last,
        Err(Refusal::Import(error)) => return Err(error),
        Err(_) => {
            refused.push(whole("outputs", String::new(), "outputs that are too large".into(), ONE_OUTPUT));
            0
        }
    };
    let mut first = 0;
    for (target, tensor, form) in made {
        let (name, shape) = (net.tensors[target].name.clone(), net.tensors[target].shape.clone());
        let (order, quant) = ((0..shape.len()).collect(), lowering.quant(tensor));
        let edge = Edge { name, first, shape, order, quant, form };
        first = edge.range().end;
        lowering.outputs.push(edge);
    }
    Ok(last)
}

/// Our tensor for an output, its values in the file's order, and what the user sees.
fn output(lowering: &mut Lowering<'_>, target: usize) -> Result<(usize, Form), Refusal> {
    let (value, form) = match lowering.known(target).clone() {
        Known::Value(value) => (value, Form::Int8),
        Known::Seen(value, form) => (value, form),
        Known::Poisoned => return Err(Refusal::Follows),
        _ => return Err(Refusal::Unsupported("an output that is not computed".into(), QUANTIZE)),
    };
    match lowering.plain(value)?.tensor {
        0 => Err(Refusal::Unsupported("the input itself".into(), "export a model that computes something")),
        tensor => Ok((tensor, form)),
    }
}

/// Puts several outputs one after the other; the tensor with all of them.
fn joined(lowering: &mut Lowering<'_>, tensors: &[usize]) -> Result<usize, Refusal> {
    if let &[tensor] = tensors {
        return Ok(tensor);
    }
    let mut all = None;
    for &tensor in tensors {
        let (dims, quant) = (lowering.dims(tensor), lowering.quant(tensor));
        let flat = super::value::small([1, 1, u32::try_from(dims.elements()).unwrap_or(u32::MAX)])?;
        let next = lowering.shaped(tensor, flat)?;
        all = Some(match all {
            None => next,
            Some(before) => {
                let sum = u32::from(lowering.dims(before).c) + u32::from(flat.c);
                let joined = super::value::small([1, 1, sum])?;
                lowering.push(Op::Concat(2), vec![before, next], joined, quant, Params::Move)?
            }
        });
    }
    Ok(all.unwrap_or(0))
}
