//! The network of a code of NAS-Bench-Macro.

use tinynas_model::{Activation, Conv, Network, NetworkBuilder, NetworkError, Shape, TensorId};

use super::MacroCode;

/// Channels after every block.
const CHANNELS: [u32; 8] = [64, 64, 128, 128, 128, 256, 256, 256];
const STEM: u32 = 32;
const HEAD: u32 = 1280;
const CLASSES: u32 = 10;

impl MacroCode {
    /// The network for images of 32 × 32 × 3: stem 3 × 3, eight blocks with ReLU, head 1 × 1, mean, classifier. The
    /// block that opens a stage has stride 2; its identity is a 1 × 1 convolution.
    ///
    /// # Errors
    /// [`NetworkError`]; no code gives one.
    pub fn network(self) -> Result<Network, NetworkError> {
        let mut net = NetworkBuilder::new(Shape::new(32, 32, 3));
        let relu = |kernel, stride| Conv::same(kernel, stride, Activation::Relu);
        let linear = |stride| Conv::same(1, stride, Activation::Linear);
        let mut x = net.conv("stem", TensorId::INPUT, relu(3, 1), STEM)?;
        for (block, (digit, channels)) in self.digits().into_iter().zip(CHANNELS).enumerate() {
            let (input, name) = (x, |part: &str| format!("b{block}.{part}"));
            let stride = if Self::opens_stage(block) { 2 } else { 1 };
            let (expansion, kernel) = match digit {
                0 if stride == 1 => continue,
                0 => {
                    x = net.conv(&name("shrink"), x, linear(stride), channels)?;
                    continue;
                }
                1 => (3, 3),
                _ => (6, 5),
            };
            x = net.conv(&name("expand"), x, relu(1, 1), net.shape(input).c * expansion)?;
            x = net.depthwise(&name("dw"), x, relu(kernel, stride))?;
            x = net.conv(&name("project"), x, linear(1), channels)?;
            if stride == 1 {
                x = net.add(&name("add"), input, x)?;
            }
        }
        x = net.conv("head", x, relu(1, 1), HEAD)?;
        x = net.global_pool("pool", x);
        net.linear("classifier", x, CLASSES);
        Ok(net.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_network_has_the_printed_cost() {
        // Line 22212220 of nas-bench-macro_cifar10.json.
        let network = "22212220".parse::<MacroCode>().unwrap().network().unwrap();
        assert_eq!((network.params(), network.macs()), (1_985_514, 85_164_544));
        assert_eq!(network.classes(), 10);
    }
}
