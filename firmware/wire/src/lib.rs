//! Messages between host and board.
#![no_std]
