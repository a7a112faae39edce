//! Runs a compiled model on the host with the chip's own engine: its outputs define the result.

use std::num::NonZeroUsize;

use tinynas_model::{Preprocess, Shape};
use tinynas_plan::Model;

use crate::{Evaluation, QuantError, images::Images};

/// A compiled model that was checked and can be run.
#[derive(Clone, Copy, Debug)]
pub struct Int8Model<'a> {
    model: Model<'a>,
}

impl<'a> Int8Model<'a> {
    /// Checks the bytes of a `.tnm` file.
    ///
    /// # Errors
    /// [`QuantError::Model`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, QuantError> {
        Ok(Self { model: Model::parse(bytes)? })
    }

    /// The parsed model: shapes, names, steps.
    #[must_use]
    pub const fn model(&self) -> &Model<'a> {
        &self.model
    }

    /// Bytes of the arena.
    #[must_use]
    pub fn arena_bytes(&self) -> u32 {
        self.model.arena_bytes()
    }

    /// int8 scores of one int8 image (HWC, `pixel − 128`).
    ///
    /// # Errors
    /// [`QuantError::ImageSize`].
    pub fn run(&self, image: &[i8]) -> Result<Vec<i8>, QuantError> {
        self.run_in(&mut self.arena(), image.iter().map(|x| x.cast_unsigned()), image.len())
    }

    /// int8 scores of many images of raw pixels (NHWC), in their order.
    ///
    /// # Errors
    /// [`QuantError::ImageSize`].
    pub fn scores(&self, pixels: &[u8], threads: NonZeroUsize) -> Result<Vec<Vec<i8>>, QuantError> {
        let dims = self.model.input().dims;
        let shape = Shape::new(dims.h.into(), dims.w.into(), dims.c.into());
        Images::new(pixels, shape)?.map(
            threads,
            || self.arena(),
            |arena, image| {
                let bytes = image.iter().map(|&pixel| Preprocess::int8(pixel).cast_unsigned());
                self.run_in(arena, bytes, image.len())
            },
        )
    }

    /// Accuracy over labelled images of raw pixels (NHWC).
    ///
    /// # Errors
    /// [`QuantError::ImageSize`], or as [`Evaluation::of`].
    pub fn evaluate(&self, pixels: &[u8], labels: &[u16], threads: NonZeroUsize) -> Result<Evaluation, QuantError> {
        Evaluation::of(&self.scores(pixels, threads)?, labels)
    }

    /// The arena; words, as it must be aligned.
    fn arena(&self) -> Vec<u32> {
        vec![0; self.model.arena_bytes().div_ceil(4) as usize]
    }

    fn run_in(&self, arena: &mut [u32], input: impl Iterator<Item = u8>, got: usize) -> Result<Vec<i8>, QuantError> {
        let arena: &mut [u8] = bytemuck::must_cast_slice_mut(arena);
        let tensor = self.model.input();
        let expected = tensor.dims.bytes() as usize;
        if expected != got {
            return Err(QuantError::ImageSize { expected, got });
        }
        let mut input = input;
        if tensor.is_whole() {
            arena[tensor.range()].iter_mut().zip(&mut input).for_each(|(byte, x)| *byte = x);
        }
        let feed = |_, row: &mut [i8]| row.iter_mut().zip(&mut input).for_each(|(byte, x)| *byte = x.cast_signed());
        tinynas_engine::run_fed(&self.model, arena, feed, &mut ())?;
        Ok(arena[self.model.output().range()].iter().map(|byte| byte.cast_signed()).collect())
    }
}
