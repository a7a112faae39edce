//! The images that a data-dependent proxy looks at.

use tinynas_model::Shape;

use crate::ScoreError;

/// Preprocessed images of one shape, NHWC.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    data: Vec<f32>,
    shape: Shape,
}

impl Batch {
    /// Images per batch unless said otherwise: over batches of 32 and 64 the ranks of NWOT agree (.918 and .917
    /// against accuracy on NAS-Bench-Macro).
    pub const DEFAULT_IMAGES: usize = 32;

    /// A batch of images of `shape`, one after the other, HWC each.
    ///
    /// # Errors
    /// [`ScoreError::BatchSize`] if `data` does not hold at least two whole images.
    pub fn new(data: Vec<f32>, shape: Shape) -> Result<Self, ScoreError> {
        let per_image = shape.elements() as usize;
        if per_image == 0 || !data.len().is_multiple_of(per_image) || data.len() / per_image < 2 {
            return Err(ScoreError::BatchSize { elements: data.len(), shape });
        }
        Ok(Self { data, shape })
    }

    /// Number of images, at least two.
    #[must_use]
    pub fn images(&self) -> usize {
        self.data.len() / self.shape.elements() as usize
    }

    /// Shape of one image.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// All numbers, NHWC.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_or_more_whole_images_make_a_batch() {
        let shape = Shape::new(2, 2, 3);
        assert_eq!(Batch::new(vec![0.0; 36], shape).unwrap().images(), 3);
        for wrong in [0, 12, 30] {
            assert!(matches!(Batch::new(vec![0.0; wrong], shape), Err(ScoreError::BatchSize { .. })), "{wrong}");
        }
        assert!(Batch::new(Vec::new(), Shape::new(0, 2, 3)).is_err());
    }
}
