//! k×k convolution over packed weights.
