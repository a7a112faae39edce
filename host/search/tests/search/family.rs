//! Choices and genotypes of a variant are the same networks.

use rand_pcg::Pcg32;
use tinynas_model::Genotype;
use tinynas_search::{Family, SearchSpace};
use tinynas_space::Space;

use crate::cases::NO_LIMITS;

/// Blocks that differ, a stage that is deeper by one counting as one.
fn edits(a: &Genotype, b: &Genotype) -> usize {
    let stage =
        |(a, b): (&Vec<_>, &Vec<_>)| a.len().abs_diff(b.len()) + a.iter().zip(b).filter(|(a, b)| a != b).count();
    a.stages.iter().zip(&b.stages).map(stage).sum()
}

#[test]
fn choices_are_the_genotype_and_back() {
    for name in Space::shipped() {
        let space = Space::open(name).unwrap();
        let variant = space.variants()[0];
        let family = Family::new(&space, variant, &NO_LIMITS, 1, 10);
        let mut rng = Pcg32::new(1, 1);
        for _ in 0..300 {
            let genotype = space.sample(&mut rng);
            let choices = family.choices(&genotype);
            assert_eq!(choices.len(), family.options().len());
            assert!(choices.iter().zip(family.options()).all(|(choice, options)| choice < options));
            assert_eq!(family.genotype(&choices), genotype);
            assert_eq!(family.id(&choices), space.id(variant, &genotype).0);
            let mut canonical = choices.clone();
            family.make_canonical(&mut canonical);
            assert_eq!(canonical, choices);
            let active = (0..choices.len()).filter(|at| family.is_active(&choices, *at)).count();
            assert_eq!(active, genotype.stages.iter().map(|stage| 1 + 2 * stage.len()).sum::<usize>());
        }
        assert_eq!(family.genotype(&family.smallest()), space.smallest());
    }
}

#[test]
fn neighbours_are_networks_of_the_space_one_edit_away() {
    let space = Space::open("mnas-small").unwrap();
    let family = Family::new(&space, space.variants()[0], &NO_LIMITS, 1, 10);
    let mut rng = Pcg32::new(2, 2);
    for _ in 0..30 {
        let genotype = space.sample(&mut rng);
        let neighbours = family.neighbours(&family.choices(&genotype));
        for neighbour in &neighbours {
            let neighbour = family.genotype(neighbour);
            space.check(&neighbour).unwrap();
            let depths = |genotype: &Genotype| genotype.stages.iter().map(Vec::len).collect::<Vec<_>>();
            assert!(edits(&genotype, &neighbour) == 1 || depths(&genotype) != depths(&neighbour));
        }
        // Each other kernel and expansion of each block, each other depth.
        let stages = genotype.stages.iter().zip(space.stages());
        let count: usize = stages
            .map(|(genes, stage)| {
                genes.len() * (stage.kernel.len() - 1 + stage.expansion.len() - 1) + stage.depth.len() - 1
            })
            .sum();
        assert_eq!(neighbours.len(), count);
    }
}
