//! What an imported network computes, by index arithmetic on the file's own shapes: an oracle for the lowering.

use std::collections::HashMap;

use tinynas_import::{Activation, Imported, Kind, Operator, Padding};
use tinynas_kernels::{AddParams, Requant};

/// int8 values of a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<i32>,
}

impl Array {
    fn of(shape: &[u32], value: impl FnMut(Vec<usize>) -> i32) -> Self {
        let shape: Vec<usize> = shape.iter().map(|n| *n as usize).collect();
        let values = indices(&shape).into_iter().map(value).collect();
        Self { shape, values }
    }

    fn get(&self, index: &[usize]) -> i32 {
        self.values[index.iter().zip(&self.shape).fold(0, |at, (i, side)| at * side + i)]
    }

    /// The value that a position of a larger shape sees: missing axes and axes of one position repeat.
    fn broadcast(&self, index: &[usize]) -> i32 {
        let skip = index.len() - self.shape.len();
        let index: Vec<usize> =
            index[skip..].iter().zip(&self.shape).map(|(i, n)| if *n == 1 { 0 } else { *i }).collect();
        self.get(&index)
    }
}

fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |all, side| {
        all.iter().flat_map(|index| (0..*side).map(move |i| [index.as_slice(), &[i]].concat())).collect()
    })
}

struct Naive<'a> {
    net: &'a Imported<'a>,
    known: HashMap<usize, Array>,
}

/// The first output for an input.
pub fn run(net: &Imported<'_>, input: &[i8]) -> Vec<i8> {
    let mut naive = Naive { net, known: HashMap::new() };
    for (number, tensor) in net.tensors.iter().enumerate() {
        if let Some(data) = &tensor.data {
            let is_bytes = data.len() as u64 == tensor.elements();
            let values: Vec<i32> = match is_bytes {
                true => data.iter().map(|b| i32::from(*b as i8)).collect(),
                false => data.chunks(4).map(|b| i32::from_le_bytes(b.try_into().unwrap())).collect(),
            };
            let shape = tensor.shape.iter().map(|n| *n as usize).collect();
            naive.known.insert(number, Array { shape, values });
        }
    }
    let shape = net.tensors[net.inputs[0]].shape.iter().map(|n| *n as usize).collect();
    naive.known.insert(net.inputs[0], Array { shape, values: input.iter().map(|x| (*x).into()).collect() });
    for operator in &net.operators {
        let made = naive.operator(operator);
        naive.known.insert(operator.outputs[0], made);
    }
    naive.known[&net.outputs[0]].values.iter().map(|x| *x as i8).collect()
}

impl Naive<'_> {
    fn quant(&self, tensor: usize) -> (f32, i32) {
        let quant = self.net.tensors[tensor].quant.as_ref().unwrap();
        (quant.scales[0], quant.zeros[0] as i32)
    }

    fn clamp(&self, operator: &Operator, activation: Activation, x: i32) -> i32 {
        let (scale, zero) = self.quant(operator.outputs[0]);
        let level = |x: f32| (x / scale).round() as i32 + zero;
        let (min, max) = match activation {
            Activation::Relu => (level(0.0), 127),
            Activation::Relu6 => (level(0.0), level(6.0)),
            Activation::ReluN1To1 => (level(-1.0), level(1.0)),
            _ => (-128, 127),
        };
        x.min(max.min(127)).max(min.max(-128))
    }

    fn operator(&self, operator: &Operator) -> Array {
        match operator.kind {
            Kind::Conv(_) | Kind::Depthwise(_) | Kind::FullyConnected { .. } => self.weighted(operator),
            Kind::AveragePool(_) | Kind::MaxPool(_) | Kind::Mean => self.pooled(operator),
            Kind::Add(_) | Kind::Mul(_) | Kind::Quantize => self.elementwise(operator),
            _ => self.moved(operator),
        }
    }

    fn input(&self, operator: &Operator, at: usize) -> &Array {
        &self.known[&operator.inputs[at].unwrap()]
    }

    fn zero(&self, operator: &Operator) -> i32 {
        self.quant(operator.inputs[0].unwrap()).1
    }

    fn weighted(&self, operator: &Operator) -> Array {
        let shape = &self.net.tensors[operator.outputs[0]].shape;
        let (first, filters, zero) = (self.input(operator, 0), self.input(operator, 1), self.zero(operator));
        match operator.kind {
            Kind::Conv(options) | Kind::Depthwise(options) => {
                let is_depthwise = matches!(operator.kind, Kind::Depthwise(_));
                let multiplier = (filters.shape[3] / first.shape[3]).max(1);
                let sides = [filters.shape[1], filters.shape[2]];
                Array::of(shape, |at| {
                    let (o, mut sum) = (at[3], 0);
                    for tap in indices(&sides) {
                        let place = window(first, options.stride, sides, options.padding, &at, &tap);
                        let Some([y, x]) = place else { continue };
                        let depths = if is_depthwise { o / multiplier..o / multiplier + 1 } else { 0..first.shape[3] };
                        for i in depths {
                            let w = if is_depthwise { [0, tap[0], tap[1], o] } else { [o, tap[0], tap[1], i] };
                            sum += (first.get(&[0, y, x, i]) - zero) * filters.get(&w);
                        }
                    }
                    self.scaled(operator, options.activation, o, sum)
                })
            }
            Kind::FullyConnected { activation, .. } => {
                let depth = filters.shape[1];
                Array::of(shape, |at| {
                    let (o, axes) = (at[at.len() - 1], &at[..at.len() - 1]);
                    let vector = axes.iter().zip(shape).fold(0, |a, (i, n)| a * *n as usize + i);
                    let xs = &first.values[vector * depth..(vector + 1) * depth];
                    let sum = xs.iter().enumerate().map(|(i, x)| (x - zero) * filters.get(&[o, i])).sum();
                    self.scaled(operator, activation, o, sum)
                })
            }
            ref kind => panic!("{kind:?}"),
        }
    }

    fn pooled(&self, operator: &Operator) -> Array {
        let shape = &self.net.tensors[operator.outputs[0]].shape;
        let (first, zero) = (self.input(operator, 0), self.zero(operator));
        if let Kind::AveragePool(pooling) | Kind::MaxPool(pooling) = operator.kind {
            return Array::of(shape, |at| {
                let sides = pooling.kernel.map(|n| n as usize);
                let places = indices(&sides)
                    .into_iter()
                    .filter_map(|tap| window(first, pooling.stride, sides, pooling.padding, &at, &tap));
                let seen: Vec<i32> = places.map(|[y, x]| first.get(&[0, y, x, at[3]])).collect();
                let sum = f64::from(seen.iter().sum::<i32>());
                let mean = (sum / seen.len() as f64).round() as i32;
                let is_max = matches!(operator.kind, Kind::MaxPool(_));
                self.clamp(operator, pooling.activation, if is_max { *seen.iter().max().unwrap() } else { mean })
            });
        }
        let rank = first.shape.len();
        let axes = &self.input(operator, 1).values;
        let axes: Vec<usize> = axes.iter().map(|a| (a.rem_euclid(rank as i32)) as usize).collect();
        let keeps = shape.len() == rank;
        let count: usize = (0..rank).filter(|a| axes.contains(a)).map(|a| first.shape[a]).product();
        let (scale, _) = self.quant(operator.inputs[0].unwrap());
        let (out_scale, out_zero) = self.quant(operator.outputs[0]);
        let factor = Requant::from_real(f64::from(scale) / f64::from(out_scale)).divided_by(count as u32);
        let all = indices(&first.shape);
        Array::of(shape, |at| {
            let is_seen = |index: &&Vec<usize>| {
                let kept: Vec<usize> = (0..rank)
                    .filter(|a| keeps || !axes.contains(a))
                    .map(|a| if axes.contains(&a) { 0 } else { index[a] })
                    .collect();
                kept == at
            };
            let sum: i32 = all.iter().filter(is_seen).map(|index| first.get(index) - zero).sum();
            (factor.apply(sum) + out_zero).clamp(-128, 127)
        })
    }

    fn elementwise(&self, operator: &Operator) -> Array {
        let shape = &self.net.tensors[operator.outputs[0]].shape;
        let first = self.input(operator, 0);
        let quant = |at: usize| self.quant(operator.inputs[at].unwrap());
        let (out_scale, out_zero) = self.quant(operator.outputs[0]);
        match operator.kind {
            Kind::Add(activation) => {
                let (pair, second) = (|(scale, zero): (f32, i32)| (scale, zero as i8), self.input(operator, 1));
                let params = AddParams::from_scales(pair(quant(0)), pair(quant(1)), out_scale);
                Array::of(shape, |at| {
                    let term = |x: i32, zero: i8, factor: Requant| factor.apply((x - i32::from(zero)) << 20);
                    let left = term(first.broadcast(&at), params.left_zero, params.left);
                    let right = term(second.broadcast(&at), params.right_zero, params.right);
                    self.clamp(operator, activation, params.output.apply(left + right) + out_zero)
                })
            }
            Kind::Mul(activation) => {
                let ((a, za), (b, zb)) = (quant(0), quant(1));
                let factor = Requant::from_real(f64::from(a) * f64::from(b) / f64::from(out_scale));
                let second = self.input(operator, 1);
                Array::of(shape, |at| {
                    let product = (first.broadcast(&at) - za) * (second.broadcast(&at) - zb);
                    self.clamp(operator, activation, factor.apply(product) + out_zero)
                })
            }
            _ => {
                let (scale, zero) = quant(0);
                let factor = Requant::from_real(f64::from(scale) / f64::from(out_scale));
                Array::of(shape, |at| (factor.apply(first.get(&at) - zero) + out_zero).clamp(-128, 127))
            }
        }
    }

    fn moved(&self, operator: &Operator) -> Array {
        let shape = &self.net.tensors[operator.outputs[0]].shape;
        let (first, zero) = (self.input(operator, 0), self.zero(operator));
        match operator.kind {
            Kind::Pad => Array::of(shape, |at| {
                let before = |axis: usize| self.input(operator, 1).values[2 * axis] as usize;
                let inside: Option<Vec<usize>> =
                    (0..at.len()).map(|a| at[a].checked_sub(before(a)).filter(|i| *i < first.shape[a])).collect();
                inside.map_or(zero, |index| first.get(&index))
            }),
            Kind::Reshape => Array { shape: shape.iter().map(|n| *n as usize).collect(), values: first.values.clone() },
            Kind::Transpose => Array::of(shape, |at| {
                let mut index = vec![0; at.len()];
                let axes = self.input(operator, 1).values.iter();
                axes.zip(&at).for_each(|(axis, i)| index[*axis as usize] = *i);
                first.get(&index)
            }),
            Kind::Concatenation { axis, .. } => Array::of(shape, |mut at| {
                let axis = axis.rem_euclid(at.len() as i32) as usize;
                let mut part = 0;
                while at[axis] >= self.input(operator, part).shape[axis] {
                    at[axis] -= self.input(operator, part).shape[axis];
                    part += 1;
                }
                self.input(operator, part).get(&at)
            }),
            Kind::ResizeNearest { .. } => Array::of(shape, |at| {
                let from = |axis: usize| at[axis] * first.shape[axis] / shape[axis] as usize;
                first.get(&[0, from(1), from(2), at[3]])
            }),
            ref kind => panic!("{kind:?}"),
        }
    }

    fn scaled(&self, operator: &Operator, activation: Activation, o: usize, sum: i32) -> i32 {
        let [input, weights] = [0, 1].map(|at| operator.inputs[at].unwrap());
        let bias = operator.inputs[2].map_or(0, |tensor| self.known[&tensor].values[o]);
        let scales = &self.net.tensors[weights].quant.as_ref().unwrap().scales;
        let (out_scale, out_zero) = self.quant(operator.outputs[0]);
        let is_one_product = matches!(operator.kind, Kind::FullyConnected { .. }) && scales.len() == 1;
        let (input, w) = (self.quant(input).0, scales[if scales.len() == 1 { 0 } else { o }]);
        let product = if is_one_product { f64::from(input * w) } else { f64::from(input) * f64::from(w) };
        let factor = Requant::from_real(product / f64::from(out_scale));
        self.clamp(operator, activation, factor.apply(sum + bias) + out_zero)
    }
}

/// The input pixel that a tap of an output position sees.
fn window(
    input: &Array,
    stride: [u32; 2],
    kernel: [usize; 2],
    padding: Padding,
    at: &[usize],
    tap: &[usize],
) -> Option<[usize; 2]> {
    let mut place = [0; 2];
    for axis in 0..2 {
        let (side, stride) = (input.shape[1 + axis], stride[axis] as usize);
        let before = match padding {
            Padding::Same => ((side.div_ceil(stride) - 1) * stride + kernel[axis]).saturating_sub(side) / 2,
            _ => 0,
        };
        let position = (at[1 + axis] * stride + tap[axis]).checked_sub(before)?;
        place[axis] = Some(position).filter(|p| *p < side)?;
    }
    Some(place)
}
