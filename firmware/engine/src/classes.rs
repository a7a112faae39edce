//! From the model's output to classes.

use tinynas_plan::Model;

use crate::EngineError;

/// One class and its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class<'m> {
    /// Its number: position in the output.
    pub index: usize,
    /// What the output says, int8; [`Scores::value`] gives the real value.
    pub score: i8,
    /// Its name, if the model has names.
    pub name: Option<&'m str>,
}

/// The output of a run, class by class.
#[derive(Clone, Copy, Debug)]
pub struct Scores<'m, 'a> {
    model: Model<'m>,
    bytes: &'a [i8],
}

impl<'m, 'a> Scores<'m, 'a> {
    /// The output that a run left in the arena.
    ///
    /// # Errors
    /// If the arena is too short.
    pub fn new(model: &Model<'m>, arena: &'a [u8]) -> Result<Self, EngineError> {
        let (needed, given) = (model.arena_bytes(), arena.len());
        let bytes = arena.get(model.output().range()).ok_or(EngineError::Arena { needed, given })?;
        Ok(Self { model: *model, bytes: bytemuck::must_cast_slice(bytes) })
    }

    /// As they are: int8, in the order of the output.
    #[must_use]
    pub fn int8(&self) -> &'a [i8] {
        self.bytes
    }

    /// The real value of a score: (score − zero point) · scale.
    #[must_use]
    pub fn value(&self, score: i8) -> f32 {
        let output = self.model.output();
        (f32::from(score) - f32::from(output.zero)) * output.scale
    }

    /// The class with the largest score; of equal ones the first.
    #[must_use]
    pub fn best(&self) -> Class<'m> {
        let mut best = (0, i8::MIN);
        for (index, score) in self.bytes.iter().enumerate() {
            if *score > best.1 {
                best = (index, *score);
            }
        }
        self.class(best.0, best.1)
    }

    /// All classes in the order of the output. Finding a name passes over all names before it: for lists of a thousand
    /// classes take [`int8`](Self::int8) and ask for the names that are shown.
    pub fn classes(&self) -> impl Iterator<Item = Class<'m>> + use<'m, 'a> {
        let scores = *self;
        self.bytes.iter().enumerate().map(move |(index, score)| scores.class(index, *score))
    }

    /// Fills `top` with the classes of the largest scores, largest first, of equal ones the first one first; returns how
    /// many there are. Time: classes × length of `top`.
    pub fn top(&self, top: &mut [Class<'m>]) -> usize {
        top.fill(Class::NONE);
        for (index, score) in self.bytes.iter().enumerate() {
            let mut class = Class { index, score: *score, name: None };
            let mut found = false;
            for place in &mut *top {
                // From its place on, everything moves by one.
                found = found || class.score > place.score || *place == Class::NONE;
                if found {
                    core::mem::swap(place, &mut class);
                }
            }
        }
        for class in &mut *top {
            class.name = self.model.class(class.index);
        }
        self.bytes.len().min(top.len())
    }

    fn class(&self, index: usize, score: i8) -> Class<'m> {
        Class { index, score, name: self.model.class(index) }
    }
}

impl Class<'_> {
    /// No class: what lists for [`Scores::top`] are filled with.
    pub const NONE: Self = Self { index: usize::MAX, score: i8::MIN, name: None };
}
