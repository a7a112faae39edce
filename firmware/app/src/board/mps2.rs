//! QEMU's `mps2-an386`: CMSDK UART 0 as the wire, semihosting as the way out.
//!
//! Registers: Arm Cortex-M System Design Kit TRM (DDI 0479), section 4.3; the FPGA image's memory
//! map: Arm Application Note 386, section 4.

use core::arch::asm;

use tinynas_wire::Port;

use super::Exit;

const UART: usize = 0x4000_4000;
const DATA: *mut u32 = UART as *mut u32;
const STATE: *const u32 = (UART + 0x04) as *const u32;
const CTRL: *mut u32 = (UART + 0x08) as *mut u32;
const INTERRUPT: *mut u32 = (UART + 0x0c) as *mut u32;
const DIVIDER: *mut u32 = (UART + 0x10) as *mut u32;
const TX_FULL: u32 = 1;
const RX_FULL: u32 = 2;
/// Transmitter and receiver on, receive interrupt on.
const ENABLE: u32 = 0b1011;
const RX_INTERRUPT: u32 = 2;

/// UART 0 receive is interrupt 0. Interrupts stay masked: they only end a `wfi`.
const NVIC_ENABLE: *mut u32 = 0xe000_e100 as *mut u32;
const NVIC_UNPEND: *mut u32 = 0xe000_e280 as *mut u32;

const SYSTICK_CONTROL: *mut u32 = 0xe000_e010 as *mut u32;
const SYSTICK_RELOAD: *mut u32 = 0xe000_e014 as *mut u32;
const SYSTICK_VALUE: *mut u32 = 0xe000_e018 as *mut u32;
const INTERRUPT_CONTROL: *mut u32 = 0xe000_ed04 as *mut u32;
const SYSTICK_UNPEND: u32 = 1 << 25;
const SYSTICK_WRAPPED: u32 = 1 << 16;

/// Half a second of the 25 MHz system clock.
const TICK: u32 = 12_500_000;
/// The emulator outlives a host that was killed: without a word for this many ticks it ends itself.
const IDLE_TICKS: u32 = 240;

/// The serial line.
pub struct Wire(());

impl Wire {
    /// Sets the UART up. Opening it again is harmless.
    pub fn open() -> Self {
        // SAFETY: device registers of this board; the image has one thread and no handlers that use them.
        unsafe {
            asm!("cpsid i", options(nomem, nostack, preserves_flags));
            DIVIDER.write_volatile(16);
            CTRL.write_volatile(ENABLE);
            NVIC_ENABLE.write_volatile(1);
            SYSTICK_RELOAD.write_volatile(TICK - 1);
            SYSTICK_VALUE.write_volatile(0);
            SYSTICK_CONTROL.write_volatile(0b111);
        }
        Self(())
    }
}

impl Port for Wire {
    fn read(&mut self) -> Option<u8> {
        let mut silent = 0;
        while silent < IDLE_TICKS {
            // SAFETY: device and core registers of this board, see `open`.
            unsafe {
                INTERRUPT.write_volatile(RX_INTERRUPT);
                NVIC_UNPEND.write_volatile(1);
                if STATE.read_volatile() & RX_FULL != 0 {
                    return Some(DATA.read_volatile() as u8);
                }
                // A byte that arrives here leaves its interrupt pending, and `wfi` falls through.
                asm!("wfi", options(nomem, nostack, preserves_flags));
                if SYSTICK_CONTROL.read_volatile() & SYSTICK_WRAPPED != 0 {
                    INTERRUPT_CONTROL.write_volatile(SYSTICK_UNPEND);
                    silent += 1;
                }
            }
        }
        None
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            // SAFETY: device registers of this board, see `open`.
            unsafe {
                while STATE.read_volatile() & TX_FULL != 0 {}
                DATA.write_volatile(u32::from(byte));
            }
        }
    }
}

/// Ends the emulator (semihosting `SYS_EXIT_EXTENDED`, Arm semihosting 3.0) after the last byte has left.
pub fn exit(why: Exit) -> ! {
    let code: u32 = match why {
        Exit::Idle => 0,
        Exit::Failed => 1,
    };
    /// `ADP_Stopped_ApplicationExit`.
    const APPLICATION_EXIT: u32 = 0x20026;
    let block = [APPLICATION_EXIT, code];
    loop {
        // SAFETY: device register of this board; the breakpoint is answered by the emulator.
        unsafe {
            while STATE.read_volatile() & TX_FULL != 0 {}
            asm!("bkpt 0xab", inout("r0") 0x20 => _, in("r1") &raw const block, options(nostack));
        }
    }
}
