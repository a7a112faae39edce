//! Successive halving and Hyperband against the tables of their papers.

use tinynas_search::{Budget, Driver, Fidelity, Halving, Hyperband};

use crate::cases::{Separable, Worth};

/// Networks and epochs of each rung that was run, in order.
fn rungs(strategy: &mut Hyperband, epochs: u32, budget: u64) -> Vec<(usize, u32)> {
    let space = Separable::new(3);
    let mut evaluator = Worth { epochs, ..Worth::of(&space) };
    Driver::new(Budget::epochs(budget), 5).run(&space, strategy, &mut evaluator).unwrap();
    let of = |fidelity| match fidelity {
        Fidelity::Epochs(epochs) => epochs,
        _ => epochs,
    };
    let epochs: Vec<u32> = evaluator.seen.iter().map(|proposal| of(proposal.fidelity)).collect();
    epochs.chunk_by(|a, b| a == b).map(|rung| (rung.len(), rung[0])).collect()
}

/// Table 1 of Li et al., JMLR 2018: R = 81, η = 3.
#[test]
fn hyperband_runs_the_brackets_of_its_paper() {
    let numbers = Halving { epochs: 81, keep_one_in: 3 };
    let expected = [
        (81, 1),
        (27, 3),
        (9, 9),
        (3, 27),
        (1, 81), //
        (34, 3),
        (11, 9),
        (3, 27),
        (1, 81), //
        (15, 9),
        (5, 27),
        (1, 81), //
        (8, 27),
        (2, 81),
        (5, 81),
    ];
    // The last two rungs train in full both and cannot be told apart.
    let mut expected = expected.to_vec();
    expected.truncate(13);
    expected.push((7, 81));
    let found = rungs(&mut Hyperband::new(numbers), 81, 100_000);
    assert_eq!(found[..expected.len()], expected);
    // Then it begins again.
    assert_eq!(found[expected.len()], (81, 1));
}

#[test]
fn those_that_are_kept_are_the_best_and_are_trained_on() {
    let space = Separable::new(3);
    let mut evaluator = Worth::of(&space);
    let mut strategy = Hyperband::halving(Halving { epochs: 27, keep_one_in: 3 }, 27);
    // 27 · 1 + 9 · (3 − 1) + 3 · (9 − 3) + 27 − 9.
    let history = Driver::new(Budget::epochs(81), 5).run(&space, &mut strategy, &mut evaluator).unwrap();
    assert_eq!((history.spent().epochs, history.spent().evaluations), (81, 1));
    let trials = history.trials();
    for (from, to, count) in [(0, 27, 9), (27, 36, 3), (36, 39, 1)] {
        let rung = &trials[from..to];
        let mut best: Vec<f64> = rung.iter().map(|trial| trial.score.unwrap()).collect();
        best.sort_by(|a, b| b.total_cmp(a));
        // By their scores, since networks may tie.
        let score = |choices| rung.iter().find(|trial| trial.choices == choices).unwrap().score.unwrap();
        let kept: Vec<f64> = trials[to..to + count].iter().map(|trial| score(trial.choices.clone())).collect();
        assert_eq!(kept, best[..count]);
    }
    let trained: Vec<u32> = evaluator.seen.iter().map(|proposal| proposal.trained).collect();
    assert_eq!(trained, [vec![0; 27], vec![1; 9], vec![3; 3], vec![9]].concat());
}
