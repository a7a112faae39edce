//! Linear regions (Chen, Gong, Wang, ICLR 2021, "TE-NAS"; with NTK and latency in MONAS, 2024, for microcontrollers).
//!
//! score = number of different on/off codes of all rectified units over 3,000 images of standard normal numbers
//!
//! The network is a thin copy: one input channel, 8 × 8 pixels, one channel in place of every sixteen. (The published
//! one has 3 × 3 pixels and no stage that halves them; a network here has.) No images are needed.
//!
//! Trap: the count cannot pass the number of images. A copy that is not thin tells all of them apart, and every network
//! scores the same: look at how many networks of a list tie at 3,000 before it is trusted.

use std::collections::HashSet;

use tinynas_model::{Conv, Network, NetworkBuilder, NetworkError, Op, Pool, Shape, TensorId};

use crate::{Batch, Codes, ScoreError, gaussian::normals, subject::Subject};

/// Images.
const IMAGES: usize = 3000;
/// Side of the copy's image.
const SIDE: u32 = 8;
/// Channels of the network that become one of the copy.
const THIN: u32 = 16;
/// Stream of random numbers of the images.
const STREAM: u64 = (1 << 40) + 4;

/// Different codes.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    // A copy that is too small for a window has one region.
    let Ok(copy) = thin(subject.network) else { return Ok(1.0) };
    let weights = tinynas_burn::initial_weights(&copy, subject.seed());
    let images = Batch::new(normals(subject.seed(), STREAM, IMAGES * copy.input.elements() as usize), copy.input)?;
    let codes = Codes::of(&copy, &weights, &images)?;
    Ok((0..IMAGES).map(|image| codes.code(image)).collect::<HashSet<_>>().len() as f64)
}

/// The thin copy.
fn thin(network: &Network) -> Result<Network, NetworkError> {
    let mut net = NetworkBuilder::new(Shape::new(SIDE.min(network.input.h), SIDE.min(network.input.w), 1));
    let channels = |c: u32| c.div_ceil(THIN);
    let mut tensors = vec![TensorId::INPUT];
    for layer in &network.layers {
        let (name, x) = (layer.name.as_str(), tensors[layer.inputs[0].index()]);
        let output = channels(layer.output.c);
        let pool = |c: Conv| Pool { kernel: c.kernel, stride: c.stride, pad: c.pad };
        let y = match layer.op {
            Op::Conv(conv) => net.conv(name, x, conv, output)?,
            Op::Depthwise(conv) => net.depthwise(name, x, conv)?,
            Op::PlainConv(conv) => net.plain_conv(name, x, pool(conv), output)?,
            Op::Add => net.add(name, x, tensors[layer.inputs[1].index()])?,
            Op::GlobalPool => net.global_pool(name, x),
            Op::Linear => net.linear(name, x, layer.output.c),
            Op::Norm => net.norm(name, x),
            Op::Relu => net.relu(name, x),
            Op::AveragePool(pool) => net.average_pool(name, x, pool)?,
            Op::Zero => net.zero(name, x),
        };
        tensors.push(y);
    }
    Ok(net.finish())
}

#[cfg(test)]
mod tests {
    use tinynas_model::Activation;

    use super::*;
    use crate::{Proxy, Scorer};

    fn regions(width: u32, depth: u32) -> f64 {
        let mut net = NetworkBuilder::new(Shape::new(32, 32, 3));
        let mut x = TensorId::INPUT;
        for layer in 0..depth {
            x = net.conv(&format!("l{layer}"), x, Conv::same(3, 8, Activation::Relu), width).unwrap();
        }
        let x = net.global_pool("pool", x);
        net.linear("b", x, 10);
        Scorer::new(1, &[Proxy::LinearRegions]).score_with(&net.finish(), 3).unwrap().get(Proxy::LinearRegions).unwrap()
    }

    #[test]
    fn one_unit_cuts_the_space_in_two() {
        // Stride 8 leaves one pixel of one channel: on or off. Two such layers: off in the first leaves the second one way.
        assert_eq!(regions(16, 1), 2.0);
        // Two units: at most four.
        assert!((3.0..=4.0).contains(&regions(32, 1)));
        // Ten planes in the space of the four pixels that the window sees: at most Σ C(10, k) for k to 4, which is 386.
        assert!((100.0..=386.0).contains(&regions(160, 1)));
    }
}
