//! A boot ROM of our own for the virtual RP2040 and RP2350: starts the program in flash and offers the flash functions.
//!
//! The idea: only the interface is the chip's (RP2040 data sheet sections 2.8.2 and 2.8.3: magic, function table, lookup
//! function, two-letter codes); the code behind it is written for this simulator and hands every call to
//! [`QspiFlash`](super::QspiFlash). The second-stage loader in flash is skipped, because the simulated flash is always
//! mapped. The RP2350's ROM says version 1, as the RP2040's: callers then use the lookup that needs no redundancy
//! coprocessor.

/// The register window of [`QspiFlash`](super::QspiFlash): four arguments, the call's number, a data byte. Beside the
/// instruction counter, where no chip has anything.
pub(super) const WINDOW: u32 = 0xF000_1000;

/// Bytes of the ROM.
const SIZE: usize = 0x4000;
const RESET: usize = 0x40;
const LOOKUP: usize = 0x60;
const FUNCTION_TABLE: usize = 0x100;
/// An empty table.
const DATA_TABLE: usize = 0x140;
const FUNCTIONS: usize = 0x200;
/// Bytes between two functions.
const STRIDE: usize = 0x20;
const VTOR: u32 = 0xE000_ED08;

/// Functions of the ROM, by the number that is written to the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    ConnectInternalFlash,
    FlashExitXip,
    FlashRangeErase,
    FlashRangeProgram,
    FlashFlushCache,
    FlashEnterCmdXip,
}

impl Call {
    const ALL: [(Self, [u8; 2]); 6] = [
        (Self::ConnectInternalFlash, *b"IF"),
        (Self::FlashExitXip, *b"EX"),
        (Self::FlashRangeErase, *b"RE"),
        (Self::FlashRangeProgram, *b"RP"),
        (Self::FlashFlushCache, *b"FC"),
        (Self::FlashEnterCmdXip, *b"CX"),
    ];

    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.get(number as usize).map(|(call, _)| *call)
    }
}

/// The ROM's content, to be mapped at address 0. `vectors`: address of the program's vector table in flash (0x1000_0100
/// on the RP2040, behind the second-stage loader; 0x1000_0000 on the RP2350); `stack`: end of RAM.
#[must_use]
pub fn boot_rom(vectors: u32, stack: u32) -> Vec<u8> {
    let mut rom = vec![0; SIZE];
    let idle = RESET - 4;
    let mut at = |address: usize, bytes: &[u8]| {
        if let Some(place) = rom.get_mut(address..address + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    at(0x00, &stack.to_le_bytes());
    at(0x04, &entry(RESET).to_le_bytes());
    at(0x08, &entry(idle).to_le_bytes());
    at(0x0C, &entry(idle).to_le_bytes());
    at(0x10, b"Mu\x01\x03");
    at(0x14, &half(FUNCTION_TABLE));
    at(0x16, &half(DATA_TABLE));
    at(0x18, &half(LOOKUP | 1));
    at(idle, &code(&[0xE7FE])); // b .
    at(RESET, &code(&START));
    at(RESET + 16, &vectors.to_le_bytes());
    at(RESET + 20, &VTOR.to_le_bytes());
    at(LOOKUP, &code(&FIND));
    for (number, (call, letters)) in Call::ALL.iter().enumerate() {
        let function = FUNCTIONS + number * STRIDE;
        at(FUNCTION_TABLE + 4 * number, letters);
        at(FUNCTION_TABLE + 4 * number + 2, &half(function | 1));
        let (text, literal) = match call {
            Call::FlashRangeProgram => (code(&program(number as u16)), 28),
            _ => (code(&hand_over(number as u16)), 12),
        };
        at(function, &text);
        at(function + literal, &WINDOW.to_le_bytes());
    }
    rom
}

/// Address of a function as a branch target.
const fn entry(address: usize) -> u32 {
    address as u32 | 1
}

const fn half(value: usize) -> [u8; 2] {
    (value as u16).to_le_bytes()
}

fn code(halves: &[u16]) -> Vec<u8> {
    halves.iter().flat_map(|half| half.to_le_bytes()).collect()
}

/// Reset: vector table to VTOR, its first two words to stack pointer and program counter.
const START: [u16; 8] = [
    0x4803, // ldr   r0, [pc, #12]   vectors
    0x4904, // ldr   r1, [pc, #16]   VTOR
    0x6008, // str   r0, [r1]
    0xC806, // ldmia r0!, {r1, r2}
    0xF381, 0x8808, // msr   msp, r1
    0x4710, // bx    r2
    0x46C0, // nop
];

/// `rom_table_lookup(table, code)`: the entry's address, or 0 (data sheet section 2.8.2.1).
const FIND: [u16; 11] = [
    0x8802, // next: ldrh r2, [r0]
    0x2A00, // cmp  r2, #0
    0xD005, // beq  none
    0x428A, // cmp  r2, r1
    0xD001, // beq  found
    0x3004, // adds r0, #4
    0xE7F8, // b    next
    0x8840, // found: ldrh r0, [r0, #2]
    0x4770, // bx   lr
    0x2000, // none: movs r0, #0
    0x4770, // bx   lr
];

/// A function whose arguments are four words at most: they and the call's number go to the window.
const fn hand_over(number: u16) -> [u16; 6] {
    [
        0xB510,          // push  {r4, lr}
        0x4C02,          // ldr   r4, [pc, #8]   WINDOW
        0xC40F,          // stmia r4!, {r0-r3}
        0x2000 | number, // movs  r0, #number
        0x6020,          // str   r0, [r4]
        0xBD10,          // pop   {r4, pc}
    ]
}

/// `flash_range_program(offset, data, count)`: the offset, the call's number, then byte after byte.
const fn program(number: u16) -> [u16; 14] {
    [
        0xB510,          // push {r4, lr}
        0x4C06,          // ldr  r4, [pc, #24]   WINDOW
        0x6020,          // str  r0, [r4]
        0x2000 | number, // movs r0, #number
        0x6120,          // str  r0, [r4, #16]
        0x2A00,          // next: cmp r2, #0
        0xD004,          // beq  end
        0x780B,          // ldrb r3, [r1]
        0x6163,          // str  r3, [r4, #20]
        0x3101,          // adds r1, #1
        0x3A01,          // subs r2, #1
        0xE7F8,          // b    next
        0xBD10,          // end: pop {r4, pc}
        0x46C0,          // nop
    ]
}
