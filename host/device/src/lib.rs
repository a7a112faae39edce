//! Boards that run a compiled model: QEMU first.
