//! Flash controllers: the documented sequences work, and every violation sets the documented flag and changes no cell.

mod nvmc;
mod qspi;
mod samd51;
mod stm32f4;
mod stm32f7;
mod stm32h7;
mod stm32l4;
mod stm32u5;

use tinynas_sim::bus::{BusError, Width};
use tinynas_sim::flash::{Array, ERASED, FlashController};

/// Keys of FLASH_KEYR.
const KEY1: u32 = 0x4567_0123;
const KEY2: u32 = 0xCDEF_89AB;
const KIB: u32 = 1024;

/// A controller with its cells.
struct Chip<C> {
    controller: C,
    array: Array,
}

impl<C: FlashController> Chip<C> {
    /// Cells full of `0xA5`, as a flash in use.
    fn new(controller: C, origin: u32, bytes: u32) -> Self {
        let mut array = Array::new(origin, bytes as usize);
        array.bytes.fill(0xA5);
        Self { controller, array }
    }

    /// Erased cells.
    fn blank(controller: C, origin: u32, bytes: u32) -> Self {
        Self { controller, array: Array::new(origin, bytes as usize) }
    }

    fn read(&mut self, address: u32) -> u32 {
        self.controller.read(address, Width::Word, &mut self.array).expect("a register")
    }

    fn write(&mut self, address: u32, value: u32) {
        self.try_write(address, value).expect("a register");
    }

    fn try_write(&mut self, address: u32, value: u32) -> Result<(), BusError> {
        self.controller.write(address, value, Width::Word, &mut self.array)
    }

    fn store(&mut self, address: u32, value: u32) {
        self.try_store(address, value, Width::Word).expect("a flash address");
    }

    fn try_store(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        self.controller.store(address, value, width, &mut self.array)
    }

    fn or(&mut self, address: u32, bits: u32) {
        let value = self.read(address);
        self.write(address, value | bits);
    }

    /// Polls until `bits` of the register are clear; the number of polls.
    fn wait_clear(&mut self, address: u32, bits: u32) -> usize {
        (0..100).find(|_| self.read(address) & bits == 0).expect("the operation ends")
    }

    /// The word in the cells at `address`.
    fn word(&self, address: u32) -> u32 {
        u32::from_le_bytes(self.array.at(address, 4).try_into().expect("four cells"))
    }

    /// Which `step`-sized parts of the flash are erased.
    fn erased_parts(&self, step: u32) -> Vec<u32> {
        let parts = self.array.bytes.chunks(step as usize).enumerate();
        parts.filter(|(_, cells)| cells.iter().all(|cell| *cell == ERASED)).map(|(part, _)| part as u32).collect()
    }
}

#[test]
fn programming_clears_bits_and_erasing_sets_them() {
    let mut array = Array::new(0x0800_0000, 64);
    array.program(0x0800_0004, &[0x0F, 0xF0]);
    array.program(0x0800_0004, &[0xF1, 0xF1]);
    assert_eq!(array.at(0x0800_0003, 4), [0xFF, 0x01, 0xF0, 0xFF]);
    assert_eq!(array.take_dirty(), Some(0x0800_0004..0x0800_0006));
    array.erase(0x0800_0005..0x0800_0040);
    assert_eq!(array.at(0x0800_0003, 4), [0xFF, 0x01, 0xFF, 0xFF]);
    assert_eq!(array.take_dirty(), Some(0x0800_0005..0x0800_0040));
    assert_eq!(array.take_dirty(), None);
}

#[test]
fn what_lies_outside_the_cells_is_ignored() {
    let mut array = Array::new(0x1000, 16);
    array.program(0x0FFE, &[0, 0, 1, 2]);
    array.program(0x100E, &[3, 4, 0, 0]);
    array.erase(0x2000..0x3000);
    assert_eq!(array.at(0x1000, 3), [1, 2, 0xFF]);
    assert_eq!(array.at(0x100E, 8), [3, 4]);
    assert_eq!(array.take_dirty(), Some(0x1000..0x1010));
}

#[test]
fn cells_may_end_at_the_end_of_the_address_space() {
    let mut array = Array::new(0xFFFF_FFF0, 16);
    array.program(0xFFFF_FFFC, &[1, 2, 3, 4]);
    assert_eq!(array.at(0xFFFF_FFFC, 4), [1, 2, 3, 4]);
    array.erase_all();
    assert_eq!(array.at(0xFFFF_FFFC, 4), [0xFF; 4]);
}
