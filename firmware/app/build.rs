//! Turns a board file into the linker's memory map and the constants the image tells of itself.
//!
//! Reads only what linking needs (`name`, `core`, `flash`, `sram`, `reserved.stack`); whether the
//! rest of the file is right is checked by the host's own reader.

use std::{env, error::Error, fs, path::Path};

use yaml_serde::Value;

/// Flash kept for code at the start where the board file does not say (`flash.code_region`); the model's region begins
/// behind it.
const CODE_REGION: u64 = 128 * 1024;

/// Families of chips by the start of their probe-rs name: each has a file in `src/clock`.
const FAMILIES: [(&str, &str); 10] = [
    ("STM32F4", "stm32f4"),
    ("STM32F7", "stm32f7"),
    ("STM32H74", "stm32h7"),
    ("STM32L4R", "stm32l4"),
    ("STM32U57", "stm32u5"),
    ("nRF52", "nrf52"),
    ("nRF5340", "nrf53"),
    ("RP2040", "rp2040"),
    ("RP235", "rp235x"),
    ("ATSAMD51", "samd51"),
];

/// The second stage of RP2040's boot, in front of the vector table.
const BOOT2: u64 = 256;

/// Used where the board file reserves nothing.
const STACK_RESERVE: u64 = 4 * 1024;

/// The emulated board, should its file be missing. Arm Application Note 386, section 4: ZBT memories 1 and 2+3.
const BUILT_IN: &str = "
core: cortex-m4f
clock_hz: 25000000
flash: { origin: 0x00000000, bytes: 4MiB }
sram: [{ origin: 0x20000000, bytes: 4MiB }]
";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=TINYNAS_BOARD");
    println!("cargo:rerun-if-changed=build.rs");
    let name = env::var("TINYNAS_BOARD").unwrap_or_else(|_| "qemu-mps2-an386".to_owned());
    let file = Path::new("../../memory-models/boards").join(format!("{name}.yaml"));
    println!("cargo:rerun-if-changed={}", file.display());
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(_) if name == "qemu-mps2-an386" => BUILT_IN.to_owned(),
        Err(error) => return Err(format!("{}: {error}", file.display()).into()),
    };
    let board = Board::read(&text).map_err(|error| format!("{}: {error}", file.display()))?;

    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("memory.x"), board.linker_script()?)?;
    fs::write(Path::new(&out).join("board.rs"), board.constants(&name, board.family()?))?;
    // No names of interrupts: see src/vectors.rs.
    fs::write(Path::new(&out).join("device.x"), "")?;
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rustc-cfg=family=\"{}\"", board.family()?);
    println!("cargo:rustc-cfg=architecture=\"{}\"", board.architecture()?);
    Ok(())
}

struct Region {
    origin: u64,
    bytes: u64,
}

struct Board {
    core: String,
    chip: Option<String>,
    clock_hz: u64,
    wait_states: u64,
    flash: Region,
    code: u64,
    sram: Region,
    stack: u64,
}

impl Board {
    fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let root: Value = yaml_serde::from_str(text)?;
        // The first region is the one that takes .data, .bss, the arena and the stack.
        let sram = match &root["sram"] {
            Value::Sequence(regions) => regions.first().ok_or("`sram` is empty")?,
            one => one,
        };
        let flash = Region::read(&root["flash"]).ok_or("`flash` needs `origin` and `bytes`")?;
        Ok(Self {
            core: root["core"].as_str().ok_or("`core` is missing")?.to_owned(),
            chip: root["chip"].as_str().map(str::to_owned),
            clock_hz: number(&root["clock_hz"]).ok_or("`clock_hz` is missing")?,
            wait_states: number(&root["flash"]["wait_states"]).unwrap_or(0),
            code: number(&root["flash"]["code_region"]).unwrap_or(CODE_REGION).min(flash.bytes / 2),
            flash,
            sram: Region::read(sram).ok_or("`sram` needs `origin` and `bytes`")?,
            stack: number(&root["reserved"]["stack"]).unwrap_or(STACK_RESERVE),
        })
    }

    fn linker_script(&self) -> Result<String, Box<dyn Error>> {
        let Self { flash, code, sram, stack, .. } = self;
        let (first, parts) = match self.family()? {
            "rp2040" => (BOOT2, include_str!("rp2040.x.in")),
            "rp235x" => (0, include_str!("rp235x.x.in")),
            _ => (0, ""),
        };
        let script = include_str!("memory.x.in").replace("@STACK@", &stack.to_string());
        Ok(format!(
            "MEMORY\n{{\n  FIRST : ORIGIN = {:#010x}, LENGTH = {first}\n  FLASH : ORIGIN = {:#010x}, LENGTH = {}\n  \
             MODEL : ORIGIN = {:#010x}, LENGTH = {}\n  RAM : ORIGIN = {:#010x}, LENGTH = {}\n}}\n{script}{parts}",
            flash.origin,
            flash.origin + first,
            code - first,
            flash.origin + code,
            flash.bytes - code,
            sram.origin,
            sram.bytes,
        ))
    }

    fn constants(&self, name: &str, family: &str) -> String {
        let mut text = format!(
            "pub const NAME: &str = {name:?};\npub const CORE: &str = {:?};\npub const CLOCK_HZ: u32 = {};\n",
            self.core, self.clock_hz
        );
        // Elsewhere the flash's controller chooses them.
        if family.starts_with("stm32") {
            text += &format!("pub const WAIT_STATES: u32 = {};\n", self.wait_states);
        }
        text
    }

    /// The family that the chip belongs to; a board without a chip is the emulated one.
    fn family(&self) -> Result<&'static str, Box<dyn Error>> {
        let Some(chip) = &self.chip else { return Ok("mps2") };
        let family = FAMILIES.iter().find(|(start, _)| chip.starts_with(start));
        Ok(family.ok_or_else(|| format!("no port for the chip {chip}: see README.md, \"A port to another board\""))?.1)
    }

    /// The instruction set of the core.
    fn architecture(&self) -> Result<&'static str, Box<dyn Error>> {
        match self.core.as_str() {
            "cortex-m0+" => Ok("armv6m"),
            "cortex-m4f" | "cortex-m7f" => Ok("armv7em"),
            "cortex-m33f" => Ok("armv8m"),
            other => Err(format!("no port for the core {other}").into()),
        }
    }
}

impl Region {
    fn read(value: &Value) -> Option<Self> {
        Some(Self { origin: number(&value["origin"])?, bytes: number(&value["bytes"])? })
    }
}

/// A number, a size such as `512KiB`, or either of them under `value`, where the source stands beside it.
fn number(value: &Value) -> Option<u64> {
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let Some(text) = value.as_str() else { return number(value.get("value").or_else(|| value.get("bytes"))?) };
    let text = text.replace(['_', ' '], "");
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok();
    }
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    Some(digits.parse::<u64>().ok()? * unit)
}
