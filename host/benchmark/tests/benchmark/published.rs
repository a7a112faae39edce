//! The statistics against correlations that another program computed from the same columns.

use std::{collections::HashMap, fs};

use tinynas_benchmark::{
    Csv,
    statistics::{kendall, spearman},
};

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
