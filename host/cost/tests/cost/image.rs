//! The reserves and the code constant against images that were built.

use std::fs;

use serde_json::Value;
use tinynas_cost::{Board, Engine};

use crate::workspace;

#[test]
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
fn built_images_keep_to_what_the_files_reserve() {
    for name in Board::shipped() {
        let file = workspace().join(format!("target/firmware/{name}/manifest.json"));
        let Ok(text) = fs::read_to_string(&file) else {
            if name == "qemu-mps2-an386" {
                println!("skipped: the image's size needs target/firmware/{name}/manifest.json (cargo xtask firmware)");
            }
            continue;
        };
        let manifest: Value = serde_json::from_str(&text).unwrap();
        let section = |name: &str| manifest["sections"][name].as_u64().unwrap();
        let board = Board::open(name).unwrap();
        let reserved = &board.reserved;
        assert!(section("flash_bytes") <= Engine::Tinynas.code_bytes().unwrap().0, "{name}: code");
        assert!(section("data_bytes") + section("bss_bytes") <= reserved.statics.bytes.0, "{name}: statics");
        assert_eq!(section("stack_reserve_bytes"), reserved.stack.bytes.0, "{name}: stack");
        assert!(section("arena_region_bytes") >= board.sram_budget().0, "{name}: arena");
        let model = board.flash_budget().less(Engine::Tinynas.code_bytes().unwrap());
        assert_eq!(section("model_region_bytes"), model.0, "{name}: model region");
    }
}
