//! Mean, P80 and cumulative distribution of a variant's fitting networks.

use tinynas_space::Variant;

use super::VariantStats;

/// Points of a cumulative distribution, less one.
const STEPS: usize = 100;

/// Statistics of `variant`, of which `samples` networks were drawn and those with `macs` fit.
pub(super) fn stats(variant: Variant, samples: u32, macs: &mut [u64]) -> VariantStats {
    macs.sort_unstable();
    let count = macs.len();
    let total: u128 = macs.iter().map(|macs| u128::from(*macs)).sum();
    VariantStats {
        variant,
        samples,
        fitting: count as u32,
        feasible_share: count as f64 / f64::from(samples),
        mean_macs: if count == 0 { 0.0 } else { total as f64 / count as f64 },
        p80_macs: (count * 4).div_ceil(5).checked_sub(1).map(|index| macs[index] as f64),
        cdf: cdf(macs),
    }
}

/// All points of a short list, else 101 of them at even steps of rank.
fn cdf(sorted: &[u64]) -> Vec<(f64, f64)> {
    let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
    let point = |index: usize| (sorted[index] as f64, (index + 1) as f64 / sorted.len() as f64);
    if last <= STEPS {
        return (0..=last).map(point).collect();
    }
    (0..=STEPS).map(|step| point((step * last + STEPS / 2) / STEPS)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mut macs: Vec<u64>) -> VariantStats {
        stats("w0.5-r144".parse().unwrap(), 1000, &mut macs)
    }

    #[test]
    fn mean_and_p80_of_ten_networks() {
        let stats = of((1..=10).rev().map(|n| n * 100).collect());
        assert_eq!((stats.fitting, stats.feasible_share, stats.mean_macs), (10, 0.01, 550.0));
        assert_eq!(stats.p80_macs, Some(800.0));
        assert_eq!(stats.cdf[7], (800.0, 0.8));
        assert_eq!(stats.cdf.len(), 10);
    }

    #[test]
    fn nothing_fits_and_one_fits() {
        let none = of(vec![]);
        assert_eq!((none.fitting, none.mean_macs, none.p80_macs, none.cdf.len()), (0, 0.0, None, 0));
        let one = of(vec![7]);
        assert_eq!((one.mean_macs, one.p80_macs, one.cdf), (7.0, Some(7.0), vec![(7.0, 1.0)]));
    }

    #[test]
    fn a_long_list_becomes_101_points_from_the_first_to_the_last() {
        for count in [101, 102, 1000, 100_000] {
            let stats = of((0..count).collect());
            assert_eq!(stats.cdf.len(), 101, "{count}");
            assert_eq!(stats.cdf[0].0, 0.0);
            assert_eq!(stats.cdf[100], ((count - 1) as f64, 1.0));
            assert!(stats.cdf.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{count}");
        }
    }
}
