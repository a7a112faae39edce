//! A network named on the command line: `SPACE`, `SPACE@VARIANT` or `SPACE@VARIANT:GENOTYPE`.

use std::path::Path;

use tinynas_model::{Architecture, CandidateId, Genotype};
use tinynas_space::{Space, Variant};

use crate::failure::Failure;

/// The parts of such a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Space name or file.
    pub space: String,
    /// Variant, if given.
    pub variant: Option<String>,
    /// Choices, if given.
    pub genotype: Option<String>,
}

/// One network of a space.
#[derive(Debug)]
pub struct Member {
    /// The space.
    pub space: Space,
    /// The variant.
    pub variant: Variant,
    /// The choices.
    pub genotype: Genotype,
}

impl Reference {
    /// Splits a name; whether the parts exist is not looked at.
    pub fn parse(text: &str) -> Self {
        let Some((space, rest)) = text.rsplit_once('@') else {
            return Self { space: text.into(), variant: None, genotype: None };
        };
        let (variant, genotype) = match rest.split_once(':') {
            Some((variant, genotype)) => (variant, Some(genotype.to_owned())),
            None => (rest, None),
        };
        Self { space: space.into(), variant: Some(variant.into()), genotype }
    }

    /// A plain name for run directories: the space without its folder and ending.
    pub fn stem(&self) -> String {
        let stem = Path::new(&self.space).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        stem.unwrap_or_else(|| self.space.clone())
    }

    /// The network, which must be named in full.
    ///
    /// # Errors
    /// `network::incomplete`, and what the space finds wrong.
    pub fn member(&self) -> Result<Member, Failure> {
        let (Some(variant), Some(genotype)) = (&self.variant, &self.genotype) else {
            return Err(Failure::new("network::incomplete", format!("`{}` does not name one network", self.space)).help(
                "write SPACE@VARIANT:GENOTYPE, for example 'mnas-small@w0.3-r28:k3e3,k3e3;…', or give a run directory; \
                 `tinynas spaces NAME` shows a network of the space",
            ));
        };
        let space = Space::open(&self.space)?;
        let variant = space.variant(variant)?;
        let genotype: Genotype = genotype.parse()?;
        space.check(&genotype)?;
        Ok(Member { space, variant, genotype })
    }
}

impl Member {
    /// Its id.
    pub fn id(&self) -> CandidateId {
        self.space.id(self.variant, &self.genotype)
    }

    /// Its block table for images of `channels` and a classifier of `classes`.
    pub fn architecture(&self, channels: u32, classes: u32) -> Result<Architecture, Failure> {
        Ok(self.space.architecture(self.variant, &self.genotype, channels, classes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_from_the_right() {
        let full = Reference::parse("a@b/c.yaml@w0.5-r144:k3e4,k5e6;k7e3");
        assert_eq!(full.space, "a@b/c.yaml");
        assert_eq!(full.variant.as_deref(), Some("w0.5-r144"));
        assert_eq!(full.genotype.as_deref(), Some("k3e4,k5e6;k7e3"));
        assert_eq!(full.stem(), "c");
        let bare = Reference::parse("mnas");
        assert_eq!(bare, Reference { space: "mnas".into(), variant: None, genotype: None });
        assert_eq!(Reference::parse("mnas@w1.0-r48").variant.as_deref(), Some("w1.0-r48"));
    }

    #[test]
    fn a_network_that_is_not_named_in_full_says_how() {
        assert_eq!(Reference::parse("mnas@w0.5-r144").member().unwrap_err().code(), "network::incomplete");
    }
}
