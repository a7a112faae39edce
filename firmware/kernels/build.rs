//! Says whether the target's core has the DSP extension: the compiler names it to nightly crates only.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(dsp)");
    println!("cargo:rustc-check-cfg=cfg(armv8m)");
    let target = env::var("TARGET").unwrap_or_default();
    // Cortex-M4 and M7 always have it; a Cortex-M33 may have it, and whoever builds for one says so.
    let chosen = target.starts_with("thumbv8m.main") && env::var_os("CARGO_FEATURE_DSP").is_some();
    if target.starts_with("thumbv7em") || chosen {
        println!("cargo:rustc-cfg=dsp");
    }
    if chosen {
        println!("cargo:rustc-cfg=armv8m");
    }
}
