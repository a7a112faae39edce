//! Messages between host and board: versioned, checked, and the same types on both sides.
//!
//! The host asks with [`Request`], the board answers with [`Event`]s. Every message is one frame:
//! postcard bytes, a CRC-32, COBS-encoded and closed by a zero byte ([`frame`]). The first message
//! each way is a hello that carries [`PROTOCOL`] and [`SCHEMA`]; two sides that were built from
//! different messages find out there and nowhere else. [`serve()`] is the board's side of the
//! conversation, generic over the wire and over what runs the model, so the whole protocol also
//! runs inside one process.
#![no_std]

pub mod frame;
mod message;
mod schema;
pub mod serve;
mod text;

pub use message::{Crash, ErrorCode, Event, HardFault, Hello, HostHello, Layer, ModelInfo, Request, Stats};
pub use serve::{Failure, Host, Machine, Port, serve};
pub use text::Text;

/// Version of the conversation (order of messages, framing). The layout of messages has its own check, [`SCHEMA`].
pub const PROTOCOL: u16 = 1;

/// Hash of the message definitions both sides were compiled from (comments and white space left out).
pub const SCHEMA: u64 = schema::hash(include_bytes!("message.rs"));

/// Longest run of input or output bytes in one message.
pub const CHUNK: usize = 224;

/// Longest frame before COBS: a full chunk, its offset, tags and the CRC.
pub const FRAME: usize = 256;
