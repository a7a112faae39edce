//! NWOT as tables of other programs have it: every rectifier counts, also one that leads nowhere.

use tinynas_burn::forward;
use tinynas_score::{Batch, Codes, initial_weights};

use crate::{BenchmarkError, Code};

/// NWOT over all rectifiers of the network of `code`; `None` if it has none. The proxy of `tinynas-score` leaves those
/// out that no path connects with the logits, as the published code does.
///
/// # Errors
/// [`BenchmarkError`]; no code gives one.
pub fn nwot_of_all(code: Code, images: &Batch, seed: u64) -> Result<Option<f64>, BenchmarkError> {
    let network = code.network()?;
    let weights = initial_weights(&network, code.id().seed(seed, "init"));
    let mut codes = Codes::new(images.images());
    let observed = forward(&network, &weights, images.data(), |index, y| {
        if network.layers[index].op.is_rectified() {
            codes.push(y);
        }
    });
    observed.map_err(tinynas_score::ScoreError::from)?;
    Ok(codes.ln_det().ok())
}
