//! One node at a time: quantization, functions of single values, and what moves values.

use tract_onnx::pb::NodeProto;

use super::{
    Known, Reader, Seen,
    constant::{Attributes, Constant, Values, quantization},
    spatial::name,
};
use crate::{Activation, Element, ImportError, Kind, Quantization, Unary};

/// What a node made: nothing that could be imported, or what its output stands for.
pub(super) type Made = Option<Known>;

impl Reader {
    /// Reads a node; one that cannot be imported becomes an operator that is refused by its name.
    pub(super) fn node(&mut self, node: &NodeProto) -> Result<(), ImportError> {
        let made = match node.op_type.as_str() {
            "Constant" => match node.attribute("value").and_then(|value| value.t.as_ref()) {
                Some(tensor) => Some(Known::Constant(Constant::new(tensor)?.into())),
                None => None,
            },
            "QuantizeLinear" => self.quantize(node),
            "DequantizeLinear" => self.dequantize(node),
            "Identity" | "Dropout" => self.argument(node, 0),
            "Relu" | "Clip" => self.clip(node),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Transpose" => self.movement(node),
            "Add" | "Mul" => self.pair(node),
            "Concat" => self.concat(node),
            _ => self.computed(node),
        };
        let made = made.unwrap_or_else(|| self.refused(node));
        for output in node.output.iter().filter(|name| !name.is_empty()) {
            self.known.insert(output.clone(), made.clone());
        }
        Ok(())
    }

    /// An operator that the lowering refuses, on those inputs that are tensors.
    fn refused(&mut self, node: &NodeProto) -> Known {
        let mut inputs: Vec<Option<usize>> = Vec::new();
        for at in 0..node.input.len().min(64) {
            match self.argument(node, at) {
                Some(Known::Activation(seen) | Known::Pending(seen)) => inputs.push(Some(seen.tensor)),
                Some(Known::Raw(tensor, _)) => inputs.push(Some(tensor)),
                _ => {}
            }
        }
        let shape = inputs.first().copied().flatten().map_or_else(|| vec![1], |tensor| self.shape(tensor));
        let output = self.tensor(name(node), &shape, Element::F32, None);
        self.push(Kind::Other, &node.op_type, inputs, output);
        Known::Pending(Seen { tensor: output, is_image: false })
    }

    /// The one activation that a node reads.
    fn activation(&self, node: &NodeProto) -> Option<Seen> {
        match self.argument(node, 0)? {
            Known::Activation(seen) | Known::Pending(seen) => Some(seen),
            _ => None,
        }
    }

    fn parameters(&mut self, node: &NodeProto) -> Option<Quantization> {
        let zeros = node.input.get(2).filter(|name| !name.is_empty());
        let zeros = match zeros {
            Some(_) => Some(self.constant_argument(node, 2)?),
            None => None,
        };
        let scales = self.constant_argument(node, 1)?;
        self.spend(scales.len()?.checked_add(zeros.as_ref().map_or(Some(0), |zeros| zeros.len())?)?)?;
        quantization(&scales, zeros.as_deref())
    }

    fn quantize(&mut self, node: &NodeProto) -> Made {
        let quant = self.parameters(node)?;
        match self.argument(node, 0)? {
            Known::Raw(raw, moves) => {
                let shape = self.shape(raw);
                let mut tensor = self.tensor(name(node), &shape, Element::I8, Some(quant));
                self.push(Kind::Quantize, &node.op_type, vec![Some(raw)], tensor);
                for by in &moves {
                    tensor = self.moved(tensor, by);
                }
                Some(Known::Activation(Seen { tensor, is_image: false }))
            }
            Known::Pending(seen) => {
                let pending = &mut self.net.tensors[seen.tensor];
                (pending.element, pending.quant) = (Element::I8, Some(quant));
                Some(Known::Activation(seen))
            }
            Known::Activation(seen) if self.net.tensors[seen.tensor].quant.as_ref() == Some(&quant) => {
                Some(Known::Activation(seen))
            }
            Known::Activation(seen) => {
                let shape = self.shape(seen.tensor);
                let tensor = self.tensor(name(node), &shape, Element::I8, Some(quant));
                self.push(Kind::Quantize, &node.op_type, vec![Some(seen.tensor)], tensor);
                Some(Known::Activation(Seen { tensor, ..seen }))
            }
            Known::Constant(_) | Known::Quantized(..) => None,
        }
    }

    fn dequantize(&mut self, node: &NodeProto) -> Made {
        match self.argument(node, 0)? {
            Known::Constant(constant) => {
                let mut quant = self.parameters(node)?;
                if node.input.len() < 3 && !matches!(constant.values, Values::Uint8(_)) {
                    quant.zeros.fill(0);
                }
                Some(Known::Quantized(constant, quant.into()))
            }
            // A pending tensor has no scale: its name is that of the operator that was refused.
            seen @ (Known::Activation(_) | Known::Pending(_)) => Some(seen),
            Known::Raw(..) | Known::Quantized(..) => None,
        }
    }

    /// Relu and Clip: part of the operator before, if its result is not quantized yet, or functions of their own.
    fn clip(&mut self, node: &NodeProto) -> Made {
        let bound = |at: usize, attribute: &str, default: f32| match node.input.get(at).filter(|n| !n.is_empty()) {
            Some(_) => self.scalar(node, at),
            None => Some(node.float(attribute, default)),
        };
        let limits = match node.op_type.as_str() {
            "Relu" => (0.0, f32::INFINITY),
            _ => (bound(1, "min", f32::NEG_INFINITY)?, bound(2, "max", f32::INFINITY)?),
        };
        let (activation, unary) = match limits {
            (0.0, 6.0) => (Activation::Relu6, Some(Unary::Relu6)),
            (0.0, max) if max > 1e6 => (Activation::Relu, Some(Unary::Relu)),
            (-1.0, 1.0) => (Activation::ReluN1To1, None),
            _ => return None,
        };
        match self.argument(node, 0)? {
            Known::Pending(seen) => {
                let operator = self.net.operators.iter_mut().rfind(|operator| operator.outputs == [seen.tensor])?;
                let (Kind::Conv(options) | Kind::Depthwise(options)) = &mut operator.kind else {
                    let (Kind::FullyConnected { activation: fused, .. } | Kind::Add(fused) | Kind::Mul(fused)) =
                        &mut operator.kind
                    else {
                        return None;
                    };
                    *fused = activation;
                    return Some(Known::Pending(seen));
                };
                options.activation = activation;
                Some(Known::Pending(seen))
            }
            Known::Activation(seen) if unary == Some(Unary::Relu6) => {
                // The table keeps the input's scale.
                let shape = self.shape(seen.tensor);
                let tensor = self.like(Kind::Unary(Unary::Relu6), &node.op_type, seen.tensor, None, &shape);
                Some(Known::Activation(Seen { tensor, ..seen }))
            }
            Known::Activation(seen) => Some(self.unary(node, seen, unary?)),
            _ => None,
        }
    }

    fn scalar(&self, node: &NodeProto, at: usize) -> Option<f32> {
        match (self.argument(node, at)?, ()) {
            (Known::Constant(constant), ()) => constant.floats().filter(|x| x.len() == 1).map(|x| x[0]),
            _ => None,
        }
    }

    fn unary(&mut self, node: &NodeProto, seen: Seen, unary: Unary) -> Known {
        let shape = self.shape(seen.tensor);
        let tensor = self.tensor(name(node), &shape, Element::F32, None);
        self.push(Kind::Unary(unary), &node.op_type, vec![Some(seen.tensor)], tensor);
        Known::Pending(Seen { tensor, ..seen })
    }

    /// Nodes that compute with one activation.
    fn computed(&mut self, node: &NodeProto) -> Made {
        let input = self.activation(node)?;
        match node.op_type.as_str() {
            "Conv" => self.conv(node, input).map(Known::Pending),
            "Gemm" | "MatMul" => self.product(node, input).map(Known::Pending),
            "AveragePool" | "MaxPool" => {
                let seen = self.pool(node, input)?;
                let waits = self.net.tensors[seen.tensor].element == Element::F32;
                Some(if waits { Known::Pending(seen) } else { Known::Activation(seen) })
            }
            "GlobalAveragePool" => {
                let image = self.image(input);
                Some(Known::Pending(self.global(node, image)))
            }
            "Sigmoid" => Some(self.unary(node, input, Unary::Logistic)),
            "Tanh" => Some(self.unary(node, input, Unary::Tanh)),
            "HardSwish" => Some(self.unary(node, input, Unary::HardSwish)),
            "LeakyRelu" => Some(self.unary(node, input, Unary::LeakyRelu(node.float("alpha", 0.01)))),
            "Softmax" => self.softmax(node, input),
            _ => None,
        }
    }

    /// Softmax over the last axis, in int8 at 1/256.
    fn softmax(&mut self, node: &NodeProto, input: Seen) -> Made {
        let tensor = self.logical(input);
        let shape = self.shape(tensor);
        let axis = node.int("axis", -1);
        if axis != -1 && axis != shape.len() as i64 - 1 {
            return None;
        }
        let quant = Quantization { scales: vec![1.0 / 256.0], zeros: vec![-128] };
        let output = self.tensor(name(node), &shape, Element::I8, Some(quant));
        self.push(Kind::Softmax { beta: 1.0 }, &node.op_type, vec![Some(tensor)], output);
        Some(Known::Activation(Seen { tensor: output, is_image: false }))
    }

    /// Add and Mul of two activations; a constant behind a product is its bias.
    fn pair(&mut self, node: &NodeProto) -> Made {
        let (a, b) = (self.argument(node, 0)?, self.argument(node, 1)?);
        if node.op_type == "Add" {
            let biased = match (&a, &b) {
                (Known::Pending(seen), bias) | (bias, Known::Pending(seen)) => self.biased(*seen, bias),
                _ => None,
            };
            if biased.is_some() {
                return biased;
            }
        }
        let (Known::Activation(left), Known::Activation(right)) = (a, b) else { return None };
        let is_image = left.is_image || right.is_image;
        let tensors = match is_image {
            true => [self.image(left), self.image(right)],
            false => [left.tensor, right.tensor],
        };
        let shapes = tensors.map(|tensor| self.shape(tensor));
        let size = |shape: &Vec<u32>| shape.iter().fold(1u64, |n, side| n.saturating_mul((*side).into()));
        let shape = if size(&shapes[0]) >= size(&shapes[1]) { &shapes[0] } else { &shapes[1] };
        let output = self.tensor(name(node), shape, Element::F32, None);
        let linear = Activation::Linear;
        let kind = if node.op_type == "Add" { Kind::Add(linear) } else { Kind::Mul(linear) };
        self.push(kind, &node.op_type, tensors.map(Some).to_vec(), output);
        Some(Known::Pending(Seen { tensor: output, is_image }))
    }

    /// Gives the product that made `seen` a bias.
    fn biased(&mut self, seen: Seen, bias: &Known) -> Made {
        let at = self.net.operators.iter().rposition(|operator| operator.outputs == [seen.tensor])?;
        let operator = &self.net.operators[at];
        let &[Some(input), Some(weights), None] = operator.inputs.as_slice() else { return None };
        let quant = self.net.tensors[weights].quant.clone()?;
        let bias = self.bias(Some(bias), input, &quant)?;
        self.net.operators[at].inputs[2] = Some(bias);
        Some(Known::Pending(seen))
    }
}
