//! `tinynas virtual-board --board B`: a simulated board behind a debug port, until Ctrl-C.

use std::{sync::atomic::Ordering, thread, time::Duration};

use serde_json::json;
use tinynas_cost::Board;
use tinynas_device::{Simulation, chip_spec, find_image, serve};

use crate::{
    args::VirtualBoardArgs,
    failure::Failure,
    interrupt,
    output::{Answer, Printer, thousands},
};

/// How often it is looked whether Ctrl-C was pressed.
const LOOK: Duration = Duration::from_millis(50);

/// Serves until it is interrupted.
pub fn run(args: &VirtualBoardArgs, printer: &Printer) -> Result<Answer, Failure> {
    let stop = interrupt::install();
    let board = Board::open(&args.board)?;
    let server = serve(&board, &Simulation::default())?;
    let chip = chip_spec(&board).map_err(tinynas_device::DeviceError::from)?.name;
    let selector = server.probe_selector();
    let image = find_image(&board.name, None).ok().filter(|image| image.path().is_file());
    let elf = image.map_or_else(|| "FIRMWARE.elf".into(), |image| image.path().display().to_string());
    let human = format!(
        "board     {} ({chip}), virtual: its flash is erased, its figures are modelled\n\
         port      {}\n\
         probe     {selector}\n\
         \n\
         tinynas bench RUN --board {} --probe {selector}\n\
         probe-rs info --protocol swd --probe {selector}\n\
         probe-rs run --chip {chip} --probe {selector} {elf}\n\
         \n\
         one client at a time; Ctrl-C ends it",
        board.name,
        server.address(),
        board.name,
    );
    let json = json!({
        "schema": "tinynas/virtual-board/1",
        "board": board.name,
        "chip": chip,
        "address": server.address().to_string(),
        "port": server.address().port(),
        "probe": selector,
    });
    printer.answer(&Answer::new(human, &json)?)?;
    while !stop.load(Ordering::SeqCst) {
        thread::sleep(LOOK);
    }
    let counters = server.counters();
    printer.step(
        "stopped",
        &format!(
            "{} modelled cycles, {} instructions; {} B of flash erased, {} B programmed",
            thousands(counters.cycles),
            thousands(counters.instructions),
            thousands(counters.erased),
            thousands(counters.programmed),
        ),
    );
    Err(Failure::interrupted(None).help("that is how it ends"))
}
