//! SynFlow (Tanaka, Kunin, Yamins, Ganguli, NeurIPS 2020; as a proxy: Abdelfattah, Mehrotra, Dudziak, Lane, ICLR 2021).
//!
//! score = ln Σ |θ · ∂R/∂θ| over the weights of convolutions and linear layers, R = Σ logits
//!
//! taken with |θ| in place of θ, one image of ones, and without normalisation. Rectifiers let through what is
//! positive, so the network is linear and [`flow`] gives the sum per layer without a gradient of any weight. For a
//! plain chain of L layers it is L · R. The logarithm keeps the rank and follows NASLib.
//!
//! Traps: with normalisation kept it is another, far weaker proxy (rho .42 in place of .77 on NAS-Bench-Macro). The
//! sum passes the range of f32 and, on deep networks, of f64: see [`scaled`](crate::scaled). ReLU6 must not saturate
//! here: it would cut the gradient of nearly every weight, so it counts as ReLU. Biases take no part: the
//! classifier's, the only one, moves R but no gradient of a weight.

use tinynas_model::{Network, Weights};

use crate::{Proxy, ScoreError, flow, scaled::Scaled, subject::Subject};

/// Logarithm of the synaptic flow of the initial weights, in nats.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    ln_synflow(subject.network, subject.weights())
}

/// ln of the synaptic flow of a network with `weights`, in nats. Only `LAYER.weight` is read.
///
/// # Errors
/// [`ScoreError::Weights`] if a weight is missing or has another shape, [`ScoreError::NotFinite`] if nothing flows
/// or a weight is not finite.
pub fn ln_synflow(network: &Network, weights: &Weights) -> Result<f64, ScoreError> {
    let shares = flow::shares(network, weights)?;
    let total = shares.iter().fold(Scaled::new(vec![0.0], i64::MIN / 2), |sum, share| sum.plus(share));
    let value = total.ln_sum();
    if value.is_finite() { Ok(value) } else { Err(ScoreError::NotFinite { proxy: Proxy::Synflow, value }) }
}

#[cfg(test)]
mod tests {
    use tinynas_model::{Activation, Conv, NetworkBuilder, Shape, TensorId};

    use super::*;

    /// Convolutions of one pixel, weights by layer.
    fn weights(list: &[(&str, &[usize], &[f32])]) -> Weights {
        let mut weights = Weights::default();
        for (layer, shape, data) in list {
            weights.insert(format!("{layer}.weight"), shape.to_vec(), data.to_vec());
        }
        weights
    }

    const POINT: Conv = Conv::same(1, 1, Activation::Relu6);

    fn value(network: &Network, weights: &Weights) -> f64 {
        ln_synflow(network, weights).unwrap().exp()
    }

    #[test]
    fn a_chain_by_hand() {
        let mut net = NetworkBuilder::new(Shape::new(1, 1, 1));
        let x = net.conv("a", TensorId::INPUT, POINT, 2).unwrap();
        net.linear("b", x, 2);
        // y = (2, 3); logits (2 + 3, 1 + 6); R = 12 flows through both layers.
        let w = weights(&[("a", &[2, 1, 1, 1], &[2.0, -3.0]), ("b", &[2, 2], &[1.0, -1.0, 0.5, 2.0])]);
        assert!((value(&net.finish(), &w) - 24.0).abs() < 1e-12);
    }

    #[test]
    fn a_shortcut_by_hand() {
        let mut net = NetworkBuilder::new(Shape::new(1, 1, 1));
        let a = net.conv("a", TensorId::INPUT, POINT, 1).unwrap();
        let b = net.conv("b", a, POINT, 1).unwrap();
        let sum = net.add("sum", a, b).unwrap();
        net.linear("c", sum, 1);
        // a = 2, b = 6, sum = R = 8: 8 through a, 6 through b, 8 through c. ReLU6 would have cut a at 6.
        let w = weights(&[("a", &[1, 1, 1, 1], &[2.0]), ("b", &[1, 1, 1, 1], &[-3.0]), ("c", &[1, 1], &[1.0])]);
        assert!((value(&net.finish(), &w) - 22.0).abs() < 1e-12);
    }

    #[test]
    fn a_window_sees_no_padding_and_a_mean_is_no_layer() {
        let mut net = NetworkBuilder::new(Shape::new(3, 3, 1));
        let x = net.depthwise("a", TensorId::INPUT, Conv::same(3, 2, Activation::Relu)).unwrap();
        let x = net.global_pool("pool", x);
        net.linear("b", x, 1);
        // Four outputs, each sees four pixels: mean 4 · 0.5 = 2, logit 6, through two layers.
        let w = weights(&[("a", &[1, 1, 3, 3], &[-0.5; 9]), ("b", &[1, 1], &[3.0])]);
        assert!((value(&net.finish(), &w) - 12.0).abs() < 1e-12);
    }

    #[test]
    fn a_deep_network_does_not_overflow() {
        let mut net = NetworkBuilder::new(Shape::new(1, 1, 1));
        let mut x = TensorId::INPUT;
        let mut w = Weights::default();
        for layer in 0..100 {
            x = net.conv(&format!("l{layer}"), x, POINT, 1).unwrap();
            w.insert(format!("l{layer}.weight"), vec![1, 1, 1, 1], vec![-1e30]);
        }
        // L · R = 100 · 10^3000, as far as f32 holds 1e30.
        let expected = 100.0_f64.ln() + 100.0 * f64::from(1e30_f32).ln();
        assert!((ln_synflow(&net.finish(), &w).unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn what_has_no_flow_has_no_score() {
        let mut net = NetworkBuilder::new(Shape::new(1, 1, 1));
        net.linear("a", TensorId::INPUT, 1);
        let net = net.finish();
        for dead in [0.0, f32::NAN, f32::INFINITY] {
            let error = ln_synflow(&net, &weights(&[("a", &[1, 1], &[dead])])).unwrap_err();
            assert!(matches!(error, ScoreError::NotFinite { proxy: Proxy::Synflow, .. }), "{dead}: {error}");
            assert!(error.is_of_network());
        }
        let error = ln_synflow(&net, &weights(&[("a", &[1, 2], &[1.0, 1.0])])).unwrap_err();
        assert!(matches!(error, ScoreError::Weights(_)) && !error.is_of_network(), "{error}");
        assert!(matches!(ln_synflow(&net, &Weights::default()), Err(ScoreError::Weights(_))));
    }
}
