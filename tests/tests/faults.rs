//! Damage, other versions, a full disk, Ctrl-C: a clear error, the documented exit status, nothing lost.

#![allow(clippy::unwrap_used)]

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    process::{Child, Command},
    time::Duration,
};

use tinynas_tests::{Ended, Lab, journal_lines};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tinynas-under-test");

/// A run that was killed after some candidates were scored, beside a whole one.
fn half_searched(lab: &Lab) {
    let whole = lab.finish(lab.begin_or_resume("whole", 2));
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let scored = |run: &Path| journal_lines(run, "\"score\"") >= 3;
    let (reached, _) =
        lab.disturb(lab.begin_or_resume("half", 2), "half", &scored, Duration::ZERO, &|child| child.kill().unwrap());
    assert!(reached && !lab.run_path("half").join("search.json").exists());
}

/// The error of a command that was to fail, by its code.
fn error(ended: &Ended) -> (String, serde_json::Value) {
    let value: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:?}"));
    assert_eq!(value["error"]["exit"].as_i64(), ended.code.map(i64::from));
    (value["error"]["code"].as_str().unwrap().to_owned(), value)
}

#[test]
fn a_damaged_tail_of_the_journal_is_dropped_with_a_warning_and_the_run_goes_on() {
    let lab = Lab::new(PROGRAM, false);
    half_searched(&lab);
    let journal = lab.run_path("half").join("journal.jsonl");
    let mut file = OpenOptions::new().append(true).open(&journal).unwrap();
    file.write_all(b"{\"time\":1764000000,\"unit\":\"score\",\"id\":\"00\x00\xff").unwrap();
    drop(file);
    let resumed = lab.finish(lab.tinynas(&["resume", "half"]));
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert!(resumed.stderr.contains("journal's last line was cut off"), "{}", resumed.stderr);
    lab.assert_same("whole", "half");
}

#[test]
fn a_damaged_line_inside_the_journal_is_an_error_that_names_it() {
    let lab = Lab::new(PROGRAM, false);
    half_searched(&lab);
    let journal = lab.run_path("half").join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1] = "{\"time\":17640";
    fs::write(&journal, lines.join("\n") + "\n").unwrap();
    let refused = lab.finish(lab.tinynas(&["resume", "half", "--format", "json"]));
    let (code, value) = error(&refused);
    assert_eq!((code.as_str(), refused.code), ("journal::damaged", Some(2)));
    assert!(value["error"]["message"].as_str().unwrap().contains("line 2"), "{value}");
    // Cut off before the damage, as the help says, the run goes on.
    fs::write(&journal, format!("{}\n", lines[0])).unwrap();
    assert_eq!(lab.finish(lab.tinynas(&["resume", "half"])).code, Some(0));
    lab.assert_same("whole", "half");
}

#[test]
fn a_run_of_another_version_is_refused_and_left_as_it_is() {
    let lab = Lab::new(PROGRAM, false);
    half_searched(&lab);
    let record = lab.run_path("half").join("run.json");
    let text = fs::read_to_string(&record).unwrap();
    for other in [
        text.replace(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")), "\"version\": \"0.0.1\""),
        text.replace("\"format\": 1", "\"format\": 2"),
    ] {
        assert_ne!(other, text);
        fs::write(&record, &other).unwrap();
        let refused = lab.finish(lab.tinynas(&["resume", "half", "--format", "json"]));
        assert_eq!((error(&refused).0.as_str(), refused.code), ("run::version", Some(2)));
        assert_eq!(fs::read_to_string(&record).unwrap(), other);
    }
}

#[test]
fn inputs_that_changed_are_named() {
    let lab = Lab::new(PROGRAM, false);
    half_searched(&lab);
    let file = lab.run_path("half").join("experiment.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("seed: 3", "seed: 4")).unwrap();
    let refused = lab.finish(lab.tinynas(&["resume", "half", "--format", "json"]));
    let (code, value) = error(&refused);
    assert_eq!((code.as_str(), refused.code), ("run::changed", Some(2)));
    assert!(value["error"]["message"].as_str().unwrap().contains("experiment"), "{value}");
    fs::write(&file, text).unwrap();
    let labels = lab.path().join("stripes/train-labels-idx1-ubyte");
    let mut bytes = fs::read(&labels).unwrap();
    bytes[100] ^= 1;
    fs::write(&labels, bytes).unwrap();
    let (_, value) = error(&lab.finish(lab.tinynas(&["resume", "half", "--format", "json"])));
    assert!(value["error"]["message"].as_str().unwrap().contains("data set"), "{value}");
}

#[test]
fn two_processes_do_not_write_one_run() {
    let lab = Lab::new(PROGRAM, false);
    let scored = |run: &Path| journal_lines(run, "\"score\"") >= 1;
    let second = |_: &mut Child| {
        let refused = lab.finish(lab.tinynas(&["resume", "a", "--format", "json"]));
        assert_eq!((error(&refused).0.as_str(), refused.code), ("run::busy", Some(2)));
    };
    let (reached, ended) = lab.disturb(lab.begin_or_resume("a", 2), "a", &scored, Duration::ZERO, &second);
    assert!(reached);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn ctrl_c_in_any_stage_exits_130_and_says_how_to_go_on() {
    let lab = Lab::new(PROGRAM, false);
    let whole = lab.finish(lab.begin_or_resume("whole", 2));
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let interrupt = |child: &mut Child| {
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    };
    type Point<'a> = (&'a str, &'a dyn Fn(&Path) -> bool);
    let points: [Point<'_>; 5] = [
        // The record is written when Ctrl-C is heard already.
        ("select", &|run| run.join("run.json").exists()),
        ("search", &|run| journal_lines(run, "\"score\"") >= 2),
        ("train", &|run| journal_lines(run, "\"epoch\"") >= 1),
        ("train, later", &|run| journal_lines(run, "\"epoch\"") >= 4),
        ("quantize", &|run| run.join("best.json").exists()),
    ];
    let mut stopped = 0;
    for (stage, point) in points {
        let (reached, ended) = lab.disturb(lab.begin_or_resume("a", 2), "a", point, Duration::ZERO, &interrupt);
        if ended.code == Some(0) {
            continue;
        }
        assert!(reached);
        assert_eq!(ended.code, Some(130), "{stage}: {}", ended.stderr);
        assert!(ended.stderr.contains("tinynas resume a"), "{stage}: {}", ended.stderr);
        stopped += 1;
    }
    assert!(stopped >= 3, "{stopped} of the interrupts came in time");
    assert_eq!(lab.finish(lab.begin_or_resume("a", 1)).code, Some(0));
    lab.assert_same("whole", "a");
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_nothing_finished_is_lost() {
    let lab = Lab::new(PROGRAM, false);
    let whole = lab.finish(lab.begin_or_resume("whole", 2));
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    // A limit in blocks of 512 or 1024 B, the signal ignored: writes fail as on a full disk.
    let script = "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"";
    let mut failures = 0;
    for blocks in ["2", "3", "8", "20", "40"] {
        let mut shell = tinynas_tests::command("sh", lab.path());
        shell.args(["-c", script, "sh", blocks, PROGRAM]);
        if lab.run_path("a/run.json").exists() {
            shell.args(["resume", "a", "--format", "json"]);
        } else {
            shell.args(["run", "small.yaml", "--out", "a", "--format", "json"]);
        }
        let ended = lab.finish(shell);
        if ended.code != Some(0) {
            let (code, value) = error(&ended);
            assert_eq!(ended.code, Some(2), "{value}");
            assert!(code == "io" || code == "train::io" || code == "weights", "{value}");
            assert!(value["error"]["message"].as_str().unwrap().contains('a'), "{value}");
            failures += 1;
        }
    }
    assert!(failures >= 2);
    let resumed = lab.finish(lab.begin_or_resume("a", 2));
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    lab.assert_same("whole", "a");
}

#[test]
fn a_full_disk_is_named_and_after_making_room_the_run_goes_on() {
    let lab = Lab::new(PROGRAM, false);
    let whole = lab.finish(lab.begin_or_resume("whole", 2));
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    // A tiny disk of this process's own; its content is copied out before it goes.
    let script = "set -e; mkdir disk; mount -t tmpfs -o size=\"$2\" none disk || exit 77\n\
        set +e; \"$1\" run small.yaml --out disk/a > full.out 2> full.err; echo $? > full.code; set -e\n\
        mount -o remount,size=64m disk; \"$1\" resume disk/a > more.out 2> more.err; cp -r disk/a a";
    for (number, size) in ["12k", "64k", "160k"].iter().enumerate() {
        let mut shell = tinynas_tests::command("unshare", lab.path());
        shell.args(["-rm", "sh", "-c", script, "sh", PROGRAM, size]);
        let ended = lab.finish(shell);
        let read = |name: &str| fs::read_to_string(lab.path().join(name)).unwrap_or_default();
        if number == 0 && !lab.path().join("full.code").exists() {
            eprintln!("skipped: a full disk needs the right to mount ({})", ended.stderr.trim());
            return;
        }
        assert_eq!(ended.code, Some(0), "{size}: {} {}", ended.stderr, read("more.err"));
        assert_eq!(read("full.code").trim(), "2", "{size}: {}", read("full.err"));
        assert!(read("full.err").contains("no space left on device"), "{size}: {}", read("full.err"));
        assert!(read("full.err").contains("tinynas resume disk/a"), "{size}: {}", read("full.err"));
        lab.assert_same("whole", "a");
        for leftover in ["a", "disk"] {
            fs::remove_dir_all(lab.path().join(leftover)).unwrap();
        }
    }
}
