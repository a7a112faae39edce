//! The devices that benchmarks touch before and while they print: serial ports, clocks that are ready at once, a random
//! number generator.
//!
//! | board | serial port | clock | random numbers |
//! |---|---|---|---|
//! | STM32F4 (RM0090) | USART2, 0x4000_4400: SR, DR | RCC 0x4002_3800 | 0x5006_0800 |
//! | STM32L4, L4+ (RM0432) | LPUART1, 0x4000_8000: ISR, TDR | RCC 0x4002_1000 | 0x5006_0800 |
//! | Arm MPS2 (Arm DUI0379) | UART0, 0x4000_4000: DATA, STATE | – | – |
//!
//! Everything else in 0x4000_0000 to 0x5fff_ffff reads what was written to it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use tinynas_sim::bus::{BusError, Peripheral, Width};

/// The text that a program wrote.
#[derive(Clone, Default)]
pub struct Console {
    text: Arc<Mutex<Vec<u8>>>,
}

impl Console {
    /// The devices that write to it.
    pub fn devices(&self) -> Vec<Box<dyn Peripheral>> {
        vec![Box::new(Devices { console: self.clone(), registers: HashMap::new(), random: 1 })]
    }

    /// What was written since the last call.
    pub fn take(&self) -> String {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&std::mem::take(&mut *text)).into_owned()
    }

    fn write(&self, byte: u8) {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).push(byte);
    }
}

/// Peripherals of all these chips.
const DEVICES: Range<u32> = 0x4000_0000..0x6000_0000;

const F4_USART2_SR: u32 = 0x4000_4400;
const F4_USART2_DR: u32 = 0x4000_4404;
const L4_LPUART1_ISR: u32 = 0x4000_801c;
const L4_LPUART1_TDR: u32 = 0x4000_8028;
const MPS2_UART0_DATA: u32 = 0x4000_4000;
const MPS2_UART0_STATE: u32 = 0x4000_4004;
/// Transmission complete, data register empty: bits 6 and 7 in both families.
const SENT: u32 = 0xc0;

const F4_RCC_CR: u32 = 0x4002_3800;
const F4_RCC_CFGR: u32 = 0x4002_3808;
const L4_RCC_CR: u32 = 0x4002_1000;
const L4_RCC_CFGR: u32 = 0x4002_1008;
const L4_RCC_BDCR: u32 = 0x4002_1090;
const L4_RCC_CSR: u32 = 0x4002_1094;
const L4_RCC_CRRCR: u32 = 0x4002_1098;

const RANDOM_SR: u32 = 0x5006_0804;
const RANDOM_DR: u32 = 0x5006_0808;

struct Devices {
    console: Console,
    registers: HashMap<u32, u32>,
    random: u32,
}

impl Peripheral for Devices {
    fn windows(&self) -> Vec<Range<u32>> {
        Vec::from([DEVICES])
    }

    fn read(&mut self, address: u32, _width: Width) -> Result<u32, BusError> {
        let register = address & !3;
        let written = self.registers.get(&register).copied().unwrap_or(0);
        let value = match register {
            F4_USART2_SR | L4_LPUART1_ISR => written | SENT,
            MPS2_UART0_STATE => 0,
            // Each oscillator and PLL has its ready bit just above its switch; the L4's HSI two above.
            F4_RCC_CR => ready(written, &[(0, 1), (16, 17), (24, 25), (26, 27), (28, 29)]),
            L4_RCC_CR => ready(written, &[(0, 1), (8, 10), (16, 17), (24, 25), (26, 27), (28, 29)]),
            L4_RCC_BDCR | L4_RCC_CSR | L4_RCC_CRRCR => ready(written, &[(0, 1)]),
            // The clock that was switched to.
            F4_RCC_CFGR | L4_RCC_CFGR => (written & !0xc) | ((written & 3) << 2),
            RANDOM_SR => 1,
            RANDOM_DR => {
                self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                self.random ^ (self.random >> 16)
            }
            _ => written,
        };
        Ok(value >> (8 * (address & 3)))
    }

    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        let register = address & !3;
        if matches!(register, F4_USART2_DR | L4_LPUART1_TDR | MPS2_UART0_DATA) {
            self.console.write(value as u8);
            return Ok(());
        }
        let shift = 8 * (address & 3);
        let mask = (u32::MAX >> (32 - 8 * width.bytes())) << shift;
        let old = self.registers.get(&register).copied().unwrap_or(0);
        self.registers.insert(register, (old & !mask) | ((value << shift) & mask));
        Ok(())
    }

    fn reset(&mut self) {
        self.registers.clear();
    }
}

/// Sets the second bit of each pair where the first is set.
fn ready(value: u32, pairs: &[(u32, u32)]) -> u32 {
    pairs.iter().fold(value, |value, (on, ready)| (value & !(1 << ready)) | ((value >> on & 1) << ready))
}
