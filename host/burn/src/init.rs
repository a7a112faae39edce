//! PyTorch's default initial weights from a seed: `kaiming_uniform(a = sqrt 5)`, which is uniform in ±1/√fan-in.

use rand::Rng;
use rand_pcg::Pcg32;
use tinynas_model::{Network, Op, Weights};

/// PyTorch's default initial weights of a network: they follow from `seed` and the layers' positions alone.
/// Normalisation starts as the identity.
#[must_use]
pub fn initial_weights(network: &Network, seed: u64) -> Weights {
    let mut weights = Weights::default();
    for (index, layer) in network.layers.iter().enumerate() {
        let (dims, out) = (weight_dims(network, index), layer.output.c as usize);
        let (fan_in, stream) = (dims[1..].iter().product(), index as u64 * 2);
        let mut insert =
            |part: &str, dims: &[usize], data| weights.insert(format!("{}.{part}", layer.name), dims.to_vec(), data);
        match layer.op {
            Op::Linear => {
                insert("weight", &dims[..2], uniform(seed, stream, fan_in, out * fan_in));
                insert("bias", &[out], uniform(seed, stream + 1, fan_in, out));
            }
            op if op.has_weights() => insert("weight", &dims, uniform(seed, stream, fan_in, out * fan_in)),
            _ => {}
        }
        if matches!(layer.op, Op::Conv(_) | Op::Depthwise(_) | Op::Norm) {
            for (part, value) in [("gamma", 1.0), ("beta", 0.0), ("mean", 0.0), ("var", 1.0)] {
                insert(part, &[out], vec![value; out]);
            }
        }
    }
    weights
}

/// `[out, in/groups, k, k]` of a layer with weights; a matrix has `k` 1.
pub fn weight_dims(network: &Network, index: usize) -> [usize; 4] {
    let layer = &network.layers[index];
    let input = network.input_of(index);
    let per_group = match layer.op {
        Op::Depthwise(_) => 1,
        Op::Linear => input.elements() as usize,
        _ => input.c as usize,
    };
    let side = layer.op.conv().map_or(1, |conv| conv.kernel as usize);
    [layer.output.c as usize, per_group, side, side]
}

/// Uniform numbers in ±1/√`fan_in`. Every `(seed, stream)` is a stream of its own, so that a layer's weights
/// do not depend on the layers before it.
fn uniform(seed: u64, stream: u64, fan_in: usize, count: usize) -> Vec<f32> {
    let bound = 1.0 / (fan_in as f64).sqrt();
    let mut rng = Pcg32::new(seed, stream);
    // 24 bits, the width of an f32 mantissa: the same number on every machine.
    let unit = |bits: u32| f64::from(bits >> 8) / f64::from(1_u32 << 24);
    (0..count).map(|_| (bound * (2.0 * unit(rng.next_u32()) - 1.0)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_the_interval_evenly_and_streams_differ() {
        let x = uniform(7, 1, 25, 20_000);
        let (mean, square) = x.iter().fold((0.0, 0.0), |(m, s), v| (m + f64::from(*v), s + f64::from(v * v)));
        assert!(x.iter().all(|v| v.abs() <= 0.2));
        assert!((mean / 20_000.0).abs() < 0.003, "mean {mean}");
        // The variance of a uniform number in ±b is b²/3.
        assert!((square / 20_000.0 - 0.04 / 3.0).abs() < 3e-4);
        assert_ne!(x[..8], uniform(7, 2, 25, 8));
        assert_eq!(x[..8], uniform(7, 1, 25, 8));
    }
}
