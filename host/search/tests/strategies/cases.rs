//! Small spaces with a known optimum.

use tinynas_search::{
    BestOf, Budget, Choices, Driver, Evaluation, Evaluator, Evolution, Fidelity, Halving, History, Hyperband,
    LocalSearch, Nsga2, Proposal, Random, Reinforce, SearchError, SearchSpace, Step, Strategy, Tpe,
};

/// Decisions that are worth something each, whatever the others are: the best network has the best option everywhere.
#[derive(Clone, Debug)]
pub struct Separable {
    options: Vec<u8>,
    /// Worth of each option of each decision.
    worth: Vec<Vec<f64>>,
    /// Largest sum of options that is allowed.
    most: u32,
}

impl Separable {
    /// 5 options at each of 8 decisions: 390,625 networks. The worth of options is a permutation that differs by
    /// decision and follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self::of(8, seed)
    }

    /// As [`Self::new`], with so many decisions.
    pub fn of(decisions: usize, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        let mut worth = Vec::new();
        for _ in 0..decisions {
            let mut of_options = vec![0.0, 1.0, 2.0, 3.0, 4.0];
            for at in (1..5).rev() {
                of_options.swap(at, next() % (at + 1));
            }
            worth.push(of_options);
        }
        Self { options: vec![5; decisions], worth, most: u32::MAX }
    }

    /// Only networks whose options sum to at most that are allowed.
    pub fn at_most(self, most: u32) -> Self {
        Self { most, ..self }
    }

    pub fn worth(&self, choices: &[u8]) -> f64 {
        choices.iter().zip(&self.worth).map(|(choice, worth)| worth[usize::from(*choice)]).sum()
    }

    /// What the best network is worth.
    pub const OPTIMUM: f64 = 32.0;

    /// Worth of the best network of a search.
    pub fn best(&self, history: &History) -> f64 {
        self.worth(&history.trials()[history.best().unwrap()].choices)
    }
}

impl SearchSpace for Separable {
    fn options(&self) -> &[u8] {
        &self.options
    }

    fn allows(&self, choices: &[u8]) -> Result<bool, SearchError> {
        Ok(self.sum(choices) <= self.most)
    }
}

impl Separable {
    pub fn sum(&self, choices: &[u8]) -> u32 {
        choices.iter().map(|choice| u32::from(*choice)).sum()
    }
}

/// Gives each network its worth. What assists sees every second decision only, and fewer epochs see less, too.
pub struct Worth<'a> {
    pub space: &'a Separable,
    /// Epochs of a full evaluation.
    pub epochs: u32,
    /// All that was looked at.
    pub seen: Vec<Proposal>,
}

impl<'a> Worth<'a> {
    pub fn of(space: &'a Separable) -> Self {
        Self { space, epochs: 27, seen: Vec::new() }
    }
}

impl Evaluator for Worth<'_> {
    fn evaluate(&mut self, proposal: &Proposal) -> Result<Evaluation, SearchError> {
        assert!(self.space.allows(&proposal.choices)?, "{proposal:?} breaks the limit");
        self.seen.push(proposal.clone());
        let worth = self.space.worth(&proposal.choices);
        let blur = match proposal.fidelity {
            Fidelity::Full => 0.0,
            Fidelity::Assist => 2.0,
            Fidelity::Epochs(epochs) => 4.0 / f64::from(epochs),
        };
        let noise = (self.space.id(&proposal.choices) % 1000) as f64 / 500.0 - 1.0;
        let costs = vec![f64::from(self.space.sum(&proposal.choices))];
        Ok(Evaluation::of(worth + blur * noise).with_costs(costs).took(1.5))
    }

    fn full_epochs(&self) -> u32 {
        self.epochs
    }
}

/// A way to make a strategy, with its name.
pub type Named = (&'static str, fn() -> Box<dyn Strategy>);

/// Every strategy.
pub const ALL: &[Named] = &[
    ("random", || Box::new(Random)),
    ("naswot", || Box::new(BestOf { drawn: 200 })),
    ("evolution", || Box::new(Evolution::regularised(20, 5))),
    ("area", || Box::new(Evolution::area(100, 10, 5))),
    ("local search", || Box::new(LocalSearch::new(Step::First))),
    ("steepest local search", || Box::new(LocalSearch::new(Step::Best))),
    ("reinforce", || Box::new(Reinforce::default())),
    ("tpe", || Box::new(Tpe)),
    ("halving", || Box::new(Hyperband::halving(Halving { epochs: 27, keep_one_in: 3 }, 27))),
    ("hyperband", || Box::new(Hyperband::new(Halving { epochs: 27, keep_one_in: 3 }))),
    ("nsga-ii", || Box::new(Nsga2::new(20))),
];

pub fn search(space: &Separable, strategy: &Named, budget: Budget, seed: u64) -> History {
    Driver::new(budget, seed).run(space, &mut *strategy.1(), &mut Worth::of(space)).unwrap()
}

/// Networks that were evaluated in full.
pub fn full(history: &History) -> Vec<Choices> {
    let full = history.trials().iter().filter(|trial| trial.fidelity == Fidelity::Full);
    full.map(|trial| trial.choices.clone()).collect()
}
