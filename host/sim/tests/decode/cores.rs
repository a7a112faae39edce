//! What a core has and has not; what no core has; what holds for every pattern of bits.

use proptest::prelude::*;
use tinynas_sim::core::Core;
use tinynas_sim::decode::{decode, is_wide};
use tinynas_sim::op::{Kind, Op, flag};

const CORES: [Core; 5] = [Core::M0Plus, Core::M3, Core::M4F, Core::M7F, Core::M33F];

/// Kinds of one instruction on the five cores.
fn kinds(first: u16, second: u16) -> [Kind; 5] {
    CORES.map(|core| decode(core, 0x100, first, second).kind)
}

#[test]
fn each_core_has_its_own_set() {
    use Kind::*;
    let without_m0 = |kind| [Undefined, kind, kind, kind, kind];
    let dsp = |kind| [Undefined, Undefined, kind, kind, kind];
    let float = |kind| [Undefined, NoCoprocessor, kind, kind, kind];
    let fpv5 = |kind| [Undefined, NoCoprocessor, Undefined, kind, kind];
    let v8 = |kind| [Undefined, Undefined, Undefined, Undefined, kind];
    assert_eq!(kinds(0xf000, 0xf805), [Bl; 5], "bl");
    assert_eq!(kinds(0xf3bf, 0x8f5f), [Dmb; 5], "dmb");
    assert_eq!(kinds(0xf3ef, 0x8110), [Mrs; 5], "mrs r1, primask");
    assert_eq!(kinds(0xb672, 0), [Cps; 5], "cpsid i");
    assert_eq!(kinds(0xbf30, 0), [Wfi; 5], "wfi");
    assert_eq!(kinds(0xb661, 0), without_m0(Cps), "cpsie f");
    assert_eq!(kinds(0xb129, 0), without_m0(Cbz), "cbz");
    assert_eq!(kinds(0xbf08, 0), without_m0(It), "it eq");
    assert_eq!(kinds(0xf7ff, 0xbff5), without_m0(B), "b.w");
    assert_eq!(kinds(0xfbb2, 0xf1f3), without_m0(Udiv), "udiv");
    assert_eq!(kinds(0xf241, 0x2134), without_m0(MovImm), "movw");
    assert_eq!(kinds(0xfa5f, 0xf182), without_m0(Uxtb), "uxtb.w r1, r2");
    assert_eq!(kinds(0xfa52, 0xf183), dsp(Uxtab), "uxtab r1, r2, r3");
    assert_eq!(kinds(0xfb22, 0x4103), dsp(Smlad), "smlad");
    assert_eq!(kinds(0xfbe3, 0x1264), dsp(Umaal), "umaal");
    assert_eq!(kinds(0xee71, 0xfa21), float(Vadd), "vadd.f32");
    assert_eq!(kinds(0xee90, 0x0a00), float(Vfnms), "vfnms.f32");
    assert_eq!(kinds(0xfe71, 0x0a21), fpv5(Vsel), "vselgt.f32");
    assert_eq!(kinds(0xeef7, 0x0a41), fpv5(Vrint), "vrintx.f32");
    assert_eq!(kinds(0xe8d2, 0x1faf), v8(LdrImm), "lda");
    assert_eq!(kinds(0x4774, 0), v8(Bx), "bxns lr");
}

#[test]
fn absent_coprocessors_and_doubles() {
    use Kind::*;
    assert_eq!(kinds(0xee11, 0x0f10)[1..], [NoCoprocessor; 4], "mrc p15, …");
    assert_eq!(kinds(0xee31, 0x0b02)[1..], [NoCoprocessor, Undefined, Undefined, Undefined], "vadd.f64");
    assert_eq!(kinds(0xeeb7, 0x0ac1)[1..], [NoCoprocessor, Undefined, Undefined, Undefined], "vcvt.f64.f32");
}

#[test]
fn the_program_counter_is_no_operand() {
    for (first, second, text) in [
        (0x4578, 0, "cmp r0, pc"),
        (0xeb01, 0x000f, "add.w r0, r1, pc"),
        (0xeb01, 0x0f02, "add.w pc, r1, r2"),
        (0xf8c0, 0xf004, "str.w pc, [r0, #4]"),
        (0xf8cf, 0x0004, "str.w r0, [pc, #4]"),
        (0xfb0f, 0xf102, "mul r1, pc, r2"),
        (0xed8f, 0x0a01, "vstr s0, [pc, #4]"),
        (0xe8bf, 0x0006, "ldmia.w pc!, {r1, r2}"),
    ] {
        assert_eq!(decode(Core::M4F, 0x100, first, second).kind, Kind::Undefined, "{text}");
    }
}

#[test]
fn targets_at_the_ends_of_their_ranges() {
    let target = |first, second| decode(Core::M4F, 0x0200_0000, first, second).imm;
    let pc = 0x0200_0004;
    assert_eq!(target(0xe400, 0), pc - 2048, "b.n");
    assert_eq!(target(0xe3ff, 0), pc + 2046, "b.n");
    assert_eq!(target(0xd080, 0), pc - 256, "beq.n");
    assert_eq!(target(0xd07f, 0), pc + 254, "beq.n");
    assert_eq!(target(0xf400, 0x8000), pc - (1 << 20), "beq.w");
    assert_eq!(target(0xf03f, 0xafff), pc + (1 << 20) - 2, "beq.w");
    assert_eq!(target(0xf400, 0xd000), pc - (1 << 24), "bl");
    assert_eq!(target(0xf3ff, 0xd7ff), pc + (1 << 24) - 2, "bl");
    assert_eq!(target(0xbbf8, 0), pc + 126, "cbnz");
}

#[test]
fn literals_count_from_the_aligned_program_counter() {
    let literal = |address| decode(Core::M4F, address, 0x4903, 0);
    assert_eq!((literal(0x100).imm, literal(0x102).imm), (0x110, 0x110));
    assert!(!literal(0x100).has(flag::HALF_ALIGNED));
    assert_eq!(decode(Core::M4F, 0, 0xf85f, 0x1008).imm, 0xffff_fffc, "ldr.w r1, [pc, #-8] wraps");
}

#[test]
fn immediates_are_expanded() {
    let mov = |second: u16, i: u16| {
        let op: Op = decode(Core::M4F, 0, 0xf04f | i << 10, second);
        (op.imm, op.has(flag::IMM_CARRY))
    };
    assert_eq!(mov(0x01ab, 0), (0x0000_00ab, false));
    assert_eq!(mov(0x11ab, 0), (0x00ab_00ab, false));
    assert_eq!(mov(0x21ab, 0), (0xab00_ab00, false));
    assert_eq!(mov(0x31ab, 0), (0xabab_abab, false));
    assert_eq!(mov(0x412b, 0), (0xab00_0000, true), "rotated by 8");
    assert_eq!(mov(0x71ab, 1), (0x0000_0156, true), "rotated by 31");
}

proptest! {
    #[test]
    fn every_pattern_decodes(first: u16, second: u16, address in 0_u32..1 << 28) {
        for core in CORES {
            let op = decode(core, address * 2, first, second);
            prop_assert_ne!(op.kind, Kind::Undecoded);
            prop_assert_eq!(op.bytes() == 4, is_wide(first));
            prop_assert_eq!((op.reads | op.writes) >> 15, 0);
            prop_assert_eq!(op.has(flag::HALF_ALIGNED), address & 1 != 0);
            if !is_wide(first) {
                prop_assert_eq!(op, decode(core, address * 2, first, !second));
            }
        }
    }
}
