//! Damaged models: with a correct CRC over wrong bytes, a model is refused or runs within its arena; never a panic.
#![allow(clippy::unwrap_used)]

#[path = "../../plan/tests/chains/mod.rs"]
mod chains;
mod naive;
#[path = "../../kernels/tests/reference/mod.rs"]
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use chains::{Random, small, varied::varied};
use naive::Net;
use proptest::prelude::*;
use tinynas_engine::{Observer, run_fed};
use tinynas_plan::{Feed, Goal, Graph, Model, ModelError, plan_for};

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// Corrects length and CRC, so that every check behind them is reached.
fn seal(bytes: &mut [u8]) {
    if bytes.len() >= 16 {
        let length = bytes.len() as u32;
        bytes[8..12].copy_from_slice(&length.to_le_bytes());
        let crc = crc32(&bytes[16..]);
        bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    }
}

/// Replaces, truncates or lengthens; most changes hit the tables, where they hurt.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        let span = if random.below(4) == 0 { bytes.len() } else { bytes.len().min(16 + 48 + 56 * 12) };
        let at = 16 + random.below(span - 16);
        let small = random.below(5) as u8;
        match random.below(12) {
            0 => bytes.truncate(at.max(17)),
            1 => bytes.extend([small; 7]),
            2 | 3 => bytes[at] = random.i8() as u8,
            4 | 5 => bytes[at] ^= 1 << random.below(8),
            6 => bytes[at] = bytes[at].wrapping_add(1),
            7 => bytes[at] = bytes[at].wrapping_sub(1),
            8 => bytes[at] = 0xff,
            9 => bytes[at] = small,
            10 => {
                let from = 16 + random.below(span - 16);
                bytes.swap(from, at);
            }
            _ => bytes[at..].iter_mut().take(4).for_each(|b| *b = 0xff),
        }
    }
}

#[derive(Default)]
struct Steps(BTreeSet<usize>);

impl Observer for Steps {
    fn after(&mut self, step: usize) {
        self.0.insert(step);
    }
}

/// Parses, looks at everything and runs. Returns whether the model was accepted.
fn exercise(bytes: &[u8]) -> Result<(), ModelError> {
    let model = Model::parse(bytes)?;
    assert!(model.provenance().len() <= bytes.len());
    assert!((0..model.class_count()).all(|class| model.class(class).is_some()));
    let arena_bytes = model.arena_bytes() as usize;
    if arena_bytes > 1 << 24 {
        return Ok(()); // no board has it, no test allocates it
    }
    let guard = [0xa5; 64];
    let mut arena = vec![7; arena_bytes];
    arena.extend(guard);
    let mut steps = Steps::default();
    run_fed(&model, &mut arena, |_, row| row.fill(3), &mut steps).unwrap();
    assert!(steps.0.len() <= model.step_count());
    assert_eq!(arena[arena_bytes..], guard);
    assert!(arena.get(model.output().range()).is_some());
    Ok(())
}

fn graph(seed: u64) -> Graph {
    if seed.is_multiple_of(2) { small(seed) } else { varied(seed) }
}

#[test]
fn a_damaged_model_is_refused_or_runs_within_its_arena() {
    let (mut accepted, mut refused) = (0, BTreeMap::<String, usize>::new());
    for seed in 0..12_000 {
        let mut net = Net::new(graph(seed / 20), seed / 20);
        if seed % 2 == 1 {
            net.plan = plan_for(&net.graph, Goal::Smallest, Feed::Whole).unwrap();
        }
        let mut bytes = net.compile();
        damage(&mut bytes, &mut Random::new(seed));
        seal(&mut bytes);
        match exercise(&bytes) {
            Ok(()) => accepted += 1,
            Err(ModelError::Step { what, .. } | ModelError::Header { what }) => {
                *refused.entry(what.into()).or_default() += 1;
            }
            Err(other) => *refused.entry(format!("{other:?}")[..5].into()).or_default() += 1,
        }
    }
    // The damage is neither always fatal nor ever stopped before the checks that it is meant for.
    assert!(accepted > 500, "{accepted}: {refused:?}");
    assert!(!refused.contains_key("Crc {"), "{refused:?}");
    let reached = ["Overl", "shapes", "inputs", "factor", "clamp", "operation", "texts", "place of the weights"];
    assert!(reached.iter().all(|what| refused.contains_key(*what)), "{refused:?}");
    assert!(refused.contains_key("place of a tensor") && refused.contains_key("size of the arena"), "{refused:?}");
}

proptest! {
    #[test]
    fn bytes_that_were_never_a_model_are_refused(mut bytes: Vec<u8>) {
        prop_assert!(exercise(&bytes).is_err());
        if bytes.len() >= 16 {
            bytes[..8].copy_from_slice(b"\x89TNM\x02\x00\x02\x00");
            seal(&mut bytes);
            prop_assert!(exercise(&bytes).is_err());
        }
    }

    #[test]
    fn a_truncated_model_is_refused(seed: u64, at: prop::sample::Index) {
        let mut bytes = Net::new(graph(seed), seed).compile();
        bytes.truncate(at.index(bytes.len()));
        prop_assert!(exercise(&bytes).is_err());
        seal(&mut bytes);
        prop_assert!(exercise(&bytes).is_err());
    }
}
