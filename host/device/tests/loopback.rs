//! The whole conversation inside one process: the host's session on one end of two channels, the
//! board's side of the protocol with the engine behind it on the other.

mod common;

use std::{
    cell::RefCell,
    ops::Range,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use common::{Numbers, expected, model};
use tinynas_device::{Crash, DeviceError, Inference, Link, ModelInfo, Received, Session, Timeouts};
use tinynas_engine::Observer;
use tinynas_plan::{FORMAT_VERSION, Feed, Goal, Model, graph_of, plan_for, replan};
use tinynas_wire::{
    ErrorCode, Event, Failure, HardFault, Hello, Host, Layer, Machine, PROTOCOL, Port, SCHEMA, Stats, serve,
    serve::emit,
};

const BOARD: &str = "loopback";

/// The host's end.
struct Wire {
    to: Sender<Vec<u8>>,
    from: Receiver<Vec<u8>>,
}

impl Link for Wire {
    fn write(&mut self, bytes: &[u8]) {
        let _ = self.to.send(bytes.to_vec());
    }

    fn read(&mut self, deadline: Instant) -> Received {
        match self.from.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(bytes) => Received::Bytes(bytes),
            Err(RecvTimeoutError::Timeout) => Received::Late,
            Err(RecvTimeoutError::Disconnected) => Received::Closed,
        }
    }
}

/// The board's end.
struct Line {
    from: Receiver<Vec<u8>>,
    to: Sender<Vec<u8>>,
    unread: std::vec::IntoIter<u8>,
    /// Flips a bit in every byte sent after this many.
    damage_after: usize,
}

impl Port for Line {
    fn read(&mut self) -> Option<u8> {
        loop {
            if let Some(byte) = self.unread.next() {
                return Some(byte);
            }
            self.unread = self.from.recv().ok()?.into_iter();
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let damaged = self.damage_after == 0 && byte != 0;
            self.damage_after = self.damage_after.saturating_sub(1);
            let _ = self.to.send(vec![if damaged { byte ^ 0x40 } else { byte }]);
        }
    }
}

/// A board made of a vector.
struct Board {
    model: Vec<u8>,
    arena: Vec<u8>,
    paint: u8,
    /// Bytes at the start of the arena that look unwritten after every run.
    hole: usize,
    hello: Hello<'static>,
    steps_told: u32,
}

fn hello() -> Hello<'static> {
    let (board, core) = (BOARD, "host");
    Hello { protocol: PROTOCOL, schema: SCHEMA, model_format: FORMAT_VERSION, firmware: "test", board, core }
}

fn machine(seed: u64) -> Board {
    let (plan, model) = model(seed);
    // More than the plan needs: the high-water mark has to find its end.
    let arena = vec![0; plan.arena_bytes as usize + 100];
    Board { model, arena, paint: 0, hole: 0, hello: hello(), steps_told: u32::MAX }
}

impl Board {
    fn parsed(&self) -> Result<Model<'_>, Failure> {
        Model::parse(&self.model).map_err(|error| Failure::new(ErrorCode::ModelRejected, error))
    }
}

struct Tell<'a, 'h>(&'a RefCell<&'h mut dyn Host>, u32);

impl Observer for Tell<'_, '_> {
    fn finished(&mut self, steps: Range<usize>) {
        for step in steps.take_while(|step| *step < self.1 as usize) {
            self.0.borrow_mut().layer(Layer {
                index: step as u32,
                cycles: Some(100),
                instructions: Some(50 + step as u32),
            });
        }
    }
}

impl Machine for Board {
    fn hello(&self) -> Hello<'static> {
        self.hello
    }

    fn model(&self) -> Result<ModelInfo, Failure> {
        let model = self.parsed()?;
        Ok(ModelInfo {
            arena_bytes: model.arena_bytes(),
            steps: model.step_count() as u32,
            input_bytes: model.input().dims.bytes(),
            input_rows: if model.is_fed_by_rows() { model.input().dims.h } else { 0 },
            output_bytes: model.output().dims.bytes(),
            model_bytes: model.byte_len(),
            clock_hz: 0,
        })
    }

    fn input(&mut self, offset: u32, chunk: &[u8]) -> Result<(), Failure> {
        let model = self.parsed()?;
        if model.is_fed_by_rows() {
            return Err(Failure::new(ErrorCode::Range, "the input comes by rows"));
        }
        let start = model.input().offset as usize + offset as usize;
        self.arena[start..start + chunk.len()].copy_from_slice(chunk);
        Ok(())
    }

    fn run(&mut self, host: &mut dyn Host) -> Result<(), Failure> {
        let model = Model::parse(&self.model).expect("valid");
        let host = RefCell::new(host);
        let feed = |row, to: &mut [i8]| host.borrow_mut().row(row, to);
        tinynas_engine::run_fed(&model, &mut self.arena, feed, &mut Tell(&host, self.steps_told))
            .map_err(|error| Failure::new(ErrorCode::Engine, error))?;
        self.arena[..self.hole].fill(self.paint);
        Ok(())
    }

    fn output(&self) -> &[u8] {
        &self.arena[Model::parse(&self.model).expect("valid").output().range()]
    }

    fn paint(&mut self, pattern: u8) {
        self.arena.fill(pattern);
        self.paint = pattern;
    }

    fn stats(&self, next: u8) -> Stats {
        let equal = |paint: u8| self.arena.iter().filter(|byte| **byte == paint).count() as u32;
        let written = |byte: &u8| *byte != self.paint;
        Stats {
            arena_high_water: self.arena.iter().rposition(written).map_or(0, |last| last as u32 + 1),
            arena_touched: self.arena.len() as u32 - equal(self.paint),
            arena_next: equal(next),
            ..Stats::default()
        }
    }

    fn counter(&mut self, _address: u32) {}

    fn crash(&mut self, how: Crash) -> Result<(), Failure> {
        match how {
            Crash::Stack => Err(Failure::new(ErrorCode::StackOverflow, "a test")),
            Crash::Hang => loop {
                thread::park();
            },
            Crash::Panic | Crash::HardFault | Crash::BadPointer | Crash::Recursion => Ok(()),
        }
    }
}

fn timeouts() -> Timeouts {
    Timeouts { start: Duration::from_secs(5), message: Duration::from_millis(500), ..Timeouts::default() }
}

fn connect(mut machine: Board, damage_after: usize) -> Session<Wire> {
    let ((to, board_from), (board_to, from)) = (channel(), channel());
    thread::spawn(move || {
        let mut line = Line { from: board_from, to: board_to, unread: Vec::new().into_iter(), damage_after };
        serve(&mut line, &mut machine);
    });
    Session::new(Wire { to, from }, timeouts())
}

fn session(machine: Board) -> (Session<Wire>, ModelInfo) {
    let mut session = connect(machine, usize::MAX);
    let info = session.open(BOARD).expect("opens");
    (session, info)
}

/// A session whose board says `events` and then nothing, without being asked.
fn scripted(events: &[Event<'_>], raw: &[u8]) -> Session<Wire> {
    let ((to, from_host), (to_host, from)) = (channel(), channel());
    let mut line = Line { from: from_host, to: to_host, unread: Vec::new().into_iter(), damage_after: usize::MAX };
    line.write(raw);
    for event in events {
        emit(&mut line, event);
    }
    Session::new(Wire { to, from }, timeouts())
}

#[test]
fn outputs_and_counters_arrive_in_order() {
    let (mut session, info) = session(machine(1));
    let mut numbers = Numbers::new(2);
    for _ in 0..8 {
        let input = numbers.bytes(info.input_bytes as usize);
        let inference: Inference = session.run(&info, &input).expect("runs");
        assert_eq!(inference.output, expected(&model(1).1, &input));
        assert_eq!(inference.layers.len(), info.steps as usize);
        assert_eq!(inference.cycles(), Some(100 * u64::from(info.steps)));
        assert_eq!(inference.layers[3].instructions, Some(53));
    }
}

#[test]
fn an_input_by_rows_is_asked_for_row_by_row() {
    for seed in 0..4 {
        let whole = model(seed).1;
        let parsed = Model::parse(&whole).expect("valid");
        let plan = plan_for(&graph_of(&parsed), Goal::Smallest, Feed::Rows).expect("a plan");
        let fed = replan(&parsed, &plan).expect("another plan");
        let (mut session, info) = session(Board { model: fed, ..machine(seed) });
        assert_eq!(info.input_rows, 17);
        assert!(info.arena_bytes < parsed.arena_bytes());
        let input = Numbers::new(seed).bytes(info.input_bytes as usize);
        assert_eq!(session.run(&info, &input).expect("runs").output, expected(&whole, &input));
        assert_eq!(session.stats(&info, &input).expect("stats").arena_touched, plan.arena_bytes);
        // A host that sends nothing by rows is told so, and the board stays.
        let unaware = ModelInfo { input_rows: 0, ..info };
        let error = session.run(&unaware, &input).expect_err("the input cannot be written");
        assert!(error.to_string().contains("input"), "{error}");
    }
}

#[test]
fn the_high_water_mark_is_the_plans_arena() {
    for seed in 0..16 {
        let (mut session, info) = session(machine(seed));
        let input = Numbers::new(seed).bytes(info.input_bytes as usize);
        assert_eq!(session.stats(&info, &input).expect("stats").arena_high_water, model(seed).0.arena_bytes);
    }
}

#[test]
fn every_written_byte_is_counted_whatever_was_written() {
    for (seed, hole) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 40), (5, 300)] {
        let (mut session, info) = session(Board { hole, ..machine(seed) });
        let input = Numbers::new(seed).bytes(info.input_bytes as usize);
        let arena = model(seed).0.arena_bytes;
        let stats = session.stats(&info, &input).expect("stats");
        assert_eq!((stats.arena_touched, stats.arena_high_water), (arena - hole as u32, arena), "{seed} {hole}");
    }
}

#[test]
fn every_difference_of_version_is_named() {
    let other = |change: fn(&mut Hello<'static>)| {
        let mut board = machine(1);
        change(&mut board.hello);
        connect(board, usize::MAX).open(BOARD).expect_err("another version")
    };
    for error in
        [other(|hello| hello.protocol += 1), other(|hello| hello.schema ^= 1), other(|hello| hello.model_format += 1)]
    {
        assert_eq!(error.code(), "device::version", "{error}");
        assert!(error.help().is_some_and(|help| help.contains("cargo xtask firmware")));
    }
    assert_eq!(other(|hello| hello.board = "another").code(), "device::wrong_board");
}

#[test]
fn a_rejected_model_comes_with_the_boards_reason() {
    let mut board = machine(1);
    board.model[40] ^= 1;
    let error = connect(board, usize::MAX).open(BOARD).expect_err("damaged");
    assert!(matches!(&error, DeviceError::ModelRejected { message } if message.contains("CRC")), "{error}");
}

#[test]
fn an_engine_that_refuses_is_an_error_and_the_board_stays() {
    let mut board = machine(1);
    let short = model(1).0.arena_bytes as usize - 1;
    board.arena.truncate(short);
    let (mut session, info) = session(board);
    let input = vec![0; info.input_bytes as usize];
    for _ in 0..2 {
        assert_eq!(session.run(&info, &input).expect_err("too small").code(), "device::engine");
    }
}

#[test]
fn a_missing_layer_is_noticed() {
    let mut board = machine(1);
    board.steps_told = 4;
    let (mut session, info) = session(board);
    let error = session.run(&info, &vec![0; info.input_bytes as usize]).expect_err("4 of 10 layers");
    assert_eq!(error.code(), "device::protocol");
}

#[test]
fn damaged_bytes_are_never_taken_for_data() {
    for after in [0, 3, 30, 60, 90] {
        let mut session = connect(machine(1), after);
        let result = session.open(BOARD).and_then(|info| session.run(&info, &vec![0; info.input_bytes as usize]));
        let error = result.expect_err("damaged");
        assert_eq!(error.code(), "device::protocol", "after {after}: {error}");
    }
}

#[test]
fn a_failure_in_the_middle_of_a_frame_is_still_understood() {
    let fault = HardFault { pc: 0x1234, lr: 0, cfsr: 1 << 9, hfsr: 1 << 30, address: 0xffff_0000 };
    let cut_off = [9, 3, 1, 0];
    let error = scripted(&[Event::HardFault(fault)], &cut_off).open(BOARD).expect_err("fault");
    assert!(matches!(error, DeviceError::HardFault { pc: 0x1234, address: 0xffff_0000, .. }), "{error}");
    let panic = Event::Error { code: ErrorCode::Panic, message: "index out of bounds", file: "src/x.rs", line: 7 };
    let error = scripted(&[panic], &cut_off).open(BOARD).expect_err("panic");
    assert_eq!(error.to_string(), "the firmware panicked at src/x.rs:7: index out of bounds");
}

#[test]
fn silence_ends_at_the_limit_and_a_closed_line_at_once() {
    let (mut session, _) = session(machine(1));
    assert_eq!(session.crash(Crash::Hang).code(), "device::timeout");
    let start = Instant::now();
    assert_eq!(scripted(&[], &[]).open(BOARD).expect_err("closed").code(), "device::exited");
    assert!(start.elapsed() < timeouts().start);
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let error = scripted(&[Event::Hello(hello()), Event::Done], &[]).open(BOARD).expect_err("out of order");
    assert_eq!(error.code(), "device::protocol");
}
