//! What the ARMv8-M mainline profile and FPv5 add (ARMv8-M ARM, C2.4), as far as compilers emit it.

use crate::{groups, state::Group};

/// Loads with acquire, stores with release, also exclusive.
pub const MEMORY: &[Group] = groups![Memory:
    "lda r0, [r6]",
    "ldab r0, [r6]",
    "ldah r0, [r6]",
    "stl r0, [r6]",
    "stlb r0, [r6]",
    "stlh r0, [r6]",
    "ldaex r0, [r6]; stlex r1, r2, [r6]",
    "ldaexb r0, [r6]; stlexb r1, r2, [r6]",
    "ldaexh r0, [r6]; stlexh r1, r2, [r6]; stlexh r3, r2, [r6]",
    "mrs r0, msplim; mrs r1, psplim",
    "mrs r3, psplim; bic r0, r1, #7; msr psplim, r0; mrs r1, psplim; msr psplim, r3",
];

/// Selection, minimum and maximum by IEEE 754-2008, roundings.
pub const FLOAT: &[Group] = groups![Float:
    "vseleq.f32 s0, s1, s2",
    "vselge.f32 s0, s1, s2",
    "vselgt.f32 s0, s1, s2",
    "vselvs.f32 s0, s1, s2",
    "vmaxnm.f32 s0, s1, s2",
    "vminnm.f32 s0, s1, s2",
    "vrinta.f32 s0, s1",
    "vrintn.f32 s0, s1",
    "vrintp.f32 s0, s1",
    "vrintm.f32 s0, s1",
    "vrintx.f32 s0, s1",
    "vrintz.f32 s0, s1",
    "vrintr.f32 s0, s1",
    "vcvta.s32.f32 s0, s1",
    "vcvta.u32.f32 s0, s1",
    "vcvtn.s32.f32 s0, s1",
    "vcvtn.u32.f32 s0, s1",
    "vcvtp.s32.f32 s0, s1",
    "vcvtp.u32.f32 s0, s1",
    "vcvtm.s32.f32 s0, s1",
    "vcvtm.u32.f32 s0, s1",
];
