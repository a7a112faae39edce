//! report.html: one offline page about a run.
//!
//! The page is one file: no script, no font, no image from elsewhere; it is readable without scripts, in the dark and
//! on paper. One file per plot over a small drawing module; equal data gives equal bytes.

mod arena;
mod axes;
mod blocks;
mod bytes;
mod cards;
mod cdf;
mod commands;
mod confusion;
mod data;
mod layers;
mod page;
mod regions;
mod scatter;
mod svg;
mod text;
mod training;

pub use data::*;

/// The page about a run, as far as it got. Equal data gives equal bytes.
///
/// Every text in `data` may be hostile: it is escaped, and the page forbids scripts and anything from elsewhere.
#[must_use]
pub fn html(data: &ReportData) -> String {
    let mut missing = Vec::new();
    let mut part = |name: &'static str, section: Option<page::Section>| {
        if section.is_none() {
            missing.push(name);
        }
        section
    };
    let commands = !data.reproduce.is_empty() || !data.next.is_empty();
    let sections: Vec<page::Section> = [
        part("the bytes", data.bytes.as_ref().map(bytes::section)),
        part("the ranking of the variants", data.selection.as_ref().map(cdf::section)),
        part("the search", data.search.as_ref().map(|s| scatter::section(s, data.budget.as_ref()))),
        part("the chosen network", data.network.as_ref().map(blocks::section)),
        part("accuracies", data.accuracy.as_ref().map(training::section)),
        part("the arena", data.arena.as_ref().map(arena::section)),
        part("the memory map", (!data.memories.is_empty()).then(|| regions::section(&data.memories))),
        part("the layers", (!data.layers.is_empty()).then(|| layers::section(&data.layers, data.device.as_ref()))),
        commands.then(|| commands::section(&data.reproduce, &data.next)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if data.device.is_none() {
        missing.push("a run on a device");
    }
    page::page(data, &cards::cards(data), &sections, &missing)
}
