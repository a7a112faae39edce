//! `tinynas benchmark nasbench201` and `nasbench-macro`: how well proxies rank and what searches find.

use std::path::Path;

use serde_json::{Value, json};
use tinynas_benchmark::{
    ScoreTable,
    nasbench_macro::MacroTable,
    nasbench201::{CellTable, DATASETS},
    published,
    ranking::{RankingRow, Scored},
    searches::TableSpace,
};

use super::{
    figure, figures,
    searches::{self, Effort, SearchRow, Sets},
};
use crate::{
    args::BenchmarkRankArgs,
    failure::Failure,
    output::{Align, Answer, Printer, Table},
};

/// A benchmark that was read.
struct Benchmark {
    name: &'static str,
    space: TableSpace,
    /// What correlations are with, and what searches see.
    sets: Vec<Sets>,
    /// The shipped scores.
    shipped: &'static str,
    /// What the searches' fitness is.
    fitness: &'static str,
}

/// NAS-Bench-201.
pub fn nasbench201(args: &BenchmarkRankArgs, printer: &Printer) -> Result<Answer, Failure> {
    let table = CellTable::read(&args.table)?;
    let set =
        |(at, name): (usize, &&'static str)| Sets { name, validation: table.validation(at), test: table.test(at) };
    let benchmark = Benchmark {
        name: "nasbench201",
        space: TableSpace::Nasbench201,
        sets: DATASETS.iter().enumerate().map(set).collect(),
        shipped: tinynas_benchmark::NASBENCH201_SCORES,
        fitness: "validation accuracy",
    };
    answer(&benchmark, args, printer)
}

/// NAS-Bench-Macro.
pub fn nasbench_macro(args: &BenchmarkRankArgs, printer: &Printer) -> Result<Answer, Failure> {
    let table = MacroTable::read(&args.table)?;
    let rows = table.rows();
    let benchmark = Benchmark {
        name: "nasbench-macro",
        space: TableSpace::NasbenchMacro,
        sets: vec![Sets {
            name: "cifar10",
            validation: rows.iter().map(|row| row.seeds[0]).collect(),
            test: rows.iter().map(|row| row.accuracy).collect(),
        }],
        shipped: tinynas_benchmark::NASBENCH_MACRO_SCORES,
        fitness: "accuracy of the first of three seeds",
    };
    answer(&benchmark, args, printer)
}

fn answer(benchmark: &Benchmark, args: &BenchmarkRankArgs, printer: &Printer) -> Result<Answer, Failure> {
    let scores = scores(args.scores.as_deref(), benchmark.shipped)?;
    printer.step("rank", &format!("{} of {}", benchmark.name, args.table.display()));
    let scored = Scored::new(benchmark.space, &scores)?;
    let tests: Vec<Vec<f64>> = benchmark.sets.iter().map(|set| set.test.clone()).collect();
    let rows = scored.rank(&tests);
    let effort = Effort { seeds: args.seeds, threads: crate::args::threads(args.threads) };
    let of_naswot = |drawn: usize, set: usize| {
        let row = published::NASWOT.iter().find(|(n, _)| *n == drawn && benchmark.space == TableSpace::Nasbench201);
        row.map(|(_, accuracies)| accuracies[set])
    };
    let found = searches::rows(benchmark.space, &benchmark.sets, &scored, effort, of_naswot, printer)?;
    if let Some(dir) = &args.out {
        figures::write(dir, benchmark.name, &scored, &benchmark.sets, &rows)?;
        printer.step("figures", &dir.display().to_string());
    }
    let conditions = scores.conditions();
    let note = format!(
        "scores on {} images of CIFAR-10, seed {}, for every data set; ± is the bootstrap error",
        conditions.images, conditions.seed
    );
    let human = format!(
        "table     {}\nscores    {note}\n\n{}\n\n{}",
        args.table.display(),
        ranking_table(benchmark, &rows).render(),
        search_text(benchmark, &found, args.seeds)
    );
    let rows: Vec<Value> = rows.iter().map(|row| row_json(benchmark, row)).collect();
    let json = json!({
        "schema": "tinynas/benchmark-ranking/1", "benchmark": benchmark.name, "table": args.table, "images": "cifar10",
        "batch": conditions.images, "seed": conditions.seed, "rows": rows, "search_fitness": benchmark.fitness,
        "searches": found });
    Ok(Answer::new(human, &json)?.next(next(benchmark, args.out.as_deref())))
}

/// The scores of a file, or the shipped ones.
pub fn scores(file: Option<&Path>, shipped: &str) -> Result<ScoreTable, Failure> {
    Ok(match file {
        Some(file) => ScoreTable::read(file)?,
        None => ScoreTable::parse("shipped scores", shipped)?,
    })
}

fn next(benchmark: &Benchmark, out: Option<&Path>) -> String {
    match out {
        Some(dir) => format!("open {}", dir.display()),
        None => format!("tinynas benchmark {} --table TABLE.csv --out figures", benchmark.name),
    }
}

/// What others print for a row: the lecture's figure, and one per data set.
fn published_of(benchmark: &Benchmark, row: &RankingRow) -> (Option<f64>, Option<Vec<f64>>) {
    match benchmark.space {
        TableSpace::Nasbench201 => published::NASBENCH201
            .iter()
            .find(|published| published.name == row.name)
            .map_or((None, None), |published| (published.lecture, published.pytorch.map(Vec::from))),
        TableSpace::NasbenchMacro => {
            let found = published::NASBENCH_MACRO.iter().find(|(name, _)| *name == row.name);
            (None, found.map(|(_, rho)| vec![*rho]))
        }
    }
}

fn row_json(benchmark: &Benchmark, row: &RankingRow) -> Value {
    let (lecture, pytorch) = published_of(benchmark, row);
    let mut value = json!({
        "name": row.name, "ensemble": row.ensemble, "n": row.n, "whole": row.whole, "lecture": lecture,
        "pytorch": pytorch });
    for (at, (set, agreement)) in benchmark.sets.iter().zip(&row.agreement).enumerate() {
        let mut figures = json!(agreement);
        if let Some(concordance) = &row.concordance {
            figures["ordered_pairs"] = json!(concordance.get(at));
        }
        value[set.name] = figures;
    }
    value
}

fn ranking_table(benchmark: &Benchmark, rows: &[RankingRow]) -> Table {
    let mut columns = vec![("score", Align::Left), ("by", Align::Left), ("n", Align::Right)];
    columns.extend(benchmark.sets.iter().map(|set| (set.name, Align::Right)));
    columns.extend([
        ("tau", Align::Right),
        ("top 10 %", Align::Right),
        ("selected", Align::Right),
        ("pairs", Align::Right),
        ("lecture", Align::Right),
        ("pytorch", Align::Right),
    ]);
    let mut table = Table::new(&columns);
    for row in rows {
        let (lecture, pytorch) = published_of(benchmark, row);
        let first = &row.agreement[0];
        let by = row.ensemble.map_or("-", |ensemble| ensemble.name());
        let mut cells = vec![row.name.clone(), by.to_owned(), row.n.to_string()];
        cells.extend(row.agreement.iter().map(|agreement| match agreement.rho {
            Some(rho) => format!("{:.3} ± {:.3}", rho.value, rho.error),
            None => "-".into(),
        }));
        cells.push(figure(first.tau.map(|tau| tau.value)));
        cells.push(figure(Some(first.top_tenth.value)));
        cells.push(format!("{:.2}", first.selected.value));
        cells.push(figure(row.concordance.as_ref().and_then(|pairs| pairs.first().copied())));
        cells.push(lecture.map_or_else(|| "-".into(), |value| format!("{value:.2}")));
        cells.push(figure(pytorch.and_then(|values| values.first().copied())));
        table.row(cells);
    }
    table
}

fn search_text(benchmark: &Benchmark, rows: &[SearchRow], seeds: u32) -> String {
    format!(
        "{}\n\nsearches: test accuracy in percent, mean ± standard deviation over {seeds} seeds; fitness: {}; / Mellor et \
         al., ICML 2021, table 2",
        searches::table(rows, &benchmark.sets).render(),
        benchmark.fitness
    )
}
