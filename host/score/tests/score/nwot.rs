//! NWOT against its definition with 0/1 matrices and a determinant by permutations.

use tinynas_burn::{Mode, NetworkModule, batch, burn::tensor::Tensor, cpu};
use tinynas_model::{Activation, Conv, NetworkBuilder, Shape, TensorId};
use tinynas_score::{Batch, Codes, Proxy, ScoreError, Scorer, initial_weights};

use crate::networks::{images, small};

/// det by the formula of Leibniz: the sum over all permutations.
fn determinant(k: &[Vec<f64>]) -> f64 {
    fn rest(k: &[Vec<f64>], row: usize, free: &mut Vec<usize>) -> f64 {
        if row == k.len() {
            return 1.0;
        }
        let mut sum = 0.0;
        for position in 0..free.len() {
            let column = free.remove(position);
            let sign = if position % 2 == 0 { 1.0 } else { -1.0 };
            sum += sign * k[row][column] * rest(k, row + 1, free);
            free.insert(position, column);
        }
        sum
    }
    rest(k, 0, &mut (0..k.len()).collect())
}

#[test]
fn the_kernel_is_that_of_the_definition() {
    let network = small(Activation::Relu6);
    let images = images(6, network.input);
    let module = NetworkModule::new(&network, 3, &cpu());
    let x = batch(images.data().to_vec(), [6, 11, 11, 3], &cpu());
    let mut k: Tensor<2> = Tensor::zeros([6, 6], &cpu());
    let mut units = 0;
    let _ = module.forward_observed(x, Mode::BatchStats, &mut |index, y| {
        if network.layers[index].op.conv().unwrap().activation == Activation::Linear {
            return;
        }
        let [n, h, w, c] = y.dims();
        units += h * w * c;
        let on = y.clone().reshape([n, h * w * c]).greater_elem(0.0).float();
        let off = on.clone().neg() + 1.0;
        k = k.clone() + on.clone().matmul(on.transpose()) + off.clone().matmul(off.transpose());
    });
    let k = k.into_data().try_into_vec::<f32>().unwrap();
    let k: Vec<Vec<f64>> = k.chunks(6).map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect();

    let codes = Codes::of(&network, &initial_weights(&network, 3), &images).unwrap();
    assert_eq!(codes.units(), units as u64);
    assert_eq!(codes.units(), network.relu_units());
    for (i, row) in k.iter().enumerate() {
        for (j, common) in row.iter().enumerate() {
            assert_eq!((codes.units() - codes.distance(i, j)) as f64, *common, "{i} {j}");
        }
    }
    let expected = determinant(&k).ln();
    let score = codes.ln_det().unwrap();
    assert!((score - expected).abs() < 1e-9, "{score} {expected}");
}

/// One unit per pixel that is on where the pixel is above the mean of the batch.
#[test]
fn a_network_of_four_units_by_hand() {
    let mut net = NetworkBuilder::new(Shape::new(2, 2, 1));
    let x = net.conv("a", TensorId::INPUT, Conv::same(1, 1, Activation::Relu), 1).unwrap();
    let x = net.global_pool("pool", x);
    net.linear("b", x, 2);
    let network = net.finish();
    let rows = [1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    let images = Batch::new(rows.to_vec(), network.input).unwrap();
    // A negative weight turns all four bits of all images over, which no distance sees.
    for seed in 0..4 {
        let scorer = Scorer::new(0, &[Proxy::Nwot]).with_images(images.clone());
        let score = scorer.score_with(&network, seed).unwrap().get(Proxy::Nwot).unwrap();
        // K = [4 2 1; 2 4 1; 1 1 4], det 44.
        assert!((score - 44.0_f64.ln()).abs() < 1e-12, "{score}");
    }
}

#[test]
fn images_that_cannot_be_scored_are_refused_by_name() {
    let network = small(Activation::Relu);
    let nwot = Scorer::new(1, &[Proxy::Nwot]);
    assert!(matches!(nwot.score_with(&network, 1), Err(ScoreError::NoImages { proxy: Proxy::Nwot })));
    let other = nwot.clone().with_images(images(4, Shape::new(11, 11, 1)));
    let error = other.score_with(&network, 1).unwrap_err();
    assert_eq!(error.to_string(), "the network reads 11x11x3 and the images are 11x11x1");
    let same = Batch::new(images(1 + 1, network.input).data()[..363].repeat(3), network.input).unwrap();
    let error = nwot.with_images(same).score_with(&network, 1).unwrap_err();
    assert!(matches!(error, ScoreError::SameCode { first: 0, second: 1 }) && error.is_of_network(), "{error}");
}
