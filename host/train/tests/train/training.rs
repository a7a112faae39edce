//! What a training comes to, and what is refused.

use proptest::prelude::*;
use tinynas_model::Weights;
use tinynas_train::{Backend, Dataset, Optimizer, TrainConfig, TrainError, accuracy, logits, train, with_threads};

use crate::small::{config, go_on, images, network};

#[test]
fn images_are_learned_and_the_best_epoch_is_kept() {
    let (net, images) = (network(16), images(16, 2_000));
    for optimizer in [Optimizer::Sgd, Optimizer::AdamW] {
        let config = TrainConfig { optimizer, ..config(4) };
        let mut heard = Vec::new();
        let trained = train(&net, &images.preprocess, &images.learn, &images.choose, &config, None, &mut |e, s| {
            assert!(s > 0.0);
            heard.push(e.clone());
            go_on(e, s)
        })
        .unwrap();
        assert_eq!(trained.epochs, heard);
        assert_eq!(heard.iter().map(|e| e.epoch).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert!(heard[3].loss < heard[0].loss - 0.2, "{heard:?}");
        assert!(trained.accuracy > 0.6, "{optimizer:?}: {heard:?}");
        let best = heard.iter().map(|e| e.accuracy).fold(0.0, f64::max);
        assert!((trained.accuracy - best).abs() < 1e-12);
        assert!((heard[trained.best_epoch as usize - 1].accuracy - best).abs() < 1e-12);
        // The weights are those of that epoch.
        let rows = logits(&net, &trained.weights, &images.preprocess, &images.choose).unwrap();
        assert!((accuracy(&rows, &images.choose.labels) - best).abs() < 1e-12);
        let test = Dataset::shipped().unwrap().test.resized(16);
        let rows = logits(&net, &trained.weights, &images.preprocess, &test).unwrap();
        assert!(accuracy(&rows, &test.labels) > 0.6);
    }
}

fn weights(config: &TrainConfig, threads: usize) -> Weights {
    let (net, images) = (network(28), images(28, 640));
    let run = || train(&net, &images.preprocess, &images.learn, &images.choose, config, None, &mut go_on);
    with_threads(threads, run).unwrap().weights
}

#[test]
fn the_number_of_threads_changes_nothing_and_the_seed_everything() {
    let config = TrainConfig { batch: 64, ..config(1) };
    let one = weights(&config, 1).to_bytes().unwrap();
    assert!(one == weights(&config, 2).to_bytes().unwrap());
    assert!(one == weights(&config, 5).to_bytes().unwrap());
    assert!(one != weights(&TrainConfig { seed: 2, ..config }, 1).to_bytes().unwrap());
}

#[test]
fn side_by_side_is_as_alone() {
    let config = config(1);
    let alone = weights(&config, 2);
    let together = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| weights(&config, 1))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(together.iter().all(|weights| *weights == alone));
}

#[test]
#[cfg(not(feature = "ndarray"))]
fn a_backend_that_is_not_there_is_an_error() {
    let (net, images) = (network(8), images(8, 40));
    let config = TrainConfig { backend: Backend::NdArray, ..config(1) };
    let error = train(&net, &images.preprocess, &images.learn, &images.choose, &config, None, &mut go_on).unwrap_err();
    assert_eq!(error.code(), "train::backend");
    assert!(error.help().unwrap().contains("--features ndarray"));
}

#[test]
#[cfg(feature = "ndarray")]
fn both_backends_learn_the_same() {
    let (net, images) = (network(16), images(16, 1_000));
    let run = |backend| {
        let config = TrainConfig { backend, ..config(2) };
        train(&net, &images.preprocess, &images.learn, &images.choose, &config, None, &mut go_on).unwrap()
    };
    let (flex, ndarray) = (run(Backend::Flex), run(Backend::NdArray));
    // Rounding differs, and training magnifies it.
    assert!((flex.epochs[0].loss - ndarray.epochs[0].loss).abs() < 0.02, "{flex:?} {ndarray:?}");
    assert!((flex.epochs[1].loss - ndarray.epochs[1].loss).abs() < 0.05);
}

#[test]
fn a_training_that_diverges_says_where() {
    let (net, images) = (network(8), images(8, 200));
    for optimizer in [Optimizer::Sgd, Optimizer::AdamW] {
        let config = TrainConfig { optimizer, learning_rate: Some(1e38), ..config(2) };
        let result = train(&net, &images.preprocess, &images.learn, &images.choose, &config, None, &mut go_on);
        let error = result.unwrap_err();
        assert_eq!(error.code(), "train::diverged");
        assert!(error.to_string().contains("in epoch 1 at learning rate "), "{error}");
        assert!(error.help().unwrap().starts_with("set a lower learning rate"));
    }
}

#[test]
fn images_that_do_not_suit_are_refused() {
    let (net, images) = (network(16), images(16, 100));
    let run = |learn, choose| {
        train(&net, &images.preprocess, learn, choose, &config(1), None, &mut go_on).unwrap_err().to_string()
    };
    let none = images.learn.select(&[]);
    assert_eq!(run(&none, &images.choose), "there are 0 images to learn from, at least 2 are needed");
    assert_eq!(run(&images.learn, &none), "there are 0 images to choose by, at least 1 are needed");
    let other = images.learn.resized(12);
    assert_eq!(run(&other, &images.choose), "the images are 12x12x1, the network reads 16x16x1");
    let mut label = images.choose.clone();
    label.labels[7] = 10;
    let text = "label 10 among the images to choose by, but the network has 10 outputs (0 to 9)";
    assert_eq!(run(&images.learn, &label), text);
    let error = logits(&net, &Weights::default(), &images.preprocess, &images.choose).unwrap_err();
    assert!(matches!(error, TrainError::Weights(_)), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn any_number_of_images_and_any_batch_train(learn in 2_usize..40, batch in 2_u32..50, seed: u64) {
        let (net, images) = (network(8), images(8, learn));
        let config = TrainConfig { batch, seed, ..config(2) };
        let trained =
            train(&net, &images.preprocess, &images.learn, &images.choose, &config, None, &mut go_on).unwrap();
        prop_assert_eq!(trained.epochs.len(), 2);
        prop_assert!(trained.epochs.iter().all(|e| e.loss.is_finite()));
    }
}
