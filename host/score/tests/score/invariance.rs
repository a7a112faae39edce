//! A score follows from network, seed, id and images alone.

use tinynas_model::{Activation, CandidateId, Network};
use tinynas_score::{Batch, Proxy, ScoreError, Scorer, Scores};

use crate::networks::{images, small};

fn labelled(network: &Network) -> Batch {
    images(8, network.input).with_labels((0..8).collect()).unwrap()
}

fn scorer() -> Scorer {
    let network = small(Activation::Relu6);
    Scorer::new(7, Proxy::ALL).with_images(labelled(&network))
}

fn scores(scorer: &Scorer, id: u64) -> Scores {
    scorer.score(&small(Activation::Relu6), CandidateId(id)).unwrap()
}

#[test]
fn neither_threads_nor_order_change_a_bit() {
    let scorer = scorer();
    let here: Vec<Scores> = (0..6).map(|id| scores(&scorer, id)).collect();
    let mut there: Vec<(u64, Scores)> = std::thread::scope(|s| {
        let scorer = &scorer;
        let threads: Vec<_> = (0..6).rev().map(|id| s.spawn(move || (id, scores(scorer, id)))).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    there.sort_by_key(|(id, _)| *id);
    assert_eq!(there.into_iter().map(|(_, s)| s).collect::<Vec<_>>(), here);
    // Proxies in another order and twice.
    let mut turned: Vec<Proxy> = Proxy::ALL.iter().rev().copied().collect();
    turned.extend(Proxy::ALL);
    let turned = Scorer::new(7, &turned).with_images(labelled(&small(Activation::Relu6)));
    assert_eq!(scores(&turned, 3), here[3]);
}

#[test]
fn seed_and_id_choose_the_weights_and_analytic_figures_ignore_them() {
    let scorer = scorer();
    let other_seed = Scorer::new(8, Proxy::ALL).with_images(labelled(&small(Activation::Relu6)));
    let (a, b, c) = (scores(&scorer, 1), scores(&scorer, 2), scores(&other_seed, 1));
    for proxy in [Proxy::Nwot, Proxy::Synflow] {
        assert_ne!(a.get(proxy), b.get(proxy));
        assert_ne!(a.get(proxy), c.get(proxy));
    }
    let network = small(Activation::Relu6);
    for scores in [a, b, c] {
        assert_eq!(scores.get(Proxy::Params), Some(network.params() as f64));
        assert_eq!(scores.get(Proxy::Macs), Some(network.macs() as f64));
        assert_eq!(scores.get(Proxy::ReluUnits), Some(network.relu_units() as f64));
    }
}

#[test]
fn the_order_of_the_images_does_not_matter() {
    let network = small(Activation::Relu6);
    let batch = images(8, network.input);
    let mut pieces: Vec<&[f32]> = batch.data().chunks(network.input.elements() as usize).collect();
    pieces.rotate_left(3);
    pieces.swap(0, 5);
    let turned = Batch::new(pieces.concat(), network.input).unwrap();
    let score = |images| {
        let scores = Scorer::new(7, &[Proxy::Nwot]).with_images(images).score_with(&network, 5).unwrap();
        scores.get(Proxy::Nwot).unwrap()
    };
    // The batch's mean may round otherwise and turn over a unit that stands on zero.
    let (a, b) = (score(batch), score(turned));
    assert!((a - b).abs() < 0.02, "{a} {b}");
}

#[test]
fn a_network_without_a_score_keeps_what_it_has() {
    let network = small(Activation::Relu6);
    let same = Batch::new(images(2, network.input).data()[..363].repeat(4), network.input).unwrap();
    let same = same.with_labels(vec![0, 1, 2, 3]).unwrap();
    let scorer = Scorer::new(7, Proxy::ALL).with_images(same);
    assert!(matches!(scorer.score(&network, CandidateId(1)), Err(ScoreError::SameCode { .. })));
    let scores = scorer.score_what_can_be(&network, CandidateId(1)).unwrap();
    let names: Vec<&str> = scores.iter().map(|(proxy, _)| proxy.name()).collect();
    assert_eq!(names[..5], ["params", "macs", "relu-units", "depth", "synflow"]);
    // What is no fault of the network is an error.
    let none = Scorer::new(7, Proxy::ALL).score_what_can_be(&network, CandidateId(1));
    assert!(matches!(none, Err(ScoreError::NoImages { .. })));
}

#[test]
fn scores_are_read_back_from_json_to_the_last_bit() {
    let scores = scores(&scorer(), 1);
    let text = serde_json::to_string(&scores).unwrap();
    assert!(text.starts_with("{\"params\":"), "{text}");
    assert_eq!(serde_json::from_str::<Scores>(&text).unwrap(), scores);
}
