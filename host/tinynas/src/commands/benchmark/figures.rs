//! Scatter plots of scores against accuracies.

use std::path::Path;

use tinynas_benchmark::{
    figure::{Scatter, scatter_svg},
    ranking::{RankingRow, Scored},
};
use tinynas_score::Proxy;

use super::searches::Sets;
use crate::{failure::Failure, run_dir::write_atomic};

/// One figure per proxy, on the first data set: `BENCHMARK-PROXY.svg`.
pub fn write(
    dir: &Path,
    benchmark: &str,
    scored: &Scored<'_>,
    sets: &[Sets],
    rows: &[RankingRow],
) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(|error| Failure::io(dir, &error))?;
    let Some(set) = sets.first() else { return Ok(()) };
    for row in rows.iter().filter(|row| row.ensemble.is_none()) {
        let Ok(proxy) = row.name.parse::<Proxy>() else { continue };
        let points: Vec<(f64, f64)> = (0..set.test.len())
            .filter_map(|i| Some((scored.get(i, proxy)?, set.test[i])))
            .filter(|(score, _)| score.is_finite())
            .collect();
        let rho = row.agreement.first().and_then(|agreement| agreement.rho).map_or(f64::NAN, |rho| rho.value);
        let scatter = Scatter {
            title: format!("{benchmark}: {proxy}, rho {rho:.3}, {} networks", row.n),
            x: proxy.to_string(),
            y: format!("{} test accuracy (%)", set.name),
            points,
        };
        write_atomic(&dir.join(format!("{benchmark}-{proxy}.svg")), scatter_svg(&scatter).as_bytes())?;
    }
    Ok(())
}
