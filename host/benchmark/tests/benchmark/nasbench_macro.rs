//! Every network of NAS-Bench-Macro has the parameters and MACs of its table.

use tinynas_benchmark::nasbench_macro::MacroTable;

use crate::shared::shared;

#[test]
fn every_network_has_the_cost_of_the_table() {
    let Some(file) = shared("reference/nas-bench/nasbench_macro_cifar10.csv", "the costs of NAS-Bench-Macro") else {
        return;
    };
    let table = MacroTable::read(&file).unwrap();
    for row in table.rows() {
        let network = row.code.network().unwrap();
        assert_eq!((network.params(), network.macs()), (row.params, row.macs), "{}", row.code);
        let mean = row.seeds.iter().sum::<f64>() / 3.0;
        assert!((mean - row.accuracy).abs() < 0.02, "{}: mean of {:?} is not {}", row.code, row.seeds, row.accuracy);
    }
    let best = table.rows().iter().max_by(|a, b| a.accuracy.total_cmp(&b.accuracy)).unwrap();
    assert_eq!(best.code.canonical().to_string(), "22212220");
}

#[test]
fn codes_of_one_network_have_one_accuracy() {
    let Some(file) = shared("reference/nas-bench/nasbench_macro_cifar10.csv", "the accuracies of NAS-Bench-Macro")
    else {
        return;
    };
    let table = MacroTable::read(&file).unwrap();
    for row in table.rows() {
        assert_eq!(row.accuracy, table.row(row.code.canonical()).accuracy, "{}", row.code);
    }
}
