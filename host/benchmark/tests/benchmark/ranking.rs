//! What is ranked where not all networks are scored.

use tinynas_benchmark::{
    BenchmarkError, Conditions, NASBENCH_MACRO_SCORES, NASBENCH201_SCORES, ScoreTable,
    ranking::{LEAST_SAMPLE, Scored, all_codes, codes},
    searches::TableSpace,
    subset,
};
use tinynas_score::{Proxy, Scores};

fn score(proxy: Proxy, value: f64) -> Scores {
    let mut scores = Scores::default();
    scores.insert(proxy, value).unwrap();
    scores
}

#[test]
fn a_whole_space_a_sample_and_too_few() {
    let space = TableSpace::NasbenchMacro;
    let all = all_codes(space);
    let mut table = ScoreTable::new(Conditions { images: 32, seed: 1 });
    // NWOT of all, Zen of a sample, SynFlow of too few.
    for code in codes(space) {
        table.insert(&code.to_string(), &[Proxy::Nwot], &score(Proxy::Nwot, code.network().unwrap().macs() as f64));
    }
    let order = subset::order(all.len());
    for (proxy, count) in [(Proxy::Zen, LEAST_SAMPLE + 9), (Proxy::Synflow, LEAST_SAMPLE / 2)] {
        for index in &order[..count] {
            table.insert(&all[*index].to_string(), &[proxy], &score(proxy, 1.0 / (1.0 + *index as f64)));
        }
    }
    let scored = Scored::new(space, &table).unwrap();
    let accuracies: Vec<f64> = (0..all.len()).map(|i| i as f64 / 100.0).collect();
    let rows = scored.rank(&[accuracies]);
    let row = |name: &str| rows.iter().find(|row| row.name == name && row.ensemble.is_none());
    let (nwot, macs, zen) = (row("nwot").unwrap(), row("macs").unwrap(), row("zen").unwrap());
    // Equal networks have one score, so NWOT here is the count of MACs.
    assert_eq!((nwot.n, nwot.whole), (6561, true));
    assert!((nwot.agreement[0].rho.unwrap().value - macs.agreement[0].rho.unwrap().value).abs() < 0.02);
    // The sample may go on as far as equal networks reach.
    assert!(zen.n >= LEAST_SAMPLE + 9 && zen.n < LEAST_SAMPLE + 40 && !zen.whole, "{}", zen.n);
    assert!(zen.agreement[0].rho.unwrap().value < -0.9);
    assert!(row("synflow").is_none());
    assert!(matches!(scored.column(Proxy::Zen), Err(BenchmarkError::Unscored { proxy: Proxy::Zen, .. })));
    assert_eq!(scored.column(Proxy::Nwot).unwrap().len(), 6561);
    // The order of the rows is that of the proxies, then that of the combinations.
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let at = |name: &str| names.iter().position(|n| *n == name).unwrap();
    assert!(at("params") < at("macs") && at("macs") < at("nwot") && at("nwot") < at("nwot+macs"), "{names:?}");
}

#[test]
fn the_shipped_scores_are_of_networks_that_there_are() {
    for (text, space) in
        [(NASBENCH201_SCORES, TableSpace::Nasbench201), (NASBENCH_MACRO_SCORES, TableSpace::NasbenchMacro)]
    {
        let table = ScoreTable::parse("shipped", text).unwrap();
        let known: std::collections::HashSet<String> = codes(space).iter().map(ToString::to_string).collect();
        let written = text.lines().skip(2).map(|line| line.split(',').next().unwrap());
        assert!(written.clone().all(|code| known.contains(code)), "{space:?}");
        assert_eq!(table.text(), text, "{space:?}: not as `tinynas benchmark scores` writes it");
    }
}
