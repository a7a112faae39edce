//! The public `probe-rs` command line on a virtual board: what it flashes runs, and is found to be ours.

mod board;
mod common;

use std::{
    io::Read,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use board::{start, works};
use common::model;
use tinynas_device::{FlashContent, ProbeOptions, Written};

const BOARD: &str = "nucleo-f446re";
const CHIP: &str = "STM32F446RETx";

/// Longest that one command may take.
const BOUND: Duration = Duration::from_secs(60);

/// What a command printed, once it has ended well.
fn probe_rs(arguments: &[&str]) -> String {
    let mut command = Command::new("probe-rs");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("probe-rs starts");
    let pipes: [Box<dyn Read + Send>; 2] =
        [Box::new(child.stdout.take().expect("piped")), Box::new(child.stderr.take().expect("piped"))];
    let readers = pipes.map(|mut pipe| {
        thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).map(|_| text).unwrap_or_default()
        })
    });
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break status,
            None if begin.elapsed() > BOUND => {
                child.kill().expect("a child");
                panic!("probe-rs {arguments:?} does not end");
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    let [out, err] = readers.map(|reader| reader.join().expect("read"));
    assert!(status.success(), "probe-rs {arguments:?}: {status}\n{out}\n{err}");
    eprintln!("probe-rs {}: {:.2?}", arguments.first().copied().unwrap_or_default(), begin.elapsed());
    out + &err
}

/// Whether the command is there; says so if not.
fn has_probe_rs() -> bool {
    let version = Command::new("probe-rs").arg("--version").output();
    let Some(version) = version.ok().filter(|output| output.status.success()) else {
        eprintln!("skipped: the test of the `probe-rs` command line needs it in PATH (`cargo install probe-rs-tools`)");
        return false;
    };
    eprintln!("{}", String::from_utf8_lossy(&version.stdout).trim());
    true
}

#[test]
fn what_probe_rs_flashes_runs() {
    if !has_probe_rs() {
        return;
    }
    let Some((mut device, image)) = start(BOARD, ProbeOptions::default()) else { return };
    let selector = device.selector();
    let path = image.path().display().to_string();
    let run = |command: &str, more: &[&str]| {
        let common = [command, "--non-interactive", "--chip", CHIP, "--probe", &selector, "--protocol", "swd"];
        probe_rs(&[&common, more].concat())
    };

    run("download", &["--disable-progressbars", "--verify", &path]);
    assert!(device.counters().programmed > 0);
    let verified = run("verify", &["--disable-progressbars", &path]);
    assert!(verified.contains("Verification successful"), "{verified}");

    // The vectors, as words.
    let segment = &image.segments().expect("segments")[0];
    let words = run("read", &["b32", &format!("{:#x}", segment.address), "4"]);
    for word in segment.bytes.chunks_exact(4).take(4) {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        assert!(words.contains(&format!("{word:08x}")), "{word:#010x} in {words}");
    }

    run("reset", &[]);
    let before = device.counters().instructions;
    thread::sleep(Duration::from_millis(100));
    assert!(device.counters().instructions > before, "it does not run");

    // Only the model is missing.
    assert_eq!(device.probe().inspect(&image).expect("readable"), FlashContent::Ours { firmware_same: true });
    let bytes = model(1).1;
    let (_, written) = device.probe().flash_with(&image, &bytes, &mut |_| {}).expect("flashed");
    assert_eq!(written, Written { firmware: false, model: true });
    works(&mut device, &image);
}
