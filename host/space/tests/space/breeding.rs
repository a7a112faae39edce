//! Samples, mutants and children are genotypes of their space, drawn as documented.

use proptest::prelude::*;
use rand_pcg::Pcg64Mcg;
use tinynas_space::{Genotype, Space};

fn space(index: usize) -> Space {
    let names = Space::shipped();
    Space::open(names[index % names.len()]).unwrap()
}

/// Every choice with its place: `(stage, block, what)`, depth at block 99.
fn choices(genotype: &Genotype) -> Vec<((usize, usize, char), u8)> {
    let mut choices = Vec::new();
    for (s, stage) in genotype.stages.iter().enumerate() {
        choices.push(((s, 99, 'd'), stage.len() as u8));
        for (b, gene) in stage.iter().enumerate() {
            choices.push(((s, b, 'k'), gene.kernel));
            choices.push(((s, b, 'e'), gene.expansion));
        }
    }
    choices
}

fn choice_at(genotype: &Genotype, place: (usize, usize, char)) -> Option<u8> {
    choices(genotype).into_iter().find(|(p, _)| *p == place).map(|(_, choice)| choice)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_offspring_is_of_the_space_and_builds(seed: u64, index in 0_usize..2, rate in 0.0..1.0, pick: prop::sample::Index) {
        let space = space(index);
        let mut rng = Pcg64Mcg::new(u128::from(seed));
        let (a, b) = (space.sample(&mut rng), space.sample(&mut rng));
        let offspring = [space.mutate(&a, rate, &mut rng), space.crossover(&a, &b, &mut rng), a, b, space.smallest()];
        for genotype in &offspring {
            space.check(genotype).unwrap();
            let variant = *pick.get(space.variants());
            let network = space.architecture(variant, genotype, space.channels(), 10).unwrap().network().unwrap();
            prop_assert_eq!(network.classes(), 10);
            prop_assert_eq!(genotype.to_string().parse::<Genotype>().unwrap(), genotype.clone());
        }
    }

    #[test]
    fn a_mutant_differs_at_any_rate(seed: u64, index in 0_usize..2, rate in prop::sample::select(vec![0.0, 0.01, 0.1, 1.0])) {
        let space = space(index);
        let mut rng = Pcg64Mcg::new(u128::from(seed));
        let parent = space.sample(&mut rng);
        prop_assert_ne!(space.mutate(&parent, rate, &mut rng), parent);
    }

    #[test]
    fn every_choice_of_a_child_is_a_parent_s(seed: u64, index in 0_usize..2) {
        let space = space(index);
        let mut rng = Pcg64Mcg::new(u128::from(seed));
        let (a, b) = (space.sample(&mut rng), space.sample(&mut rng));
        for (place, choice) in choices(&space.crossover(&a, &b, &mut rng)) {
            prop_assert!([choice_at(&a, place), choice_at(&b, place)].contains(&Some(choice)), "{:?}", place);
        }
    }

    #[test]
    fn equal_seeds_give_equal_draws(seed: u64, index in 0_usize..2) {
        let space = space(index);
        let draw = || {
            let mut rng = Pcg64Mcg::new(u128::from(seed));
            let (a, b) = (space.sample(&mut rng), space.sample(&mut rng));
            let child = space.crossover(&a, &b, &mut rng);
            let mut reused = a.clone();
            space.sample_into(&mut reused, &mut Pcg64Mcg::new(u128::from(seed)));
            assert_eq!(reused, a);
            space.mutate(&child, 0.1, &mut rng)
        };
        prop_assert_eq!(draw(), draw());
    }
}

/// Pearson's statistic of `counts` against equal shares.
fn chi_square(counts: &[u32]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

/// Depths, kernels and expansions of all stages are uniform, and independent: every combination of a stage's depth
/// and its first block's kernel and expansion is as frequent as any other.
#[test]
fn sampling_is_uniform_and_independent() {
    for index in 0..2 {
        let space = space(index);
        let mut rng = Pcg64Mcg::new(3);
        let samples: Vec<Genotype> = (0..40_000).map(|_| space.sample(&mut rng)).collect();
        for (s, stage) in space.stages().iter().enumerate() {
            let mut counts = Vec::new();
            for depth in &stage.depth {
                for kernel in &stage.kernel {
                    for expansion in &stage.expansion {
                        let same = |g: &&Genotype| {
                            let (genes, first) = (&g.stages[s], g.stages[s][0]);
                            genes.len() == usize::from(*depth)
                                && first.kernel == *kernel
                                && first.expansion == *expansion
                        };
                        counts.push(samples.iter().filter(same).count() as u32);
                    }
                }
            }
            // At most 26 degrees of freedom: 54 is exceeded by chance once in 1,000.
            assert!(chi_square(&counts) < 54.0, "stage {s}: {counts:?}");
        }
        let (first, last) = (&space.stages()[0], &space.stages()[1]);
        let mut counts = Vec::new();
        for a in &first.kernel {
            for b in &last.kernel {
                let same = |g: &&Genotype| g.stages[0][0].kernel == *a && g.stages[1][0].kernel == *b;
                counts.push(samples.iter().filter(same).count() as u32);
            }
        }
        assert!(chi_square(&counts) < 26.0, "two stages: {counts:?}");
    }
}

/// At rate 0 exactly one choice changes, and which one is uniform over the choices.
#[test]
fn the_least_mutation_is_one_choice_and_fair() {
    let space = space(0);
    let parent = space.smallest();
    let places: Vec<_> =
        choices(&parent).iter().map(|(place, _)| *place).filter(|(s, b, _)| (*s, *b) != (5, 99)).collect();
    let mut counts = vec![0; places.len()];
    let mut rng = Pcg64Mcg::new(11);
    for _ in 0..20_000 {
        let mutant = space.mutate(&parent, 0.0, &mut rng);
        let changed: Vec<usize> =
            (0..places.len()).filter(|i| choice_at(&mutant, places[*i]) != choice_at(&parent, places[*i])).collect();
        assert_eq!(changed.len(), 1);
        counts[changed[0]] += 1;
    }
    // 27 - 1 degrees of freedom.
    assert_eq!(places.len(), 27);
    assert!(chi_square(&counts) < 54.0, "{counts:?}");
}

#[test]
fn at_full_rate_every_choice_changes() {
    let space = space(0);
    let mut rng = Pcg64Mcg::new(5);
    for _ in 0..200 {
        let parent = space.sample(&mut rng);
        let mutant = space.mutate(&parent, 1.0, &mut rng);
        for (place, choice) in choices(&mutant) {
            let only_one_depth = place == (5, 99, 'd');
            assert!(only_one_depth || choice_at(&parent, place) != Some(choice), "{place:?}");
        }
    }
}

/// Where the parents differ, half of the children's choices are of one, half of the other.
#[test]
fn children_take_after_both_parents_alike() {
    let space = space(0);
    let mut rng = Pcg64Mcg::new(9);
    let (mut of_a, mut of_b) = (0, 0);
    for _ in 0..2_000 {
        let (a, b) = (space.sample(&mut rng), space.sample(&mut rng));
        for (place, choice) in choices(&space.crossover(&a, &b, &mut rng)) {
            match (choice_at(&a, place), choice_at(&b, place)) {
                (Some(x), Some(y)) if x != y && x == choice => of_a += 1,
                (Some(x), Some(y)) if x != y && y == choice => of_b += 1,
                _ => {}
            }
        }
    }
    assert!(of_a > 10_000, "{of_a}");
    assert!(chi_square(&[of_a, of_b]) < 11.0, "{of_a} {of_b}");
}

#[test]
fn a_space_of_one_genotype_has_no_mutant() {
    let text = "name: one\ntitle: one\nchannels: 1\nwidths: [1.0]\nresolutions: [16]\ndivisor: 8\nactivation: relu\n\
                stem: { width: 8, kernel: 3, stride: 1 }\n\
                stages: [{ width: 8, stride: 1, depth: [2], kernel: [3], expansion: [1] }]\n";
    let space = Space::parse(text, "one.yaml").unwrap();
    assert_eq!(space.size(), 1.0);
    let only = space.sample(&mut Pcg64Mcg::new(1));
    assert_eq!(only, space.smallest());
    assert_eq!(space.mutate(&only, 0.5, &mut Pcg64Mcg::new(1)), only);
}
