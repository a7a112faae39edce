//! The statistics against correlations that another program computed from the same columns.

use std::{collections::HashMap, fs};

use tinynas_benchmark::{
    Csv,
    statistics::{kendall, spearman},
};
use tinynas_score::Ensemble;

use crate::shared::shared;

/// Columns of a file of scores by name; NaN and −∞ as they are.
fn columns(file: &std::path::Path) -> HashMap<String, Vec<f64>> {
    let csv = Csv::read(file).unwrap();
    let numbers = |name: &String| {
        let column = csv.column(name).unwrap();
        csv.rows().map(|row| row.score(column).unwrap()).collect()
    };
    csv.columns()[1..].iter().map(|name| (name.clone(), numbers(name))).collect()
}

/// Compares every `proxy` line of a correlation file; `truths` are the columns after `rho_`.
fn compare(scores: &str, correlations: &str, truths: &[&str]) {
    let (Some(scores), Some(file)) =
        (shared(scores, "the comparison of correlations"), shared(correlations, "the comparison of correlations"))
    else {
        return;
    };
    let columns = columns(&scores);
    let text = fs::read_to_string(file).unwrap();
    let mut compared = 0;
    for line in text.lines().skip(2).take_while(|line| !line.starts_with("ensembles")) {
        let cells: Vec<&str> = line.split(',').collect();
        let proxy = &columns[cells[0]];
        for (truth, cell) in truths.iter().zip(&cells[2..]) {
            let rho = spearman(proxy, &columns[*truth]).unwrap();
            let theirs: f64 = cell.parse().unwrap();
            assert!((rho - theirs).abs() < 0.0015, "{}: rho with {truth} {rho}, theirs {theirs}", cells[0]);
        }
        let tau = kendall(proxy, &columns[truths[0]]).unwrap();
        let theirs: f64 = cells[2 + truths.len()].parse().unwrap();
        assert!((tau - theirs).abs() < 0.0015, "{}: tau {tau}, theirs {theirs}", cells[0]);
        compared += 1;
    }
    assert!(compared > 20, "{compared} proxies");
}

#[test]
fn nasbench201_correlations_are_those_of_another_program() {
    compare(
        "reference/nas-bench/pytorch_scores_nb201.csv",
        "reference/nas-bench/corr_nb201.txt",
        &["cifar10_test", "cifar100_test", "in16_test"],
    );
}

#[test]
fn nasbench_macro_correlations_are_those_of_another_program() {
    compare("reference/nas-bench/pytorch_scores_nbmacro.csv", "reference/nas-bench/corr_nbmacro.txt", &["mean_acc"]);
}

/// Compares the lines of ensembles of a correlation file, each `a+b rank sum / log-rank sum / Copeland`.
fn compare_ensembles(scores: &str, correlations: &str, truth: &str, tolerance: f64) {
    let (Some(scores), Some(file)) =
        (shared(scores, "the comparison of ensembles"), shared(correlations, "the comparison of ensembles"))
    else {
        return;
    };
    let columns = columns(&scores);
    let text = fs::read_to_string(file).unwrap();
    let mut compared = 0;
    for line in text.lines().skip_while(|line| !line.starts_with("ensembles")).skip(1) {
        let Some((names, figures)) = line.trim().split_once(' ') else { continue };
        // Where most networks have no score of one member, what is the worst of them is a matter of taste.
        if !names.contains('+') || names.contains("az_train") || names.contains("zen_bv") {
            continue;
        }
        let members: Vec<Vec<f64>> = names.split('+').map(|name| columns[name].clone()).collect();
        for (ensemble, figure) in Ensemble::ALL.iter().zip(figures.split('/')) {
            let rho = spearman(&ensemble.combine(&members), &columns[truth]).unwrap();
            let theirs: f64 = figure.trim().parse().unwrap();
            assert!((rho - theirs).abs() < tolerance, "{names} by {ensemble}: {rho}, theirs {theirs}");
        }
        compared += 1;
    }
    assert!(compared >= 8, "{compared} ensembles");
}

#[test]
fn nasbench_macro_ensembles_are_those_of_another_program() {
    compare_ensembles(
        "reference/nas-bench/pytorch_scores_nbmacro.csv",
        "reference/nas-bench/corr_nbmacro.txt",
        "mean_acc",
        0.0015,
    );
}

#[test]
fn nasbench201_ensembles_are_those_of_another_program() {
    // Six of 150 cells have no score: theirs keep a rank among the others, ours do not.
    compare_ensembles(
        "reference/nas-bench/pytorch_scores_nb201.csv",
        "reference/nas-bench/corr_nb201.txt",
        "cifar10_test",
        0.006,
    );
}
