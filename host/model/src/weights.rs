//! Float weights by name, kept as safetensors with a fixed order of bytes.

use std::{collections::BTreeMap, fs, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use thiserror::Error;

/// One dense f32 tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatTensor {
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Elements in row-major order.
    pub data: Vec<f32>,
}

/// All weights of a network.
///
/// Names: `LAYER.weight` (`[out, in/groups, k, k]`, linear `[out, in]`), `LAYER.bias` (linear),
/// `LAYER.gamma`, `LAYER.beta`, `LAYER.mean`, `LAYER.var` (batch normalisation, `[out]`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    tensors: BTreeMap<String, FloatTensor>,
}

/// Why weights cannot be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightError {
    /// A tensor that the network needs is not there.
    #[error("the weights have no `{name}`")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A tensor has another shape than the network needs.
    #[error("`{name}` has shape {got:?}, the network needs {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// Shape in the file.
        got: Vec<usize>,
        /// Shape of the network.
        expected: Vec<usize>,
    },
    /// The file is not a safetensors file of f32.
    #[error("{path}: {reason}")]
    Format {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl Weights {
    /// Adds or replaces a tensor.
    pub fn insert(&mut self, name: impl Into<String>, shape: Vec<usize>, data: Vec<f32>) {
        self.tensors.insert(name.into(), FloatTensor { shape, data });
    }

    /// The tensor `LAYER.PART`, checked against `shape`.
    ///
    /// # Errors
    /// [`WeightError::Missing`] or [`WeightError::Shape`].
    pub fn get(&self, layer: &str, part: &str, shape: &[usize]) -> Result<&[f32], WeightError> {
        let name = format!("{layer}.{part}");
        let tensor = self.tensors.get(&name).ok_or(WeightError::Missing { name: name.clone() })?;
        if tensor.shape != shape {
            return Err(WeightError::Shape { name, got: tensor.shape.clone(), expected: shape.to_vec() });
        }
        Ok(&tensor.data)
    }

    /// All tensors by name, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FloatTensor)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The bytes of a safetensors file. Equal weights give equal bytes.
    ///
    /// # Errors
    /// [`WeightError::Format`] if a shape does not match its data.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WeightError> {
        let bytes: BTreeMap<&str, Vec<u8>> =
            self.iter().map(|(name, t)| (name, t.data.iter().flat_map(|x| x.to_le_bytes()).collect())).collect();
        let format = |reason: safetensors::SafeTensorError| WeightError::Format {
            path: "weights".into(),
            reason: reason.to_string(),
        };
        let view = |(name, t): (&str, &FloatTensor)| {
            TensorView::new(Dtype::F32, t.shape.clone(), &bytes[name]).map(|view| (name.to_owned(), view))
        };
        let views = self.iter().map(view).collect::<Result<Vec<_>, _>>().map_err(format)?;
        safetensors::serialize(views, None).map_err(format)
    }

    /// Reads the bytes of a safetensors file; `path` is for messages.
    ///
    /// # Errors
    /// [`WeightError::Format`].
    pub fn from_bytes(bytes: &[u8], path: &str) -> Result<Self, WeightError> {
        let format = |reason: String| WeightError::Format { path: path.into(), reason };
        let file = SafeTensors::deserialize(bytes).map_err(|e| format(e.to_string()))?;
        let mut weights = Self::default();
        for (name, view) in file.tensors() {
            if view.dtype() != Dtype::F32 {
                return Err(format(format!("`{name}` is not f32")));
            }
            let data = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            weights.insert(name, view.shape().to_vec(), data);
        }
        Ok(weights)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`WeightError::Io`] or [`WeightError::Format`].
    pub fn load(path: &Path) -> Result<Self, WeightError> {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|source| WeightError::Io { path: name.clone(), source })?;
        Self::from_bytes(&bytes, &name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_back_and_do_not_depend_on_the_order_of_insertion() {
        let mut a = Weights::default();
        a.insert("x.weight", vec![1, 2], vec![1.5, -2.0]);
        a.insert("b.weight", vec![1], vec![0.25]);
        let mut b = Weights::default();
        b.insert("b.weight", vec![1], vec![0.25]);
        b.insert("x.weight", vec![1, 2], vec![1.5, -2.0]);
        let bytes = a.to_bytes().unwrap();
        assert_eq!(bytes, b.to_bytes().unwrap());
        assert_eq!(Weights::from_bytes(&bytes, "t").unwrap(), a);
    }

    #[test]
    fn a_wrong_shape_and_a_truncated_file_are_named() {
        let mut w = Weights::default();
        w.insert("x.weight", vec![1, 2], vec![1.5, -2.0]);
        assert!(matches!(w.get("x", "weight", &[2, 1]), Err(WeightError::Shape { .. })));
        assert!(matches!(w.get("y", "weight", &[1]), Err(WeightError::Missing { .. })));
        let bytes = w.to_bytes().unwrap();
        assert!(Weights::from_bytes(&bytes[..bytes.len() - 1], "t").is_err());
    }
}
