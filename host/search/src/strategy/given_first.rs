//! Given networks first, then another strategy, which knows how they did.

use crate::{Asker, Choices, History, Proposal, SearchError, Strategy};

/// Looks at given networks, those that are new and allowed, and goes on as another strategy. Evolution takes the last of
/// them for its first population.
pub struct GivenFirst<'a> {
    /// Those that were not looked at yet, the next one last.
    waiting: Vec<Choices>,
    then: Box<dyn Strategy + 'a>,
}

impl<'a> GivenFirst<'a> {
    /// `first` in their order, then `then`.
    #[must_use]
    pub fn new(mut first: Vec<Choices>, then: Box<dyn Strategy + 'a>) -> Self {
        first.reverse();
        Self { waiting: first, then }
    }
}

impl Strategy for GivenFirst<'_> {
    fn ask(&mut self, history: &History, asker: &mut Asker<'_>) -> Result<Vec<Proposal>, SearchError> {
        let mut next = Vec::new();
        while next.len() < asker.room
            && let Some(choices) = self.waiting.pop()
        {
            next.extend(asker.admit(choices)?.map(Proposal::full));
        }
        if next.is_empty() { self.then.ask(history, asker) } else { Ok(next) }
    }
}
