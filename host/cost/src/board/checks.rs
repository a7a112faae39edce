//! What a board file must say beyond its fields: sizes that are not zero, memories that do not overlap, reserves that
//! leave something.

use super::Board;
use crate::{Bytes, CostError, document::Document};

/// A memory with its name, as messages call it, and the keys that lead to it.
struct Memory<'a> {
    what: String,
    keys: Vec<&'a str>,
    origin: u64,
    bytes: u64,
}

impl Memory<'_> {
    fn end(&self) -> u64 {
        self.origin.saturating_add(self.bytes)
    }
}

pub(super) fn check(board: &Board, document: &Document<'_>) -> Result<(), CostError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if board.name.is_empty() || !board.name.chars().all(plain) {
        let reason = format!("`{}` is not a plain name", board.name);
        return Err(document.wrong(&["name"], reason, "use lower-case letters, digits and `-`, as in `nucleo-f446re`"));
    }
    if board.clock_hz.value == 0 {
        return Err(document.wrong(
            &["clock_hz"],
            "the clock is 0 Hz",
            "write the core's clock in Hz, as in 180000000",
        ));
    }
    if board.sram.is_empty() {
        return Err(document.wrong(&["sram"], "`sram` has no region", "list the RAM that holds the arena first"));
    }
    let names: Vec<String> = board.sram.iter().map(|region| format!("name: {}", region.name)).collect();
    let (origin, bytes) = (board.flash.origin, board.flash.bytes.0);
    let mut memories = vec![Memory { what: "flash".into(), keys: vec!["flash"], origin, bytes }];
    memories.extend(board.sram.iter().zip(&names).map(|(region, name)| Memory {
        what: format!("region `{}`", region.name),
        keys: vec!["sram", name.as_str()],
        origin: region.origin,
        bytes: region.bytes.0,
    }));
    check_memories(&memories, document)?;
    check_reserves(board, document)?;
    check_sources(board, document)
}

fn check_memories(memories: &[Memory<'_>], document: &Document<'_>) -> Result<(), CostError> {
    for (index, memory) in memories.iter().enumerate() {
        let at = |key| memory.keys.iter().copied().chain([key]).collect::<Vec<_>>();
        let what = &memory.what;
        if memory.bytes == 0 {
            return Err(document.wrong(&at("bytes"), format!("{what} has 0 bytes"), "write its size, as in `128KiB`"));
        }
        if memory.end() > 1 << 32 {
            let reason = format!("{what} ends at {:#x}, beyond the 32-bit address space", memory.end());
            return Err(document.wrong(&at("origin"), reason, "check `origin` and `bytes`"));
        }
        for earlier in memories.iter().take(index) {
            if earlier.what == *what {
                let reason = format!("there are two memories with the name of {what}");
                return Err(document.wrong(&memory.keys, reason, "give each region its own name"));
            }
            if earlier.origin < memory.end() && memory.origin < earlier.end() {
                let both = memory.origin.max(earlier.origin);
                let reason = format!("{what} overlaps {}: {both:#x} lies in both", earlier.what);
                let help = format!("{} is {:#x} to {:#x}", earlier.what, earlier.origin, earlier.end());
                return Err(document.wrong(&at("origin"), reason, help));
            }
        }
    }
    Ok(())
}

fn check_reserves(board: &Board, document: &Document<'_>) -> Result<(), CostError> {
    let reserved = &board.reserved;
    let taken = Bytes(reserved.stack.bytes.0.saturating_add(reserved.statics.bytes.0));
    if taken >= board.main_sram() {
        let reason = format!("stack and statics reserve {taken} of {} of SRAM, nothing is left", board.main_sram());
        return Err(document.wrong(&["reserved", "stack"], reason, "reserve less than the first region of `sram` has"));
    }
    if let Some(code) = &board.flash.code_region
        && (code.bytes.0 == 0 || code.bytes >= board.flash.bytes)
    {
        let reason = format!("the code region takes {} of {} of flash", code.bytes, board.flash.bytes);
        return Err(document.wrong(&["flash", "code_region"], reason, "leave room for code and for a model"));
    }
    if reserved.flash.bytes >= board.flash.bytes {
        let reason =
            format!("{} of {} of flash are reserved, nothing is left", reserved.flash.bytes, board.flash.bytes);
        return Err(document.wrong(&["reserved", "flash"], reason, "reserve less than `flash` has"));
    }
    Ok(())
}

fn check_sources(board: &Board, document: &Document<'_>) -> Result<(), CostError> {
    let reserved = &board.reserved;
    let code_region = board.flash.code_region.as_ref().map(|code| code.source.as_str());
    let fields: [(&[&str], &str); 6] = [
        (&["clock_hz", "source"], &board.clock_hz.source),
        (&["flash", "source"], &board.flash.source),
        (&["flash", "code_region", "source"], code_region.unwrap_or("the firmware's own")),
        (&["reserved", "stack", "source"], &reserved.stack.source),
        (&["reserved", "statics", "source"], &reserved.statics.source),
        (&["reserved", "flash", "source"], &reserved.flash.source),
    ];
    let regions = board.sram.iter().map(|region| (&["sram", "source"][..], region.source.as_str()));
    let mut empty = fields.into_iter().chain(regions).filter(|(_, source)| source.trim().is_empty());
    empty.next().map_or(Ok(()), |(keys, _)| {
        Err(document.wrong(keys, "a number without a source", "name the data sheet, manual or measurement"))
    })
}
