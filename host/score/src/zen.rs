//! Zen-score (Lin, Wang, Sun, Chen, Sun, Qian, Li, Jin, ICCV 2021, "Zen-NAS").
//!
//! score = ln D + Σ over normalisations of ½ ln mean over channels of v
//!
//! D = mean over images of Σ |f(x) − f(x′)|, f the features before the global pooling, x standard normal,
//! x′ = x + 0.01 ε, ε standard normal, all weights standard normal, normalisation by the batch's statistics.
//!
//! Traps: v is not the batch's variance, as in the paper, but the running one after these two passes,
//! 0.81 + 0.09 v₁ + 0.1 v₂ as published code has it: it cannot vanish where a branch is dead, and it adds about
//! ½ ln .19 per layer, a penalty on depth. The published search leaves residual additions out; here they stay. The
//! score follows size: its rank correlation with MACs is .89 on NAS-Bench-Macro. No images are needed.

use tinynas_burn::{Mode, NetworkModule, batch, cpu};
use tinynas_model::{Network, Op, Weights};

use crate::{Proxy, ScoreError, gaussian::normals, subject::Subject};

/// Noise images: their ranks agree over seeds to three digits.
const IMAGES: usize = 16;
/// Size of the change.
const GAMMA: f32 = 0.01;
/// Streams of random numbers of the images and the change; those of layers are their positions.
const STREAMS: [u64; 2] = [1 << 40, (1 << 40) + 1];

/// Logarithm of how much features move with the image, with the scales that normalisation took away.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let features = features(subject.network);
    let seed = subject.seed();
    let mut weights = subject.weights().clone();
    redraw(&features, &mut weights, seed);
    let module = NetworkModule::with_weights(&features, &weights, &cpu())?;
    let shape = features.input;
    let dims = [IMAGES, shape.h as usize, shape.w as usize, shape.c as usize];
    let count = IMAGES * shape.elements() as usize;
    let x = normals(seed, STREAMS[0], count);
    let moved: Vec<f32> = x.iter().zip(normals(seed, STREAMS[1], count)).map(|(x, e)| x + GAMMA * e).collect();
    let run = |x: Vec<f32>| module.forward(batch(x, dims, &cpu()), Mode::Train).into_data();
    let (a, b) = (run(x), run(moved));
    let (a, b) = (a.as_slice::<f32>().unwrap_or(&[]), b.as_slice::<f32>().unwrap_or(&[]));
    let difference: f64 = a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).sum();
    let value = (difference / IMAGES as f64).ln() + scales(&features, &module.weights())?;
    if value.is_finite() { Ok(value) } else { Err(ScoreError::NotFinite { proxy: Proxy::Zen, value }) }
}

/// The network up to what the global pooling reads.
fn features(network: &Network) -> Network {
    let pooled = network.layers.iter().find(|layer| layer.op == Op::GlobalPool).map(|layer| layer.inputs[0]);
    let layers = pooled.map_or(network.layers.len(), |tensor| tensor.index());
    Network { input: network.input, layers: network.layers[..layers].to_vec() }
}

/// Standard normal weights.
fn redraw(network: &Network, weights: &mut Weights, seed: u64) {
    let names = network.layers.iter().enumerate().map(|(index, layer)| (index, format!("{}.weight", layer.name)));
    for (index, name) in names {
        let shape = weights.iter().find(|(known, _)| **known == name).map(|(_, tensor)| tensor.shape.clone());
        if let Some(shape) = shape {
            let count = shape.iter().product();
            weights.insert(name, shape, normals(seed, index as u64, count));
        }
    }
}

/// Σ ½ ln mean running variance.
fn scales(network: &Network, weights: &Weights) -> Result<f64, ScoreError> {
    let mut sum = 0.0;
    for layer in network.layers.iter().filter(|layer| matches!(layer.op, Op::Conv(_) | Op::Depthwise(_) | Op::Norm)) {
        let var = weights.get(&layer.name, "var", &[layer.output.c as usize])?;
        let mean = var.iter().map(|v| f64::from(*v)).sum::<f64>() / var.len() as f64;
        sum += 0.5 * mean.ln();
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use tinynas_model::{Activation, Conv, NetworkBuilder, Shape, TensorId};

    use super::*;
    use crate::Scorer;

    /// Features of one convolution of one pixel: f = (w·x − mean) / σ, so |f(x) − f(x′)| is |w·ε| 0.01 / σ.
    #[test]
    fn one_linear_layer_by_hand() {
        let channels = 64;
        let mut net = NetworkBuilder::new(Shape::new(4, 4, 9));
        let x = net.conv("a", TensorId::INPUT, Conv::same(1, 1, Activation::Linear), channels).unwrap();
        let x = net.global_pool("pool", x);
        net.linear("b", x, 10);
        let score = Scorer::new(1, &[Proxy::Zen]).score_with(&net.finish(), 3).unwrap().get(Proxy::Zen).unwrap();
        // w·x has variance |w|² = 9 on average: each of 16 · 64 features moves by 0.01 |N(0, 1)|, whose mean is √(2/π).
        let moved = (16.0 * f64::from(channels) * 0.01 * (2.0 / std::f64::consts::PI).sqrt()).ln();
        let expected = moved + 0.5 * (0.81 + 0.19 * 9.0_f64).ln();
        assert!((score - expected).abs() < 0.1, "{score} {expected}");
    }

    #[test]
    fn the_classifier_takes_no_part() {
        let network = |classes| {
            let mut net = NetworkBuilder::new(Shape::new(6, 6, 3));
            let x = net.conv("a", TensorId::INPUT, Conv::same(3, 2, Activation::Relu), 8).unwrap();
            let x = net.global_pool("pool", x);
            net.linear("b", x, classes);
            net.finish()
        };
        let score = |classes| Scorer::new(1, &[Proxy::Zen]).score_with(&network(classes), 3).unwrap();
        assert_eq!(score(2).get(Proxy::Zen), score(100).get(Proxy::Zen));
        assert_eq!(features(&network(2)).layers.len(), 1);
    }
}
