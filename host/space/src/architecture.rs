//! From variant and genotype to a block table.

use tinynas_model::{Architecture, Block, CandidateId, Genotype, Shape};

use crate::{Space, SpaceError, Variant};

impl Space {
    /// The block table of a candidate for images of `channels` and for `classes`.
    ///
    /// # Errors
    /// [`SpaceError::Variant`] or [`SpaceError::Genotype`] if this space does not have them.
    pub fn architecture(
        &self,
        variant: Variant,
        genotype: &Genotype,
        channels: u32,
        classes: u32,
    ) -> Result<Architecture, SpaceError> {
        self.check_variant(variant)?;
        self.check(genotype)?;
        let scaled = |base| self.rounding().channels(base, variant.width);
        let stem = tinynas_model::Stem {
            kernel: self.stem().kernel,
            stride: self.stem().stride,
            channels: scaled(self.stem().width),
        };
        let mut blocks = Vec::with_capacity(1 + genotype.stages.iter().map(Vec::len).sum::<usize>());
        let mut input = stem.channels;
        if let Some(first) = self.first() {
            blocks.push(Block::new(first.kernel, 1, input, scaled(first.width), first.stride));
            input = scaled(first.width);
        }
        for (genes, stage) in genotype.stages.iter().zip(self.stages()) {
            let output = scaled(stage.width);
            for (index, gene) in genes.iter().enumerate() {
                let stride = if index == 0 { stage.stride } else { 1 };
                blocks.push(Block::new(gene.kernel.into(), gene.expansion.into(), input, output, stride));
                input = output;
            }
        }
        Ok(Architecture {
            input: Shape::new(variant.resolution, variant.resolution, channels),
            stem,
            blocks,
            feature_mix: self.feature_mix().map(scaled),
            classes,
            activation: self.activation(),
        })
    }

    /// The id of a candidate: a hash of this space's name, the variant and the genotype.
    #[must_use]
    pub fn id(&self, variant: Variant, genotype: &Genotype) -> CandidateId {
        CandidateId::new(&self.name, &variant.to_string(), genotype)
    }
}
