//! The cycle counter: of the core's trace unit where there is one, else the system timer.

#[cfg(architecture = "armv6m")]
pub use timer::Cycles;
#[cfg(not(architecture = "armv6m"))]
pub use trace::Cycles;

/// Cycle counter of the trace unit (ARMv7-M ARM, C1.8; ARMv8-M ARM, B14.1).
#[cfg(not(architecture = "armv6m"))]
mod trace {
    use crate::register::Register;

    const DEMCR: Register = Register::at(0xe000_edfc);
    const DWT_CTRL: Register = Register::at(0xe000_1000);
    const DWT_CYCCNT: Register = Register::at(0xe000_1004);
    const TRCENA: u32 = 1 << 24;
    const NOCYCCNT: u32 = 1 << 25;
    const CYCCNTENA: u32 = 1;

    /// Whether the counter moves. A core that issues two instructions per cycle may read the same value twice.
    fn counts() -> bool {
        let first = DWT_CYCCNT.read();
        (0..16).any(|_| DWT_CYCCNT.read() != first)
    }

    /// Counts cycles, or says that the core cannot.
    pub struct Cycles {
        present: bool,
    }

    impl Cycles {
        /// Switches the counter on and checks that it counts: an emulator may answer with zeros.
        pub fn start() -> Self {
            DEMCR.set(TRCENA);
            DWT_CTRL.set(CYCCNTENA);
            #[cfg(any(family = "stm32f7", family = "stm32h7"))]
            if !counts() {
                // A Cortex-M7 may keep the unit's registers locked against the core (ARMv7-M ARM, D1.1: Lock Access Register).
                const DWT_LAR: Register = Register::at(0xe000_1fb0);
                DWT_LAR.write(0xc5ac_ce55);
                DWT_CTRL.set(CYCCNTENA);
            }
            Self { present: DWT_CTRL.read() & NOCYCCNT == 0 && counts() }
        }

        /// The counter now.
        pub fn now(&self) -> Option<u32> {
            self.present.then(|| DWT_CYCCNT.read())
        }
    }
}

/// The 24-bit system timer (ARMv6-M ARM, B3.3), counting down at the core's clock; an exception counts its turns. One
/// costs about 30 cycles in 16,777,216.
#[cfg(architecture = "armv6m")]
mod timer {
    use core::sync::atomic::{AtomicU32, Ordering, compiler_fence};

    use cortex_m_rt::exception;

    use crate::register::Register;

    const SYST_CSR: Register = Register::at(0xe000_e010);
    const SYST_RVR: Register = Register::at(0xe000_e014);
    const SYST_CVR: Register = Register::at(0xe000_e018);
    /// Counts, asks for the exception, takes the core's clock.
    const ENABLE: u32 = 0b111;
    const BITS: u32 = 24;

    static TURNS: AtomicU32 = AtomicU32::new(0);

    #[exception]
    fn SysTick() {
        // No other handler writes it, so load and store need no atomic pair, which the core does not have.
        TURNS.store(TURNS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// Counts cycles.
    pub struct Cycles(());

    impl Cycles {
        /// Starts the timer.
        pub fn start() -> Self {
            SYST_RVR.write((1 << BITS) - 1);
            SYST_CVR.write(0);
            SYST_CSR.write(ENABLE);
            // SAFETY: the only exception that can come is the timer's.
            unsafe { core::arch::asm!("cpsie i", options(nomem, nostack, preserves_flags)) };
            Self(())
        }

        /// The counter now.
        pub fn now(&self) -> Option<u32> {
            loop {
                let turns = TURNS.load(Ordering::Relaxed);
                compiler_fence(Ordering::SeqCst);
                let left = SYST_CVR.read();
                compiler_fence(Ordering::SeqCst);
                // At a turn the exception comes between the two reads or just after them: then once more.
                if TURNS.load(Ordering::Relaxed) == turns {
                    return Some((turns << BITS).wrapping_add((1 << BITS) - 1 - left));
                }
            }
        }
    }
}
