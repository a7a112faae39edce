//! Raspberry Pi's chips as their virtual boards show them: behind a debug port that is not theirs.
//!
//! A virtual Pico has a plain port of ADIv5 with one access port for the first core. The RP2040's own port is one of
//! several on a shared wire (multi-drop) and the RP2350's is one of ADIv6; probe-rs 0.32 reaches neither through a Black
//! Magic Probe of remote protocol 3, which a virtual board is. `tinynas_sim`'s `chip/rp.rs` says what that means for
//! the board; here is what it means for probe-rs. Real probes keep probe-rs's own description of these chips.

use probe_rs::{
    Target,
    architecture::arm::sequences::DefaultArmSequence,
    config::{DebugSequence, Registry, RegistryError},
};

/// probe-rs's description of an RP2040 whose first core is alone behind a plain port: as a Pico that debugs itself.
const ALONE: &str = "RP2040_SELFDEBUG";

/// Makes the description of a chip that of its virtual board.
///
/// # Errors
/// If probe-rs has no description of the plain port.
pub(super) fn describe(registry: &Registry, target: &mut Target) -> Result<(), RegistryError> {
    let is = |prefix: &str| target.name.starts_with(prefix);
    if !(is("RP2040") || is("RP235x")) {
        return Ok(());
    }
    let alone = registry.get_target_by_name(ALONE)?;
    if is("RP2040") {
        *target = alone;
    } else {
        target.cores.truncate(1);
        for (core, plain) in target.cores.iter_mut().zip(&alone.cores) {
            core.core_access_options = plain.core_access_options.clone();
        }
    }
    // The RP2040's own sequence resets through its rescue port, the RP2350's through ports of ADIv6.
    target.debug_sequence = DebugSequence::Arm(DefaultArmSequence::create());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(name: &str) -> (Target, Target) {
        let registry = Registry::from_builtin_families();
        let own = registry.get_target_by_name(name).expect(name);
        let mut target = own.clone();
        describe(&registry, &mut target).expect(name);
        (own, target)
    }

    #[test]
    fn a_pico_has_one_core_on_a_plain_port_and_its_own_flash_algorithm() {
        for name in ["RP2040", "RP235x"] {
            let (own, target) = described(name);
            assert_eq!((own.cores.len(), target.cores.len()), (2, 1), "{name}");
            let access = format!("{:?}", target.cores[0].core_access_options);
            assert!(access.contains("V1(0)") && access.contains("targetsel: None"), "{name}: {access}");
            assert_eq!(target.cores[0].core_type, own.cores[0].core_type);
            let algorithms = |target: &Target| -> Vec<Vec<u8>> {
                target.flash_algorithms.iter().map(|algorithm| algorithm.instructions.clone()).collect()
            };
            assert_eq!(algorithms(&target), algorithms(&own), "{name}");
            assert!(!algorithms(&own).is_empty());
        }
    }

    #[test]
    fn other_chips_stay_as_they_are() {
        let (own, target) = described("STM32F446RETx");
        assert_eq!((target.name, target.cores.len()), (own.name, own.cores.len()));
    }
}
