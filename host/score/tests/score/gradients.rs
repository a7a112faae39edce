//! Scores made of gradients against their definitions in f64, and what they do with input that has no score.

use tinynas_model::{Activation, Conv, Network, NetworkBuilder, Pool, Shape, TensorId, Weights};
use tinynas_score::{Batch, Proxy, ScoreError, Scorer, initial_weights};

use crate::networks::{images, small};
use crate::reference::{Dual, Found, run, weights_of};

const SEED: u64 = 3;

/// A cell: rectifiers first, every edge of NAS-Bench-201, a shortcut without normalisation.
fn cell() -> Network {
    let mut net = NetworkBuilder::new(Shape::new(6, 6, 3));
    let conv = |kernel, stride| Conv::same(kernel, stride, Activation::Linear);
    let x = net.conv("stem", TensorId::INPUT, conv(3, 1), 6).unwrap();
    let a = net.relu("1-0.relu", x);
    let one = net.conv("1-0", a, conv(3, 1), 6).unwrap();
    let b = net.average_pool("2-0", x, Pool { kernel: 3, stride: 1, pad: 1 }).unwrap();
    let c = net.relu("2-1.relu", one);
    let c = net.conv("2-1", c, conv(1, 1), 6).unwrap();
    let two = net.add("2", b, c).unwrap();
    let none = net.zero("3-1", one);
    let three = net.add("3.a", x, none).unwrap();
    let x = net.add("3", three, two).unwrap();
    let y = net.relu("half.relu", x);
    let y = net.conv("half", y, conv(3, 2), 8).unwrap();
    let half = net.average_pool("half.pool", x, Pool { kernel: 2, stride: 2, pad: 0 }).unwrap();
    let short = net.plain_conv("half.short", half, Pool { kernel: 1, stride: 1, pad: 0 }, 8).unwrap();
    let x = net.add("half.sum", y, short).unwrap();
    let x = net.norm("last.norm", x);
    let x = net.relu("last.relu", x);
    let x = net.global_pool("pool", x);
    net.linear("classifier", x, 4);
    net.finish()
}

struct Case {
    network: Network,
    weights: Weights,
    batch: Batch,
}

fn cases() -> Vec<Case> {
    [small(Activation::Relu6), small(Activation::Relu), cell()].map(case).into()
}

fn case(network: Network) -> Case {
    let labels = (0..8).map(|i| i * 3 % network.classes()).collect();
    let batch = images(8, network.input).with_labels(labels).unwrap();
    Case { weights: initial_weights(&network, SEED), batch, network }
}

impl Case {
    fn found(&self) -> Found<f64> {
        self.found_at(&weights_of(&self.network, &self.weights))
    }

    fn found_at(&self, weights: &[Vec<f64>]) -> Found<f64> {
        run(&self.network, weights, &self.weights, self.batch.data(), self.batch.labels())
    }

    fn score(&self, proxy: Proxy) -> f64 {
        let scorer = Scorer::new(0, &[proxy]).with_images(self.batch.clone());
        scorer.score_with(&self.network, SEED).unwrap().get(proxy).unwrap()
    }

    fn check(&self, proxy: Proxy, expected: f64, tolerance: f64) {
        let score = self.score(proxy);
        let apart = (score - expected).abs() / expected.abs();
        println!("{proxy}: {score} {expected}, relative error {apart:.1e}");
        assert!(apart < tolerance, "{proxy}: {score}, expected {expected}");
    }
}

/// The oracle itself: its gradients are those of central differences of its loss.
#[test]
fn the_reference_has_the_slopes_of_its_loss() {
    for case in [case(small(Activation::Relu6)), case(cell())] {
        let found = case.found();
        for (layer, gradient) in found.weights.iter().enumerate().filter(|(_, g)| !g.is_empty()).step_by(2) {
            let at = gradient.len() / 2;
            let loss = |step: f64| {
                let mut weights = weights_of(&case.network, &case.weights);
                weights[layer][at] += step;
                case.found_at(&weights).loss
            };
            let slope = (loss(1e-6) - loss(-1e-6)) / 2e-6;
            assert!((slope - gradient[at]).abs() < 1e-3 * gradient[at].abs().max(1e-3), "{layer} {at}");
        }
    }
}

#[test]
fn sums_over_weights_are_their_definitions() {
    for case in cases() {
        let found = case.found();
        let weights = weights_of(&case.network, &case.weights);
        let squares: Vec<f64> = found.weights.iter().map(|g| g.iter().map(|g| g * g).sum()).collect();
        let products = || weights.iter().flatten().zip(found.weights.iter().flatten()).map(|(w, g)| w * g);
        case.check(Proxy::GradNorm, squares.iter().map(|s| s.sqrt()).sum(), 1e-3);
        case.check(Proxy::GradNormL2, squares.iter().sum::<f64>().sqrt(), 1e-3);
        case.check(Proxy::Snip, products().map(f64::abs).sum(), 1e-3);
        case.check(Proxy::Plain, products().sum(), 1e-3);
    }
}

#[test]
fn fisher_is_the_squared_flow_of_channels() {
    for case in cases() {
        let found = case.found();
        let of_layer = |index: usize| {
            let channels = case.network.layers[index].output.c as usize;
            let square: f64 = found.flows[index].iter().map(|f| f * f).sum();
            (square / 16.0, (found.weights[index].len() / channels) as f64)
        };
        let layers = || (0..found.flows.len()).map(of_layer);
        case.check(Proxy::FisherChannel, layers().map(|(delta, _)| delta).sum(), 1e-3);
        case.check(Proxy::Fisher, layers().map(|(delta, weights)| delta * weights).sum(), 1e-3);
    }
}

/// θ · (H g) by numbers that carry the derivative along g: what autodiff of autodiff gives.
#[test]
fn grasp_is_the_hessian_of_autodiff() {
    for case in cases() {
        let gradient = case.found().weights;
        let weights = weights_of(&case.network, &case.weights);
        let pair = |(w, g): (&Vec<f64>, &Vec<f64>)| w.iter().zip(g).map(|(w, g)| Dual(*w, *g)).collect::<Vec<_>>();
        let moved: Vec<Vec<Dual>> = weights.iter().zip(&gradient).map(pair).collect();
        let found = run(&case.network, &moved, &case.weights, case.batch.data(), case.batch.labels());
        let exact: f64 =
            -weights.iter().flatten().zip(found.weights.iter().flatten()).map(|(w, g)| w * g.1).sum::<f64>();
        case.check(Proxy::Grasp, exact, 2e-3);
    }
}

/// Why it is not the difference of two gradients: that counts every rectifier that switches on the way.
#[test]
fn a_difference_of_gradients_is_another_number() {
    let case = case(small(Activation::Relu6));
    let gradient = case.found().weights;
    let weights = weights_of(&case.network, &case.weights);
    let norm = |list: &[Vec<f64>]| list.iter().flatten().map(|x| x * x).sum::<f64>().sqrt();
    let step = 1e-4 * norm(&weights) / norm(&gradient);
    let at = |step: f64| {
        let moved = |(w, g): (&Vec<f64>, &Vec<f64>)| w.iter().zip(g).map(|(w, g)| w + step * g).collect::<Vec<f64>>();
        case.found_at(&weights.iter().zip(&gradient).map(moved).collect::<Vec<_>>()).weights.concat()
    };
    let difference = at(step).into_iter().zip(at(-step)).map(|(a, b)| (a - b) / (2.0 * step));
    let free = -weights.iter().flatten().zip(difference).map(|(w, d)| w * d).sum::<f64>();
    let score = case.score(Proxy::Grasp);
    println!("grasp: {score}, by a difference of gradients {free}");
    assert!((free - score).abs() > 10.0 * score.abs());
}

#[test]
fn jacob_cov_is_the_spectrum_of_the_correlation() {
    for case in cases() {
        let n = case.batch.images();
        let input = case.found().input;
        let centred: Vec<Vec<f64>> = input
            .chunks(input.len() / n)
            .map(|row| row.iter().map(|x| x - row.iter().sum::<f64>() / row.len() as f64).collect())
            .collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let matrix = |i: usize, j: usize| {
            let (a, b) = (&centred[i], &centred[j]);
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
        };
        // Σ ln(λ + k) + 1/(λ + k) = ln det(C + k) + trace (C + k)⁻¹, by elimination.
        let mut rows: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let left = (0..n).map(|j| matrix(i, j) + if i == j { 1e-5 } else { 0.0 });
                left.chain((0..n).map(|j| if i == j { 1.0 } else { 0.0 })).collect()
            })
            .collect();
        let mut ln_det = 0.0;
        for column in 0..n {
            let pivot = rows[column][column];
            ln_det += pivot.ln();
            rows[column].iter_mut().for_each(|x| *x /= pivot);
            let row = rows[column].clone();
            for other in (0..n).filter(|other| *other != column) {
                let factor = rows[other][column];
                rows[other].iter_mut().zip(&row).for_each(|(x, r)| *x -= factor * r);
            }
        }
        let trace: f64 = (0..n).map(|i| rows[i][n + i]).sum();
        case.check(Proxy::JacobCov, -(ln_det + trace), 1e-3);
    }
}

#[test]
fn zico_compares_two_batches() {
    for case in cases() {
        let halves = case.batch.halves().unwrap();
        let weights = weights_of(&case.network, &case.weights);
        let [a, b] = halves
            .each_ref()
            .map(|half| run(&case.network, &weights, &case.weights, half.data(), half.labels()).weights);
        let layer = |(a, b): (&Vec<f64>, &Vec<f64>)| {
            a.iter().zip(b).filter(|(a, b)| a != b).map(|(a, b)| (a.abs() + b.abs()) / (a - b).abs()).sum::<f64>()
        };
        let expected = a.iter().zip(&b).map(layer).filter(|s| *s != 0.0).map(f64::ln).sum();
        case.check(Proxy::Zico, expected, 1e-2);
        // The same two as first and second batch.
        let [first, second] = halves;
        let scorer = Scorer::new(0, &[Proxy::Zico, Proxy::Snip]).with_images(first).with_second(second);
        let score = scorer.score_with(&case.network, SEED).unwrap().get(Proxy::Zico).unwrap();
        assert_eq!(score, case.score(Proxy::Zico));
    }
}

#[test]
fn scores_of_one_pass_are_those_of_each_alone() {
    for case in cases() {
        let all = Scorer::new(0, Proxy::ALL).with_images(case.batch.clone());
        let all = all.score_with(&case.network, SEED).unwrap();
        for proxy in Proxy::ALL {
            assert_eq!(all.get(*proxy), Some(case.score(*proxy)), "{proxy}");
        }
    }
}

#[test]
fn labels_are_asked_for_by_name() {
    let case = case(cell());
    let score = |batch: Batch| Scorer::new(0, &[Proxy::Snip]).with_images(batch).score_with(&case.network, 0);
    let unlabelled = images(8, case.network.input);
    assert!(matches!(score(unlabelled.clone()), Err(ScoreError::NoLabels { proxy: Proxy::Snip })));
    let wrong = unlabelled.with_labels(vec![4; 8]).unwrap();
    assert!(matches!(score(wrong), Err(ScoreError::Label { label: 4, classes: 4 })));
    let three = images(3, case.network.input).with_labels(vec![0, 1, 2]).unwrap();
    let zico = Scorer::new(0, &[Proxy::Zico]).with_images(three.clone()).score_with(&case.network, 0);
    assert!(matches!(zico, Err(ScoreError::OneBatch { images: 3, .. })));
    // Fewer images than classes is no matter.
    assert!(score(three).unwrap().get(Proxy::Snip).unwrap() > 0.0);
}

/// Cut off from its input, of one channel, of equal images: a score or an error that is the network's, never NaN.
#[test]
fn what_is_dead_has_a_score_or_a_named_error() {
    let mut net = NetworkBuilder::new(Shape::new(5, 5, 1));
    let x = net.conv("stem", TensorId::INPUT, Conv::same(3, 1, Activation::Linear), 1).unwrap();
    let zero = net.zero("none", x);
    let y = net.relu("relu", zero);
    let y = net.conv("dead", y, Conv::same(3, 1, Activation::Relu), 1).unwrap();
    let y = net.norm("norm", y);
    let y = net.global_pool("pool", y);
    net.linear("classifier", y, 3);
    let dead = net.finish();
    let mut net = NetworkBuilder::new(Shape::new(5, 5, 1));
    let x = net.depthwise("a", TensorId::INPUT, Conv::same(3, 1, Activation::Relu)).unwrap();
    let x = net.global_pool("pool", x);
    net.linear("classifier", x, 3);
    let narrow = net.finish();
    let different = images(8, dead.input).with_labels(vec![0, 1, 2, 0, 1, 2, 0, 1]).unwrap();
    let same = Batch::new(different.data()[..25].repeat(8), dead.input).unwrap();
    let same = same.with_labels(different.labels().to_vec()).unwrap();
    let broken = Batch::new(vec![f32::NAN; 200], dead.input).unwrap();
    let broken = broken.with_labels(different.labels().to_vec()).unwrap();
    for (network, batch) in
        [(&dead, &different), (&dead, &same), (&narrow, &different), (&narrow, &same), (&narrow, &broken)]
    {
        for proxy in Proxy::ALL {
            let scorer = Scorer::new(0, &[*proxy]).with_images(batch.clone());
            match scorer.score_with(network, 1) {
                Ok(scores) => assert!(scores.get(*proxy).unwrap().is_finite()),
                Err(error) => assert!(error.is_of_network(), "{proxy}: {error}"),
            }
        }
    }
    let scorer = Scorer::new(0, &[Proxy::JacobCov]).with_images(different);
    assert!(matches!(scorer.score_with(&dead, 1), Err(ScoreError::NoGradient { image: 0, .. })));
}
