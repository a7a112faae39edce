//! What there is to know before trusting a ranking.

use super::{MOST_DRAWS, SelectConfig, VariantStats};
use crate::bytes::grouped;

/// Two means that differ by less are close, a fraction.
const CLOSE: f64 = 0.02;

/// A mean over fewer networks is decided by few.
const FEW: u32 = 30;

/// Notes on ranked variants.
pub(super) fn notes(variants: &[VariantStats], config: &SelectConfig) -> Vec<String> {
    let Some((winner, others)) = variants.split_first() else { return Vec::new() };
    let floor = config.min_feasible.unwrap_or(0.0);
    [close(winner, others, floor), few(winner, config), cap(winner, config), floor_decided(winner, others, floor)]
        .into_iter()
        .flatten()
        .collect()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn close(winner: &VariantStats, others: &[VariantStats], floor: f64) -> Option<String> {
    let second = others.first().filter(|second| second.fitting > 0 && second.feasible_share >= floor)?;
    let gap = 1.0 - second.mean_macs / winner.mean_macs;
    (gap < CLOSE).then(|| {
        format!(
            "close: the mean of {} is only {} below that of {} ({} against {} of its networks fit)",
            second.variant,
            percent(gap),
            winner.variant,
            percent(second.feasible_share),
            percent(winner.feasible_share)
        )
    })
}

fn few(winner: &VariantStats, config: &SelectConfig) -> Option<String> {
    let advice = if config.sample_until.is_none_or(|until| until < FEW) {
        format!("; --sample-until {FEW} draws more")
    } else {
        String::new()
    };
    (winner.fitting < FEW).then(|| {
        format!(
            "few networks decided: {} of {} drawn from {} fit{advice}",
            winner.fitting,
            grouped(winner.samples.into()),
            winner.variant
        )
    })
}

fn cap(winner: &VariantStats, config: &SelectConfig) -> Option<String> {
    let until = config.sample_until.filter(|until| winner.fitting < *until)?;
    Some(format!(
        "drawing stopped at {MOST_DRAWS} times the samples: {} of the {until} wanted networks of {} fit",
        winner.fitting, winner.variant
    ))
}

fn floor_decided(winner: &VariantStats, others: &[VariantStats], floor: f64) -> Option<String> {
    let better = others.iter().filter(|other| other.fitting > 0 && other.mean_macs > winner.mean_macs);
    let first = better.reduce(|a, b| if b.mean_macs > a.mean_macs { b } else { a })?;
    Some(format!(
        "the floor of {} decided: without it {} would win, of whose networks {} fit",
        percent(floor),
        first.variant,
        percent(first.feasible_share)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(variant: &str, fitting: u32, mean_macs: f64) -> VariantStats {
        VariantStats {
            variant: variant.parse().unwrap(),
            samples: 1000,
            fitting,
            feasible_share: f64::from(fitting) / 1000.0,
            mean_macs,
            p80_macs: None,
            cdf: Vec::new(),
        }
    }

    fn config(min_feasible: Option<f64>, sample_until: Option<u32>) -> SelectConfig {
        SelectConfig { samples: 1000, seed: 1, min_feasible, sample_until, classes: 10, channels: 3 }
    }

    #[test]
    fn a_clear_winner_needs_no_note() {
        let variants = [stats("w0.5-r160", 300, 50e6), stats("w0.5-r144", 700, 48e6), stats("w1.0-r224", 0, 0.0)];
        assert_eq!(notes(&variants, &config(None, None)), Vec::<String>::new());
    }

    #[test]
    fn a_close_second_is_named_but_not_one_below_the_floor() {
        let variants = [stats("w0.5-r160", 300, 50e6), stats("w0.5-r144", 700, 49.5e6)];
        let found = notes(&variants, &config(None, None));
        assert_eq!(
            found,
            [
                "close: the mean of w0.5-r144 is only 1.0 % below that of w0.5-r160 (70.0 % against 30.0 % of its networks fit)"
            ]
        );
        let variants = [stats("w0.5-r160", 300, 50e6), stats("w0.5-r144", 70, 49.5e6)];
        assert!(notes(&variants, &config(Some(0.1), None)).is_empty());
    }

    #[test]
    fn few_networks_the_cap_and_the_floor_are_named() {
        let variants = [stats("w0.8-r176", 1, 109e6), stats("w0.5-r224", 270, 106e6)];
        let found = notes(&variants, &config(None, None));
        assert_eq!(found, ["few networks decided: 1 of 1,000 drawn from w0.8-r176 fit; --sample-until 30 draws more"]);
        let found = notes(&variants, &config(None, Some(50)));
        assert!(found[1].starts_with("drawing stopped at 100 times the samples: 1 of the 50 wanted"), "{found:?}");
        let variants = [stats("w0.5-r224", 270, 106e6), stats("w0.8-r176", 1, 109e6)];
        let found = notes(&variants, &config(Some(0.1), None));
        assert_eq!(found, ["the floor of 10.0 % decided: without it w0.8-r176 would win, of whose networks 0.1 % fit"]);
    }
}
