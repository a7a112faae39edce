//! L2-norm (Abdelfattah, Mehrotra, Dudziak, Lane, ICLR 2021, code beside the paper).
//!
//! score = Σ over convolutions and linear layers of ‖W‖₂, W the initial weights
//!
//! Trap: with PyTorch's initial weights, uniform in ±1/√fan-in, ‖W‖₂ is √(out / 3) within a fraction of a percent. The
//! score is a count of layers, each weighted by the root of its width, and looks at nothing that was drawn.

use crate::{ScoreError, subject::Subject};

/// Sum of the layers' weight norms.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let weights = subject.weights();
    let norm = |data: &[f32]| data.iter().map(|w| f64::from(*w) * f64::from(*w)).sum::<f64>().sqrt();
    Ok(weights.iter().filter(|(name, _)| name.ends_with(".weight")).map(|(_, tensor)| norm(&tensor.data)).sum())
}

#[cfg(test)]
mod tests {
    use tinynas_model::{Activation, Conv, NetworkBuilder, Shape, TensorId};

    use crate::{Proxy, Scorer};

    #[test]
    fn it_is_the_root_of_a_third_of_the_width() {
        let mut net = NetworkBuilder::new(Shape::new(8, 8, 16));
        let x = net.conv("a", TensorId::INPUT, Conv::same(3, 1, Activation::Relu), 48).unwrap();
        let x = net.global_pool("pool", x);
        net.linear("b", x, 300);
        let scores = Scorer::new(1, &[Proxy::L2Norm]).score_with(&net.finish(), 5).unwrap();
        let expected = 4.0 + 10.0;
        assert!((scores.get(Proxy::L2Norm).unwrap() / expected - 1.0).abs() < 0.02, "{scores:?}");
    }
}
