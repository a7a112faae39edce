//! The float network as an ONNX model (opset 13), in the same bytes for the same network.
//!
//! | | |
//! |---|---|
//! | input | `pixels`, f32 `[N, c, h, w]`, raw values 0…255 in RGB or grey order |
//! | output | `logits`, f32 `[N, classes]` |
//! | operators | Sub and Mul (the preprocessing), Conv with folded batch normalisation, Clip or Relu, Add, GlobalAveragePool, Flatten, Gemm |
//! | `metadata_props` | `preprocess` (JSON), `classes` (JSON list), `provenance` |
//!
//! The preprocessing is part of the graph, so that a user cannot feed the network the wrong way.

use prost::Message;
use tinynas_model::{Activation, Conv, Layer, Op, Preprocess, TensorId};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto,
    attribute_proto::AttributeType,
    tensor_proto::DataType,
    tensor_shape_proto::{Dimension, dimension},
    type_proto,
};

use crate::{Folded, FoldedLayer, QuantError, quantize::check_preprocess};

/// Operator set of the written models.
pub const OPSET: i64 = 13;
/// Version of the ONNX file format that came with opset 13.
const IR_VERSION: i64 = 7;
const INPUT: &str = "pixels";
const OUTPUT: &str = "logits";

/// The bytes of `model.onnx`.
///
/// # Errors
/// [`QuantError::BadScale`], [`QuantError::PreprocessShape`], or [`QuantError::ClassCount`].
pub fn to_onnx(
    folded: &Folded,
    preprocess: &Preprocess,
    classes: &[String],
    provenance: &str,
) -> Result<Vec<u8>, QuantError> {
    check_preprocess(folded, preprocess)?;
    let (network, outputs) = (&folded.network, folded.network.classes() as usize);
    if classes.len() != outputs {
        return Err(QuantError::ClassCount { names: classes.len(), outputs });
    }
    let mut graph = Graph::default();
    graph.tensor("preprocess.mean", &[], &[f32::from(preprocess.mean)]);
    graph.tensor("preprocess.scale", &[], &[preprocess.scale]);
    graph.tensor("relu6.min", &[], &[0.0]);
    graph.tensor("relu6.max", &[], &[6.0]);
    graph.node("Sub", &[INPUT, "preprocess.mean"], "preprocess.centred", Vec::new());
    graph.node("Mul", &["preprocess.centred", "preprocess.scale"], "input", Vec::new());
    for (index, (layer, fold)) in network.layers.iter().zip(&folded.layers).enumerate() {
        let name = |id: TensorId| id.layer().map_or("input", |layer| &network.layers[layer].name);
        let inputs: Vec<&str> = layer.inputs.iter().map(|id| name(*id)).collect();
        let last = index + 1 == network.layers.len();
        graph.layer(layer, fold, &inputs, network.input_of(index).c, if last { OUTPUT } else { &layer.name });
    }
    let input = [network.input.c, network.input.h, network.input.w];
    graph.proto.name = "tinynas".into();
    graph.proto.input = vec![value(INPUT, &input)];
    graph.proto.output = vec![value(OUTPUT, &[network.classes()])];
    let json = |value: serde_json::Value| value.to_string();
    let metadata = [
        ("classes", json(classes.into())),
        ("preprocess", json(serde_json::to_value(preprocess).unwrap_or_default())),
        ("provenance", provenance.to_owned()),
    ];
    let metadata = metadata.map(|(key, value)| StringStringEntryProto { key: key.into(), value });
    let model = ModelProto {
        ir_version: IR_VERSION,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPSET }],
        producer_name: "tinynas".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(graph.proto),
        metadata_props: metadata.into(),
        ..ModelProto::default()
    };
    Ok(model.encode_to_vec())
}

/// A graph under construction; nodes and the tensors they make have one name.
#[derive(Default)]
struct Graph {
    proto: GraphProto,
}

impl Graph {
    fn layer(&mut self, layer: &Layer, fold: &FoldedLayer, inputs: &[&str], channels: u32, output: &str) {
        let name = &layer.name;
        match layer.op {
            Op::Conv(conv) => self.conv(layer, &conv, fold, inputs[0], (channels, 1), output),
            Op::Depthwise(conv) => self.conv(layer, &conv, fold, inputs[0], (1, channels), output),
            Op::Add => self.node("Add", inputs, output, Vec::new()),
            Op::GlobalPool => self.node("GlobalAveragePool", inputs, output, Vec::new()),
            Op::Linear => {
                let (flat, weight, bias) = (format!("{name}.flat"), format!("{name}.weight"), format!("{name}.bias"));
                self.node("Flatten", inputs, &flat, vec![int("axis", 1)]);
                self.tensor(&weight, &[layer.output.c, channels], &fold.weight);
                self.tensor(&bias, &[layer.output.c], &fold.bias);
                self.node("Gemm", &[&flat, &weight, &bias], output, vec![int("transB", 1)]);
            }
            Op::PlainConv(_) | Op::Norm | Op::Relu | Op::AveragePool(_) | Op::Zero => unreachable!("not folded"),
        }
    }

    fn conv(
        &mut self,
        layer: &Layer,
        conv: &Conv,
        fold: &FoldedLayer,
        input: &str,
        (inputs, groups): (u32, u32),
        output: &str,
    ) {
        let name = &layer.name;
        let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        self.tensor(&weight, &[layer.output.c, inputs, conv.kernel, conv.kernel], &fold.weight);
        self.tensor(&bias, &[layer.output.c], &fold.bias);
        let linear = format!("{name}.linear");
        let sum = if fold.activation == Activation::Linear { output } else { &linear };
        let attributes = vec![
            ints("dilations", &[1, 1]),
            int("group", groups.into()),
            ints("kernel_shape", &[conv.kernel.into(); 2]),
            ints("pads", &[conv.pad.into(); 4]),
            ints("strides", &[conv.stride.into(); 2]),
        ];
        self.node("Conv", &[input, &weight, &bias], sum, attributes);
        match fold.activation {
            Activation::Linear => {}
            Activation::Relu => self.node("Relu", &[sum], output, Vec::new()),
            Activation::Relu6 => self.node("Clip", &[sum, "relu6.min", "relu6.max"], output, Vec::new()),
        }
    }

    fn node(&mut self, op: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) {
        self.proto.node.push(NodeProto {
            input: inputs.iter().map(|&name| name.into()).collect(),
            output: vec![output.into()],
            name: output.into(),
            op_type: op.into(),
            attribute,
            ..NodeProto::default()
        });
    }

    fn tensor(&mut self, name: &str, dims: &[u32], data: &[f32]) {
        self.proto.initializer.push(TensorProto {
            dims: dims.iter().map(|&d| d.into()).collect(),
            data_type: DataType::Float.into(),
            name: name.into(),
            raw_data: data.iter().flat_map(|x| x.to_le_bytes()).collect(),
            ..TensorProto::default()
        });
    }
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), r#type: AttributeType::Int.into(), i, ..AttributeProto::default() }
}

fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    let ints = ints.to_vec();
    AttributeProto { name: name.into(), r#type: AttributeType::Ints.into(), ints, ..AttributeProto::default() }
}

/// An f32 tensor `[N, dims…]` with any number of images.
fn value(name: &str, dims: &[u32]) -> ValueInfoProto {
    let batch = dimension::Value::DimParam("N".into());
    let sizes = dims.iter().map(|&d| dimension::Value::DimValue(d.into()));
    let dimension = |value| Dimension { value: Some(value), ..Dimension::default() };
    let shape = TensorShapeProto { dim: std::iter::once(batch).chain(sizes).map(dimension).collect() };
    let tensor = type_proto::Tensor { elem_type: DataType::Float.into(), shape: Some(shape) };
    let kind = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: name.into(), r#type: Some(kind), ..ValueInfoProto::default() }
}
