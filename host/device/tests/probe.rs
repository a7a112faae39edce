//! What a host learns when the other end of a debug probe's socket is not a working probe: one error each, in bounded time.

use std::{
    io::{BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use tinynas_cost::Board;
use tinynas_device::{DeviceError, Probe, ProbeOptions, Timeouts};

/// Longest wait for one step in these tests, and for a whole test.
const STEP: Duration = Duration::from_secs(1);
const BOUND: Duration = Duration::from_secs(8);

/// Answers every client on a port of its own; gives the port.
fn server(answer: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || listener.incoming().flatten().for_each(answer));
    port
}

/// Answers commands one after another with what `reply` makes of them; closes at `None`.
fn probe(reply: impl Fn(&str) -> Option<String> + Send + 'static) -> u16 {
    server(move |mut stream| {
        let mut command = String::new();
        for byte in BufReader::new(stream.try_clone().expect("socket")).bytes().map_while(Result::ok) {
            command.push(char::from(byte));
            let Some(start) = command.find('!').filter(|_| byte == b'#') else { continue };
            let Some(answer) = reply(&command[start..]) else { return };
            command.clear();
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    })
}

fn open(port: u16) -> (Probe, DeviceError) {
    open_within(port, STEP)
}

fn open_within(port: u16, step: Duration) -> (Probe, DeviceError) {
    let board = Board::open("nucleo-f446re").expect("shipped");
    let selector = format!("1d50:6018:127.0.0.1:{port}").parse().expect("selector");
    let mut device =
        Probe::new(&board, ProbeOptions { probe: Some(selector), ..ProbeOptions::default() }).expect("chip");
    device.set_timeouts(Timeouts { probe: step, ..Timeouts::default() });
    let start = Instant::now();
    let error = device.attach().expect_err("no probe");
    assert!(start.elapsed() < BOUND, "{error} after {:?}", start.elapsed());
    (device, error)
}

/// Handshake and version as a Black Magic Probe gives them.
fn greeting(command: &str) -> Option<String> {
    match command {
        "!GA#" => Some("&KBlack Magic Probe v1.10#".to_owned()),
        "!HC#" => Some("&K3#".to_owned()),
        _ => None,
    }
}

#[test]
fn nobody_at_the_port_is_no_probe() {
    let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a port").port();
    let (_, error) = open(port);
    assert_eq!(error.code(), "device::no_probe");
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[test]
fn something_else_at_the_port_is_told_with_its_words() {
    let (_, error) = open(server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    }));
    assert_eq!(error.code(), "device::not_a_probe");
    assert!(error.to_string().contains("`HTTP/1.1 400 Bad Request`"), "{error}");
}

#[test]
fn a_probe_that_has_its_client_is_busy() {
    let (_, error) = open(server(drop));
    assert_eq!(error.code(), "device::probe_busy");
    assert!(error.help().is_some_and(|help| help.contains("close")));
    assert_eq!(
        open(server(|mut stream| drop(stream.write_all(b"Port already in use\n")))).1.code(),
        "device::probe_busy"
    );
}

#[test]
fn silence_ends_at_the_limit_and_the_next_try_is_a_new_one() {
    let port =
        server(|stream| thread::spawn(move || BufReader::new(stream).bytes().for_each(drop)).join().unwrap_or(()));
    let (mut device, error) = open(port);
    assert_eq!(error.code(), "device::probe_timeout", "{error}");
    assert_eq!(device.attach().expect_err("still silent").code(), "device::probe_timeout");
    let start = Instant::now();
    drop(device);
    assert!(start.elapsed() < STEP);
}

#[test]
fn a_probe_that_leaves_after_the_greeting_is_a_lost_connection() {
    let (_, error) = open(probe(greeting));
    assert_eq!(error.code(), "device::disconnected", "{error}");
}

#[test]
fn a_probe_without_a_chip_says_so() {
    // All wires read as ones, as with nothing connected.
    let (_, error) = open_within(
        probe(|command| {
            greeting(command).or_else(|| {
                Some(match command.get(1..3) {
                    Some("Si" | "SI") => "&Kffffffff#".to_owned(),
                    Some("Ad" | "Aa") => "&E0000000000000004#".to_owned(),
                    Some("AR" | "AA" | "AM" | "Am") => "&E0000000000000004#".to_owned(),
                    _ => "&K0#".to_owned(),
                })
            })
        }),
        BOUND,
    );
    assert_eq!(error.code(), "device::no_target", "{error}");
}

#[test]
fn nonsense_in_every_answer_is_an_error_and_no_panic() {
    for nonsense in ["&Kzzzz#", "&K#", "&Kffffffffffffffff#", "&P1#", "&?#"] {
        let (_, error) = open(probe(move |command| greeting(command).or_else(|| Some(nonsense.to_owned()))));
        eprintln!("{nonsense}: {}: {error}", error.code());
        assert!(matches!(error, DeviceError::Probe(_)), "{nonsense}: {error}");
    }
}
