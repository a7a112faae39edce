//! From operators to steps: one file per family of operators.

mod context;
mod edges;
mod elementwise;
mod layout;
mod mean;
mod place;
mod quant;
mod refusal;
mod table;
mod value;
mod weighted;
mod window;

use context::Lowering;
use refusal::{Refusal, float};
use tinynas_plan::Op;

use crate::{Element, ImportError, Imported, Kind, Lowered, Operator, Unsupported};

/// Lowers a network to our operations.
///
/// # Errors
/// [`ImportError::Unsupported`] with everything that is not supported; another one if the network contradicts itself.
pub fn lower(net: &Imported<'_>) -> Result<Lowered, ImportError> {
    let mut lowering = Lowering::new(net);
    let mut refused = edges::inputs(&mut lowering);
    for (index, operator) in net.operators.iter().enumerate() {
        check_order(&lowering, index, operator)?;
        match step(&mut lowering, operator) {
            Ok(()) => {}
            Err(Refusal::Follows) => lowering.poison(operator),
            Err(Refusal::Unsupported(reason, help)) => {
                let (kind, layer) = (operator.title.clone(), lowering.layer(operator));
                refused.push(Unsupported { operator: Some(index), kind, layer, reason, help });
                lowering.poison(operator);
            }
            Err(Refusal::Wrong(reason)) => {
                let (kind, layer) = (operator.title.clone(), lowering.layer(operator));
                return Err(ImportError::Operator { operator: index, kind, layer, reason });
            }
            Err(Refusal::Import(error)) => return Err(error),
        }
    }
    if !refused.is_empty() {
        return Err(ImportError::Unsupported(refused));
    }
    let last = edges::outputs(&mut lowering, &mut refused)?;
    if refused.is_empty() { Ok(lowering.finish(last)) } else { Err(ImportError::Unsupported(refused)) }
}

/// Every tensor is made once, before it is read: the graph has no cycle.
fn check_order(lowering: &Lowering<'_>, index: usize, operator: &Operator) -> Result<(), ImportError> {
    let wrong = |reason: &str| {
        let (kind, layer) = (operator.title.clone(), lowering.layer(operator));
        Err(ImportError::Operator { operator: index, kind, layer, reason: reason.into() })
    };
    if operator.inputs.iter().flatten().any(|tensor| !lowering.is_made(*tensor)) {
        return wrong("it reads a tensor that nothing before it makes");
    }
    if operator.outputs.is_empty() {
        return wrong("it makes no tensor");
    }
    if operator.outputs.iter().any(|tensor| lowering.is_made(*tensor)) {
        return wrong("it makes a tensor that exists already");
    }
    Ok(())
}

/// Lowers one operator.
fn step(lowering: &mut Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    if operator.kind == Kind::Other {
        return Err(refusal::other(&operator.title));
    }
    if let Kind::ShapeArithmetic = operator.kind {
        return layout::shape_arithmetic(lowering, operator);
    }
    check_types(lowering, operator)?;
    match operator.kind {
        Kind::Conv(options) => weighted::conv(lowering, operator, options),
        Kind::Depthwise(options) => weighted::depthwise(lowering, operator, options),
        Kind::FullyConnected { activation, is_shuffled } => {
            weighted::fully_connected(lowering, operator, activation, is_shuffled)
        }
        Kind::AveragePool(pooling) => window::pool(lowering, operator, pooling, Op::AveragePool),
        Kind::MaxPool(pooling) => window::pool(lowering, operator, pooling, Op::MaxPool),
        Kind::Mean => mean::mean(lowering, operator),
        Kind::Add(activation) => elementwise::add(lowering, operator, activation),
        Kind::Mul(activation) => elementwise::mul(lowering, operator, activation),
        Kind::Softmax { beta } => elementwise::softmax(lowering, operator, beta),
        Kind::Unary(unary) => elementwise::unary(lowering, operator, unary),
        Kind::Pad => layout::pad(lowering, operator),
        Kind::Reshape => layout::reshape(lowering, operator),
        Kind::Transpose => layout::transpose(lowering, operator),
        Kind::Quantize => edges::quantize(lowering, operator),
        Kind::Dequantize => edges::dequantize(lowering, operator),
        Kind::Concatenation { axis, activation } => layout::concatenation(lowering, operator, axis, activation),
        Kind::ResizeNearest { align_corners, half_pixel_centers } => {
            layout::resize(lowering, operator, align_corners, half_pixel_centers)
        }
        Kind::ShapeArithmetic | Kind::Other => Ok(()),
    }
}

/// Refuses operators on anything but int8, before their options are looked at.
fn check_types(lowering: &Lowering<'_>, operator: &Operator) -> Result<(), Refusal> {
    let net = lowering.net;
    let made = operator.outputs.first().map(|tensor| net.tensors[*tensor].element);
    let first = operator.inputs.first().copied().flatten();
    let Some((first, made)) = first.zip(made) else {
        return Err(Refusal::Wrong("it lacks its input".into()));
    };
    let read = net.tensors[first].element;
    let refused = |element: Element| {
        let reason = format!("{} activations", element.name());
        Err(Refusal::Unsupported(reason, refusal::QUANTIZE))
    };
    match (&operator.kind, read, made) {
        (_, Element::I8, Element::I8) => Ok(()),
        (Kind::Quantize, Element::F32 | Element::U8, Element::I8) | (Kind::Quantize, Element::I8, Element::U8) => {
            Ok(())
        }
        (Kind::Dequantize, Element::I8, Element::F32) => Ok(()),
        (_, Element::F32, _) | (_, _, Element::F32) => {
            let weights = operator.inputs.get(1).copied().flatten().map(|tensor| net.tensors[tensor].element);
            Err(float(weights == Some(Element::I8)))
        }
        (_, Element::I8, other) | (_, other, _) => refused(other),
    }
}
