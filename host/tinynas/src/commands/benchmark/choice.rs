//! `tinynas benchmark default`: the default score by the written rule.

use serde_json::json;
use tinynas_benchmark::{
    NASBENCH_MACRO_SCORES, NASBENCH201_SCORES,
    choice::{Choice, choose},
    nasbench_macro::MacroTable,
    nasbench201::{CellTable, DATASETS},
    ranking::Scored,
    searches::TableSpace,
};

use crate::{
    args::DefaultArgs,
    failure::Failure,
    output::{Align, Answer, Printer, Table},
};

/// Scores in the table; JSON has all.
const SHOWN: usize = 20;

/// Ranks by both benchmarks and chooses.
pub fn run(args: &DefaultArgs, printer: &Printer) -> Result<Answer, Failure> {
    let cells = CellTable::read(&args.nasbench201)?;
    let blocks = MacroTable::read(&args.nasbench_macro)?;
    printer.step("rank", "both benchmarks");
    let of_cells = super::ranking::scores(args.nasbench201_scores.as_deref(), NASBENCH201_SCORES)?;
    let of_blocks = super::ranking::scores(args.nasbench_macro_scores.as_deref(), NASBENCH_MACRO_SCORES)?;
    let tests: Vec<Vec<f64>> = (0..DATASETS.len()).map(|dataset| cells.test(dataset)).collect();
    let nasbench201 = Scored::new(TableSpace::Nasbench201, &of_cells)?.rank(&tests);
    let accuracy = blocks.rows().iter().map(|row| row.accuracy).collect();
    let nasbench_macro = Scored::new(TableSpace::NasbenchMacro, &of_blocks)?.rank(&[accuracy]);
    let choice = choose(&nasbench201, &nasbench_macro)
        .ok_or_else(|| Failure::no("benchmark::none", "no score is known on both benchmarks"))?;
    let chosen = &choice.rows[choice.chosen];
    let by = chosen.ensemble.map_or_else(String::new, |ensemble| format!(" by {ensemble}"));
    let human = format!(
        "{}\n\nchosen    {}{by}: the cheapest whose smaller rho is within one bootstrap error of the best",
        table(&choice).render(),
        chosen.name
    );
    let json = json!({ "schema": "tinynas/benchmark-default/1", "chosen": chosen, "rows": choice.rows });
    Answer::new(human, &json)
}

fn table(choice: &Choice) -> Table {
    let columns = [
        ("score", Align::Left),
        ("by", Align::Left),
        ("nasbench201", Align::Right),
        ("nasbench-macro", Align::Right),
        ("smaller", Align::Right),
        ("cost", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for row in choice.rows.iter().take(SHOWN) {
        table.row(vec![
            row.name.clone(),
            row.ensemble.map_or("-", |ensemble| ensemble.name()).to_owned(),
            format!("{:.3}", row.nasbench201),
            format!("{:.3}", row.nasbench_macro),
            format!("{:.3} ± {:.3}", row.merit, row.error),
            row.cost.to_string(),
        ]);
    }
    table
}
