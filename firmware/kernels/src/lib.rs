//! int8 kernels.
#![no_std]
