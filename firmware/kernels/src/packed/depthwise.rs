//! Depthwise.
