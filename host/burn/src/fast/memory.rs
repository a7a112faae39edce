//! What the operations ask of a backend: its tensors as slices.

use burn::backend::{Backend, Flex, TensorMetadata as _, tensor::FloatTensor};

/// A backend whose tensors are f32 in this process's memory.
pub trait HostMemory: Backend {
    /// The same tensor with its elements in order.
    fn contiguous(tensor: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The elements of a tensor that [`Self::contiguous`] gave.
    fn elements(tensor: &FloatTensor<Self>) -> &[f32];

    /// The buffer of a tensor that nothing else holds.
    fn reclaim(tensor: FloatTensor<Self>) -> Option<Vec<f32>>;
}

impl HostMemory for Flex {
    fn contiguous(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        if tensor.as_slice::<f32>().is_some() { tensor } else { tensor.to_contiguous() }
    }

    fn elements(tensor: &FloatTensor<Self>) -> &[f32] {
        tensor.as_slice::<f32>().unwrap_or_else(|| unreachable!("all tensors are f32, and this one is contiguous"))
    }

    fn reclaim(tensor: FloatTensor<Self>) -> Option<Vec<f32>> {
        let whole = tensor.bytes().len() == size_of::<f32>() * tensor.shape().num_elements();
        if !(tensor.is_unique() && whole && tensor.is_contiguous()) {
            return None;
        }
        tensor.into_data().try_into_vec().ok()
    }
}

#[cfg(feature = "ndarray")]
#[allow(deprecated)] // upstream prefers Flex; whoever asks for the feature wants this one
mod ndarray {
    use burn::backend::{NdArray, tensor::FloatTensor};
    use burn_ndarray::NdArrayTensor;

    use super::HostMemory;

    impl HostMemory for NdArray {
        fn contiguous(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
            match tensor {
                NdArrayTensor::F32(array) if array.view().to_slice().is_none() => {
                    array.view().as_standard_layout().into_owned().into_shared().into()
                }
                tensor => tensor,
            }
        }

        fn elements(tensor: &FloatTensor<Self>) -> &[f32] {
            match tensor {
                NdArrayTensor::F32(array) => array.view().to_slice(),
                _ => None,
            }
            .unwrap_or_else(|| unreachable!("all tensors are f32, and this one is contiguous"))
        }

        fn reclaim(tensor: FloatTensor<Self>) -> Option<Vec<f32>> {
            let NdArrayTensor::F32(array) = tensor else { return None };
            let (unique, len) = (array.is_unique(), array.len());
            if !unique {
                return None;
            }
            let (data, _) = array.into_owned().try_into_owned_nocopy().ok()?.into_raw_vec_and_offset();
            // A view of part of a longer buffer is not worth keeping.
            (data.len() == len).then_some(data)
        }
    }
}
