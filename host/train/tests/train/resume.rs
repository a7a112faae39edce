//! A training that was interrupted, killed or damaged ends with the bytes of one that never was.

use std::{fs, ops::ControlFlow, path::Path};

use tempfile::TempDir;
use tinynas_train::{Optimizer, TrainConfig, TrainError, Trained, train};

use crate::small::{Images, config, go_on, images, network};

const EPOCHS: u32 = 4;

fn run(images: &Images, config: &TrainConfig, folder: Option<&Path>, epochs: usize) -> Result<Trained, TrainError> {
    let mut left = epochs;
    let on_epoch = &mut |_: &_, _| {
        left -= 1;
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    train(&network(12), &images.preprocess, &images.learn, &images.choose, config, folder, on_epoch)
}

fn file(folder: &TempDir, epoch: u32) -> std::path::PathBuf {
    folder.path().join(format!("epoch-{epoch:04}.checkpoint"))
}

/// A folder with a training that was interrupted after `epochs` epochs.
fn interrupted(images: &Images, config: &TrainConfig, epochs: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    let result = run(images, config, Some(folder.path()), epochs);
    assert!(matches!(result, Err(TrainError::Interrupted)));
    folder
}

fn same(a: &Trained, b: &Trained) {
    assert_eq!((a.best_epoch, &a.epochs), (b.best_epoch, &b.epochs));
    assert!(a.weights.to_bytes().unwrap() == b.weights.to_bytes().unwrap(), "weights differ");
}

#[test]
fn interrupted_after_every_epoch_it_ends_with_the_same_bytes() {
    let images = images(12, 300);
    for optimizer in [Optimizer::Sgd, Optimizer::AdamW] {
        let config = TrainConfig { optimizer, ..config(EPOCHS) };
        let whole = run(&images, &config, None, usize::MAX).unwrap();
        for first in 1..=EPOCHS as usize {
            let folder = interrupted(&images, &config, first);
            same(&run(&images, &config, Some(folder.path()), usize::MAX).unwrap(), &whole);
        }
        // One epoch a time, every time from the files.
        let folder = TempDir::new().unwrap();
        for _ in 0..EPOCHS {
            assert!(run(&images, &config, Some(folder.path()), 1).is_err());
        }
        same(&run(&images, &config, Some(folder.path()), 1).unwrap(), &whole);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

#[test]
#[cfg(feature = "ndarray")]
fn the_other_backend_resumes_too() {
    let images = images(12, 200);
    let config = TrainConfig { backend: tinynas_train::Backend::NdArray, ..config(3) };
    let whole = run(&images, &config, None, usize::MAX).unwrap();
    let folder = interrupted(&images, &config, 1);
    same(&run(&images, &config, Some(folder.path()), usize::MAX).unwrap(), &whole);
}

#[test]
fn a_torn_newest_file_costs_one_epoch() {
    let images = images(12, 200);
    let config = config(3);
    let whole = run(&images, &config, None, usize::MAX).unwrap();
    for done in [1, 2] {
        let folder = interrupted(&images, &config, done);
        let path = file(&folder, done as u32);
        let bytes = fs::read(&path).unwrap();
        for length in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            let mut heard = Vec::new();
            let trained = train(
                &network(12),
                &images.preprocess,
                &images.learn,
                &images.choose,
                &config,
                Some(folder.path()),
                &mut |e, s| {
                    heard.push(e.epoch);
                    go_on(e, s)
                },
            );
            same(&trained.unwrap(), &whole);
            assert_eq!(heard, (done as u32..=3).collect::<Vec<_>>());
            fs::remove_file(file(&folder, 3)).unwrap();
            let _ = fs::remove_file(file(&folder, 2));
            if done == 2 {
                // The first epoch's file again, which later epochs removed.
                let again = interrupted(&images, &config, 1);
                fs::copy(file(&again, 1), file(&folder, 1)).unwrap();
            }
        }
    }
}

#[test]
fn damage_that_cannot_be_mended_is_an_error() {
    let images = images(12, 200);
    let config = config(3);
    let folder = interrupted(&images, &config, 2);
    for epoch in [1, 2] {
        let mut bytes = fs::read(file(&folder, epoch)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file(&folder, epoch), bytes).unwrap();
    }
    let error = run(&images, &config, Some(folder.path()), usize::MAX).unwrap_err();
    assert_eq!(error.code(), "train::damaged_checkpoint");
    assert!(error.to_string().contains("epoch-0001.checkpoint: damaged"), "{error}");
    assert!(error.help().unwrap().contains(&folder.path().display().to_string()));
    fs::remove_file(file(&folder, 1)).unwrap();
    let error = run(&images, &config, Some(folder.path()), usize::MAX).unwrap_err();
    assert!(error.to_string().contains("epoch-0002.checkpoint: damaged"), "{error}");
}

#[test]
fn a_file_under_the_name_of_another_epoch_is_damage() {
    let images = images(12, 200);
    let folder = interrupted(&images, &config(3), 2);
    fs::copy(file(&folder, 1), file(&folder, 3)).unwrap();
    fs::remove_file(file(&folder, 1)).unwrap();
    fs::remove_file(file(&folder, 2)).unwrap();
    let error = run(&images, &config(3), Some(folder.path()), usize::MAX).unwrap_err();
    assert!(error.to_string().ends_with("epoch-0003.checkpoint: damaged checkpoint: holds 1 epochs"), "{error}");
}

#[test]
fn another_trainings_checkpoint_is_refused_and_left_alone() {
    let images = images(12, 200);
    let first = config(3);
    let folder = interrupted(&images, &first, 1);
    let before = fs::read(file(&folder, 1)).unwrap();
    let refused = |images: &Images, config: &TrainConfig, what: &str| {
        let error = run(images, config, Some(folder.path()), usize::MAX).unwrap_err();
        assert_eq!(error.code(), "train::foreign_checkpoint");
        assert!(error.to_string().ends_with(&format!("a checkpoint of another training: {what} differ")), "{error}");
    };
    refused(&images, &TrainConfig { seed: 2, ..first.clone() }, "the settings");
    refused(&images, &TrainConfig { epochs: 5, ..first.clone() }, "the settings");
    let fewer = crate::small::images(12, 199);
    refused(&fewer, &first, "the images");
    assert!(before == fs::read(file(&folder, 1)).unwrap());
}

#[test]
fn what_a_kill_leaves_beside_is_no_obstacle() {
    let images = images(12, 200);
    let config = config(2);
    let whole = run(&images, &config, None, usize::MAX).unwrap();
    let folder = interrupted(&images, &config, 1);
    fs::write(folder.path().join("epoch-0002.partial"), b"half").unwrap();
    fs::write(folder.path().join("notes.txt"), b"mine").unwrap();
    same(&run(&images, &config, Some(folder.path()), usize::MAX).unwrap(), &whole);
    assert!(folder.path().join("notes.txt").exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let images = images(12, 200);
    let taken = tempfile::NamedTempFile::new().unwrap();
    let error = run(&images, &config(1), Some(taken.path()), usize::MAX).unwrap_err();
    assert_eq!(error.code(), "train::io");
    assert!(error.to_string().contains(&taken.path().display().to_string()));
    // A file that cannot be written keeps the ones before it.
    let folder = interrupted(&images, &config(2), 1);
    fs::create_dir(folder.path().join("epoch-0002.partial")).unwrap();
    let error = run(&images, &config(2), Some(folder.path()), usize::MAX).unwrap_err();
    assert_eq!(error.code(), "train::io");
    assert!(file(&folder, 1).is_file());
}
