//! Chooses, by target, the memory map of an emulated machine and what its core can do.

use std::{env, error::Error, fs, path::Path};

/// A machine of QEMU: where its core boots, and RAM for stack and statics. Sizes are less than the machine has.
struct Map {
    flash: u32,
    ram: u32,
    ram_bytes: u32,
    features: &'static [&'static str],
}

/// By target: `microbit`, `mps2-an385`, `mps2-an386` (also `mps2-an500`), `mps2-an505`.
///
/// Sources: nRF51822 product specification 3.4, table 6; Arm Application Notes 385, 386 and 505, memory maps. The
/// last one starts in the secure state, whose alias of the code memory is at 0x1000_0000.
fn map(target: &str) -> Option<Map> {
    let v7 = |features| Map { flash: 0, ram: 0x2000_0000, ram_bytes: 64 << 10, features };
    Some(match target {
        "thumbv6m-none-eabi" => Map { flash: 0, ram: 0x2000_0000, ram_bytes: 16 << 10, features: &[] },
        "thumbv7m-none-eabi" => v7(&["thumb2"]),
        "thumbv7em-none-eabihf" => v7(&["thumb2", "dsp", "fpu"]),
        "thumbv8m.main-none-eabihf" => {
            let features = &["thumb2", "dsp", "fpu", "v8m"];
            Map { flash: 0x1000_0000, ram: 0x3800_0000, ram_bytes: 64 << 10, features }
        }
        _ => return None,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let target = env::var("TARGET")?;
    let Map { flash, ram, ram_bytes, features } = map(&target).ok_or(format!("no machine for {target}"))?;
    for feature in features {
        println!("cargo:rustc-cfg={feature}");
    }
    let memory = format!(
        "MEMORY\n{{\n  FLASH : ORIGIN = {flash:#010x}, LENGTH = 256K\n  RAM : ORIGIN = {ram:#010x}, LENGTH = {ram_bytes}\n}}\n"
    );
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("conformance.x"), memory + include_str!("link.x"))?;
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-arg-bins=-Tconformance.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=link.x");
    println!("cargo:rerun-if-env-changed=CONFORMANCE_GROUP");
    Ok(())
}
