//! Sizes of one convolution over a batch, and how a batch is cut into chunks of images.

use std::ops::Range;

use crate::{ConvKind, ConvSpec};

/// Sizes of one convolution. Input `[n, h, w, cin]`, output `[n, oh, ow, cout]`.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// Images.
    pub n: usize,
    /// Input rows.
    pub h: usize,
    /// Input columns.
    pub w: usize,
    /// Input channels.
    pub cin: usize,
    /// Output rows.
    pub oh: usize,
    /// Output columns.
    pub ow: usize,
    /// Output channels.
    pub cout: usize,
    /// Window.
    pub spec: ConvSpec,
}

/// Most chunks of a batch. A constant: sums are formed per chunk and added in the order of the chunks, so
/// the result does not depend on how many threads take them.
const CHUNKS: usize = 8;

impl Geometry {
    /// Sizes from the shapes of input and weights.
    pub fn new(x: [usize; 4], w: [usize; 4], spec: ConvSpec) -> Self {
        let [n, height, width, cin] = x;
        let expected = if spec.kind == ConvKind::Depthwise { 1 } else { cin };
        assert_eq!(w, [w[0], expected, spec.kernel, spec.kernel], "weights of another shape, input {x:?}");
        assert!(spec.kind == ConvKind::Full || w[0] == cin, "one filter per channel");
        let (oh, ow) = (spec.output_side(height), spec.output_side(width));
        Self { n, h: height, w: width, cin, oh, ow, cout: w[0], spec }
    }

    /// Elements of one input image.
    pub const fn input(&self) -> usize {
        self.h * self.w * self.cin
    }

    /// Elements of one output image.
    pub const fn output(&self) -> usize {
        self.pixels() * self.cout
    }

    /// Pixels of one output image.
    pub const fn pixels(&self) -> usize {
        self.oh * self.ow
    }

    /// Elements of the weights.
    pub const fn weights(&self) -> usize {
        self.cout * self.depth()
    }

    /// Inputs of one output element.
    pub const fn depth(&self) -> usize {
        let taps = self.spec.kernel * self.spec.kernel;
        match self.spec.kind {
            ConvKind::Full => taps * self.cin,
            ConvKind::Depthwise => taps,
        }
    }

    /// Multiply-accumulates of the whole batch.
    pub const fn macs(&self) -> usize {
        self.n * self.output() * self.depth()
    }

    /// The images of each chunk. Depends on the batch alone.
    pub fn chunks(&self) -> Vec<Range<usize>> {
        let count = self.n.min(CHUNKS);
        (0..count).map(|i| i * self.n / count..(i + 1) * self.n / count).collect()
    }

    /// The same sizes for the images of one chunk.
    pub fn chunk(&self, images: &Range<usize>) -> Self {
        Self { n: images.len(), ..*self }
    }
}

/// Cuts a tensor into the images of each chunk; `image` is the number of elements of one.
pub fn split<'a>(mut data: &'a mut [f32], chunks: &[Range<usize>], image: usize) -> Vec<&'a mut [f32]> {
    let mut parts = Vec::with_capacity(chunks.len());
    for images in chunks {
        let (part, rest) = data.split_at_mut(images.len() * image);
        parts.push(part);
        data = rest;
    }
    parts
}
