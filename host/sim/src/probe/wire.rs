//! Serial wire debug, bit by bit: line reset, requests, acknowledges and data phases.
//!
//! Arm ADIv5.2 (IHI 0031), section B4. The probe's turnaround bits are not part of the stream: a Black Magic
//! Probe inserts them itself, so that the first bit it samples is the first bit of the acknowledge.

use super::DebugTarget;
use super::adi::DebugPort;

const ACK_OK: u64 = 0b001;
const ACK_FAULT: u64 = 0b100;
/// This many ones in a row are a line reset.
const LINE_RESET: u32 = 50;

/// A request that was acknowledged.
#[derive(Clone, Copy, Debug)]
struct Request {
    access_port: bool,
    address: u8,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Nothing but a line reset is understood: as after power-on, and after a wrong request.
    Lost,
    Idle,
    /// Bits of a request so far.
    Request {
        bits: u8,
        count: u8,
    },
    /// Bits of a write's data and parity so far.
    Data {
        request: Request,
        bits: u64,
        count: u8,
    },
}

/// The target's end of the wire.
#[derive(Clone, Debug)]
pub struct Wire {
    state: State,
    ones: u32,
    /// What the target drives next, least significant bit first.
    answer: u64,
    answer_bits: u8,
}

impl Default for Wire {
    fn default() -> Self {
        Self { state: State::Lost, ones: 0, answer: 0, answer_bits: 0 }
    }
}

impl Wire {
    /// Whether the target understands nothing but a line reset.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost)
    }

    /// The probe drives the `count` low bits of `bits`, least significant first.
    pub fn drive(&mut self, bits: u32, count: u8, port: &mut DebugPort, target: &mut dyn DebugTarget) {
        for index in 0..count.min(32) {
            self.answer_bits = 0;
            self.clock(bits >> index & 1 == 1, port, target);
        }
    }

    /// The probe samples `count` bits; where the target drives nothing the line is pulled up.
    pub fn sample(&mut self, count: u8) -> u32 {
        let count = count.min(32);
        let driven = self.answer_bits.min(count);
        let high = u64::MAX << driven;
        let sampled = self.answer & !high | high;
        self.answer = self.answer.checked_shr(u32::from(driven)).unwrap_or(0);
        self.answer_bits -= driven;
        (sampled & ((1 << count) - 1)) as u32
    }

    fn clock(&mut self, bit: bool, port: &mut DebugPort, target: &mut dyn DebugTarget) {
        self.ones = if bit { self.ones + 1 } else { 0 };
        if self.ones >= LINE_RESET {
            // Idle begins with the first zero after it; until then this is reached again with each one.
            self.state = State::Idle;
            return;
        }
        self.state = match self.state {
            State::Lost => State::Lost,
            State::Idle if bit => State::Request { bits: 1, count: 1 },
            State::Idle => State::Idle,
            State::Request { bits, count } => {
                let bits = bits | u8::from(bit) << count;
                if count < 7 { State::Request { bits, count: count + 1 } } else { self.request(bits, port, target) }
            }
            State::Data { request, bits, count } => {
                let bits = bits | u64::from(bit) << count;
                if count < 32 {
                    State::Data { request, bits, count: count + 1 }
                } else {
                    // A wrong parity is dropped; WDATAERR is not kept, since this wire makes no errors.
                    if bits.count_ones() % 2 == 0 {
                        let _ = write(request, bits as u32, port, target);
                    }
                    State::Idle
                }
            }
        };
    }

    fn request(&mut self, bits: u8, port: &mut DebugPort, target: &mut dyn DebugTarget) -> State {
        // Bits 0 to 7: start, APnDP, RnW, A2, A3, parity of those four, stop (0), park (1).
        let parity = (bits >> 1 & 0xf).count_ones() as u8 & 1;
        if bits & 0xc1 != 0x81 || bits >> 5 & 1 != parity {
            return State::Lost;
        }
        let request = Request { access_port: bits & 2 != 0, address: bits >> 1 & 0xc };
        if bits & 4 == 0 {
            let blocked = port.is_faulted() && (request.access_port || request.address != 0);
            self.answer = if blocked { ACK_FAULT } else { ACK_OK };
            self.answer_bits = 3;
            // The data phase follows a FAULT too: the driver always sends it, as overrun detection asks.
            return State::Data { request, bits: 0, count: 0 };
        }
        let value = if request.access_port {
            port.read_access_port(request.address, target)
        } else {
            port.read(request.address)
        };
        match value {
            Ok(value) => {
                let parity = u64::from(value.count_ones() & 1);
                self.answer = ACK_OK | u64::from(value) << 3 | parity << 35;
                self.answer_bits = 36;
            }
            Err(_) => {
                self.answer = ACK_FAULT;
                self.answer_bits = 3;
            }
        }
        State::Idle
    }
}

fn write(
    request: Request,
    value: u32,
    port: &mut DebugPort,
    target: &mut dyn DebugTarget,
) -> Result<(), super::adi::Fault> {
    if request.access_port {
        port.write_access_port(request.address, value, target)
    } else {
        port.write(request.address, value)
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
