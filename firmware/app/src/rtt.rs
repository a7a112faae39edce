//! The wire of boards with a debug port: SEGGER's Real Time Transfer, two rings in RAM that the probe reads and
//! writes while the core runs.
//!
//! The control block's layout is the one of SEGGER's `SEGGER_RTT.h` (knowledge base, "RTT": control block); probes
//! find it by the symbol `_SEGGER_RTT`. It lies in `.bss` and is filled when the wire is opened, its mark last, so
//! that a host never reads a half-made one.

use core::sync::atomic::{Ordering, fence};

use tinynas_wire::Port;

use crate::board::Exit;

/// Board to host. An output is sent in frames of under 256 bytes; waiting for the host costs no measured cycle.
const UP: usize = 512;
/// Host to board. Longer: every turn of the probe brings one full ring of input.
const DOWN: usize = 1024;

/// The writer waits when the ring is full (`SEGGER_RTT_MODE_BLOCK_IF_FIFO_FULL`).
const BLOCK: u32 = 2;

const MARK: [u8; 16] = *b"SEGGER RTT\0\0\0\0\0\0";
static NAME: [u8; 8] = *b"tinynas\0";

/// One direction. The side that writes moves `write`, the other one moves `read`; both are offsets below `size`.
#[repr(C)]
struct Ring {
    name: *const u8,
    buffer: *mut u8,
    size: u32,
    write: u32,
    read: u32,
    flags: u32,
}

#[repr(C)]
struct ControlBlock {
    mark: [u8; 16],
    up_count: u32,
    down_count: u32,
    up: Ring,
    down: Ring,
}

const EMPTY: Ring =
    Ring { name: core::ptr::null(), buffer: core::ptr::null_mut(), size: 0, write: 0, read: 0, flags: 0 };

#[unsafe(export_name = "_SEGGER_RTT")]
static mut BLOCK_IN_RAM: ControlBlock =
    ControlBlock { mark: [0; 16], up_count: 0, down_count: 0, up: EMPTY, down: EMPTY };
static mut UP_BUFFER: [u8; UP] = [0; UP];
static mut DOWN_BUFFER: [u8; DOWN] = [0; DOWN];

/// Both rings.
pub struct Wire(());

impl Wire {
    /// Fills the control block, unless it is intact: after a fault the frames that wait in it still reach the host.
    pub fn open() -> Self {
        let block = &raw mut BLOCK_IN_RAM;
        // SAFETY: the block and its buffers are used by this module only, on one thread; the other side is the probe.
        // A handler that opens the wire again never returns to the code that had it.
        unsafe {
            let rings = [
                (&raw mut (*block).up, (&raw mut UP_BUFFER).cast(), UP),
                (&raw mut (*block).down, (&raw mut DOWN_BUFFER).cast::<u8>(), DOWN),
            ];
            let marked = (&raw const (*block).mark).read_volatile() == MARK;
            if !(marked && rings.iter().all(|&(ring, buffer, size)| intact(ring, buffer, size))) {
                (&raw mut (*block).mark).write_volatile([0; 16]);
                for (ring, buffer, size) in rings {
                    let name = NAME.as_ptr();
                    ring.write_volatile(Ring { name, buffer, size: size as u32, write: 0, read: 0, flags: BLOCK });
                }
                (&raw mut (*block).up_count).write_volatile(1);
                (&raw mut (*block).down_count).write_volatile(1);
                fence(Ordering::SeqCst);
                (&raw mut (*block).mark).write_volatile(MARK);
            }
        }
        Self(())
    }
}

/// Whether the fields that never change are what `open` wrote, and the offsets are inside the ring.
///
/// # Safety
/// `ring` must be one of the block's.
unsafe fn intact(ring: *const Ring, buffer: *mut u8, size: usize) -> bool {
    // SAFETY: the caller's ring is readable; the probe may change its offsets at any time, hence the volatile read.
    let ring = unsafe { ring.read_volatile() };
    let inside = |offset: u32| (offset as usize) < size;
    ring.buffer == buffer && ring.size as usize == size && inside(ring.write) && inside(ring.read)
}

impl Port for Wire {
    #[inline(never)]
    fn read(&mut self) -> Option<u8> {
        let ring = &raw mut BLOCK_IN_RAM;
        // SAFETY: see `open`. `read` is ours and stays below the size; `write` is only compared.
        unsafe {
            let (write, read) = (&raw const (*ring).down.write, &raw mut (*ring).down.read);
            let at = read.read_volatile() as usize % DOWN;
            // No `wfi`: in sleep some chips stop the clock of the RAM that the probe wants to write.
            while write.read_volatile() as usize == at {
                core::hint::spin_loop();
            }
            fence(Ordering::SeqCst);
            let byte = (&raw const DOWN_BUFFER).cast::<u8>().add(at).read_volatile();
            fence(Ordering::SeqCst);
            read.write_volatile(((at + 1) % DOWN) as u32);
            Some(byte)
        }
    }

    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        let ring = &raw mut BLOCK_IN_RAM;
        for &byte in bytes {
            // SAFETY: see `open`. `write` is ours and stays below the size; `read` is only compared.
            unsafe {
                let (write, read) = (&raw mut (*ring).up.write, &raw const (*ring).up.read);
                let at = write.read_volatile() as usize % UP;
                let next = (at + 1) % UP;
                while read.read_volatile() as usize == next {
                    core::hint::spin_loop();
                }
                (&raw mut UP_BUFFER).cast::<u8>().add(at).write_volatile(byte);
                fence(Ordering::SeqCst);
                write.write_volatile(next as u32);
            }
        }
    }
}

/// Waits for ever: the host reads what is left in the ring, then resets the board.
pub fn exit(_: Exit) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
