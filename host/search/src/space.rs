//! A space as a strategy sees it: decisions with numbered options.
//!
//! A genotype is the list of the options taken, so every strategy works on every space: cells of a benchmark's table
//! and networks of the MNAS family alike. Decisions may depend on others: a block that a stage is too shallow for is
//! not built. Such decisions are not *active*, and their option is written 0, so that equal networks are equal lists.

use rand_pcg::Pcg32;

use crate::{
    SearchError,
    draw::{below, chance},
};

/// The option taken at each decision, in canonical form: 0 where the decision is not active.
pub type Choices = Vec<u8>;

/// What a search looks through.
pub trait SearchSpace {
    /// Number of options of each decision, at least 1. A list of choices has this length.
    fn options(&self) -> &[u8];

    /// Whether `decision` changes anything, given the other choices.
    fn is_active(&self, _choices: &[u8], _decision: usize) -> bool {
        true
    }

    /// Writes the one list that stands for this network: choices that change nothing become 0.
    fn make_canonical(&self, choices: &mut [u8]) {
        for decision in 0..choices.len() {
            if !self.is_active(choices, decision) {
                choices[decision] = 0;
            }
        }
    }

    /// Whether the network keeps to the hard limits. Asked before anything is scored.
    ///
    /// # Errors
    /// If that cannot be told.
    fn allows(&self, _choices: &[u8]) -> Result<bool, SearchError> {
        Ok(true)
    }

    /// A number of this network that no run changes: the order of equals follows from it.
    fn id(&self, choices: &[u8]) -> u64 {
        // FNV-1a.
        choices
            .iter()
            .fold(0xCBF2_9CE4_8422_2325, |hash, choice| (hash ^ u64::from(*choice)).wrapping_mul(0x0100_0000_01B3))
    }

    /// A drawn network: every decision uniform and independent of the others.
    fn draw(&self, rng: &mut Pcg32) -> Choices {
        let mut choices: Choices = self.options().iter().map(|options| option(rng, *options)).collect();
        self.make_canonical(&mut choices);
        choices
    }

    /// The network that limits are most likely to allow: where few are, it is looked for near this one.
    fn smallest(&self) -> Choices {
        vec![0; self.options().len()]
    }

    /// A changed copy: each active decision changes with probability `rate` to another option, all alike; if none
    /// did, one drawn active decision does. With `rate` 0 it is a mutation of one edit. A decision that becomes
    /// active by it is drawn.
    fn mutate(&self, parent: &[u8], rate: f64, rng: &mut Pcg32) -> Choices {
        let mut child = parent.to_vec();
        let open: Vec<usize> = (0..child.len()).filter(|at| self.is_open(parent, *at)).collect();
        let mut changed: Vec<usize> = open.iter().copied().filter(|_| chance(rng, rate)).collect();
        if changed.is_empty() && !open.is_empty() {
            changed.push(open[below(rng, open.len())]);
        }
        for decision in changed {
            child[decision] = other_option(rng, self.options()[decision], child[decision]);
        }
        for decision in 0..child.len() {
            if !self.is_active(parent, decision) && self.is_active(&child, decision) {
                child[decision] = option(rng, self.options()[decision]);
            }
        }
        self.make_canonical(&mut child);
        child
    }

    /// A child that takes each choice from one of its parents, one as likely as the other; where the decision is
    /// active in one of them only, from that one.
    fn cross(&self, mother: &[u8], father: &[u8], rng: &mut Pcg32) -> Choices {
        let mut child = mother.to_vec();
        for decision in 0..child.len() {
            let from_father = match (self.is_active(mother, decision), self.is_active(father, decision)) {
                (true, true) => below(rng, 2) == 1,
                (mothers, fathers) => fathers && !mothers,
            };
            if from_father {
                child[decision] = father[decision];
            }
        }
        self.make_canonical(&mut child);
        child
    }

    /// All networks that are one edit away, each once, in the order of decisions and options. What becomes active by
    /// an edit takes option 0.
    fn neighbours(&self, of: &[u8]) -> Vec<Choices> {
        let mut neighbours = Vec::new();
        for decision in (0..of.len()).filter(|at| self.is_open(of, *at)) {
            for other in (0..self.options()[decision]).filter(|option| *option != of[decision]) {
                let mut neighbour = of.to_vec();
                neighbour[decision] = other;
                self.make_canonical(&mut neighbour);
                if neighbour != of && !neighbours.contains(&neighbour) {
                    neighbours.push(neighbour);
                }
            }
        }
        neighbours
    }

    /// Whether an edit of `decision` can change the network.
    fn is_open(&self, choices: &[u8], decision: usize) -> bool {
        self.options()[decision] > 1 && self.is_active(choices, decision)
    }
}

/// One of `options`, all alike.
pub(crate) fn option(rng: &mut Pcg32, options: u8) -> u8 {
    below(rng, usize::from(options)) as u8
}

/// One of `options` that is not `current`, all alike; there are at least two.
fn other_option(rng: &mut Pcg32, options: u8, current: u8) -> u8 {
    let drawn = below(rng, usize::from(options) - 1) as u8;
    if drawn >= current { drawn + 1 } else { drawn }
}
