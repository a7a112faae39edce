//! Against looking at every network of a tiny space.

use tinynas_cost::{Bytes, cost};
use tinynas_model::{BlockGene, CandidateId, Genotype, Network};
use tinynas_score::{Proxy, Scores, ranking};
use tinynas_search::StrategyKind;

use crate::cases::Case;

/// Every genotype of the tiny space, written out independently of its sampling.
fn genotypes() -> Vec<Genotype> {
    let genes: Vec<BlockGene> =
        [3, 5].into_iter().flat_map(|kernel| [2, 3, 4].map(|expansion| BlockGene { kernel, expansion })).collect();
    let mut second: Vec<Vec<BlockGene>> = genes.iter().map(|gene| vec![*gene]).collect();
    for a in &genes {
        second.extend(genes.iter().map(|b| vec![*a, *b]));
    }
    let of_first = |gene: &BlockGene| {
        let gene = *gene;
        second.iter().map(move |stage| Genotype { stages: vec![vec![gene], stage.clone()] })
    };
    genes.iter().flat_map(of_first).collect()
}

fn network(case: &Case, genotype: &Genotype) -> Network {
    let variant = case.space.variant(case.variant).unwrap();
    case.space.architecture(variant, genotype, 1, 10).unwrap().network().unwrap()
}

/// All networks that fit, with their scores.
fn fitting(case: &Case) -> Vec<(CandidateId, Scores)> {
    let all = genotypes();
    assert_eq!(all.len() as f64, case.space.size());
    let variant = case.space.variant(case.variant).unwrap();
    let score = |genotype: &Genotype| {
        let (id, network) = (case.space.id(variant, genotype), network(case, genotype));
        let fits = case.limits.fits(&cost(&network, case.limits.engine).unwrap());
        fits.then(|| (id, case.scorer.score(&network, id).unwrap()))
    };
    all.iter().filter_map(score).collect()
}

/// Limits in the middle of the tiny space's SRAM and MACs.
fn limited(proxies: &[Proxy], evaluations: u32) -> Case {
    let mut case = Case::tiny(proxies, evaluations);
    let costs = genotypes().iter().map(|g| cost(&network(&case, g), case.limits.engine).unwrap()).collect::<Vec<_>>();
    let median = |mut figures: Vec<u64>| {
        figures.sort_unstable();
        figures[figures.len() * 2 / 3]
    };
    case.limits.sram = Bytes(median(costs.iter().map(|c| c.sram.0).collect()));
    case.limits.macs = Some(median(costs.iter().map(|c| c.macs).collect()));
    case
}

#[test]
fn with_enough_evaluations_the_ranking_is_that_of_all_networks() {
    for strategy in StrategyKind::ALL {
        let case = Case { strategy: *strategy, threads: 2, ..limited(Proxy::DEFAULT, 1000) };
        let all = fitting(&case);
        assert!((20..252).contains(&all.len()), "{} of 252 fit", all.len());
        let scores: Vec<&Scores> = all.iter().map(|(_, scores)| scores).collect();
        let best: Vec<CandidateId> = ranking(&scores, Proxy::DEFAULT, |i| all[i].0).iter().map(|i| all[*i].0).collect();
        let outcome = case.run().unwrap();
        assert_eq!(outcome.candidates.len(), all.len(), "{strategy}: all that fit, and no more");
        assert_eq!(outcome.infeasible as usize, 252 - all.len(), "{strategy}");
        let found: Vec<CandidateId> = outcome.ranking.iter().map(|i| outcome.candidates[*i].id).collect();
        assert_eq!(found, best, "{strategy}");
    }
}

/// Evolution needs fewer evaluations for the optimum than drawing at random, which hits once in 252 / 80 times.
#[test]
fn evolution_finds_the_optimum_among_a_part_of_the_networks() {
    let mut case = Case::tiny(&[Proxy::Params], 80);
    (case.config.population, case.config.tournament) = (10, 5);
    let mut all = fitting(&case);
    assert_eq!(all.len(), 252);
    let value = |scores: &Scores| scores.get(Proxy::Params).unwrap();
    all.sort_by(|(_, a), (_, b)| value(b).total_cmp(&value(a)));
    assert!(value(&all[0].1) > value(&all[1].1), "one network is the best");
    let mut hits = |strategy| {
        case.strategy = strategy;
        let mut found = |seed| {
            case.config.seed = seed;
            case.run().unwrap().best().unwrap().id == all[0].0
        };
        (0..20).filter(|seed| found(*seed)).count()
    };
    let (evolution, random) = (hits(StrategyKind::Evolution), hits(StrategyKind::Random));
    println!("the best of 252 networks in 80 evaluations: evolution {evolution}, random {random} of 20 seeds");
    assert!(evolution >= 10 && evolution > random, "evolution {evolution}, random {random} of 20 seeds");
}
