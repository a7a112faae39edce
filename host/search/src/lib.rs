//! Search strategies under hard limits.
