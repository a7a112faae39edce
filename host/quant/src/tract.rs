//! Runs `model.onnx` with tract, a runtime that shares no code with ours: an independent witness.

use std::{num::NonZeroUsize, sync::Arc};

use tinynas_model::Shape;
use tract_onnx::{
    prelude::*,
    tract_hir::{infer::Factoid, internal::DimLike},
};

use crate::{Evaluation, QuantError, images::Images};

/// An ONNX model that was loaded and optimized for one image at a time.
#[derive(Clone, Debug)]
pub struct OnnxModel {
    plan: Arc<TypedRunnableModel>,
    input: Shape,
}

impl OnnxModel {
    /// Loads the bytes of a model written by [`crate::to_onnx`].
    ///
    /// # Errors
    /// [`QuantError::Tract`].
    pub fn new(bytes: &[u8]) -> Result<Self, QuantError> {
        Self::load(bytes).map_err(|e| QuantError::Tract { reason: format!("{e:#}") })
    }

    fn load(mut bytes: &[u8]) -> TractResult<Self> {
        let model = tract_onnx::onnx().model_for_read(&mut bytes)?;
        let fact = model.input_fact(0)?.shape.clone();
        let dim = |at: usize| -> TractResult<usize> {
            let dim = fact.dim(at).and_then(|dim| dim.concretize());
            let dim = dim.ok_or_else(|| TractError::msg("the input is not [N, c, h, w] of known sizes"))?;
            Ok(dim.to_usize()?)
        };
        let (c, h, w) = (dim(1)?, dim(2)?, dim(3)?);
        let model = model.with_input_fact(0, f32::fact([1, c, h, w]).into())?;
        let plan = model.into_optimized()?.into_runnable()?;
        let side = |n: usize| u32::try_from(n).map_err(TractError::from);
        Ok(Self { plan, input: Shape::new(side(h)?, side(w)?, side(c)?) })
    }

    /// Logits of many images of raw pixels (NHWC), in their order.
    ///
    /// # Errors
    /// [`QuantError::ImageSize`] or [`QuantError::Tract`].
    pub fn logits(&self, pixels: &[u8], threads: NonZeroUsize) -> Result<Vec<Vec<f32>>, QuantError> {
        let run =
            |(): &mut (), image: &[u8]| self.run(image).map_err(|e| QuantError::Tract { reason: format!("{e:#}") });
        Images::new(pixels, self.input)?.map(threads, || (), run)
    }

    /// Accuracy over labelled images of raw pixels (NHWC).
    ///
    /// # Errors
    /// As [`Self::logits`] and [`Evaluation::of`].
    pub fn evaluate(&self, pixels: &[u8], labels: &[u16], threads: NonZeroUsize) -> Result<Evaluation, QuantError> {
        Evaluation::of(&self.logits(pixels, threads)?, labels)
    }

    fn run(&self, image: &[u8]) -> TractResult<Vec<f32>> {
        let (h, w, c) = (self.input.h as usize, self.input.w as usize, self.input.c as usize);
        let planes: Vec<f32> = (0..c).flat_map(|c0| image.iter().skip(c0).step_by(c)).map(|&p| p.into()).collect();
        let outputs = self.plan.run(tvec!(Tensor::from_shape(&[1, c, h, w], &planes)?.into_tvalue()))?;
        Ok(outputs[0].to_plain_array_view::<f32>()?.iter().copied().collect())
    }
}
