//! Frames: postcard bytes + CRC-32, COBS-encoded, closed by a zero byte.
//!
//! COBS (Cheshire and Baker, "Consistent Overhead Byte Stuffing", 1999) leaves no zero inside a
//! frame, so a reader that joins late or lost bytes is in step again at the next zero.

use serde::{Deserialize, Serialize};

use crate::FRAME;

/// Why bytes were not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// The message does not fit [`FRAME`].
    TooLong,
    /// COBS codes point outside the frame.
    Stuffing,
    /// The checksum differs.
    Checksum,
    /// The bytes are intact but are no such message.
    Message,
}

impl core::fmt::Display for FrameError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "frame too long",
            Self::Stuffing => "frame cut short",
            Self::Checksum => "checksum differs",
            Self::Message => "unknown message",
        })
    }
}

impl core::error::Error for FrameError {}

/// Encodes `message` and hands the frame to `write` in pieces, the closing zero last.
///
/// # Errors
/// [`FrameError::TooLong`]: nothing was written.
pub fn send(message: &impl Serialize, write: &mut impl FnMut(&[u8])) -> Result<(), FrameError> {
    let mut buffer = [0; FRAME];
    let length = postcard::to_slice(message, &mut buffer).map_err(|_| FrameError::TooLong)?.len();
    let checksum = crc32(buffer.get(..length).unwrap_or(&[])).to_le_bytes();
    buffer.get_mut(length..length + checksum.len()).ok_or(FrameError::TooLong)?.copy_from_slice(&checksum);
    let mut rest = buffer.get(..length + checksum.len()).ok_or(FrameError::TooLong)?;
    loop {
        let run = rest.iter().take(254).take_while(|&&byte| byte != 0).count();
        let (block, tail) = rest.split_at(run);
        write(&[run as u8 + 1]);
        write(block);
        rest = match tail.split_first() {
            None => break,
            Some((0, after)) if run < 254 => after,
            Some(_) => tail,
        };
        // A zero that ended the data still needs its empty block: the loop writes it.
    }
    write(&[0]);
    Ok(())
}

/// Collects bytes into frames. Decodes COBS on the way, so it holds one frame only.
pub struct Receiver {
    buffer: [u8; FRAME],
    length: usize,
    /// Bytes left in the current COBS block; 0 before the first code byte.
    left: u8,
    /// Whether a zero stands between this block and the next.
    zero: bool,
    started: bool,
    overrun: bool,
}

impl Receiver {
    /// At the start of a frame.
    pub const fn new() -> Self {
        Self { buffer: [0; FRAME], length: 0, left: 0, zero: false, started: false, overrun: false }
    }

    /// Takes one byte. At the end of a frame: its checked payload, ready for [`decode`].
    pub fn push(&mut self, byte: u8) -> Option<Result<&[u8], FrameError>> {
        if byte == 0 {
            return self.finish();
        }
        if self.left == 0 {
            if self.started && self.zero {
                self.store(0);
            }
            self.started = true;
            self.left = byte - 1;
            self.zero = byte != 0xff;
        } else {
            self.store(byte);
            self.left -= 1;
        }
        None
    }

    fn store(&mut self, byte: u8) {
        match self.buffer.get_mut(self.length) {
            Some(place) => {
                *place = byte;
                self.length += 1;
            }
            None => self.overrun = true,
        }
    }

    fn finish(&mut self) -> Option<Result<&[u8], FrameError>> {
        let (length, cut, started, overrun) = (self.length, self.left != 0, self.started, self.overrun);
        (self.length, self.left, self.zero, self.started, self.overrun) = (0, 0, false, false, false);
        if !started {
            return None; // Two zeros in a row: an idle line, not a frame.
        }
        if overrun {
            return Some(Err(FrameError::TooLong));
        }
        if cut || length < 4 {
            return Some(Err(FrameError::Stuffing));
        }
        let Some((payload, sum)) = self.buffer.get(..length).and_then(<[u8]>::split_last_chunk::<4>) else {
            return Some(Err(FrameError::Stuffing));
        };
        if crc32(payload) != u32::from_le_bytes(*sum) {
            return Some(Err(FrameError::Checksum));
        }
        Some(Ok(payload))
    }
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads a message from a frame's payload.
///
/// # Errors
/// [`FrameError::Message`] if the bytes are something else.
pub fn decode<'a, M: Deserialize<'a>>(payload: &'a [u8]) -> Result<M, FrameError> {
    postcard::from_bytes(payload).map_err(|_| FrameError::Message)
}

/// CRC-32 (IEEE 802.3, reflected), four bits at a time: a table of 64 bytes is enough at wire speed.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 4) ^ NIBBLES[(crc & 15) as usize];
    !bytes.iter().fold(!0, |crc, &byte| step(step(crc ^ u32::from(byte))))
}

const NIBBLES: [u32; 16] = {
    let mut table = [0; 16];
    let mut index = 0;
    while index < 16 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::{Event, Request};

    fn frame(message: &impl Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        send(message, &mut |part| bytes.extend_from_slice(part)).expect("fits");
        bytes
    }

    fn receive(bytes: &[u8]) -> Vec<Result<Vec<u8>, FrameError>> {
        let mut receiver = Receiver::new();
        bytes.iter().filter_map(|&byte| receiver.push(byte).map(|frame| frame.map(<[u8]>::to_vec))).collect()
    }

    #[test]
    fn crc_is_the_ieee_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn every_message_survives_and_holds_one_zero(offset: u32, chunk in prop::collection::vec(0u8..3, 0..=crate::CHUNK)) {
            let message = Request::Input { offset, chunk: &chunk };
            let bytes = frame(&message);
            prop_assert_eq!(bytes.iter().filter(|&&byte| byte == 0).count(), 1);
            let frames = receive(&bytes);
            prop_assert_eq!(frames.len(), 1);
            let payload = frames[0].as_ref().expect("intact");
            prop_assert_eq!(decode::<Request>(payload), Ok(message));
        }

        #[test]
        fn full_length_runs_without_a_zero_survive(chunk in prop::collection::vec(1u8.., crate::CHUNK - 4..=crate::CHUNK)) {
            let message = Event::Output { offset: u32::MAX, chunk: &chunk };
            let frames = receive(&frame(&message));
            prop_assert_eq!(decode::<Event>(frames[0].as_ref().expect("intact")), Ok(message));
        }

        #[test]
        fn a_flipped_bit_is_noticed_and_the_next_frame_is_read(chunk in prop::collection::vec(any::<u8>(), 0..64), place: usize, bit in 0u32..8) {
            let good = frame(&Request::Run);
            let mut bytes = frame(&Request::Input { offset: 7, chunk: &chunk });
            let place = place % (bytes.len() - 1);
            bytes[place] ^= 1 << bit;
            bytes.extend_from_slice(&good);
            let frames = receive(&bytes);
            let (last, damaged) = frames.split_last().expect("the good frame");
            prop_assert_eq!(last.as_ref().map(|payload| decode::<Request>(payload)), Ok(Ok(Request::Run)));
            prop_assert!(damaged.iter().all(Result::is_err));
        }

        #[test]
        fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            for frame in receive(&bytes).into_iter().flatten() {
                let _ = decode::<Event>(&frame);
                let _ = decode::<Request>(&frame);
            }
        }
    }

    #[test]
    fn the_longest_messages_fit() {
        let words = std::string::String::from_utf8(std::vec![b'x'; 96]).expect("text");
        let code = crate::ErrorCode::Panic;
        let error = Event::Error { code, message: &words, file: &words[..80], line: u32::MAX };
        let full = [0xff; crate::CHUNK];
        for event in [error, Event::Output { offset: u32::MAX, chunk: &full }] {
            assert_eq!(receive(&frame(&event)).len(), 1);
        }
        let too_long = [0; FRAME];
        let refused = send(&Event::Output { offset: 0, chunk: &too_long }, &mut |_| panic!("nothing may be written"));
        assert_eq!(refused, Err(FrameError::TooLong));
    }

    #[test]
    fn idle_zeros_are_no_frames() {
        assert!(receive(&[0, 0, 0]).is_empty());
    }

    #[test]
    fn an_endless_frame_is_an_error_once() {
        let mut bytes = std::vec![1u8; 3 * FRAME];
        bytes.push(0);
        assert_eq!(receive(&bytes), [Err(FrameError::TooLong)]);
    }
}
