//! What a run reads: space, board, data set, and the limits that follow from them.

use std::path::Path;

use tinynas_cost::{Board, Bytes, Engine, Limits};
use tinynas_model::{Genotype, Preprocess};
use tinynas_plan::{Meta, MetaPreprocess};
use tinynas_space::Space;
use tinynas_train::Dataset;

use crate::{
    data,
    experiment::{Budget, Experiment},
    failure::Failure,
    run_dir::Hashes,
};

/// Stands for a memory that nothing limits.
pub const NO_LIMIT: Bytes = Bytes(u64::MAX);

/// What a run reads.
#[derive(Debug)]
pub struct Inputs {
    /// The space.
    pub space: Space,
    /// The board, if one was named.
    pub board: Option<Board>,
    /// The data set at its own size.
    pub data: Dataset,
    /// What must hold.
    pub limits: Limits,
}

impl Inputs {
    /// Opens what the experiment names; relative paths start at `base`.
    ///
    /// # Errors
    /// The first input that is wrong, before any work is done.
    pub fn load(experiment: &Experiment, base: &Path) -> Result<Self, Failure> {
        let space = Space::open(&place(base, &experiment.space, &Space::shipped()))?;
        if let Some(variant) = &experiment.select.variant {
            let variant = space.variant(variant)?;
            if let Some(text) = &experiment.select.genotype {
                let genotype: Genotype = text.parse()?;
                space.check(&genotype)?;
                let _ = space.id(variant, &genotype);
            }
        }
        let board = experiment.board.as_deref().map(|name| board(base, name)).transpose()?;
        let limits = match experiment.limitless() {
            true => Limits { engine: experiment.select.engine, sram: NO_LIMIT, flash: NO_LIMIT, macs: None },
            false => limits(board.as_ref(), &experiment.budget, experiment.select.engine)?,
        };
        let data = data::open(&place(base, &experiment.data, &[data::SHIPPED]))?;
        if !data.has_choice() {
            let message = format!("{} has too few training images ({}) to set some aside", data.name, data.train.len());
            return Err(Failure::new("data::too_few_images", message)
                .help("add images: of some class there must be one to learn from and one to choose by, three in all"));
        }
        Ok(Self { space, board, data, limits })
    }

    /// Hashes of the inputs; the experiment's is left empty.
    #[must_use]
    pub fn hashes(&self) -> Hashes {
        Hashes {
            experiment: String::new(),
            space: self.space.hash().into(),
            board: self.board.as_ref().map(|board| board.hash().into()),
            data: Some(self.data.fingerprint()),
        }
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> u32 {
        u32::try_from(self.data.classes.len()).unwrap_or(u32::MAX)
    }

    /// Channels of an image: 1 or 3.
    #[must_use]
    pub fn channels(&self) -> u32 {
        u32::try_from(self.data.channels()).unwrap_or(u32::MAX)
    }
}

/// A board by name or file.
pub(super) fn board(base: &Path, name: &str) -> Result<Board, Failure> {
    Ok(Board::open(&place(base, name, &Board::shipped()))?)
}

/// A file's path below `base`, or the text as it is if it is a shipped name or there is no such file.
#[must_use]
pub fn place(base: &Path, text: &str, shipped: &[&str]) -> String {
    let path = base.join(text);
    if !shipped.contains(&text) && path.exists() { path.display().to_string() } else { text.into() }
}

/// The limits: what `budget` says, else what the board has left.
///
/// # Errors
/// `budget::missing` if neither says anything, `budget::over_board` if the budget is more than the board has.
pub fn limits(board: Option<&Board>, budget: &Budget, engine: Engine) -> Result<Limits, Failure> {
    let sram = limit("sram", budget.sram, board.map(|board| (board.name.as_str(), board.sram_budget())))?;
    let flash = limit("flash", budget.flash, board.map(|board| (board.name.as_str(), board.flash_budget())))?;
    Ok(Limits { engine, sram, flash, macs: budget.macs })
}

fn limit(what: &str, given: Option<Bytes>, board: Option<(&str, Bytes)>) -> Result<Bytes, Failure> {
    match (given, board) {
        (Some(given), Some((name, has))) if given > has => Err(Failure::new(
            "budget::over_board",
            format!("`{what}` is {}, but {name} has {} left", given.exact(), has.exact()),
        )
        .help(format!("lower `{what}` to {}, or leave it out", has.0))),
        (Some(given), _) => Ok(given),
        (None, Some((_, has))) => Ok(has),
        (None, None) => Err(Failure::new("budget::missing", format!("nothing says how much {what} there is")).help(
            format!("name a board (`tinynas boards` lists them) or give `{what}`, on the command line --{what} 64KiB"),
        )),
    }
}

/// What the compiled model tells an application.
#[must_use]
pub fn meta(classes: &[String], preprocess: &Preprocess, limits: &Limits, provenance: &str) -> Meta {
    let budget = |bytes: Bytes| if bytes == NO_LIMIT { 0 } else { u32::try_from(bytes.0).unwrap_or(u32::MAX) };
    Meta {
        preprocess: MetaPreprocess {
            size: u16::try_from(preprocess.size).unwrap_or(u16::MAX),
            channels: u8::try_from(preprocess.channels).unwrap_or(u8::MAX),
            mean: preprocess.mean,
            scale: preprocess.scale,
        },
        classes: classes.to_vec(),
        sram_budget: budget(limits.sram),
        flash_budget: budget(limits.flash),
        provenance: provenance.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_comes_from_the_user_else_from_the_board_and_never_exceeds_it() {
        let board = Some(("b", Bytes(1000)));
        assert_eq!(limit("sram", Some(Bytes(10)), board).unwrap(), Bytes(10));
        assert_eq!(limit("sram", None, board).unwrap(), Bytes(1000));
        assert_eq!(limit("sram", Some(Bytes(5000)), None).unwrap(), Bytes(5000));
        assert_eq!(limit("sram", Some(Bytes(1001)), board).unwrap_err().code(), "budget::over_board");
        assert_eq!(limit("sram", None, None).unwrap_err().code(), "budget::missing");
    }

    #[test]
    fn names_stay_names_and_files_are_found_below_the_base() {
        let base = tempfile::tempdir().unwrap();
        std::fs::write(base.path().join("mine.yaml"), "").unwrap();
        assert_eq!(place(base.path(), "mnas", &["mnas"]), "mnas");
        assert_eq!(place(base.path(), "mine.yaml", &["mnas"]), base.path().join("mine.yaml").display().to_string());
        assert_eq!(place(base.path(), "mine.yaml", &["mine.yaml"]), "mine.yaml");
    }
}
