//! Fronts and hypervolume against slower definitions.

use rand::RngExt;
use rand_pcg::Pcg32;
use tinynas_search::{
    Budget, Choices, Driver, Nsga2, SearchSpace,
    pareto::{crowding, dominates, fronts, hypervolume},
};

use crate::cases::{Separable, Worth};

fn points(rng: &mut Pcg32, count: usize, objectives: usize, values: u32) -> Vec<Vec<f64>> {
    let coordinate = |rng: &mut Pcg32| f64::from(rng.random_range(0..values)) / f64::from(values);
    (0..count).map(|_| (0..objectives).map(|_| coordinate(rng)).collect()).collect()
}

/// Σ over subsets of (−1)^(size + 1) · the box that all of the subset dominate.
fn by_inclusion_and_exclusion(points: &[Vec<f64>], reference: &[f64]) -> f64 {
    let mut sum = 0.0;
    for subset in 1_u32..1 << points.len() {
        let members = points.iter().enumerate().filter(|(i, _)| subset >> i & 1 == 1).map(|(_, point)| point);
        let mut corner = vec![f64::NEG_INFINITY; reference.len()];
        for member in members {
            corner.iter_mut().zip(member).for_each(|(corner, x)| *corner = corner.max(*x));
        }
        let sides = reference.iter().zip(&corner).map(|(most, corner)| (most - corner).max(0.0));
        let sign = if subset.count_ones() % 2 == 1 { 1.0 } else { -1.0 };
        sum += sign * sides.product::<f64>();
    }
    sum
}

#[test]
fn hypervolume_is_what_inclusion_and_exclusion_gives() {
    let mut rng = Pcg32::new(1, 1);
    for objectives in 1..=4 {
        for count in 0..=10 {
            // Few values: many ties; many values: none.
            for values in [3, 1_000_000] {
                let points = points(&mut rng, count, objectives, values);
                let reference = vec![0.9; objectives];
                let expected = by_inclusion_and_exclusion(&points, &reference);
                let volume = hypervolume(&points, &reference);
                assert!((volume - expected).abs() < 1e-12, "{points:?}: {volume}, not {expected}");
            }
        }
    }
}

#[test]
fn hypervolume_of_many_points_is_what_darts_hit() {
    let mut rng = Pcg32::new(2, 2);
    for objectives in 2..=4 {
        let points = points(&mut rng, 60, objectives, 1000);
        let volume = hypervolume(&points, &vec![1.0; objectives]);
        let darts = 40_000;
        let hits = (0..darts).filter(|_| {
            let dart: Vec<f64> = (0..objectives).map(|_| rng.random::<f64>()).collect();
            points.iter().any(|point| point.iter().zip(&dart).all(|(x, dart)| x <= dart))
        });
        let share = hits.count() as f64 / f64::from(darts);
        // Five standard errors.
        let error = 5.0 * (volume * (1.0 - volume) / f64::from(darts)).sqrt();
        assert!((volume - share).abs() < error, "{objectives} objectives: {volume}, darts {share} ± {error}");
    }
}

#[test]
fn what_is_not_below_the_reference_adds_no_volume() {
    let good = vec![0.5, 0.5];
    for bad in [vec![1.0, 0.0], vec![0.0, 2.0], vec![f64::NAN, 0.0], vec![f64::NEG_INFINITY, 0.0]] {
        assert_eq!(hypervolume(&[good.clone(), bad], &[1.0, 1.0]), 0.25);
    }
    assert_eq!(hypervolume(&[], &[1.0, 1.0]), 0.0);
}

#[test]
fn fronts_are_peeled_off_one_by_one() {
    let mut rng = Pcg32::new(3, 3);
    for objectives in 1..=4 {
        for values in [4, 1000] {
            let points = points(&mut rng, 50, objectives, values);
            let mut left: Vec<usize> = (0..points.len()).collect();
            for front in fronts(&points) {
                let free = |at: &usize| !left.iter().any(|other| dominates(&points[*other], &points[*at]));
                let expected: Vec<usize> = left.iter().copied().filter(free).collect();
                let mut front = front;
                front.sort_unstable();
                assert_eq!(front, expected);
                left.retain(|at| !front.contains(at));
            }
            assert!(left.is_empty());
        }
    }
    assert!(!dominates(&[f64::NAN, 0.0], &[1.0, 1.0]));
    assert!(!dominates(&[1.0, 1.0], &[1.0, 1.0]));
}

#[test]
fn crowding_is_the_room_between_neighbours() {
    let points = vec![vec![0.0, 10.0], vec![1.0, 6.0], vec![4.0, 4.0], vec![10.0, 0.0]];
    // (4 − 0) / 10 + (10 − 4) / 10, (10 − 1) / 10 + (6 − 0) / 10.
    let expected = [f64::INFINITY, 1.0, 1.5, f64::INFINITY];
    for (crowding, expected) in crowding(&points, &[0, 1, 2, 3]).into_iter().zip(expected) {
        assert!(crowding == expected || (crowding - expected).abs() < 1e-12, "{crowding}, not {expected}");
    }
    assert_eq!(crowding(&points, &[]), Vec::<f64>::new());
}

/// Every network of a space whose options are all there are.
fn every(space: &Separable) -> Vec<Choices> {
    let mut all: Vec<Choices> = vec![Vec::new()];
    for options in space.options() {
        all = all.iter().flat_map(|start| (0..*options).map(|option| [start.as_slice(), &[option]].concat())).collect();
    }
    all
}

#[test]
fn nsga_ii_finds_the_front_of_all_networks() {
    // 3,125 networks, worth against the sum of their options.
    let space = Separable::of(5, 4);
    let point = |choices: &[u8]| vec![-space.worth(choices), f64::from(space.sum(choices))];
    let all = every(&space);
    let points: Vec<Vec<f64>> = all.iter().map(|choices| point(choices)).collect();
    let is_free = |at: &&Vec<f64>| !points.iter().any(|other| dominates(other, at));
    let mut expected: Vec<Vec<f64>> = points.iter().filter(is_free).cloned().collect();
    expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
    expected.dedup();
    let driver = Driver::new(Budget::evaluations(800), 5);
    let history = driver.run(&space, &mut Nsga2::new(40), &mut Worth::of(&space)).unwrap();
    let front = history.front();
    // What it calls its front is one: nothing that it evaluated is better than any of it.
    let evaluated: Vec<Vec<f64>> = history.trials().iter().map(|trial| point(&trial.choices)).collect();
    for at in 0..evaluated.len() {
        let free = !evaluated.iter().any(|other| dominates(other, &evaluated[at]));
        assert_eq!(front.contains(&at), free);
    }
    let mut found: Vec<Vec<f64>> = front.iter().map(|at| evaluated[*at].clone()).collect();
    found.sort_by(|a, b| a.partial_cmp(b).unwrap());
    found.dedup();
    let reference = [1.0, 21.0];
    let (volume, whole) = (hypervolume(&found, &reference), hypervolume(&expected, &reference));
    println!("{} of {} points, hypervolume {volume} of {whole}", found.len(), expected.len());
    assert_eq!(found, expected);
}
