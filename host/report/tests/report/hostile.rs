//! Texts from outside stay texts: class names, file names and notes that try to be markup.

use serde_json::Value;
use tinynas_report::{ReportData, html};

use crate::sample;

const HOSTILE: &str =
    "\"'><script>alert(1)</script><img src=http://127.0.0.1/x onerror=alert(2)>&amp;\u{202e}\u{0}</style>";

/// Puts the hostile text in place of every text of the data; names that only our own types may have stay.
fn poison(value: &mut Value, key: &str) -> usize {
    const OURS: [&str; 4] = ["kind", "standing", "better", "evidence"];
    match value {
        Value::String(text) if !OURS.contains(&key) => {
            *text = HOSTILE.to_owned();
            1
        }
        Value::Array(items) => items.iter_mut().map(|item| poison(item, key)).sum(),
        Value::Object(fields) => fields.iter_mut().map(|(key, value)| poison(value, key)).sum(),
        _ => 0,
    }
}

/// The names of all elements, each once.
fn elements(page: &str) -> Vec<&str> {
    let body = page.split_once("</style>").unwrap().1;
    let mut names: Vec<&str> = body.split('<').skip(1).map(|tag| tag.split([' ', '>', '/']).next().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The sample with the hostile text everywhere.
pub fn poisoned() -> ReportData {
    let mut value = serde_json::to_value(sample::full()).unwrap();
    assert!(poison(&mut value, "") > 200, "the sample has texts everywhere");
    serde_json::from_value(value).unwrap()
}

#[test]
fn no_text_adds_an_element_or_an_attribute() {
    let page = html(&poisoned());
    assert_eq!(elements(&page), elements(&html(&sample::full())));
    assert_eq!(page.matches("<style").count(), 1);
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains(['\u{202e}', '\u{0}']));
    for tag in page.split('<').skip(1).map(|tag| tag.split('>').next().unwrap()) {
        let outside_quotes: String = tag.split('"').step_by(2).collect();
        assert!(!outside_quotes.contains("on") || !outside_quotes.contains("error="), "{tag}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
    }
}

#[test]
fn odd_numbers_are_no_reason_to_fail() {
    let mut data = sample::full();
    let search = data.search.as_mut().unwrap();
    for (at, candidate) in search.candidates.iter_mut().enumerate() {
        candidate.score = [Some(f64::NAN), Some(f64::INFINITY), None, Some(-1e300), Some(1e300)][at % 5];
        candidate.macs = [0, u64::MAX][at % 2];
        candidate.sram_bytes = candidate.macs;
    }
    for variant in &mut data.selection.as_mut().unwrap().variants {
        variant.mean_macs = f64::NAN;
        variant.cdf.truncate(1);
    }
    for region in data.memories.iter_mut().flat_map(|m| &mut m.regions) {
        region.address = Some(u64::MAX);
        region.bytes = u64::MAX / 8;
    }
    for block in &mut data.arena.as_mut().unwrap().blocks {
        (block.offset, block.first_step, block.last_step) = (u64::MAX, usize::MAX, 0);
    }
    data.accuracy.as_mut().unwrap().confusion.as_mut().unwrap().counts.truncate(3);
    assert!(html(&data).ends_with("</html>\n"));
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere() {
    let page = html(&sample::full());
    for word in ["http:", "https:", "//cdn", "src=", "url(", "@import", "<script", "<link", "<iframe"] {
        assert!(!page.contains(word), "{word}");
    }
    let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    assert!(links.into_iter().all(|link| link.starts_with('#')));
    assert!(page.contains("default-src 'none'"), "and the browser is told so");
}
