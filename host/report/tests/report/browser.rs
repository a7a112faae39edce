//! What headless Chromium makes of the page: it renders, is silent, asks for nothing, and fits a phone.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tinynas_report::{ReportData, html};

use crate::{hostile, sample};

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const PATIENCE: Duration = Duration::from_secs(120);

/// Chromium in `PATH`; without it the test says that it is skipped.
fn browser(test: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).flat_map(|dir| NAMES.map(|name| dir.join(name))).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("skipped: {test} needs Chromium");
    }
    found
}

/// A page as the browser saw it.
struct Opened {
    dom: String,
    /// Lines that the page wrote to the console: errors, and what its security policy refused.
    console: Vec<String>,
    /// Who started requests; the browser's own have no origin.
    initiators: Vec<String>,
}

fn open(browser: &PathBuf, page: &str, width: u32) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("page.html"), page).unwrap();
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--v=0"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND")
        .arg(format!("--window-size={width},900"))
        .arg(format!("--user-data-dir={}", file("profile").display()))
        .arg(format!("--log-net-log={}", file("net.json").display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", file("page.html").display()))
        .stdin(Stdio::null())
        .stdout(fs::File::create(file("dom")).unwrap())
        .stderr(fs::File::create(file("log")).unwrap());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("the browser hangs: {}", fs::read_to_string(file("log")).unwrap());
        }
        thread::sleep(Duration::from_millis(20));
    };
    let log = String::from_utf8_lossy(&fs::read(file("log")).unwrap()).into_owned();
    assert!(status.success(), "{status}: {log}");
    let requests = String::from_utf8_lossy(&fs::read(file("net.json")).unwrap()).into_owned();
    let initiators = requests.split("\"initiator\":\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    Opened {
        dom: fs::read_to_string(file("dom")).unwrap(),
        console: log.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect(),
        initiators: initiators.filter(|who| who != "not an origin").collect(),
    }
}

/// The page without its ban on scripts, with one that measures it.
fn measuring(page: &str) -> String {
    let begin = page.find("<meta http-equiv=\"Content-Security-Policy\"").unwrap();
    let end = begin + page[begin..].find('>').unwrap() + 1;
    let script = "<script>\
        const wide = document.documentElement.scrollWidth - window.innerWidth;\
        const svgs = [...document.querySelectorAll('svg')];\
        const out = svgs.map(svg => { const b = svg.getBBox(), v = svg.viewBox.baseVal;\
            const far = Math.max(-b.x, -b.y, b.x + b.width - v.width, b.y + b.height - v.height);\
            return [svg.getAttribute('aria-label'), far]; }).filter(([, far]) => far > 1);\
        document.body.setAttribute('data-wide', wide);\
        document.body.setAttribute('data-cut', out.map(([label, far]) => label + ' by ' + far.toFixed(1)).join('; '));\
        </script></body>";
    format!("{}{}", &page[..begin], &page[end..]).replace("</body>", script)
}

fn attribute<'a>(dom: &'a str, name: &str) -> &'a str {
    dom.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next()).unwrap()
}

#[test]
fn the_page_renders_silently_and_asks_for_nothing() {
    let Some(browser) = browser("the page in a browser") else { return };
    for data in [sample::full(), ReportData::default(), hostile::poisoned()] {
        let page = html(&data);
        let opened = open(&browser, &page, 1280);
        for tag in ["<section", "<svg", "<circle", "<path", "<table", "<tr", "<a "] {
            assert_eq!(opened.dom.matches(tag).count(), page.matches(tag).count(), "{tag}");
        }
        assert!(opened.dom.contains("</footer>"));
        assert_eq!(opened.console, Vec::<String>::new());
        assert_eq!(opened.initiators, Vec::<String>::new());
    }
}

#[test]
fn an_error_or_a_request_would_be_noticed() {
    let Some(browser) = browser("a noisy page in a browser") else { return };
    let page = "<!DOCTYPE html><body><script>console.error('boo')</script><img src='http://127.0.0.1:9/x'></body>";
    let opened = open(&browser, page, 1280);
    assert!(opened.console.iter().any(|line| line.contains("boo")), "{:?}", opened.console);
    assert!(!opened.initiators.is_empty());
}

#[test]
fn nothing_sticks_out_of_a_phone_or_of_a_drawing() {
    let Some(browser) = browser("the page on a phone") else { return };
    for (width, data) in [(390, sample::full()), (390, hostile::poisoned()), (1280, sample::full())] {
        let opened = open(&browser, &measuring(&html(&data)), width);
        assert_eq!(attribute(&opened.dom, "data-wide"), "0", "wider than {width} pixels");
        if data == sample::full() {
            assert_eq!(attribute(&opened.dom, "data-cut"), "", "labels outside of a drawing");
        }
    }
}
