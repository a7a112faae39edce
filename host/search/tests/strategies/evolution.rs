//! Evolution and AREA against their definitions.

use tinynas_search::{Budget, Driver, Evolution, Fidelity};

use crate::cases::{Separable, Worth};

#[test]
fn area_starts_with_the_best_by_the_score_that_assists() {
    let space = Separable::new(3);
    let driver = Driver::new(Budget::evaluations(30), 5);
    let history = driver.run(&space, &mut Evolution::area(100, 10, 5), &mut Worth::of(&space)).unwrap();
    let (assists, full) = history.trials().split_at(100);
    assert!(assists.iter().all(|trial| trial.fidelity == Fidelity::Assist));
    assert!(full.iter().all(|trial| trial.fidelity == Fidelity::Full));
    let mut scores: Vec<f64> = assists.iter().map(|trial| trial.score.unwrap()).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    for (trial, score) in full.iter().take(10).zip(scores) {
        let of = assists.iter().find(|assist| assist.choices == trial.choices).unwrap();
        assert_eq!(of.score, Some(score));
    }
}

#[test]
fn a_child_differs_by_one_edit_from_one_of_the_living() {
    let space = Separable::new(3);
    let driver = Driver::new(Budget::evaluations(200), 5);
    let history = driver.run(&space, &mut Evolution::regularised(20, 5), &mut Worth::of(&space)).unwrap();
    let trials = history.trials();
    let edits = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a != b).count();
    for at in 20..200 {
        let living = &trials[at - 20..at];
        let parents: Vec<usize> =
            (0..20).filter(|parent| edits(&living[*parent].choices, &trials[at].choices) == 1).collect();
        assert!(!parents.is_empty(), "trial {at}");
    }
    let late = trials[150..].iter().map(|trial| trial.score.unwrap()).sum::<f64>() / 50.0;
    let early = trials[..20].iter().map(|trial| trial.score.unwrap()).sum::<f64>() / 20.0;
    assert!(late > early + 8.0, "{early} to {late}");
}
