//! Cells of NAS-Bench-201 against tables of other programs.

use std::collections::HashMap;

use tinynas_benchmark::{
    Csv,
    nasbench201::{Branches, Cell, CellTable, Classes},
};

use crate::shared::shared;

#[test]
fn every_cell_of_the_score_table_has_its_parameters_and_macs() {
    let Some(file) = shared("reference/nas-bench/pytorch_scores_nb201.csv", "the costs of NAS-Bench-201") else {
        return;
    };
    let csv = Csv::read(&file).unwrap();
    let (ops, params, macs) = (csv.column("ops").unwrap(), csv.column("params").unwrap(), csv.column("flops").unwrap());
    for row in csv.rows() {
        let network = row.text(ops).parse::<Cell>().unwrap().network(Branches::All).unwrap();
        let theirs = (row.whole(params).unwrap(), row.whole(macs).unwrap());
        assert_eq!((network.params(), network.macs()), theirs, "{}", row.text(ops));
    }
}

#[test]
fn the_best_cells_are_the_known_ones() {
    let Some(file) = shared("reference/nas-bench/nasbench201.csv", "the table of NAS-Bench-201") else { return };
    let table = CellTable::read(&file).unwrap();
    let best = |values: Vec<f64>| values.into_iter().fold(0.0, f64::max);
    let known = [(91.61, 94.37), (73.49, 73.51), (46.73, 47.31)];
    for (dataset, (validation, test)) in known.into_iter().enumerate() {
        assert!((best(table.validation(dataset)) - validation).abs() < 0.01, "{dataset}");
        assert!((best(table.test(dataset)) - test).abs() < 0.01, "{dataset}");
    }
}

/// The table's own classes rest on expressions that keep some zeros, so neither partition is finer than the other:
/// but cells of one class of ours that are trained alike must not differ more than seeds do.
#[test]
fn cells_of_one_class_reach_the_same() {
    let Some(file) = shared("reference/nas-bench/nasbench201.csv", "the table of NAS-Bench-201") else { return };
    let table = CellTable::read(&file).unwrap();
    let classes = Classes::new();
    let mut members: HashMap<Cell, Vec<f64>> = HashMap::new();
    for row in table.rows() {
        members.entry(classes.representative(row.cell)).or_default().push(row.accuracy[0].test);
    }
    let spread = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>(), values.len() - 1)
    };
    // Among cells that train at all: one standard deviation within classes.
    let good = members.values().filter(|values| values.iter().all(|v| *v > 80.0));
    let (square, freedom) = good.map(|v| spread(v)).fold((0.0, 0), |(s, f), (a, b)| (s + a, f + b));
    let within = (square / freedom as f64).sqrt();
    assert!(freedom > 5000 && within < 0.5, "{within} over {freedom}");
}
