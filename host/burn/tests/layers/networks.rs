//! Networks with every kind of layer, and numbers for images.
use tinynas_model::{Activation, Architecture, Block, Conv, Network, NetworkBuilder, Pool, Shape, Stem, TensorId};

/// All of them by name.
pub fn all() -> Vec<(&'static str, Network)> {
    vec![("relu6 blocks", blocks(Activation::Relu6)), ("relu blocks", blocks(Activation::Relu)), ("cell", cell())]
}

fn blocks(activation: Activation) -> Network {
    Architecture {
        input: Shape::new(12, 11, 3),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![Block::new(3, 1, 8, 6, 1), Block::new(5, 3, 6, 10, 2), Block::new(3, 4, 10, 10, 1)],
        feature_mix: Some(24),
        classes: 10,
        activation,
    }
    .network()
    .unwrap()
}

/// A cell of NAS-Bench-201 (Dong and Yang, 2020) with every kind of edge, a block that halves, the end.
pub fn cell() -> Network {
    let mut net = NetworkBuilder::new(Shape::new(7, 7, 3));
    let conv = |kernel, stride| Conv::same(kernel, stride, Activation::Linear);
    let x = net.conv("stem", TensorId::INPUT, conv(3, 1), 5).unwrap();
    let a = net.relu("1-0.relu", x);
    let one = net.conv("1-0", a, conv(3, 1), 5).unwrap();
    let b = net.average_pool("2-0", x, Pool { kernel: 3, stride: 1, pad: 1 }).unwrap();
    let c = net.relu("2-1.relu", one);
    let c = net.conv("2-1", c, conv(1, 1), 5).unwrap();
    let two = net.add("2", b, c).unwrap();
    let none = net.zero("3-1", one);
    let three = net.add("3.a", x, none).unwrap();
    let x = net.add("3", three, two).unwrap();
    let y = net.relu("half.relu", x);
    let y = net.conv("half", y, conv(3, 2), 8).unwrap();
    let half = net.average_pool("half.pool", x, Pool { kernel: 2, stride: 2, pad: 0 });
    let short = net.plain_conv("half.short", half.unwrap(), Pool { kernel: 1, stride: 1, pad: 0 }, 8).unwrap();
    let cut = net.conv("half.cut", y, Conv { kernel: 2, stride: 1, pad: 0, activation: Activation::Relu }, 8).unwrap();
    let x = net.add("half.sum", cut, short).unwrap();
    let x = net.norm("last.norm", x);
    let x = net.relu("last.relu", x);
    let x = net.global_pool("pool", x);
    net.linear("classifier", x, 4);
    net.finish()
}

/// Some fixed numbers in about ±2.
pub fn images(count: usize, network: &Network) -> Vec<f32> {
    (0..count * network.input.elements() as usize).map(|i| ((i * 7919 + i / 7) % 1013) as f32 / 250.0 - 2.0).collect()
}
