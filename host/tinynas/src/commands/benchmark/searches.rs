//! Simulated searches on a benchmark's table.

use serde::Serialize;
use tinynas_benchmark::{
    ranking::Scored,
    searches::{Mean, Method, TableSpace, Truth, simulate},
};
use tinynas_score::Proxy;

use crate::{
    args::SpaceName,
    failure::Failure,
    output::{Align, Printer, Table},
};

/// Sizes of the lists that NASWOT draws.
const DRAWN: [usize; 3] = [10, 100, 1000];
/// Trainings after which the others are compared.
const TRAININGS: [u64; 4] = [10, 30, 100, 300];

/// The space of a name.
pub const fn space(name: SpaceName) -> TableSpace {
    match name {
        SpaceName::Nasbench201 => TableSpace::Nasbench201,
        SpaceName::NasbenchMacro => TableSpace::NasbenchMacro,
    }
}

/// What a search sees and what is reported of it.
pub struct Sets {
    /// `cifar10`.
    pub name: &'static str,
    /// By position in the space, percent.
    pub validation: Vec<f64>,
    /// By position in the space, percent.
    pub test: Vec<f64>,
}

/// One search on one data set.
#[derive(Debug, Serialize)]
pub struct SearchRow {
    /// `area M=1000`.
    pub search: String,
    /// The score that assists it.
    pub score: Option<Proxy>,
    /// The data set.
    pub data: &'static str,
    /// Networks trained.
    pub trainings: u64,
    /// Test accuracy of what it found, percent.
    #[serde(flatten)]
    pub found: Mean,
    /// What is printed elsewhere for the same.
    pub published: Option<f64>,
}

/// How many seeds, on how many threads.
#[derive(Clone, Copy)]
pub struct Effort {
    pub seeds: u32,
    pub threads: usize,
}

/// A proxy and its scores by position.
type Assist = (Proxy, Vec<f64>);

/// All rows: NASWOT by every known score, then searches that train.
pub fn rows(
    space: TableSpace,
    sets: &[Sets],
    scored: &Scored<'_>,
    effort: Effort,
    published: impl Fn(usize, usize) -> Option<f64>,
    printer: &Printer,
) -> Result<Vec<SearchRow>, Failure> {
    let mut assists: Vec<Assist> = Vec::new();
    for proxy in Proxy::ALL {
        // A proxy that has not looked at all networks assists no search.
        if let Ok(column) = scored.column(*proxy) {
            assists.push((*proxy, column));
        }
    }
    let mut plans: Vec<(Method, Option<&Assist>)> = Vec::new();
    for drawn in DRAWN {
        plans.extend(assists.iter().map(|assist| (Method::Naswot { drawn }, Some(assist))));
    }
    let unassisted = [Method::Random, Method::Reinforce, Method::Tpe, Method::LocalSearch, Method::Rea];
    plans.extend(unassisted.map(|method| (method, None)));
    for drawn in [20, 1000] {
        plans.extend(assists.iter().map(|assist| (Method::Area { drawn }, Some(assist))));
    }
    plans.extend(assists.iter().map(|assist| (Method::AssistedClimb { drawn: 1000 }, Some(assist))));
    let progress = printer.progress("searches", (plans.len() * sets.len()) as u64);
    let mut rows = Vec::new();
    for (method, assist) in plans {
        let trainings: &[u64] = if matches!(method, Method::Naswot { .. }) { &[1] } else { &TRAININGS };
        for (at, set) in sets.iter().enumerate() {
            let truth = Truth { space, validation: &set.validation, test: &set.test };
            let scores = assist.map(|(_, scores)| scores.as_slice());
            let found = simulate(truth, method, scores, trainings, effort.seeds.into(), effort.threads)?;
            for (trainings, found) in trainings.iter().zip(found) {
                let score = assist.map(|(proxy, _)| *proxy);
                let published = match method {
                    Method::Naswot { drawn } if score == Some(Proxy::Nwot) => published(drawn, at),
                    _ => None,
                };
                let (search, data, trainings) = (name(method), set.name, *trainings);
                rows.push(SearchRow { search, score, data, trainings, found, published });
            }
            progress.advance(1, "");
        }
    }
    progress.finish();
    Ok(rows)
}

fn name(method: Method) -> String {
    match method {
        Method::Random => "random".into(),
        Method::Rea => "rea".into(),
        Method::Reinforce => "reinforce".into(),
        Method::LocalSearch => "local-search".into(),
        Method::Tpe => "tpe".into(),
        Method::Area { drawn } => format!("area M={drawn}"),
        Method::AssistedClimb { drawn } => format!("climb M={drawn}"),
        Method::Naswot { drawn } => format!("naswot N={drawn}"),
    }
}

/// One line per search and number of trainings, one column per data set.
pub fn table(rows: &[SearchRow], sets: &[Sets]) -> Table {
    let mut columns = vec![("search", Align::Left), ("score", Align::Left), ("trainings", Align::Right)];
    columns.extend(sets.iter().map(|set| (set.name, Align::Right)));
    let mut table = Table::new(&columns);
    let first = sets.first().map_or("", |set| set.name);
    for row in rows.iter().filter(|row| row.data == first) {
        let same = |other: &&SearchRow| {
            (&other.search, other.score, other.trainings) == (&row.search, row.score, row.trainings)
        };
        let cell = |row: &SearchRow| {
            let beside = row.published.map_or_else(String::new, |value| format!(" / {value:.2}"));
            format!("{:.2} ± {:.2}{beside}", row.found.mean, row.found.sd)
        };
        let score = row.score.map_or_else(|| "-".into(), |score| score.to_string());
        let mut cells = vec![row.search.clone(), score, row.trainings.to_string()];
        cells.extend(rows.iter().filter(same).map(cell));
        table.row(cells);
    }
    table
}
