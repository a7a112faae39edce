//! The networks of one variant as a space of choices, under hard limits.

use std::cell::RefCell;

use rand_pcg::Pcg32;
use tinynas_cost::{Cost, Counter, Limits};
use tinynas_model::{BlockGene, CandidateId, Genotype};
use tinynas_space::{Space, Variant};

use crate::{Choices, SearchError, SearchSpace};

/// A decision of the family.
#[derive(Clone, Copy, Debug)]
enum Decision {
    Kernel { stage: usize, block: usize },
    Expansion { stage: usize, block: usize },
    Depth,
}

/// The networks of one variant. Decisions, stage by stage: kernel and expansion of each block of the deepest stage,
/// then the depth. An option's number is its place in the space's file.
#[derive(Debug)]
pub struct Family<'a> {
    space: &'a Space,
    variant: Variant,
    limits: &'a Limits,
    options: Vec<u8>,
    decisions: Vec<Decision>,
    /// Position of each stage's depth.
    depths: Vec<usize>,
    counter: RefCell<Counter<'a>>,
}

impl<'a> Family<'a> {
    /// Networks that read images of `channels` and tell `classes` apart.
    #[must_use]
    pub fn new(space: &'a Space, variant: Variant, limits: &'a Limits, channels: u32, classes: u32) -> Self {
        let (mut options, mut decisions, mut depths) = (Vec::new(), Vec::new(), Vec::new());
        let count = |choices: &[u8]| u8::try_from(choices.len()).unwrap_or(u8::MAX);
        for (stage, choices) in space.stages().iter().enumerate() {
            for block in 0..usize::from(choices.depth.iter().copied().max().unwrap_or(0)) {
                options.extend([count(&choices.kernel), count(&choices.expansion)]);
                decisions.extend([Decision::Kernel { stage, block }, Decision::Expansion { stage, block }]);
            }
            depths.push(options.len());
            options.push(count(&choices.depth));
            decisions.push(Decision::Depth);
        }
        let counter = RefCell::new(Counter::new(space, variant, channels, classes));
        Self { space, variant, limits, options, decisions, depths, counter }
    }

    /// The choices of a genotype of this space.
    #[must_use]
    pub fn choices(&self, genotype: &Genotype) -> Choices {
        let mut choices = Choices::with_capacity(self.options.len());
        for ((genes, stage), depth) in genotype.stages.iter().zip(self.space.stages()).zip(&self.depths) {
            for gene in genes {
                choices.extend([place(&stage.kernel, gene.kernel), place(&stage.expansion, gene.expansion)]);
            }
            choices.resize(*depth, 0);
            choices.push(place(&stage.depth, u8::try_from(genes.len()).unwrap_or(u8::MAX)));
        }
        choices
    }

    /// The genotype of such choices.
    #[must_use]
    pub fn genotype(&self, choices: &[u8]) -> Genotype {
        let mut genotype = Genotype { stages: Vec::new() };
        let mut at = 0;
        for (stage, depth) in self.space.stages().iter().zip(&self.depths) {
            let genes =
                choices[at..*depth].chunks_exact(2).take(usize::from(stage.depth[usize::from(choices[*depth])]));
            let gene = |options: &[u8]| BlockGene {
                kernel: stage.kernel[usize::from(options[0])],
                expansion: stage.expansion[usize::from(options[1])],
            };
            genotype.stages.push(genes.map(gene).collect());
            at = *depth + 1;
        }
        genotype
    }

    /// The candidate's id.
    #[must_use]
    pub fn candidate(&self, genotype: &Genotype) -> CandidateId {
        self.space.id(self.variant, genotype)
    }

    /// What a network costs, if it keeps to the limits.
    ///
    /// # Errors
    /// If it cannot be counted.
    pub fn cost(&self, genotype: &Genotype) -> Result<Option<Cost>, SearchError> {
        Ok(self.counter.borrow_mut().check(genotype, self.limits)?.ok())
    }
}

impl SearchSpace for Family<'_> {
    fn options(&self) -> &[u8] {
        &self.options
    }

    fn is_active(&self, choices: &[u8], decision: usize) -> bool {
        match self.decisions[decision] {
            Decision::Kernel { stage, block } | Decision::Expansion { stage, block } => {
                let depth = choices[self.depths[stage]];
                block < usize::from(self.space.stages()[stage].depth[usize::from(depth)])
            }
            Decision::Depth => true,
        }
    }

    fn allows(&self, choices: &[u8]) -> Result<bool, SearchError> {
        Ok(self.cost(&self.genotype(choices))?.is_some())
    }

    fn id(&self, choices: &[u8]) -> u64 {
        self.candidate(&self.genotype(choices)).0
    }

    fn draw(&self, rng: &mut Pcg32) -> Choices {
        self.choices(&self.space.sample(rng))
    }

    fn smallest(&self) -> Choices {
        self.choices(&self.space.smallest())
    }

    fn mutate(&self, parent: &[u8], rate: f64, rng: &mut Pcg32) -> Choices {
        self.choices(&self.space.mutate(&self.genotype(parent), rate, rng))
    }

    fn cross(&self, mother: &[u8], father: &[u8], rng: &mut Pcg32) -> Choices {
        self.choices(&self.space.crossover(&self.genotype(mother), &self.genotype(father), rng))
    }
}

/// The place of a choice that is one of `choices`.
fn place(choices: &[u8], choice: u8) -> u8 {
    let at = choices.iter().position(|other| *other == choice).unwrap_or_default();
    u8::try_from(at).unwrap_or_default()
}
