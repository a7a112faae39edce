//! Drawing genotypes, the smallest one, and how many there are.

use rand::Rng;
use tinynas_model::{BlockGene, Genotype};

use crate::{Space, SpaceError, Stage, draw::one_of};

impl Stage {
    pub(crate) fn gene(&self, rng: &mut impl Rng) -> BlockGene {
        BlockGene { kernel: one_of(rng, &self.kernel), expansion: one_of(rng, &self.expansion) }
    }
}

impl Space {
    /// Draws a genotype: every depth, kernel and expansion uniform and independent of the others.
    #[must_use]
    pub fn sample(&self, rng: &mut impl Rng) -> Genotype {
        let mut genotype = Genotype { stages: Vec::new() };
        self.sample_into(&mut genotype, rng);
        genotype
    }

    /// As [`Space::sample`], into `genotype`'s own memory: for loops that draw many.
    pub fn sample_into(&self, genotype: &mut Genotype, rng: &mut impl Rng) {
        genotype.stages.resize_with(self.stages().len(), Vec::new);
        for (genes, stage) in genotype.stages.iter_mut().zip(self.stages()) {
            let depth = one_of(rng, &stage.depth);
            genes.clear();
            genes.extend((0..depth).map(|_| stage.gene(rng)));
        }
    }

    /// The genotype of least depth, kernel and expansion.
    #[must_use]
    pub fn smallest(&self) -> Genotype {
        let least = |choices: &[u8]| choices.iter().copied().min().unwrap_or(1);
        let genes = |stage: &Stage| {
            let gene = BlockGene { kernel: least(&stage.kernel), expansion: least(&stage.expansion) };
            vec![gene; usize::from(least(&stage.depth))]
        };
        Genotype { stages: self.stages().iter().map(genes).collect() }
    }

    /// The number of genotypes; times the number of variants it is the number of candidates.
    #[must_use]
    pub fn size(&self) -> f64 {
        let genotypes = |stage: &Stage| {
            let block = stage.kernel.len() as f64 * stage.expansion.len() as f64;
            stage.depth.iter().map(|depth| block.powi(i32::from(*depth))).sum::<f64>()
        };
        self.stages().iter().map(genotypes).product()
    }

    /// Whether `genotype` is one of this space's.
    ///
    /// # Errors
    /// [`SpaceError::Genotype`] names the first choice that this space does not have.
    pub fn check(&self, genotype: &Genotype) -> Result<(), SpaceError> {
        let fail = |problem: String| Err(SpaceError::Genotype { space: self.name.clone(), problem });
        if genotype.stages.len() != self.stages().len() {
            return fail(format!("{} stages, the space has {}", genotype.stages.len(), self.stages().len()));
        }
        for (s, (genes, stage)) in genotype.stages.iter().zip(self.stages()).enumerate() {
            if !stage.depth.iter().any(|depth| usize::from(*depth) == genes.len()) {
                return fail(format!("stage {s} has {} blocks, its choices are {:?}", genes.len(), stage.depth));
            }
            for (b, gene) in genes.iter().enumerate() {
                if !stage.kernel.contains(&gene.kernel) {
                    let problem = format!("kernel {} in block {b} of stage {s}", gene.kernel);
                    return fail(format!("{problem}, its choices are {:?}", stage.kernel));
                }
                if !stage.expansion.contains(&gene.expansion) {
                    let problem = format!("expansion {} in block {b} of stage {s}", gene.expansion);
                    return fail(format!("{problem}, its choices are {:?}", stage.expansion));
                }
            }
        }
        Ok(())
    }
}
