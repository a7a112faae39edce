//! The three networks that PyTorch's recorded times are of.

use tinynas_model::{
    Activation, Architecture, ArchitectureError, Block, Conv, Network, NetworkBuilder, NetworkError, Pool, Shape, Stem,
    TensorId,
};

/// MobileNetV2 (Sandler et al., 2018) at half width on 32×32 images: expansion, channels, blocks, first stride.
fn mobilenet(stem: u32, strides: [u32; 7]) -> Result<Network, ArchitectureError> {
    let rows = [(1, 8, 1), (6, 16, 2), (6, 16, 3), (6, 32, 4), (6, 48, 3), (6, 80, 3), (6, 160, 1)];
    let (mut input, mut blocks) = (16, Vec::new());
    for ((expansion, output, count), first) in rows.into_iter().zip(strides) {
        for i in 0..count {
            let stride = if i == 0 { first } else { 1 };
            let skip = stride == 1 && input == output;
            blocks.push(Block { kernel: 3, expansion, input, hidden: input * expansion, output, stride, skip });
            input = output;
        }
    }
    let architecture = Architecture {
        input: Shape::new(32, 32, 3),
        stem: Stem { kernel: 3, stride: stem, channels: 16 },
        blocks,
        feature_mix: Some(1280),
        classes: 10,
        activation: Activation::Relu6,
    };
    architecture.network()
}

/// Half width with the strides usual on CIFAR.
pub fn mobilenet_cifar() -> Result<Network, ArchitectureError> {
    mobilenet(1, [1, 1, 2, 2, 1, 2, 1])
}

/// Half width with the strides of ImageNet: one pixel is left.
pub fn mobilenet_imagenet() -> Result<Network, ArchitectureError> {
    mobilenet(2, [1, 2, 2, 2, 1, 2, 1])
}

/// The cell of NAS-Bench-201 (Dong and Yang, ICLR 2020) with the best accuracy on CIFAR-10, digits as in the table:
/// 1 skip, 2 1×1, 3 3×3 for the edges 1←0, 2←0, 2←1, 3←0, 3←1, 3←2.
pub const BEST_CELL: [u32; 6] = [3, 3, 3, 1, 3, 2];

/// The network of a cell without averages and missing edges.
pub fn cell(cell: [u32; 6]) -> Result<Network, NetworkError> {
    let linear = |kernel, stride| Conv::same(kernel, stride, Activation::Linear);
    let mut net = NetworkBuilder::new(Shape::new(32, 32, 3));
    let mut x = net.conv("stem", TensorId::INPUT, linear(3, 1), 16)?;
    for (stage, channels) in [16, 32, 64].into_iter().enumerate() {
        if stage > 0 {
            let name = |part: &str| format!("half{stage}.{part}");
            let y = net.relu(&name("a.relu"), x);
            let y = net.conv(&name("a"), y, linear(3, 2), channels)?;
            let y = net.relu(&name("b.relu"), y);
            let y = net.conv(&name("b"), y, linear(3, 1), channels)?;
            let short = net.average_pool(&name("pool"), x, Pool { kernel: 2, stride: 2, pad: 0 })?;
            let short = net.plain_conv(&name("short"), short, Pool { kernel: 1, stride: 1, pad: 0 }, channels)?;
            x = net.add(&name("sum"), short, y)?;
        }
        for repeat in 0..5 {
            let mut nodes = vec![x];
            let mut edges = cell.into_iter();
            for node in 1..4 {
                let mut sum: Option<TensorId> = None;
                for (from, tensor) in nodes.iter().enumerate() {
                    let name = |part: &str| format!("s{stage}c{repeat}.{node}-{from}.{part}");
                    let edge = match edges.next() {
                        Some(kernel @ (2 | 3)) => {
                            let y = net.relu(&name("relu"), *tensor);
                            net.conv(&name("conv"), y, linear(2 * kernel - 3, 1), channels)?
                        }
                        _ => *tensor,
                    };
                    sum = Some(match sum {
                        Some(sum) => net.add(&name("sum"), sum, edge)?,
                        None => edge,
                    });
                }
                nodes.extend(sum);
            }
            x = nodes[3];
        }
    }
    let y = net.norm("last", x);
    let y = net.relu("last.relu", y);
    let y = net.global_pool("pool", y);
    net.linear("classifier", y, 10);
    Ok(net.finish())
}
