//! The whole firmware with a model: the same image, the same bytes from the host, on QEMU and on the simulator.
//!
//! Everything the board says must be equal but the cycles of a layer, which QEMU does not count.
#![allow(clippy::print_stdout)]

#[path = "../../../device/tests/common/mod.rs"]
mod model;
mod uart;

use std::{
    env,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use model::Numbers;
use object::{Object, ObjectSegment, ObjectSymbol};
use tinynas_sim::{
    bus::Memory,
    core::Core,
    machine::{Machine, Stop},
};
use tinynas_wire::{
    CHUNK, Crash, Event, HostHello, Layer, PROTOCOL, Request, SCHEMA,
    frame::{Receiver, decode, send},
};
use uart::Uart;

/// Inputs of one conversation.
const INPUTS: usize = 6;

/// More cycles than a conversation takes.
const CYCLES: u64 = 4_000_000_000;

/// Where the image of the emulated board is.
fn image() -> PathBuf {
    let default = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/firmware/qemu-mps2-an386/image.elf");
    env::var_os("TINYNAS_CONFORMANCE_IMAGE").map_or_else(default, PathBuf::from)
}

/// Everything that the host says, and the inputs in it.
fn questions(last: Crash) -> (Vec<u8>, Vec<Vec<i8>>) {
    let mut bytes = Vec::new();
    let mut say = |request: Request<'_>| {
        send(&request, &mut |part: &[u8]| bytes.extend_from_slice(part)).expect("short enough");
    };
    say(Request::Hello(HostHello { protocol: PROTOCOL, schema: SCHEMA }));
    let mut numbers = Numbers::new(11);
    let inputs: Vec<Vec<i8>> = (0..INPUTS).map(|_| numbers.bytes(17 * 17 * 3)).collect();
    for (index, input) in inputs.iter().enumerate() {
        // Both walk over the 4 MiB of the arena's region.
        if index == 0 {
            say(Request::Paint { pattern: 85 });
        }
        let raw: Vec<u8> = input.iter().map(|value| value.cast_unsigned()).collect();
        for (part, chunk) in raw.chunks(CHUNK).enumerate() {
            say(Request::Input { offset: (part * CHUNK) as u32, chunk });
        }
        say(Request::Run);
        if index == 0 {
            say(Request::Stats { next: 0 });
        }
    }
    say(Request::Input { offset: 1 << 20, chunk: &[1] });
    say(Request::Crash(last));
    (bytes, inputs)
}

/// What the board said, a text for each message; layers without their cycles. Bytes that are no message are one, too.
struct Answers {
    messages: Vec<String>,
    outputs: Vec<Vec<i8>>,
    layers: Vec<Layer>,
    schema: Option<u64>,
}

impl Answers {
    fn of(bytes: &[u8]) -> Self {
        let mut answers = Self { messages: Vec::new(), outputs: Vec::new(), layers: Vec::new(), schema: None };
        let (mut receiver, mut output) = (Receiver::new(), Vec::new());
        for &byte in bytes {
            let Some(frame) = receiver.push(byte) else { continue };
            let text = match frame.and_then(decode::<Event<'_>>) {
                Ok(Event::Layer(layer)) => {
                    answers.layers.push(layer);
                    format!("Layer {}", layer.index)
                }
                Ok(event) => {
                    match event {
                        Event::Hello(hello) => answers.schema = Some(hello.schema),
                        Event::Output { chunk, .. } => output.extend(chunk.iter().map(|byte| byte.cast_signed())),
                        Event::Done => answers.outputs.push(std::mem::take(&mut output)),
                        _ => {}
                    }
                    format!("{event:?}")
                }
                Err(error) => format!("no message: {error}"),
            };
            answers.messages.push(text);
        }
        answers
    }
}

/// On QEMU: what the board said, and the exit code.
fn emulate(image: &Path, model: (&[u8], u32), questions: &[u8]) -> (Vec<u8>, i32) {
    let file =
        env::temp_dir().join(format!("tinynas-sim-{}-{:?}.tnm", std::process::id(), std::thread::current().id()));
    std::fs::write(&file, model.0).expect("a temporary file");
    let mut command = Command::new("qemu-system-arm");
    command.args(["-M", "mps2-an386", "-display", "none", "-monitor", "none", "-serial", "stdio"]);
    command.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(image);
    command.arg("-device").arg(format!("loader,file={},addr={:#x},force-raw=on", file.display(), model.1));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("QEMU starts");
    let mut input = child.stdin.take().expect("a pipe");
    let (mut answers, mut output) = (Vec::new(), child.stdout.take().expect("a pipe"));
    let status = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A board that stopped early reads no more; what it said tells why. The pipe closes behind the last byte.
            let _ = input.write_all(questions);
        });
        output.read_to_end(&mut answers).expect("the pipe can be read");
        child.wait().expect("QEMU ends")
    });
    std::fs::remove_file(&file).expect("the temporary file is there");
    (answers, status.code().unwrap_or(-1))
}

/// On the simulator.
fn simulate(elf: &object::File<'_>, model: (&[u8], u32), questions: &[u8]) -> (Vec<u8>, i32) {
    let (uart, sent) = Uart::with_input(questions);
    // Arm Application Note 386, section 4: ZBT memories 1 and 2+3.
    let memories = vec![Memory::rom("zbt1", 0, vec![0; 4 << 20]), Memory::ram("zbt2+3", 0x2000_0000, 4 << 20)];
    let mut machine = Machine::new(Core::M4F, memories, None, vec![Box::new(uart)]);
    // By physical address, as QEMU loads it: .data starts in flash.
    for segment in elf.segments() {
        let bytes = segment.data().expect("bytes of the file");
        if !bytes.is_empty() {
            machine.load(physical(elf, segment.address()), bytes).expect("within the memories");
        }
    }
    machine.load(model.1, model.0).expect("the model fits its region");
    machine.reset();
    let stop = machine.run(CYCLES);
    let sent = sent.lock().expect("one thread").clone();
    match stop {
        Stop::Exit(code) => (sent, code as i32),
        other => panic!("{other:?} after {:?}", Answers::of(&sent).messages.last()),
    }
}

/// The image has no initialized statics (its manifest says so), so the two addresses of a segment are the same.
fn physical(elf: &object::File<'_>, address: u64) -> u32 {
    let data = ["__sdata", "__edata"].map(|name| elf.symbol_by_name(name).map(|symbol| symbol.address()));
    assert_eq!(data[0], data[1], "initialized statics: this test has to load by physical address");
    address as u32
}

fn compare(last: Crash) {
    let path = image();
    if Command::new("qemu-system-arm").arg("--version").output().is_err() || !path.is_file() {
        println!("skipped: the whole firmware needs `qemu-system-arm` and {}: `cargo xtask setup`", path.display());
        return;
    }
    let bytes = std::fs::read(&path).expect("the image can be read");
    let elf = object::File::parse(&*bytes).expect("an ELF");
    let address = elf.symbol_by_name("__smodel").expect("the image keeps a place for the model").address() as u32;
    let (_, model) = model::model(5);
    let (questions, inputs) = questions(last);
    let (expected, code) = emulate(&path, (&model, address), &questions);
    let expected = Answers::of(&expected);
    if expected.schema != Some(SCHEMA) {
        println!("skipped: the image was built from other sources: `cargo xtask firmware`");
        return;
    }
    let (found, found_code) = simulate(&elf, (&model, address), &questions);
    let found = Answers::of(&found);
    assert_eq!(found.messages, expected.messages, "{last:?}");
    assert_eq!(found_code, code, "{last:?}: exit code");
    let outputs: Vec<Vec<i8>> = inputs.iter().map(|input| model::expected(&model, input)).collect();
    assert_eq!(found.outputs, outputs, "and both equal the host's own run");
    assert!(expected.layers.iter().all(|layer| layer.cycles.is_none()), "QEMU has no cycle counter");
    assert!(found.layers.iter().all(|layer| layer.cycles.is_some_and(|cycles| cycles > 0)), "the simulator has one");
    println!("{last:?}: {} messages are equal", expected.messages.len());
}

#[test]
fn a_conversation_that_ends_with_a_panic() {
    compare(Crash::Panic);
}

#[test]
fn a_conversation_that_ends_with_an_undefined_instruction() {
    compare(Crash::HardFault);
}

#[test]
fn a_conversation_that_ends_with_a_full_stack() {
    compare(Crash::Recursion);
}
