//! REINFORCE (Williams 1992) with the smallest controller: one softmax per decision, as NAS-Bench-201 runs it.
//!
//! π(x) = Π_d softmax(θ_d)[x_d] over the active decisions; after each network, with fitness r and baseline b,
//!
//! θ ← Adam(θ, (r − b) ∇θ ln π(x)),   ∇ = onehot(x_d) − softmax(θ_d),   b ← 0.9 b + 0.1 r
//!
//! (Zoph and Le, ICLR 2017, for the moving baseline; Dong and Yang, ICLR 2020, for the controller without a network.)
//!
//! Trap: θ starts at zero, which is drawing uniformly; a controller that has settled samples what is known already,
//! and networks are drawn instead, as nothing is evaluated twice.

use rand_pcg::Pcg32;

use crate::{Asker, Choices, Fidelity, History, Proposal, SearchError, SearchSpace, Strategy, draw::weighted};

/// Share of the old baseline that a new fitness leaves.
const BASELINE_DECAY: f64 = 0.9;
/// Adam's usual constants.
const MOMENT_DECAY: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;

/// A controller of one softmax per decision.
#[derive(Clone, Debug)]
pub struct Reinforce {
    learning_rate: f64,
    logits: Vec<Vec<f64>>,
    moments: Vec<Vec<(f64, f64)>>,
    steps: i32,
    baseline: Option<f64>,
    /// Trials that were learnt from.
    learnt: usize,
}

impl Default for Reinforce {
    fn default() -> Self {
        Self::new(0.1)
    }
}

impl Reinforce {
    /// Adam's step is about `learning_rate` per trial and logit.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        Self { learning_rate, logits: Vec::new(), moments: Vec::new(), steps: 0, baseline: None, learnt: 0 }
    }

    fn begin(&mut self, options: &[u8]) {
        if self.logits.is_empty() {
            self.logits = options.iter().map(|options| vec![0.0; usize::from(*options)]).collect();
            self.moments = options.iter().map(|options| vec![(0.0, 0.0); usize::from(*options)]).collect();
        }
    }

    fn learn(&mut self, choices: &[u8], fitness: f64, space: &dyn SearchSpace) {
        let baseline = self.baseline.unwrap_or(fitness);
        self.baseline = Some(BASELINE_DECAY * baseline + (1.0 - BASELINE_DECAY) * fitness);
        self.steps = self.steps.saturating_add(1);
        let correction = |decay: f64| 1.0 - decay.powi(self.steps);
        let (first, second) = (correction(MOMENT_DECAY.0), correction(MOMENT_DECAY.1));
        for (decision, choice) in choices.iter().enumerate() {
            let active = space.is_active(choices, decision);
            let share = softmax(&self.logits[decision]);
            for (option, share) in share.into_iter().enumerate() {
                let onehot = f64::from(u8::from(option == usize::from(*choice)));
                let gradient = if active { (fitness - baseline) * (onehot - share) } else { 0.0 };
                let moments = &mut self.moments[decision][option];
                moments.0 = MOMENT_DECAY.0 * moments.0 + (1.0 - MOMENT_DECAY.0) * gradient;
                moments.1 = MOMENT_DECAY.1 * moments.1 + (1.0 - MOMENT_DECAY.1) * gradient * gradient;
                let step = (moments.0 / first) / ((moments.1 / second).sqrt() + EPSILON);
                self.logits[decision][option] += self.learning_rate * step;
            }
        }
    }

    fn sample(&self, space: &dyn SearchSpace, rng: &mut Pcg32) -> Choices {
        let mut choices: Choices = self.logits.iter().map(|logits| weighted(rng, &softmax(logits)) as u8).collect();
        space.make_canonical(&mut choices);
        choices
    }
}

impl Strategy for Reinforce {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        let space = asker.space();
        self.begin(space.options());
        let learnt = self.learnt;
        for at in history.accepted(Fidelity::Full).filter(|at| *at >= learnt) {
            let fitness = history.fitness()[at];
            if fitness.is_finite() {
                self.learn(&history.trials()[at].choices, fitness, space);
            }
        }
        self.learnt = history.trials().len();
        let mut sampled = Vec::new();
        while sampled.len() < asker.room
            && let Some(choices) = asker.bred(|rng| self.sample(space, rng))?
        {
            sampled.push(Proposal::full(choices));
        }
        Ok(sampled)
    }
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}
