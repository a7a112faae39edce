//! The boards in `memory-models/boards`, part of the program so that it needs no files.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../memory-models/boards/", $name, ".yaml")))),*]
    };
}

/// Name and text of every board, in alphabetical order.
pub(super) const FILES: &[(&str, &str)] = files![
    "feather-m4-express",
    "nrf52840-dk",
    "nrf5340-dk",
    "nucleo-f401re",
    "nucleo-f412zg",
    "nucleo-f446re",
    "nucleo-f767zi",
    "nucleo-h743zi2",
    "nucleo-l4r5zi",
    "nucleo-u575zi-q",
    "qemu-mps2-an386",
    "raspberry-pi-pico",
    "raspberry-pi-pico-2",
    "stm32f746g-disco",
];
