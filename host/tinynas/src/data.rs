//! Data sets by name or path: the shipped subset is inside the binary.

use std::path::Path;

use sha2::{Digest, Sha256};
use tinynas_train::{Dataset, Split};

use crate::failure::Failure;

/// Name of the data set inside the binary.
pub const SHIPPED: &str = "fashion-mnist-subset";

/// How alike a wrong name must be to be taken for a slip of the pen.
const ALIKE: f64 = 0.7;

/// The shipped data set, or the one in a folder.
///
/// # Errors
/// `data::unknown` if there is no such folder, or what is wrong with the data set.
pub fn open(name: &str) -> Result<Dataset, Failure> {
    if name == SHIPPED {
        return Ok(Dataset::shipped()?);
    }
    let path = Path::new(name);
    if path.exists() {
        return Ok(Dataset::open(path)?);
    }
    let failure = Failure::new("data::unknown", format!("there is no data set `{name}`, nor a folder of that name"));
    Err(if strsim::jaro_winkler(name, SHIPPED) > ALIKE {
        failure.help(format!("did you mean `{SHIPPED}`?"))
    } else {
        failure.help(format!(
            "give a folder with one subfolder of images per class, with MNIST's or CIFAR-10's files, or `{SHIPPED}`"
        ))
    })
}

/// Positions of `count` images (all, if there are fewer), in ascending order: drawn by `seed` for a
/// `purpose`, with as many of every class as of any other, as far as they go.
#[must_use]
pub fn sample(split: &Split, count: usize, seed: u64, purpose: &str) -> Vec<usize> {
    let key = |index: usize| Sha256::digest(format!("{seed} {purpose} {index}"));
    let mut drawn: Vec<usize> = (0..split.len()).collect();
    drawn.sort_by_cached_key(|index| key(*index));
    let classes = split.labels.iter().max().map_or(0, |label| usize::from(*label) + 1);
    let mut seen = vec![0_usize; classes];
    let mut ranked: Vec<(usize, usize)> = Vec::with_capacity(drawn.len());
    for index in drawn {
        let class = usize::from(split.labels[index]);
        ranked.push((seen[class], index));
        seen[class] += 1;
    }
    // Stable: images of one rank stay in the drawn order, so that a remainder favours no class.
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut chosen: Vec<usize> = ranked.into_iter().take(count).map(|(_, index)| index).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_even_over_classes_and_depends_on_seed_and_purpose_alone() {
        let labels: Vec<u16> = (0..90).map(|i| if i < 60 { 0 } else { i % 3 }).collect();
        let split = Split { images: vec![0; 90], labels, side: 1, channels: 1 };
        let chosen = sample(&split, 12, 1, "test");
        let count = |class: u16| chosen.iter().filter(|i| split.labels[**i] == class).count();
        assert_eq!([count(0), count(1), count(2)], [4, 4, 4]);
        assert!(chosen.is_sorted());
        assert_eq!(chosen, sample(&split, 12, 1, "test"));
        assert_ne!(chosen, sample(&split, 12, 2, "test"));
        assert_ne!(chosen, sample(&split, 12, 1, "other"));
        assert_eq!(sample(&split, 1000, 1, "test"), (0..90).collect::<Vec<_>>());
    }

    #[test]
    fn a_small_slip_in_the_name_is_understood() {
        let failure = open("fashion-mnist-subst").unwrap_err();
        assert_eq!(failure.code(), "data::unknown");
        assert!(failure.json()["error"]["help"].to_string().contains(SHIPPED));
    }
}
