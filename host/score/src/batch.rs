//! The images that a data-dependent proxy looks at.

use tinynas_model::Shape;

use crate::ScoreError;

/// Preprocessed images of one shape, NHWC, and their classes if gradients of a loss are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    data: Vec<f32>,
    shape: Shape,
    labels: Vec<u32>,
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
        Ok(Self { data, shape, labels: Vec::new() })
    }

    /// With the class of every image.
    ///
    /// # Errors
    /// [`ScoreError::Labels`] unless there is one per image.
    pub fn with_labels(mut self, labels: Vec<u32>) -> Result<Self, ScoreError> {
        if labels.len() != self.images() {
            return Err(ScoreError::Labels { labels: labels.len(), images: self.images() });
        }
        self.labels = labels;
        Ok(self)
    }

    /// The class of every image; empty if none were given.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Its first and its second half, the middle image of an odd batch left out; `None` if a half has less than two.
    #[must_use]
    pub fn halves(&self) -> Option<[Self; 2]> {
        let (half, image) = (self.images() / 2, self.shape.elements() as usize);
        let part = |first: usize| {
            let data = self.data[first * image..(first + half) * image].to_vec();
            let labels = if self.labels.is_empty() { Vec::new() } else { self.labels[first..first + half].to_vec() };
            Self { data, shape: self.shape, labels }
        };
        (half >= 2).then(|| [part(0), part(self.images() - half)])
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

    #[test]
    fn every_image_has_a_label_or_none_has() {
        let batch = Batch::new((0..20).map(|i| i as f32).collect(), Shape::new(1, 2, 2)).unwrap();
        assert!(batch.labels().is_empty());
        let error = batch.clone().with_labels(vec![0; 4]).unwrap_err();
        assert_eq!(error.to_string(), "4 labels for 5 images");
        let [first, second] = batch.with_labels(vec![5, 6, 7, 8, 9]).unwrap().halves().unwrap();
        assert_eq!((first.labels(), second.labels()), (&[5, 6][..], &[8, 9][..]));
        assert_eq!((first.data()[0], second.data()[0], second.images()), (0.0, 12.0, 2));
        assert!(first.halves().is_none());
    }
}
