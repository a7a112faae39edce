//! The network of a cell of NAS-Bench-201.

use tinynas_model::{Activation, Conv, Network, NetworkBuilder, NetworkError, Pool, Shape, TensorId};

use super::{Cell, EDGES, EdgeOp};

/// Channels of the three stages.
const CHANNELS: [u32; 3] = [16, 32, 64];
/// Cells per stage.
const CELLS: usize = 5;
const CLASSES: u32 = 10;

/// Which edges of a cell are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Branches {
    /// All that compute something, as the benchmark's own code does: parameters and MACs of tables count them.
    All,
    /// Those that carry something from the input to the output; what leads nowhere is in no score then.
    Live,
}

impl Cell {
    /// The network for images of 32 × 32 × 3 and ten classes: stem 3 × 3, three stages of five cells with a residual
    /// block of stride 2 between them, normalisation, ReLU, mean, classifier. All convolutions are without bias.
    ///
    /// # Errors
    /// [`NetworkError`]; no cell gives one.
    pub fn network(self, branches: Branches) -> Result<Network, NetworkError> {
        let mut net = NetworkBuilder::new(Shape::new(32, 32, 3));
        let mut x = net.conv("stem", TensorId::INPUT, linear(3, 1), CHANNELS[0])?;
        for (stage, channels) in CHANNELS.into_iter().enumerate() {
            if stage > 0 {
                x = reduction(&mut net, &format!("r{stage}"), x, channels)?;
            }
            for cell in 0..CELLS {
                x = self.build(&mut net, &format!("s{stage}.c{cell}"), x, branches)?;
            }
        }
        x = net.norm("last.norm", x);
        x = net.relu("last.relu", x);
        x = net.global_pool("pool", x);
        net.linear("classifier", x, CLASSES);
        Ok(net.finish())
    }

    /// One cell; a node that no built edge reaches is zero.
    fn build(
        self,
        net: &mut NetworkBuilder,
        name: &str,
        input: TensorId,
        branches: Branches,
    ) -> Result<TensorId, NetworkError> {
        let live = self.live();
        let mut nodes = [Some(input), None, None, None];
        for (edge, (from, to)) in EDGES.into_iter().enumerate() {
            let op = self.ops()[edge];
            if op == EdgeOp::None || (branches == Branches::Live && !live[edge]) {
                continue;
            }
            let part = |part: &str| format!("{name}.e{from}{to}{part}");
            let x = match nodes[from] {
                Some(x) => x,
                None => *nodes[from].insert(net.zero(&format!("{name}.n{from}"), input)),
            };
            let y = match op {
                EdgeOp::None | EdgeOp::Skip => x,
                EdgeOp::AveragePool => net.average_pool(&part(".pool"), x, Pool { kernel: 3, stride: 1, pad: 1 })?,
                EdgeOp::Conv1 => relu_conv(net, &part(""), x, linear(1, 1), net.shape(x).c)?,
                EdgeOp::Conv3 => relu_conv(net, &part(""), x, linear(3, 1), net.shape(x).c)?,
            };
            nodes[to] = Some(match nodes[to] {
                None => y,
                Some(sum) => net.add(&part(".add"), sum, y)?,
            });
        }
        Ok(nodes[3].unwrap_or_else(|| net.zero(&format!("{name}.n3"), input)))
    }
}

const fn linear(kernel: u32, stride: u32) -> Conv {
    Conv::same(kernel, stride, Activation::Linear)
}

/// ReLU, convolution, normalisation.
fn relu_conv(
    net: &mut NetworkBuilder,
    name: &str,
    x: TensorId,
    conv: Conv,
    channels: u32,
) -> Result<TensorId, NetworkError> {
    let y = net.relu(&format!("{name}.relu"), x);
    net.conv(&format!("{name}.conv"), y, conv, channels)
}

/// The residual block that halves the resolution: its shortcut is an average and a bare convolution.
fn reduction(net: &mut NetworkBuilder, name: &str, x: TensorId, channels: u32) -> Result<TensorId, NetworkError> {
    let part = |part: &str| format!("{name}.{part}");
    let a = relu_conv(net, &part("a"), x, linear(3, 2), channels)?;
    let b = relu_conv(net, &part("b"), a, linear(3, 1), channels)?;
    let pooled = net.average_pool(&part("pool"), x, Pool { kernel: 2, stride: 2, pad: 0 })?;
    let shortcut = net.plain_conv(&part("shortcut"), pooled, Pool { kernel: 1, stride: 1, pad: 0 }, channels)?;
    net.add(&part("add"), b, shortcut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(cell: &str, branches: Branches) -> (u64, u64) {
        let network = cell.parse::<Cell>().unwrap().network(branches).unwrap();
        (network.params(), network.macs())
    }

    #[test]
    fn costs_are_those_that_the_benchmark_prints() {
        // NAS-Bench-201 prints 0.073306 M and 7.78304 M for cells without convolutions.
        assert_eq!(cost("000100", Branches::All), (73_306, 7_783_040));
        // Six convolutions 3 × 3: 1.531546 M, 220.119680 M.
        assert_eq!(cost("333333", Branches::All), (1_531_546, 220_119_680));
    }

    #[test]
    fn a_branch_that_leads_nowhere_is_counted_only_with_all() {
        assert_eq!(cost("300100", Branches::All), cost("000300", Branches::Live));
        assert_eq!(cost("300100", Branches::Live), cost("000100", Branches::All));
        assert_eq!(cost("003003", Branches::Live), cost("000000", Branches::All));
    }

    #[test]
    fn every_rectifier_of_an_edge_is_its_own() {
        let units = |cell: &str| cell.parse::<Cell>().unwrap().network(Branches::All).unwrap().relu_units();
        let per_edge: u64 = 5 * (1024 * 16 + 256 * 32 + 64 * 64);
        assert_eq!(units("330000") - units("000000"), 2 * per_edge);
    }
}
