//! Constants of an ONNX file, whatever field holds their values.

use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto, tensor_proto::DataType};

use crate::{ImportError, Quantization};

/// A constant.
#[derive(Clone, Debug)]
pub struct Constant {
    pub shape: Vec<u32>,
    pub values: Values,
}

/// Values of a constant.
#[derive(Clone, Debug)]
pub enum Values {
    Int8(Vec<i8>),
    Uint8(Vec<u8>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float(Vec<f32>),
    /// Of a type that nothing here reads.
    Other,
}

impl Constant {
    pub fn new(tensor: &TensorProto) -> Result<Self, ImportError> {
        let wrong = |reason: String| ImportError::Tensor { tensor: 0, name: tensor.name.clone(), reason };
        let shape: Option<Vec<u32>> = tensor.dims.iter().map(|side| u32::try_from(*side).ok()).collect();
        let shape = shape.filter(|shape| shape.len() <= 6).ok_or_else(|| wrong("its shape is none of ours".into()))?;
        if !tensor.external_data.is_empty() {
            return Err(wrong("its data are in another file; save the model in one file".into()));
        }
        let (raw, small) = (&tensor.raw_data, &tensor.int32_data);
        let words = || raw.as_chunks::<4>().0.iter();
        let values = match DataType::try_from(tensor.data_type) {
            Ok(DataType::Int8) if raw.is_empty() => Values::Int8(small.iter().map(|x| *x as i8).collect()),
            Ok(DataType::Int8) => Values::Int8(raw.iter().map(|b| *b as i8).collect()),
            Ok(DataType::Uint8) if raw.is_empty() => Values::Uint8(small.iter().map(|x| *x as u8).collect()),
            Ok(DataType::Uint8) => Values::Uint8(raw.clone()),
            Ok(DataType::Int32) if raw.is_empty() => Values::Int32(small.clone()),
            Ok(DataType::Int32) => Values::Int32(words().map(|b| i32::from_le_bytes(*b)).collect()),
            Ok(DataType::Int64) if raw.is_empty() => Values::Int64(tensor.int64_data.clone()),
            Ok(DataType::Int64) => {
                Values::Int64(raw.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b)).collect())
            }
            Ok(DataType::Float) if raw.is_empty() => Values::Float(tensor.float_data.clone()),
            Ok(DataType::Float) => Values::Float(words().map(|b| f32::from_le_bytes(*b)).collect()),
            _ => Values::Other,
        };
        let constant = Self { shape, values };
        let expected = constant.shape.iter().fold(1u64, |n, side| n.saturating_mul((*side).into()));
        match constant.len() {
            Some(found) if found as u64 != expected => {
                Err(wrong(format!("{found} values, its shape needs {expected}")))
            }
            _ => Ok(constant),
        }
    }

    /// Number of values; `None` if they were not read.
    pub fn len(&self) -> Option<usize> {
        match &self.values {
            Values::Int8(values) => Some(values.len()),
            Values::Uint8(values) => Some(values.len()),
            Values::Int32(values) => Some(values.len()),
            Values::Int64(values) => Some(values.len()),
            Values::Float(values) => Some(values.len()),
            Values::Other => None,
        }
    }

    /// As integers.
    pub fn integers(&self) -> Option<Vec<i64>> {
        match &self.values {
            Values::Int8(values) => Some(values.iter().map(|x| (*x).into()).collect()),
            Values::Uint8(values) => Some(values.iter().map(|x| (*x).into()).collect()),
            Values::Int32(values) => Some(values.iter().map(|x| (*x).into()).collect()),
            Values::Int64(values) => Some(values.clone()),
            Values::Float(_) | Values::Other => None,
        }
    }

    /// As real values.
    pub fn floats(&self) -> Option<&[f32]> {
        match &self.values {
            Values::Float(values) => Some(values),
            _ => None,
        }
    }

    /// As int8: unsigned bytes are 128 less, and so are their zero points.
    pub fn bytes(&self) -> Option<Vec<i8>> {
        match &self.values {
            Values::Int8(values) => Some(values.clone()),
            Values::Uint8(values) => Some(values.iter().map(|x| (x ^ 0x80) as i8).collect()),
            _ => None,
        }
    }
}

/// Scales and zero points from the constants of QuantizeLinear or DequantizeLinear; zero points of unsigned bytes, and
/// those that are left out, are 128 less.
pub fn quantization(scales: &Constant, zeros: Option<&Constant>) -> Option<Quantization> {
    let scales = scales.floats()?.to_vec();
    let zeros = match zeros {
        None => vec![-128; scales.len()],
        Some(zeros) => {
            let less = if matches!(zeros.values, Values::Uint8(_)) { 128 } else { 0 };
            zeros.integers()?.into_iter().map(|zero| zero - less).collect()
        }
    };
    (scales.len() == zeros.len()).then_some(Quantization { scales, zeros })
}

/// Attributes of a node.
pub trait Attributes {
    fn attribute(&self, name: &str) -> Option<&AttributeProto>;

    fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |attribute| attribute.f)
    }

    fn text(&self, name: &str) -> String {
        self.attribute(name).map(|attribute| String::from_utf8_lossy(&attribute.s).into_owned()).unwrap_or_default()
    }

    fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    /// Rows and columns.
    fn pair(&self, name: &str, default: u32) -> Option<[u32; 2]> {
        match self.ints(name) {
            None => Some([default; 2]),
            Some(&[a, b]) => Some([u32::try_from(a).ok()?, u32::try_from(b).ok()?]),
            Some(_) => None,
        }
    }
}

impl Attributes for NodeProto {
    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.attribute.iter().find(|attribute| attribute.name == name)
    }
}
