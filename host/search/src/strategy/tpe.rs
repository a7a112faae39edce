//! TPE (Bergstra et al., NeurIPS 2011) in the categorical form of BOHB (Falkner, Klein, Hutter, ICML 2018).
//!
//! The evaluated networks are split: the best 15 %, at least one per decision and one more, are good, the rest bad.
//! Each half is a density: a mean over its networks of products of Aitchison and Aitken's kernel,
//!
//! p(x) = mean_i Π_d k_d(x_d, x_id),   k_d(a, b) = 1 − λ_d if a = b, else λ_d / (options_d − 1)
//!
//! over the active decisions of x. Of 64 networks sampled from the good density (with λ tripled) the one with the
//! largest good(x) / bad(x) is proposed. A third of the networks are drawn, and all until both halves are full.
//!
//! λ_d = 1.06 σ_d n^(−1/(4 + decisions)), kept from 0.03 to (options − 1) / options; σ_d² is that of a choice, the mean
//! over options of share · (1 − share). BOHB takes σ of the option's number, which depends on how options are numbered.

use rand_pcg::Pcg32;

use crate::{
    Asker, Choices, Fidelity, History, Proposal, SearchError, SearchSpace, Strategy,
    draw::{below, chance},
    space::option,
};

/// Share of the evaluated networks that are good.
const GOOD: f64 = 0.15;
/// Networks that are compared for a proposal.
const SAMPLES: usize = 64;
/// Share of the networks that are drawn.
const DRAWN: f64 = 1.0 / 3.0;
/// How much wider the kernels are that are sampled from.
const WIDER: f64 = 3.0;
/// Least kernel width: a kernel of no width never leaves what it has seen.
const LEAST_WIDTH: f64 = 0.03;

/// The density-ratio model of BOHB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tpe;

impl Strategy for Tpe {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        let model = Model::of(history, asker.space());
        let mut proposals = Vec::new();
        while proposals.len() < asker.room {
            let modelled = match &model {
                Some(model) if !chance(&mut asker.rng, DRAWN) => model.best(asker)?,
                _ => None,
            };
            let Some(choices) = modelled.map_or_else(|| asker.drawn(), |choices| Ok(Some(choices)))? else { break };
            proposals.push(Proposal::full(choices));
        }
        Ok(proposals)
    }
}

/// Both densities.
struct Model<'a> {
    space: &'a dyn SearchSpace,
    good: Density<'a>,
    bad: Density<'a>,
}

impl<'a> Model<'a> {
    /// `None` while there are too few networks.
    fn of(history: &'a History, space: &'a dyn SearchSpace) -> Option<Self> {
        let least = space.options().len() + 1;
        let ranking = history.ranking(Fidelity::Full);
        let good = least.max((GOOD * ranking.len() as f64) as usize);
        if ranking.len() < good + least {
            return None;
        }
        let networks: Vec<&[u8]> = ranking.iter().map(|at| history.trials()[*at].choices.as_slice()).collect();
        let (good, bad) = networks.split_at(good);
        Some(Self { space, good: Density::of(good, space), bad: Density::of(bad, space) })
    }

    /// The new and allowed network that is good with the largest odds, of those sampled.
    fn best(&self, asker: &mut Asker<'_>) -> Result<Option<Choices>, SearchError> {
        let mut sampled: Vec<(Choices, f64)> = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            let choices = self.good.sample(self.space, &mut asker.rng);
            if asker.is_new(&choices) && sampled.iter().all(|(known, _)| *known != choices) {
                let odds =
                    self.good.at(&choices, self.space) / self.bad.at(&choices, self.space).max(f64::MIN_POSITIVE);
                sampled.push((choices, odds));
            }
        }
        // A stable sort: of equals the one that was sampled first.
        sampled.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (choices, _) in sampled {
            if let Some(choices) = asker.admit(choices)? {
                return Ok(Some(choices));
            }
        }
        Ok(None)
    }
}

/// A mean of kernels.
struct Density<'a> {
    networks: Vec<&'a [u8]>,
    /// Whether each decision of each network is active.
    active: Vec<Vec<bool>>,
    /// λ of each decision.
    width: Vec<f64>,
}

impl<'a> Density<'a> {
    fn of(networks: &[&'a [u8]], space: &dyn SearchSpace) -> Self {
        let active: Vec<Vec<bool>> = networks.iter().map(|network| activity(network, space)).collect();
        let shrink = (networks.len().max(1) as f64).powf(-1.0 / (4.0 + space.options().len() as f64));
        let width = space.options().iter().enumerate().map(|(decision, options)| {
            let mut counts = vec![0.0; usize::from(*options)];
            for (network, _) in networks.iter().zip(&active).filter(|(_, active)| active[decision]) {
                counts[usize::from(network[decision])] += 1.0;
            }
            let sum = counts.iter().sum::<f64>().max(1.0);
            let options = counts.len() as f64;
            let variance = counts.iter().map(|count| count / sum * (1.0 - count / sum)).sum::<f64>() / options;
            (1.06 * variance.sqrt() * shrink).max(LEAST_WIDTH).min((options - 1.0) / options)
        });
        Self { width: width.collect(), active, networks: networks.to_vec() }
    }

    fn at(&self, choices: &[u8], space: &dyn SearchSpace) -> f64 {
        /// One decision of the network that is looked at, and the kernel's values there.
        struct Factor {
            decision: usize,
            same: f64,
            other: f64,
            unknown: f64,
        }
        let factor = |(decision, width): (usize, &f64)| {
            let options = f64::from(space.options()[decision]);
            let other = if options > 1.0 { width / (options - 1.0) } else { 1.0 };
            Factor { decision, same: 1.0 - width, other, unknown: 1.0 / options }
        };
        let active = activity(choices, space);
        let factors: Vec<Factor> = self.width.iter().enumerate().filter(|(at, _)| active[*at]).map(factor).collect();
        let kernel = |(network, active): (&&[u8], &Vec<bool>)| -> f64 {
            let value = |factor: &Factor| match active[factor.decision] {
                false => factor.unknown,
                true if network[factor.decision] == choices[factor.decision] => factor.same,
                true => factor.other,
            };
            factors.iter().map(value).product()
        };
        self.networks.iter().zip(&self.active).map(kernel).sum::<f64>() / self.networks.len().max(1) as f64
    }

    /// A network near one of the density's.
    fn sample(&self, space: &dyn SearchSpace, rng: &mut Pcg32) -> Choices {
        let near = below(rng, self.networks.len());
        let mut choices: Choices = self.networks[near].to_vec();
        for (decision, options) in space.options().iter().enumerate() {
            let keeps = self.active[near][decision] && !chance(rng, WIDER * self.width[decision]);
            if !keeps {
                choices[decision] = option(rng, *options);
            }
        }
        space.make_canonical(&mut choices);
        choices
    }
}

fn activity(choices: &[u8], space: &dyn SearchSpace) -> Vec<bool> {
    (0..choices.len()).map(|decision| space.is_active(choices, decision)).collect()
}
