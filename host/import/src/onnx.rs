//! Reads an ONNX file whose activations pass through QuantizeLinear and DequantizeLinear (QDQ).
//!
//! The float operators between them become operators on int8 tensors: what quantizes the result gives its scale.
//! Images are kept as NHWC, whatever the file's order; where the file's order of the values matters, a transposition
//! is written. A trailing Softmax of real values is computed in int8 at a scale of 1/256.

mod constant;
mod moves;
mod node;
mod spatial;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use prost::Message;
use tract_onnx::pb::{ModelProto, ValueInfoProto, tensor_shape_proto::dimension, type_proto};

use crate::{Element, ImportError, Imported, Kind, Operator, Quantization, Tensor};
use constant::Constant;

/// Most nodes of a model.
const MOST_NODES: usize = 1 << 13;

/// Reads the graph of a file.
///
/// # Errors
/// If the file is no ONNX model, or has more of something than a model for a microcontroller. What is not supported
/// is named by [`crate::lower()`].
pub fn read(file: &[u8]) -> Result<Imported<'static>, ImportError> {
    let model = ModelProto::decode(file).map_err(|error| ImportError::NotOnnx { reason: error.to_string() })?;
    let Some(graph) = model.graph.filter(|graph| !graph.node.is_empty()) else {
        return Err(ImportError::NotOnnx { reason: "it holds no graph".into() });
    };
    if graph.node.len() > MOST_NODES {
        return Err(ImportError::Limit { what: "nodes", found: graph.node.len() as u64, most: MOST_NODES as u64 });
    }
    let budget = 8 * file.len() + (1 << 16);
    let mut reader = Reader { net: Imported::default(), known: HashMap::new(), budget };
    for initializer in &graph.initializer {
        let constant = Constant::new(initializer)?;
        reader.known.insert(initializer.name.clone(), Known::Constant(constant.into()));
    }
    for input in &graph.input {
        if !reader.known.contains_key(&input.name) {
            reader.input(input)?;
        }
    }
    for node in &graph.node {
        reader.node(node)?;
    }
    for output in &graph.output {
        reader.output(&output.name);
    }
    Ok(reader.net)
}

/// What a name of the file stands for.
#[derive(Clone, Debug)]
enum Known {
    /// A constant.
    Constant(Arc<Constant>),
    /// A constant of integers with their scales.
    Quantized(Arc<Constant>, Arc<Quantization>),
    /// The input before it is quantized, and what moves its values.
    Raw(usize, Vec<Move>),
    /// An int8 tensor of the network, quantized or seen as real values.
    Activation(Seen),
    /// Real values that wait for their quantization.
    Pending(Seen),
}

/// A tensor of the network.
#[derive(Clone, Copy, Debug)]
struct Seen {
    tensor: usize,
    /// Whether the file sees it as NCHW; the tensor is NHWC.
    is_image: bool,
}

/// What moves values without computing.
#[derive(Clone, Debug)]
enum Move {
    Reshape(Vec<u32>),
    /// Order of the axes, and the shape that it makes.
    Transpose(Vec<usize>, Vec<u32>),
}

/// The network while it is read.
struct Reader {
    net: Imported<'static>,
    known: HashMap<String, Known>,
    /// Numbers that may still be copied: many nodes could share a large constant.
    budget: usize,
}

impl Reader {
    fn input(&mut self, input: &ValueInfoProto) -> Result<(), ImportError> {
        let tensor = self.net.tensors.len();
        let wrong = |reason: &str| ImportError::Tensor { tensor, name: input.name.clone(), reason: reason.into() };
        let kind = input.r#type.as_ref().and_then(|kind| kind.value.as_ref());
        let Some(type_proto::Value::TensorType(kind)) = kind else { return Err(wrong("its type is missing")) };
        let side = |side: &dimension::Value| match side {
            dimension::Value::DimValue(side) => u32::try_from(*side).ok(),
            dimension::Value::DimParam(_) => Some(1),
        };
        let sides = kind.shape.iter().flat_map(|shape| &shape.dim);
        // An unnamed side is any number: one image.
        let shape: Option<Vec<u32>> = sides.map(|dim| dim.value.as_ref().map_or(Some(1), side)).collect();
        let shape = shape.filter(|shape| shape.len() <= 6).ok_or_else(|| wrong("its shape is none of ours"))?;
        let tensor = self.tensor(&input.name, &shape, element(kind.elem_type), None);
        self.net.inputs.push(tensor);
        self.known.insert(input.name.clone(), Known::Raw(tensor, Vec::new()));
        Ok(())
    }

    fn output(&mut self, name: &str) {
        let seen = match self.known.get(name) {
            Some(Known::Activation(seen)) => *seen,
            Some(Known::Pending(seen)) => {
                self.net.outputs.push(seen.tensor);
                return;
            }
            Some(Known::Raw(tensor, _)) => {
                self.net.outputs.push(*tensor);
                return;
            }
            _ => return,
        };
        let tensor = self.logical(seen);
        let shape = self.net.tensors[tensor].shape.clone();
        let real = self.tensor(name, &shape, Element::F32, None);
        self.push(Kind::Dequantize, "DequantizeLinear", vec![Some(tensor)], real);
        self.net.outputs.push(real);
    }

    /// Takes numbers that are to be copied from the budget; `None` if it is spent.
    fn spend(&mut self, numbers: usize) -> Option<()> {
        self.budget = self.budget.checked_sub(numbers)?;
        Some(())
    }

    /// Adds a tensor; its number is returned.
    fn tensor(&mut self, name: &str, shape: &[u32], element: Element, quant: Option<Quantization>) -> usize {
        let name = name.chars().take(80).collect();
        self.net.tensors.push(Tensor { name, shape: shape.to_vec(), element, quant, data: None });
        self.net.tensors.len() - 1
    }

    /// Adds a constant tensor.
    fn constant(&mut self, shape: &[u32], element: Element, quant: Option<Quantization>, data: Vec<u8>) -> usize {
        let tensor = self.tensor("", shape, element, quant);
        self.net.tensors[tensor].data = Some(Cow::Owned(data));
        tensor
    }

    /// Adds a constant of integers.
    fn integers(&mut self, shape: &[u32], values: impl Iterator<Item = i32>) -> usize {
        self.constant(shape, Element::I32, None, values.flat_map(i32::to_le_bytes).collect())
    }

    fn push(&mut self, kind: Kind, title: &str, inputs: Vec<Option<usize>>, output: usize) {
        self.net.operators.push(Operator { kind, title: title.into(), inputs, outputs: vec![output] });
    }

    fn shape(&self, tensor: usize) -> Vec<u32> {
        self.net.tensors[tensor].shape.clone()
    }

    /// The shape of a tensor as the file sees it.
    fn logical_shape(&self, seen: Seen) -> Vec<u32> {
        match (seen.is_image, self.shape(seen.tensor).as_slice()) {
            (true, &[n, h, w, c]) => vec![n, c, h, w],
            (_, shape) => shape.to_vec(),
        }
    }

    /// Appends a transposition; nothing moves until someone needs the order.
    fn transposed(&mut self, tensor: usize, order: &[usize]) -> usize {
        let shape = self.shape(tensor);
        let made: Vec<u32> = order.iter().map(|axis| shape[*axis]).collect();
        let axes = self.integers(&[order.len() as u32], order.iter().map(|axis| *axis as i32));
        self.like(Kind::Transpose, "Transpose", tensor, Some(axes), &made)
    }

    /// Appends an operator whose output has the type and scale of its input.
    fn like(&mut self, kind: Kind, title: &str, tensor: usize, more: Option<usize>, shape: &[u32]) -> usize {
        let Tensor { name, element, quant, .. } = self.net.tensors[tensor].clone();
        let output = self.tensor(&name, shape, element, quant);
        let inputs = [Some(tensor)].into_iter().chain(more.map(Some)).collect();
        self.push(kind, title, inputs, output);
        output
    }

    /// The tensor in the file's order.
    fn logical(&mut self, seen: Seen) -> usize {
        if seen.is_image { self.transposed(seen.tensor, &[0, 3, 1, 2]) } else { seen.tensor }
    }

    /// The tensor as NHWC, if it has four axes.
    fn image(&mut self, seen: Seen) -> usize {
        let is_other = !seen.is_image && self.net.tensors[seen.tensor].shape.len() == 4;
        if is_other { self.transposed(seen.tensor, &[0, 2, 3, 1]) } else { seen.tensor }
    }

    /// Applies what moves values.
    fn moved(&mut self, tensor: usize, by: &Move) -> usize {
        match by {
            Move::Reshape(shape) => self.like(Kind::Reshape, "Reshape", tensor, None, shape),
            Move::Transpose(order, _) => self.transposed(tensor, order),
        }
    }
}

/// A type by its number in the file's format.
fn element(number: i32) -> Element {
    match number {
        1 => Element::F32,
        2 => Element::U8,
        3 => Element::I8,
        5 => Element::I16,
        6 => Element::I32,
        7 => Element::I64,
        other => Element::Other(i8::try_from(other).unwrap_or(-1)),
    }
}
