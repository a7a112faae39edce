//! A device register by its address.

/// Polls of a bit before it counts as stuck: over 10 ms at any clock up to 64 MHz, longer than any oscillator of
/// the supported chips takes to start.
#[cfg_attr(family = "mps2", allow(dead_code, reason = "its clock has no ready bits"))]
const PATIENCE: u32 = 200_000;

/// A 32-bit register of the chip.
#[derive(Clone, Copy)]
pub struct Register(usize);

/// A bit did not come in time.
pub struct Stuck;

impl Register {
    /// The register at `address`.
    pub const fn at(address: usize) -> Self {
        Self(address)
    }

    /// Its value.
    pub fn read(self) -> u32 {
        // SAFETY: the addresses in this crate are device registers of the board the image is linked for; none of those
        // that are read has an effect on memory that Rust knows of.
        unsafe { (self.0 as *const u32).read_volatile() }
    }

    /// Writes all bits.
    pub fn write(self, value: u32) {
        // SAFETY: as in `read`; the registers written set clocks, caches, counters and guards, never memory.
        unsafe { (self.0 as *mut u32).write_volatile(value) }
    }

    /// Writes a register of one byte.
    #[cfg(family = "samd51")]
    pub fn write_byte(self, value: u8) {
        // SAFETY: as in `write`.
        unsafe { (self.0 as *mut u8).write_volatile(value) }
    }

    /// Clears the bits of `clear`, then sets those of `set`.
    pub fn modify(self, clear: u32, set: u32) {
        self.write(self.read() & !clear | set);
    }

    /// Sets bits.
    pub fn set(self, bits: u32) {
        self.modify(0, bits);
    }

    /// Waits until the bits of `mask` are `value`, but not for ever.
    #[cfg_attr(family = "mps2", allow(dead_code, reason = "its clock has no ready bits"))]
    pub fn wait(self, mask: u32, value: u32) -> Result<(), Stuck> {
        (0..PATIENCE).any(|_| self.read() & mask == value).then_some(()).ok_or(Stuck)
    }
}

/// Ends what was begun before anything else begins: after a change of the memory's attributes or caches.
#[cfg(not(architecture = "armv8m"))]
pub fn barrier() {
    // SAFETY: barriers only.
    unsafe { core::arch::asm!("dsb", "isb", options(nostack, preserves_flags)) };
}
