//! Mutation and crossover of genotypes.

use rand::Rng;
use tinynas_model::{BlockGene, Genotype};

use crate::{
    Space,
    draw::{another, below, chance},
};

/// A choice of a genotype: a place where it can differ from another one.
#[derive(Clone, Copy)]
enum Locus {
    Depth { stage: usize },
    Kernel { stage: usize, block: usize },
    Expansion { stage: usize, block: usize },
}

impl Space {
    /// A changed copy: every choice changes with probability `rate` to one of its alternatives, all alike. A stage
    /// that becomes deeper gets drawn blocks at its end, one that becomes shallower loses its last ones. If nothing
    /// changed, one choice drawn from those that have an alternative does: the result differs from `genotype`
    /// unless the space has only one.
    ///
    /// `genotype` must be of this space.
    #[must_use]
    pub fn mutate(&self, genotype: &Genotype, rate: f64, rng: &mut impl Rng) -> Genotype {
        let mut child = genotype.clone();
        let loci = self.loci(genotype);
        let mut changed = false;
        for locus in &loci {
            if chance(rng, rate) {
                self.change(&mut child, *locus, rng);
                changed = true;
            }
        }
        if !changed && !loci.is_empty() {
            self.change(&mut child, loci[below(rng, loci.len())], rng);
        }
        child
    }

    /// The choices of `genotype` that have an alternative. A stage's depth comes after its blocks, so that no drawn
    /// block is changed again and a change of depth is never undone.
    fn loci(&self, genotype: &Genotype) -> Vec<Locus> {
        let mut loci = Vec::new();
        for (stage, (genes, choices)) in genotype.stages.iter().zip(self.stages()).enumerate() {
            for block in 0..genes.len() {
                if choices.kernel.len() > 1 {
                    loci.push(Locus::Kernel { stage, block });
                }
                if choices.expansion.len() > 1 {
                    loci.push(Locus::Expansion { stage, block });
                }
            }
            if choices.depth.len() > 1 {
                loci.push(Locus::Depth { stage });
            }
        }
        loci
    }

    fn change(&self, genotype: &mut Genotype, locus: Locus, rng: &mut impl Rng) {
        match locus {
            Locus::Depth { stage } => {
                let (genes, choices) = (&mut genotype.stages[stage], &self.stages()[stage]);
                let depth = u8::try_from(genes.len()).unwrap_or(u8::MAX);
                if let Some(depth) = another(rng, &choices.depth, depth) {
                    genes.resize_with(usize::from(depth), || choices.gene(rng));
                }
            }
            Locus::Kernel { stage, block } => {
                let (gene, choices) = (&mut genotype.stages[stage][block], &self.stages()[stage]);
                gene.kernel = another(rng, &choices.kernel, gene.kernel).unwrap_or(gene.kernel);
            }
            Locus::Expansion { stage, block } => {
                let (gene, choices) = (&mut genotype.stages[stage][block], &self.stages()[stage]);
                gene.expansion = another(rng, &choices.expansion, gene.expansion).unwrap_or(gene.expansion);
            }
        }
    }

    /// A child whose every choice is that of `a` or `b`, one as likely as the other: each stage's depth, each block's
    /// kernel and expansion. A block that only one parent has comes from that one.
    ///
    /// Both must be of this space.
    #[must_use]
    pub fn crossover(&self, a: &Genotype, b: &Genotype, rng: &mut impl Rng) -> Genotype {
        let stage = |(a, b): (&Vec<BlockGene>, &Vec<BlockGene>)| {
            let depth = if chance(rng, 0.5) { a.len() } else { b.len() };
            (0..depth).filter_map(|block| inherit(a.get(block), b.get(block), rng)).collect()
        };
        Genotype { stages: a.stages.iter().zip(&b.stages).map(stage).collect() }
    }
}

/// One block of a child; `None` if no parent has it.
fn inherit(a: Option<&BlockGene>, b: Option<&BlockGene>, rng: &mut impl Rng) -> Option<BlockGene> {
    let (a, b) = (a.or(b)?, b.or(a)?);
    let kernel = if chance(rng, 0.5) { a.kernel } else { b.kernel };
    let expansion = if chance(rng, 0.5) { a.expansion } else { b.expansion };
    Some(BlockGene { kernel, expansion })
}
