//! Large buffers that go from step to step instead of back to the system.
//!
//! A step allocates the same few dozen sizes as the step before it. glibc returns buffers this large to the
//! system at once, so that every step pays for fresh pages and for zeroing them; here they wait for the next
//! operation that asks for their length. What waits is bounded, the longest unused goes first.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Elements that wait at most: 512 MiB.
const LIMIT: usize = 1 << 27;

/// Shorter buffers are left to the allocator, which keeps them itself.
const LEAST: usize = 1 << 13;

struct Waiting {
    /// The longest unused first.
    buffers: VecDeque<Vec<f32>>,
    elements: usize,
}

static WAITING: Mutex<Waiting> = Mutex::new(Waiting { buffers: VecDeque::new(), elements: 0 });

/// A buffer of `len` elements with anything in them.
pub fn any(len: usize) -> Vec<f32> {
    if len >= LEAST {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = waiting.buffers.iter().rposition(|buffer| buffer.len() == len) {
            waiting.elements -= len;
            return waiting.buffers.remove(at).unwrap_or_default();
        }
    }
    vec![0.0; len]
}

/// A buffer of `len` zeros.
pub fn zeros(len: usize) -> Vec<f32> {
    let mut buffer = any(len);
    buffer.fill(0.0);
    buffer
}

/// Takes back a buffer that is no longer needed.
pub fn give_back(buffer: Vec<f32>) {
    if !(LEAST..=LIMIT).contains(&buffer.len()) {
        return;
    }
    let mut dropped = Vec::new();
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    waiting.elements += buffer.len();
    waiting.buffers.push_back(buffer);
    while waiting.elements > LIMIT {
        dropped.extend(waiting.buffers.pop_front());
        waiting.elements = waiting.buffers.iter().map(Vec::len).sum();
    }
    drop(waiting);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_to_who_asks_for_its_length() {
        // A length that no other test uses.
        let len = LEAST + 12_345;
        let mut buffer = any(len);
        buffer[7] = 3.0;
        let address = buffer.as_ptr();
        give_back(buffer);
        let longer = any(len + 1);
        assert_ne!(longer.as_ptr(), address);
        let again = zeros(len);
        assert_eq!((again.as_ptr(), again.len(), again[7]), (address, len, 0.0));
    }

    #[test]
    fn what_waits_is_bounded() {
        for i in 0..9 {
            give_back(vec![0.0; LIMIT / 4 + i]);
        }
        let waiting = WAITING.lock().unwrap();
        assert!(waiting.elements <= LIMIT);
        assert_eq!(waiting.elements, waiting.buffers.iter().map(Vec::len).sum::<usize>());
    }
}
