//! Which chip it is: the id register of each family, compared with the board's chip.
//!
//! probe-rs attaches to whatever answers and would then run one chip's flash algorithm on another.

use probe_rs::MemoryInterface;

use super::{translate, worker::State};
use crate::ProbeError;

/// An id register and what it holds in one kind of chip.
struct Identity {
    /// How probe-rs names of these chips begin.
    prefix: &'static str,
    /// The register.
    register: u64,
    /// Its bits that name the kind; the others are revision or package.
    mask: u32,
    /// What they hold.
    id: u32,
}

const fn stm32(prefix: &'static str, register: u64, id: u32) -> Identity {
    Identity { prefix, register, mask: 0xfff, id }
}

/// `DBGMCU_IDCODE` of STM32F4, F7, L4 and G4.
const DBGMCU: u64 = 0xe004_2000;
/// `DBGMCU_IDC` of STM32H7.
const DBGMCU_H7: u64 = 0x5c00_1000;
/// `DBGMCU_IDCODE` of STM32U5.
const DBGMCU_U5: u64 = 0xe004_4000;
/// `SYSINFO: CHIP_ID` of RP2040 and RP2350.
const CHIP_ID: u64 = 0x4000_0000;
/// `DSU: DID` of SAM D5x/E5x.
const DSU_DID: u64 = 0x4100_2018;

/// `DEV_ID` of STM32: the section "MCU device ID code" of RM0368 (F401), RM0402 (F412), RM0390 (F446), RM0386 (F469),
/// RM0385 (F746), RM0410 (F76x), RM0433 (H743), RM0468 (H723), RM0351 (L475), RM0432 (L4R5), RM0440 (G474), RM0456
/// (U575, U585). nRF: `FICR.INFO.PART` of the product specifications. SAM D51: DS60001507, "Device Identification".
/// RP2040 and RP2350: their data sheets, `CHIP_ID`.
const CHIPS: [Identity; 19] = [
    stm32("STM32F401", DBGMCU, 0x433),
    stm32("STM32F412", DBGMCU, 0x441),
    stm32("STM32F446", DBGMCU, 0x421),
    stm32("STM32F469", DBGMCU, 0x434),
    stm32("STM32F746", DBGMCU, 0x449),
    stm32("STM32F767", DBGMCU, 0x451),
    stm32("STM32F769", DBGMCU, 0x451),
    stm32("STM32L475", DBGMCU, 0x415),
    stm32("STM32L4R5", DBGMCU, 0x470),
    stm32("STM32G474", DBGMCU, 0x469),
    stm32("STM32H743", DBGMCU_H7, 0x450),
    stm32("STM32H723", DBGMCU_H7, 0x483),
    stm32("STM32U5", DBGMCU_U5, 0x482),
    Identity { prefix: "nRF52840", register: 0x1000_0100, mask: u32::MAX, id: 0x5_2840 },
    Identity { prefix: "nRF52833", register: 0x1000_0100, mask: u32::MAX, id: 0x5_2833 },
    Identity { prefix: "nRF5340", register: 0x00ff_020c, mask: u32::MAX, id: 0x5340 },
    Identity { prefix: "ATSAMD51J19A", register: DSU_DID, mask: 0xffff_f0ff, id: 0x6006_0005 },
    Identity { prefix: "RP2040", register: CHIP_ID, mask: 0x0fff_ffff, id: 0x2927 },
    Identity { prefix: "RP235", register: CHIP_ID, mask: 0x0fff_ffff, id: 0x4927 },
];

/// Compares the chip with `chip`, the name that was attached to. Chips without a row here are taken at their word.
///
/// # Errors
/// [`ProbeError::WrongChip`], and that the connection was lost.
pub(super) fn check(state: &mut State, chip: &str) -> Result<(), ProbeError> {
    let Some(row) = row(chip) else { return Ok(()) };
    let doing = "reading the chip's id";
    let found = match state.core(doing)?.read_word_32(row.register) {
        Ok(id) if id & row.mask == row.id => return Ok(()),
        Ok(id) => name(row, id),
        Err(error) => match translate::error(doing, &error) {
            lost if lost.ends_connection() => return Err(lost),
            _ => format!("one without an id at {:#010x}", row.register),
        },
    };
    Err(ProbeError::WrongChip { expected: chip.to_owned(), found })
}

fn row(chip: &str) -> Option<&'static Identity> {
    CHIPS.iter().find(|row| chip.get(..row.prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(row.prefix)))
}

/// What an id at the register of `row` means.
fn name(row: &Identity, id: u32) -> String {
    let known = CHIPS.iter().find(|other| other.register == row.register && id & other.mask == other.id);
    match known {
        Some(known) => format!("{} (id {:#x})", known.prefix, id & known.mask),
        None => format!("another one (id {:#x} instead of {:#x})", id & row.mask, row.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_with_a_debug_port_has_its_chip_here() {
        for name in tinynas_cost::Board::shipped() {
            let board = tinynas_cost::Board::open(name).expect(name);
            let Some(chip) = board.chip else { continue };
            assert!(row(&chip).is_some(), "{name}: {chip}");
            let registry = probe_rs::config::Registry::from_builtin_families();
            assert!(registry.get_target_by_name(&chip).is_ok(), "{name}: {chip} is not a chip of probe-rs");
        }
    }

    #[test]
    fn another_chip_is_named_if_its_id_is_known() {
        let f446 = row("stm32f446retx").expect("listed");
        assert_eq!(name(f446, 0x1000_6441), "STM32F412 (id 0x441)");
        assert_eq!(name(f446, 0), "another one (id 0x0 instead of 0x421)");
        assert!(row("STM32").is_none());
    }
}
