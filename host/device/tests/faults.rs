//! What can go wrong with a board, injected: each fault has its own code, says what to do, ends in bounded time, and the
//! next try works.

mod board;
mod common;

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use board::works;
use common::{Numbers, model};
use tinynas_cost::Board;
use tinynas_device::{
    Device, DeviceError, Image, Injection, Manifest, Probe, ProbeOptions, Simulation, Timeouts, VirtualBoard, Written,
};

const BOARD: &str = "nucleo-f446re";

/// Longest that any of these may take to end.
const BOUND: Duration = Duration::from_secs(10);

/// Board and image, or nothing and a line that says what is missing.
fn start(name: &str) -> Option<(VirtualBoard, Image)> {
    start_with(name, ProbeOptions::default())
}

fn start_with(name: &str, options: ProbeOptions) -> Option<(VirtualBoard, Image)> {
    let (mut device, image) = board::start(name, options)?;
    let (message, probe) = (Duration::from_secs(2), Duration::from_secs(5));
    device.probe().set_timeouts(Timeouts { message, probe, ..Timeouts::default() });
    Some((device, image))
}

/// The error of `act`, in time and with help.
fn fails<T>(code: &str, act: impl FnOnce() -> Result<T, DeviceError>) -> DeviceError {
    let begin = Instant::now();
    let error = match act() {
        Ok(_) => panic!("{code} was expected, but it worked"),
        Err(error) => error,
    };
    assert!(begin.elapsed() < BOUND, "{error} after {:?}", begin.elapsed());
    assert_eq!(error.code(), code, "{error}");
    let help = error.help().unwrap_or_default();
    assert!(!help.is_empty(), "{code}: {error}: no help");
    eprintln!("{code}: {error}; help: {help}");
    error
}

#[test]
fn a_cable_that_is_pulled_while_flashing() {
    let Some((mut device, image)) = start(BOARD) else { return };
    for fault in
        [Injection::DropAfterProgrammed(2000), Injection::DropAfterCommands(150), Injection::DropAfterBytes(9000)]
    {
        device.inject(fault);
        let error = fails("device::disconnected", || device.flash(&image, &model(1).1));
        assert!(error.help().is_some_and(|help| help.contains("again")), "{fault:?}");
    }
    works(&mut device, &image);
}

#[test]
fn power_that_fails_between_erase_and_program() {
    for name in [BOARD, "nrf52840-dk", "feather-m4-express"] {
        let Some((mut device, image)) = start(name) else { continue };
        works(&mut device, &image);
        device.inject(Injection::PowerCutAfterErase);
        let error = fails("device::target_lost", || device.flash(&image, &model(2).1));
        assert!(error.to_string().contains("while flashing"), "{name}: {error}");
        works(&mut device, &image);
    }
}

#[test]
fn another_chip_than_the_boards() {
    let Some((mut device, image)) = start(BOARD) else { return };
    device.inject(Injection::WrongIdentity(0x1000_6413));
    let error = fails("device::wrong_chip", || device.flash(&image, &model(1).1));
    assert!(error.to_string().contains("STM32F446RETx") && error.to_string().contains("0x413"), "{error}");
    works(&mut device, &image);
}

#[test]
fn a_chip_that_is_locked() {
    for name in [BOARD, "nrf52840-dk", "feather-m4-express"] {
        let Some((mut device, image)) = start(name) else { continue };
        device.inject(Injection::Locked);
        let error = fails("device::locked", || device.flash(&image, &model(1).1));
        assert!(error.help().is_some_and(|help| help.contains("--allow-erase-all")), "{name}");
        device.probe().release();
        works(&mut device, &image);
    }
}

#[test]
fn a_locked_chip_is_unlocked_where_that_was_allowed() {
    let allowed = ProbeOptions { allow_erase_all: true, ..ProbeOptions::default() };
    let Some((mut device, image)) = start_with("nrf52840-dk", allowed) else { return };
    works(&mut device, &image);
    device.probe().release();
    device.inject(Injection::Locked);
    let (_, written) = device.probe().flash_with(&image, &model(9).1, &mut |_| {}).expect("unlocked and flashed");
    assert_eq!(written, Written { firmware: true, model: true }, "unlocking has erased what was there");
    works(&mut device, &image);
}

#[test]
fn a_chip_that_this_probe_cannot_hold_in_reset() {
    let under_reset = ProbeOptions { connect_under_reset: true, ..ProbeOptions::default() };
    let Some((mut device, _)) = start_with("feather-m4-express", under_reset.clone()) else { return };
    let error = fails("device::under_reset", || device.probe().attach());
    assert!(error.to_string().contains("ATSAMD51J19A"), "{error}");
    // Without it this one works, and with it others do.
    let Some((mut device, image)) = start("feather-m4-express") else { return };
    works(&mut device, &image);
    let Some((mut device, image)) = start_with(BOARD, under_reset) else { return };
    works(&mut device, &image);
}

#[test]
fn a_bit_that_does_not_change() {
    let Some((mut device, image)) = start(BOARD) else { return };
    device.inject(Injection::StuckBit);
    let error = fails("device::verify", || device.flash(&image, &model(1).1));
    assert!(error.to_string().contains("0x080"), "{error}");
    works(&mut device, &image);
}

#[test]
fn a_second_client() {
    let Some((mut device, image)) = start(BOARD) else { return };
    works(&mut device, &image);
    let selector = device.selector().parse().expect("selector");
    let options = ProbeOptions { probe: Some(selector), ..ProbeOptions::default() };
    let mut second = Probe::new(&Board::open(BOARD).expect("shipped"), options).expect("chip");
    fails("device::probe_busy", || second.attach());
    // The first one is not disturbed.
    let input = Numbers::new(11).bytes(17 * 17 * 3);
    device.run(&input).expect("runs on");
    device.probe().release();
    second.attach().expect("free now");
    fails("device::probe_busy", || device.probe().attach());
    drop(second);
    works(&mut device, &image);
}

#[test]
fn firmware_without_an_rtt_block() {
    let Some((mut device, image)) = start(BOARD) else { return };
    let wait = Duration::from_secs(1);
    device.probe().set_timeouts(Timeouts { start: wait, ..Timeouts::default() });
    // A reset vector that leads to an endless loop: the image's own flash with other bytes in front.
    let mute = mute(&image);
    let error = fails("device::no_rtt", || device.flash(&mute, &model(1).1));
    assert!(error.to_string().contains("within 1 s; the core runs at"), "{error}");
    works(&mut device, &image);
}

/// The image with its code replaced by branches to themselves.
fn mute(image: &Image) -> Image {
    let mut elf = image.elf().to_vec();
    let code = image.segments().expect("segments").into_iter().max_by_key(|segment| segment.bytes.len()).expect("code");
    let at = elf.windows(code.bytes.len()).position(|window| window == code.bytes).expect("in the file");
    let skip = image.sections().vector_bytes as usize;
    for half in elf[at + skip..at + code.bytes.len() - 1].chunks_exact_mut(2) {
        half.copy_from_slice(&0xe7fe_u16.to_le_bytes());
    }
    let manifest = image.manifest();
    let described = Manifest::describe(&elf, image.path(), &manifest.board, &manifest.firmware, &manifest.toolchain);
    Image::from_parts(image.path(), elf, described.expect("an image")).expect("consistent")
}

#[test]
fn a_model_that_is_damaged() {
    let Some((mut device, image)) = start(BOARD) else { return };
    let mut damaged = model(1).1;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let error = fails("device::model_rejected", || device.flash(&image, &damaged));
    assert!(error.to_string().contains("CRC"), "{error}");
    works(&mut device, &image);
}

#[test]
fn a_model_that_is_too_large() {
    let Some((mut device, image)) = start(BOARD) else { return };
    let large = vec![0; image.sections().model_region_bytes as usize + 1];
    fails("device::model_too_large", || device.flash(&image, &large));
    works(&mut device, &image);
}

#[test]
fn a_board_that_is_too_small_for_the_image() {
    let Some((_, image)) = start(BOARD) else { return };
    // The same family, less memory.
    let Some((mut small, fitting)) = start("nucleo-f401re") else { return };
    let error = fails("device::image_too_large", || small.flash(&image, &model(1).1));
    assert!(error.to_string().contains("RAM"), "{error}");
    assert_eq!(small.counters().erased, 0, "refused before anything is erased");
    works(&mut small, &fitting);
}

#[test]
fn a_board_that_ends_is_no_hang() {
    let board = Board::open(BOARD).expect("shipped");
    let start = || {
        let server = tinynas_device::serve(&board, &Simulation::default()).expect("started");
        let probe = Some(server.probe_selector().parse().expect("selector"));
        let mut device = Probe::new(&board, ProbeOptions { probe, ..ProbeOptions::default() }).expect("chip");
        device.attach().expect("attached");
        (server, device)
    };
    let (server, mut device) = start();
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    fails("device::disconnected", || device.reset());
    fails("device::no_probe", || device.attach());
    start().1.reset().expect("a board that is there");
}
