//! UART 0 of QEMU's `mps2-an386`, as far as the firmware uses it: Arm Cortex-M System Design Kit TRM (DDI 0479), 4.3.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, Mutex},
};

use tinynas_sim::bus::{BusError, Peripheral, Width};

const BASE: u32 = 0x4000_4000;
const DATA: u32 = BASE;
const STATE: u32 = BASE + 0x04;
const CONTROL: u32 = BASE + 0x08;
const INTERRUPT: u32 = BASE + 0x0c;
const DIVIDER: u32 = BASE + 0x10;

/// A byte has arrived.
const RECEIVED: u32 = 2;

/// A line whose other end has sent everything already, and takes every byte at once.
pub struct Uart {
    arriving: VecDeque<u8>,
    sent: Arc<Mutex<Vec<u8>>>,
    control: u32,
    divider: u32,
}

impl Uart {
    /// The line, and where the bytes go that the board sends.
    pub fn with_input(bytes: &[u8]) -> (Self, Arc<Mutex<Vec<u8>>>) {
        let sent = Arc::default();
        (Self { arriving: bytes.iter().copied().collect(), sent: Arc::clone(&sent), control: 0, divider: 0 }, sent)
    }
}

impl Peripheral for Uart {
    fn windows(&self) -> Vec<Range<u32>> {
        std::iter::once(BASE..BASE + 0x1000).collect()
    }

    fn read(&mut self, address: u32, _: Width) -> Result<u32, BusError> {
        match address {
            DATA => Ok(self.arriving.pop_front().unwrap_or(0).into()),
            STATE => Ok(if self.arriving.is_empty() { 0 } else { RECEIVED }),
            CONTROL => Ok(self.control),
            INTERRUPT => Ok(0),
            DIVIDER => Ok(self.divider),
            _ => Err(BusError { address }),
        }
    }

    fn write(&mut self, address: u32, value: u32, _: Width) -> Result<(), BusError> {
        match address {
            DATA => self.sent.lock().expect("one thread").push(value as u8),
            CONTROL => self.control = value,
            DIVIDER => self.divider = value,
            STATE | INTERRUPT => {}
            _ => return Err(BusError { address }),
        }
        Ok(())
    }
}
