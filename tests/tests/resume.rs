//! A run that is killed and goes on ends in the same bytes as one that was never killed, on any number of threads.

use std::{cell::RefCell, fs, path::Path, process::Child, time::Duration};

use tinynas_tests::{Lab, board_is_missing, journal_lines};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tinynas-under-test");

/// Where a run is killed.
struct Point {
    name: String,
    holds: Box<dyn Fn(&Path) -> bool>,
    delay: Duration,
}

fn point(name: impl Into<String>, delay: u64, holds: impl Fn(&Path) -> bool + 'static) -> Point {
    Point { name: name.into(), holds: Box::new(holds), delay: Duration::from_millis(delay) }
}

fn file(name: &'static str, delay: u64) -> Point {
    point(format!("{name} + {delay} ms"), delay, move |run| run.join(name).exists())
}

fn journal(unit: &'static str, lines: usize, delay: u64) -> Point {
    point(format!("{lines} × {unit} + {delay} ms"), delay, move |run| journal_lines(run, unit) >= lines)
}

/// Several points in every stage: at once after something was written, and some time after.
fn points(device: bool) -> Vec<Point> {
    let checkpoint = |run: &Path| {
        let folders = fs::read_dir(run.join("checkpoints")).into_iter().flatten().flatten();
        folders.filter_map(|folder| fs::read_dir(folder.path()).ok()).any(|mut files| files.next().is_some())
    };
    let mut points = vec![
        point("the folder", 0, Path::exists),
        file("run.json", 0),
        file("run.json", 4),
        file("journal.jsonl", 1),
        file("journal.jsonl", 15),
        file("cdf.svg", 0),
        file("select.json", 0),
        file("select.json", 10),
        journal("\"score\"", 1, 0),
        journal("\"score\"", 4, 1),
        journal("\"score\"", 9, 0),
        journal("\"score\"", 13, 2),
        file("candidates.jsonl", 0),
        file("search.json", 0),
        file("search.json", 30),
        point("a checkpoint", 0, checkpoint),
        journal("\"epoch\"", 1, 0),
        journal("\"epoch\"", 2, 40),
        journal("\"epoch\"", 4, 0),
        journal("\"epoch\"", 5, 25),
        file("weights.safetensors", 0),
        file("train.json", 0),
        file("best.json", 0),
        file("best.json", 15),
        file("model.onnx", 0),
        file("model.onnx", 20),
        file("model.tnm", 0),
        file("quant.json", 0),
        file("quant.json", 50),
    ];
    if device {
        let emulator = |run: &Path| run.join("quant.json").exists() && run.join("journal.jsonl").exists();
        for delay in [150, 300, 500, 700, 900] {
            points.push(point(format!("the emulator + {delay} ms"), delay, emulator));
        }
        points.push(file("measure.json", 0));
    }
    points.push(file("report.html", 0));
    points
}

/// Processes that `parent` has started, as far as the system tells.
fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>()).collect()
}

fn is_emulator(id: u32) -> bool {
    fs::read_to_string(format!("/proc/{id}/cmdline")).is_ok_and(|line| line.contains("qemu-system-arm"))
}

#[test]
fn a_run_that_is_killed_in_every_stage_ends_in_the_same_bytes() {
    let missing = board_is_missing();
    if let Some(why) = &missing {
        eprintln!("skipped: killing the stage `measure` needs the emulated board ({why})");
    }
    let device = missing.is_none();
    let lab = Lab::new(PROGRAM, device);
    let whole = lab.finish(lab.begin_or_resume("whole", 2));
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    // The emulators that were at work when their host was killed: they must end, too.
    let emulators = RefCell::new(Vec::new());
    let kill = |child: &mut Child| {
        emulators.borrow_mut().extend(children(child.id()));
        child.kill().unwrap();
    };
    let mut killed = Vec::new();
    let points = points(device);
    for (number, point) in points.iter().enumerate() {
        // Threads change from one part of the run to the next: the result may not depend on it.
        let command = lab.begin_or_resume("killed", 1 + number % 2);
        let (reached, ended) = lab.disturb(command, "killed", &point.holds, point.delay, &kill);
        if reached {
            assert_eq!(ended.code, None, "{}: {}", point.name, ended.stderr);
            killed.push(&point.name);
        } else {
            assert_eq!(ended.code, Some(0), "{}: {}", point.name, ended.stderr);
        }
    }
    let last = lab.finish(lab.begin_or_resume("killed", 2));
    assert_eq!(last.code, Some(0), "{}", last.stderr);
    lab.assert_same("whole", "killed");
    let starts = journal_lines(&lab.run_path("killed"), "\"start\"");
    assert!(killed.len() >= 20, "only {} of the kills came before the run's end: {killed:?}", killed.len());
    assert!(starts >= 18, "the journal knows of {starts} starts");
    let leftovers: Vec<_> = fs::read_dir(lab.run_path("killed")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(leftovers.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{leftovers:?}");
    if device {
        let emulators = emulators.into_inner();
        assert!(!emulators.is_empty(), "no kill came while the emulator was at work");
        std::thread::sleep(Duration::from_millis(200));
        assert!(emulators.iter().all(|id| !is_emulator(*id)), "an emulator outlives its host: {emulators:?}");
        let measure = |name: &str| fs::read(lab.run_path(name).join("measure.json")).unwrap();
        assert_eq!(measure("whole"), measure("killed"));
    }
}

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let lab = Lab::new(PROGRAM, false);
    for (name, threads) in [("one", 1), ("two", 2), ("four", 4)] {
        let ended = lab.finish(lab.begin_or_resume(name, threads));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    lab.assert_same("one", "two");
    lab.assert_same("one", "four");
}

#[test]
fn a_second_resume_does_nothing_and_says_the_same() {
    let lab = Lab::new(PROGRAM, false);
    let first = lab.finish(lab.tinynas(&["run", "small.yaml", "--out", "a", "--format", "json"]));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let before = lab.results("a");
    let second = lab.finish(lab.tinynas(&["resume", "a", "--format", "json"]));
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(before, lab.results("a"));
    let summary: serde_json::Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(summary["schema"], "tinynas/run/1");
    assert_eq!(summary["search"]["evaluated"], 14);
}
