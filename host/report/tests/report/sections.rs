//! A section is there when its data is, and the page says what is missing.

use tinynas_report::{Accuracy, Arena, Budget, Bytes, Network, ReportData, Search, Selection, html};

use crate::sample;

/// Anchor of a section, its name when it is missing, and how to take its data away.
type Part = (&'static str, &'static str, fn(&mut ReportData));

const PARTS: [Part; 9] = [
    ("bytes", "the bytes", |d| d.bytes = None),
    ("select", "the ranking of the variants", |d| d.selection = None),
    ("search", "the search", |d| d.search = None),
    ("network", "the chosen network", |d| d.network = None),
    ("accuracy", "accuracies", |d| d.accuracy = None),
    ("arena", "the arena", |d| d.arena = None),
    ("memories", "the memory map", |d| d.memories.clear()),
    ("layers", "the layers", |d| d.layers.clear()),
    ("commands", "", |d| {
        d.reproduce.clear();
        d.next.clear();
    }),
];

fn has(page: &str, id: &str) -> bool {
    let section = page.contains(&format!("<section id=\"{id}\">"));
    assert_eq!(section, page.contains(&format!("href=\"#{id}\"")), "the contents and the sections differ about {id}");
    section
}

fn missing(page: &str) -> &str {
    page.split_once("Missing: ").map_or("", |(_, rest)| rest.split('<').next().unwrap())
}

#[test]
fn a_full_run_has_every_section_and_misses_nothing() {
    let page = html(&sample::full());
    for (id, ..) in PARTS {
        assert!(has(&page, id), "{id}");
    }
    assert_eq!(missing(&page), "");
}

#[test]
fn a_part_without_data_is_left_out_and_named() {
    for (id, name, remove) in PARTS {
        let mut data = sample::full();
        remove(&mut data);
        let page = html(&data);
        assert!(!has(&page, id), "{id}");
        assert_eq!(missing(&page), if name.is_empty() { String::new() } else { format!("{name}.") });
        for (other, ..) in PARTS.into_iter().filter(|(other, ..)| *other != id) {
            assert!(has(&page, other), "{other} went with {id}");
        }
    }
    let page = html(&ReportData { device: None, ..sample::full() });
    assert_eq!(missing(&page), "a run on a device.");
}

#[test]
fn a_run_that_has_only_begun_is_a_page() {
    let page = html(&ReportData::default());
    assert!(PARTS.iter().all(|(id, ..)| !has(&page, id)));
    assert!(page.ends_with("</html>\n"));
}

#[test]
fn parts_that_are_there_but_empty_are_drawn_all_the_same() {
    let data = ReportData {
        budget: Some(Budget::default()),
        selection: Some(Selection::default()),
        search: Some(Search::default()),
        network: Some(Network::default()),
        layers: vec![tinynas_report::Layer::default()],
        arena: Some(Arena::default()),
        memories: vec![tinynas_report::Memory::default()],
        accuracy: Some(Accuracy::default()),
        bytes: Some(Bytes::default()),
        device: Some(tinynas_report::DeviceRun::default()),
        ..ReportData::default()
    };
    let page = html(&data);
    assert!(!page.contains("NaN") && !page.contains("inf"), "a number that is none");
}

#[test]
fn equal_data_gives_equal_bytes() {
    let text = serde_json::to_string(&sample::full()).unwrap();
    let again: ReportData = serde_json::from_str(&text).unwrap();
    assert_eq!(again, sample::full());
    assert_eq!(html(&again), html(&sample::full()));
}

#[test]
fn one_byte_off_is_said_at_the_top_and_in_the_table() {
    let mut data = sample::full();
    assert!(!html(&data).contains("FAIL") && !html(&data).contains("\"card bad-card\""));
    data.bytes.as_mut().unwrap().sram.observed = data.bytes.as_ref().unwrap().sram.predicted.map(|n| n + 1);
    let page = html(&data);
    assert!(page.contains("FAIL") && page.contains("\"card bad-card\"") && page.contains("(1 B off)"));
}

#[test]
fn one_wrong_output_is_said_with_its_place() {
    let mut data = sample::full();
    let device = data.device.as_mut().unwrap();
    device.outputs_equal = 63;
    device.first_difference = Some("image 17: class 3 is -5, the host says -4".into());
    let page = html(&data);
    assert!(page.contains("\"card bad-card\""));
    assert!(page.contains("image 17: class 3 is -5, the host says -4"));
}
