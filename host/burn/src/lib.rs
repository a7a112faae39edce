//! The network as a burn module, with fast CPU operations.
