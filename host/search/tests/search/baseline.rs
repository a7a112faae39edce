//! Evolution against drawing at random, on figures that cost nothing.

use tinynas_score::Proxy;
use tinynas_search::StrategyKind;

use crate::cases::Case;

/// Natural logarithm of the best value of `proxy` after 300 evaluations.
fn best(proxy: Proxy, strategy: StrategyKind, seed: u64) -> f64 {
    let mut case = Case { strategy, ..Case::small(&[proxy], 300) };
    (case.config.seed, case.config.population, case.config.tournament) = (seed, 40, 8);
    let outcome = case.run().unwrap();
    assert_eq!(outcome.candidates.len(), 300);
    outcome.best().unwrap().scores.get(proxy).unwrap().ln()
}

#[test]
fn evolution_beats_random_search_at_equal_budget() {
    for proxy in [Proxy::Params, Proxy::ReluUnits] {
        let gains: Vec<f64> = (0..8)
            .map(|seed| best(proxy, StrategyKind::Evolution, seed) - best(proxy, StrategyKind::Random, seed))
            .collect();
        let mean = gains.iter().sum::<f64>() / gains.len() as f64;
        println!("{proxy}, evolution against random, 8 seeds: {:+.1} % on average, {gains:.3?}", 100.0 * mean.exp_m1());
        assert!(mean > 0.02, "{proxy}: {gains:?}");
        let wins = gains.iter().filter(|gain| **gain >= 0.0).count();
        assert!(wins >= 6, "{proxy}: {wins} of 8 seeds, {gains:?}");
    }
}
