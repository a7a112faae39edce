//! Random networks of all operations, those of imported models among them.

use tinynas_plan::{Dims, Graph, Op, Step, Window};

use super::{Builder, Random};

/// The shape that an operation of one input makes, `sides` standing for what it leaves open.
fn made(op: Op, input: Dims, sides: [u16; 2]) -> Option<Dims> {
    Some(match op {
        Op::AveragePool(window) | Op::MaxPool(window) => window.output(input, input.c)?,
        Op::Softmax | Op::Lookup | Op::MulConstant | Op::AddConstant | Op::Requantize => input,
        Op::Pad([top, left]) => {
            Dims::new(input.h + u16::from(top) + sides[0], input.w + u16::from(left) + sides[1], input.c)
        }
        Op::Reshape => match sides[0] % 3 {
            0 => Dims::vector(u16::try_from(input.elements()).ok()?),
            1 => Dims::new(input.c, input.h, input.w),
            _ => Dims::new(1, input.h, input.w * input.c),
        },
        Op::Transpose(order) => {
            let all = [input.h, input.w, input.c];
            let [h, w, c] = order.map(|axis| all[usize::from(axis)]);
            Dims::new(h, w, c)
        }
        Op::ResizeNearest => Dims::new(1 + sides[0] * 3, 1 + sides[1] * 3, input.c),
        _ => return None,
    })
}

fn joined(left: Dims, right: Dims, axis: u8) -> Option<Dims> {
    let (l, r) = ([left.h, left.w, left.c], [right.h, right.w, right.c]);
    let same = (0..3).all(|at| at == usize::from(axis) || l[at] == r[at]);
    let mut sides = l;
    sides[usize::from(axis)] += r[usize::from(axis)];
    same.then(|| Dims::new(sides[0], sides[1], sides[2]))
}

/// A small network with odd shapes and all operations.
pub fn varied(seed: u64) -> Graph {
    let mut random = Random::new(seed ^ 0x7a71_ed00);
    let input = Dims::new(1 + random.below(9) as u16, 1 + random.below(7) as u16, 1 + random.below(6) as u16);
    let mut net = Builder::new(input);
    let steps = 2 + random.below(11);
    for _ in 0..10 * steps {
        if net.graph.steps.len() < steps {
            push(&mut net, &mut random);
        }
    }
    if net.graph.steps.is_empty() {
        net.push(Op::Conv(Window::POINTWISE), &[0], 3);
    }
    net.graph
}

fn push(net: &mut Builder, random: &mut Random) {
    let kernel = [(); 2].map(|()| 1 + random.below(4) as u8);
    let stride = [(); 2].map(|()| 1 + random.below(2) as u8);
    let window = Window { kernel, stride, pad: kernel.map(|side| random.below(usize::from(side)) as u8) };
    let count = net.graph.steps.len();
    let x = if random.below(4) == 0 { random.below(count + 1) } else { count };
    let other = random.below(count + 1);
    let sides = [random.below(3) as u16, random.below(3) as u16];
    let mut order = [0u8, 1, 2];
    order.rotate_left(random.below(3));
    if random.below(2) == 0 {
        order.swap(0, 1);
    }
    let channels = 1 + random.below(6) as u16;
    let op = match random.below(20) {
        0 | 1 => Op::Conv(window),
        2 => Op::Conv(Window::POINTWISE),
        3 => Op::Depthwise(window),
        4 if random.below(3) == 0 => Op::GlobalPool,
        5 if random.below(3) == 0 => Op::Linear,
        6 | 7 => Op::AveragePool(window),
        8 => Op::MaxPool(window),
        9 => Op::Softmax,
        10 => Op::Lookup,
        11 => Op::MulConstant,
        12 => Op::AddConstant,
        13 => Op::Requantize,
        14 | 15 => Op::Pad([random.below(4) as u8, random.below(4) as u8]),
        16 => Op::Reshape,
        17 => Op::Transpose(order),
        18 => Op::ResizeNearest,
        _ => return pair(net, random, [x, other]),
    };
    if matches!(op, Op::Conv(_) | Op::Depthwise(_) | Op::GlobalPool | Op::Linear) {
        net.push(op, &[x], channels);
        return;
    }
    if let Some(output) = made(op, net.dims(x), sides).filter(|output| output.elements() < 5000) {
        net.graph.steps.push(Step { op, inputs: vec![x], output });
    }
}

fn pair(net: &mut Builder, random: &mut Random, [left, right]: [usize; 2]) {
    let (l, r) = (net.dims(left), net.dims(right));
    let axis = random.below(3) as u8;
    let (op, output) = match random.below(4) {
        0 => (Op::Add, Some(l).filter(|l| *l == r)),
        1 => (Op::Mul, Some(l).filter(|l| *l == r)),
        2 => (Op::Scale, Some(l).filter(|l| r == Dims::vector(l.c))),
        _ => (Op::Concat(axis), joined(l, r, axis)),
    };
    if let Some(output) = output.filter(|output| output.elements() < 5000) {
        net.graph.steps.push(Step { op, inputs: vec![left, right], output });
    }
}
