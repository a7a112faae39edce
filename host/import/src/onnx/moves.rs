//! Nodes that move values without computing: shapes, orders of axes, concatenation.

use tract_onnx::pb::NodeProto;

use super::{Known, Move, Reader, Seen, constant::Attributes, node::Made, spatial::name};
use crate::{Activation, Element, Kind};

impl Reader {
    pub(super) fn concat(&mut self, node: &NodeProto) -> Made {
        let mut all = Vec::new();
        for at in 0..node.input.len() {
            let Known::Activation(seen) = self.argument(node, at)? else { return None };
            all.push(seen);
        }
        let is_image = all.iter().any(|seen| seen.is_image);
        let tensors: Vec<usize> =
            all.into_iter().map(|seen| if is_image { self.image(seen) } else { seen.tensor }).collect();
        let mut shape = self.shape(*tensors.first()?);
        let rank = shape.len() as i64;
        let axis = node.int("axis", 1);
        let axis = usize::try_from(if axis < 0 { axis + rank } else { axis }).ok()?;
        // NCHW → NHWC
        let axis = if is_image { *[0, 3, 1, 2].get(axis)? } else { axis };
        let mut sides = tensors.iter().map(|tensor| self.shape(*tensor).get(axis).copied());
        *shape.get_mut(axis)? = sides.try_fold(0u32, |sum, side| sum.checked_add(side?))?;
        let quant = self.net.tensors[*tensors.first()?].quant.clone();
        if tensors.iter().any(|tensor| self.net.tensors[*tensor].quant != quant) {
            return None;
        }
        let output = self.tensor(name(node), &shape, Element::I8, quant);
        let kind = Kind::Concatenation { axis: i32::try_from(axis).ok()?, activation: Activation::Linear };
        self.push(kind, &node.op_type, tensors.into_iter().map(Some).collect(), output);
        Some(Known::Activation(Seen { tensor: output, is_image }))
    }

    /// What moves values without computing: Reshape, Flatten, Squeeze, Unsqueeze, Transpose.
    pub(super) fn movement(&mut self, node: &NodeProto) -> Made {
        match self.argument(node, 0)? {
            Known::Raw(raw, moves) => {
                let shape = moves.last().map_or_else(|| self.shape(raw), Move::shape);
                let by = self.resolved(node, &shape)?;
                Some(Known::Raw(raw, moves.into_iter().chain([by]).collect()))
            }
            Known::Activation(seen) => {
                let shape = self.logical_shape(seen);
                let by = self.resolved(node, &shape)?;
                if let (Move::Transpose(order, _), 4) = (&by, shape.len()) {
                    match (seen.is_image, order.as_slice()) {
                        (true, [0, 2, 3, 1]) => return Some(Known::Activation(Seen { is_image: false, ..seen })),
                        (false, [0, 3, 1, 2]) => return Some(Known::Activation(Seen { is_image: true, ..seen })),
                        _ => {}
                    }
                }
                let tensor = self.logical(seen);
                let tensor = self.moved(tensor, &by);
                Some(Known::Activation(Seen { tensor, is_image: false }))
            }
            _ => None,
        }
    }

    /// What a node does to a shape.
    fn resolved(&self, node: &NodeProto, shape: &[u32]) -> Option<Move> {
        let elements = shape.iter().try_fold(1u32, |n, side| n.checked_mul(*side))?;
        let rank = shape.len() as i64;
        let listed = || match self.constant_argument(node, 1) {
            Some(constant) => constant.integers(),
            None => node.ints("axes").map(<[i64]>::to_vec),
        };
        let place = |axis: i64, rank: i64| usize::try_from(if axis < 0 { axis + rank } else { axis }).ok();
        let made = match node.op_type.as_str() {
            "Transpose" => {
                let order: Option<Vec<usize>> = match node.ints("perm") {
                    Some(order) => order.iter().map(|axis| usize::try_from(*axis).ok()).collect(),
                    None => Some((0..shape.len()).rev().collect()),
                };
                let order = order
                    .filter(|order| order.len() == shape.len() && (0..order.len()).all(|axis| order.contains(&axis)))?;
                let sides = order.iter().map(|axis| shape[*axis]).collect();
                return Some(Move::Transpose(order, sides));
            }
            "Flatten" => {
                let axis = place(node.int("axis", 1), rank)?;
                let rows = shape.get(..axis)?.iter().try_fold(1u32, |n, side| n.checked_mul(*side))?;
                vec![rows, elements.checked_div(rows)?]
            }
            "Squeeze" => {
                let axes: Option<Vec<usize>> =
                    listed().map(|axes| axes.iter().filter_map(|a| place(*a, rank)).collect());
                let is_left = |at: &usize| {
                    axes.as_ref().is_none_or(|axes| !axes.contains(at)) && (axes.is_some() || shape[*at] != 1)
                };
                (0..shape.len()).filter(is_left).map(|at| shape[at]).collect()
            }
            "Unsqueeze" => {
                let axes = listed().filter(|axes| axes.len() <= 6)?;
                let rank = rank + axes.len() as i64;
                let axes: Vec<usize> = axes.iter().filter_map(|axis| place(*axis, rank)).collect();
                let mut left = shape.iter();
                let side = |at: usize| if axes.contains(&at) { Some(1) } else { left.next().copied() };
                (0..usize::try_from(rank).ok()?).map(side).collect::<Option<_>>()?
            }
            _ => {
                let wanted = listed()?;
                let side = |(at, side): (usize, &i64)| match side {
                    0 => shape.get(at).copied(),
                    -1 => Some(0),
                    side => u32::try_from(*side).ok(),
                };
                let mut made: Vec<u32> = wanted.iter().enumerate().map(side).collect::<Option<_>>()?;
                let known = made.iter().filter(|side| **side > 0).try_fold(1u32, |n, side| n.checked_mul(*side))?;
                if let Some(open) = made.iter_mut().find(|side| **side == 0) {
                    *open = elements.checked_div(known)?;
                }
                made
            }
        };
        let agrees = made.len() <= 6 && made.iter().try_fold(1u32, |n, side| n.checked_mul(*side)) == Some(elements);
        agrees.then_some(Move::Reshape(made))
    }
}

impl Move {
    /// The shape behind it.
    fn shape(&self) -> Vec<u32> {
        match self {
            Self::Reshape(shape) | Self::Transpose(_, shape) => shape.clone(),
        }
    }
}
