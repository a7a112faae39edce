//! The learning rate over the steps: a linear rise, then half a cosine down to nothing.

use std::f64::consts::PI;

/// The learning rate of every step of a training.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    peak: f64,
    warm_up: f64,
    steps: f64,
}

impl Schedule {
    /// A rise over `warm_up` epochs (at most half of all), then a fall until `epochs` epochs of `steps` steps are over.
    pub fn new(peak: f64, warm_up: f64, epochs: u32, steps: usize) -> Self {
        let (epochs, steps) = (f64::from(epochs), steps as f64);
        Self { peak, warm_up: warm_up.min(epochs / 2.0) * steps, steps: epochs * steps }
    }

    /// The learning rate of step `step`, counted from 0 over all epochs.
    pub fn rate(&self, step: usize) -> f64 {
        // The middle of the step, so that neither the first nor the last is lost.
        let at = step as f64 + 0.5;
        if at < self.warm_up {
            return self.peak * at / self.warm_up;
        }
        let share = (at - self.warm_up) / (self.steps - self.warm_up);
        self.peak * 0.5 * (1.0 + (PI * share).cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_to_the_peak_and_falls_to_nothing() {
        let schedule = Schedule::new(0.2, 2.0, 10, 50);
        let rates: Vec<f64> = (0..500).map(|s| schedule.rate(s)).collect();
        assert!(rates[..100].is_sorted() && rates[100..].iter().rev().is_sorted());
        assert!((rates[49] - 0.2 * 49.5 / 100.0).abs() < 1e-12);
        // Half of the fall is at the middle of the 400 steps after the rise.
        assert!((rates[299] + rates[300] - 0.2).abs() < 1e-12);
        assert!(rates[499] > 0.0 && rates[499] < 1e-5 * 0.2);
    }

    #[test]
    fn a_warm_up_longer_than_the_training_is_cut() {
        let schedule = Schedule::new(1.0, 9.0, 1, 4);
        let rates: Vec<f64> = (0..4).map(|s| schedule.rate(s)).collect();
        assert!(rates[0] < rates[1] && rates[2] > rates[3]);
        let none = Schedule::new(1.0, 0.0, 1, 4);
        assert!(none.rate(0) > 0.96);
    }
}
