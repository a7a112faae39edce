//! Cycle counter of the core's trace unit (ARMv7-M ARM, C1.8), where there is one.

const DEMCR: *mut u32 = 0xe000_edfc as *mut u32;
const DWT_CTRL: *mut u32 = 0xe000_1000 as *mut u32;
const DWT_CYCCNT: *const u32 = 0xe000_1004 as *const u32;
const TRCENA: u32 = 1 << 24;
const NOCYCCNT: u32 = 1 << 25;
const CYCCNTENA: u32 = 1;

/// Counts cycles, or says that the core cannot.
pub struct Cycles {
    present: bool,
}

impl Cycles {
    /// Switches the counter on and checks that it counts: an emulator may answer with zeros.
    pub fn start() -> Self {
        // SAFETY: debug registers of the core, used by nobody else in this image.
        let present = unsafe {
            DEMCR.write_volatile(DEMCR.read_volatile() | TRCENA);
            let control = DWT_CTRL.read_volatile();
            DWT_CTRL.write_volatile(control | CYCCNTENA);
            let first = DWT_CYCCNT.read_volatile();
            control & NOCYCCNT == 0 && DWT_CYCCNT.read_volatile() != first
        };
        Self { present }
    }

    /// The counter now.
    pub fn now(&self) -> Option<u32> {
        // SAFETY: reading the counter has no effect.
        self.present.then(|| unsafe { DWT_CYCCNT.read_volatile() })
    }
}
