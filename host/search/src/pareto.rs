//! Fronts of points of which every coordinate is to be small, and the volume that they dominate.

use std::cmp::Ordering;

/// Whether `a` is nowhere larger than `b` and somewhere smaller.
#[must_use]
pub fn dominates(a: &[f64], b: &[f64]) -> bool {
    let mut smaller = false;
    for (a, b) in a.iter().zip(b) {
        match a.partial_cmp(b) {
            Some(Ordering::Less) => smaller = true,
            Some(Ordering::Equal) => {}
            _ => return false,
        }
    }
    smaller
}

/// Positions by front: nothing dominates those of the first; without them nothing dominates those of the second; and
/// so on. (Fast non-dominated sort, Deb et al. 2002: O(objectives · n²).)
#[must_use]
pub fn fronts(points: &[Vec<f64>]) -> Vec<Vec<usize>> {
    let mut dominated_by: Vec<usize> = vec![0; points.len()];
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); points.len()];
    for (a, first) in points.iter().enumerate() {
        for (b, second) in points.iter().enumerate() {
            if dominates(first, second) {
                below[a].push(b);
                dominated_by[b] += 1;
            }
        }
    }
    let mut fronts = Vec::new();
    let mut front: Vec<usize> = (0..points.len()).filter(|at| dominated_by[*at] == 0).collect();
    while !front.is_empty() {
        let mut next = Vec::new();
        for lower in front.iter().flat_map(|at| &below[*at]) {
            dominated_by[*lower] -= 1;
            if dominated_by[*lower] == 0 {
                next.push(*lower);
            }
        }
        fronts.push(std::mem::replace(&mut front, next));
    }
    fronts
}

/// Crowding distance of each of `members`, which are one front (Deb et al. 2002); ∞ at the ends of an objective.
#[must_use]
pub fn crowding(points: &[Vec<f64>], members: &[usize]) -> Vec<f64> {
    let mut distance = vec![0.0; members.len()];
    let objectives = members.first().map_or(0, |at| points[*at].len());
    let column = |objective: usize| members.iter().map(|at| points[*at][objective]).collect::<Vec<f64>>();
    for values in (0..objectives).map(column) {
        let value = |i: usize| values[i];
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
        let (first, last) = (order[0], order[order.len() - 1]);
        let range = value(last) - value(first);
        for at in order.windows(3) {
            if range > 0.0 {
                distance[at[1]] += (value(at[2]) - value(at[0])) / range;
            }
        }
        (distance[first], distance[last]) = (f64::INFINITY, f64::INFINITY);
    }
    distance
}

/// The volume between `points` and `reference`: of all that some point dominates or equals and that is nowhere larger
/// than `reference`. Exact for any number of objectives; meant for 2 to 4 (n points: n^(objectives − 1) · ln n).
///
/// By slices along the last objective (While et al., IEEE TEC 2006, "hypervolume by slicing objectives"). Points that
/// are not below the reference everywhere, and points with a coordinate that is not a number, add nothing.
#[must_use]
pub fn hypervolume(points: &[Vec<f64>], reference: &[f64]) -> f64 {
    let inside = |point: &&Vec<f64>| {
        point.len() == reference.len() && point.iter().zip(reference).all(|(x, most)| x.is_finite() && x < most)
    };
    let inside: Vec<&[f64]> = points.iter().filter(inside).map(Vec::as_slice).collect();
    volume(&inside, reference)
}

fn volume(points: &[&[f64]], reference: &[f64]) -> f64 {
    let Some((most, rest)) = reference.split_last() else { return 0.0 };
    let last = rest.len();
    let mut order = points.to_vec();
    order.sort_by(|a, b| a[last].total_cmp(&b[last]));
    if last == 0 {
        return order.first().map_or(0.0, |point| most - point[0]);
    }
    let mut sum = 0.0;
    // What is below a slice without those of it that another one there dominates.
    let mut below: Vec<&[f64]> = Vec::new();
    for (at, point) in order.iter().enumerate() {
        let covers = |a: &[f64], b: &[f64]| a[..last].iter().zip(&b[..last]).all(|(a, b)| a <= b);
        if !below.iter().any(|other| covers(other, point)) {
            below.retain(|other| !covers(point, other));
            below.push(point);
        }
        let next = order.get(at + 1).map_or(*most, |next| next[last]);
        if next > point[last] {
            sum += (next - point[last]) * volume(&below, rest);
        }
    }
    sum
}
