//! The floating point unit of ARMv7E-M.

pub const TABLE: &str = "
edd1 1a02 | vldr s3, [r1, #8]        | Vldr d3 n1 imm 0x8                | FloatLoad    | 1 >
ed9f 3b03 | vldr d3, l1              | Vldr d6 imm 0x110 pre             | FloatLoad    | >
ed41 1a02 | vstr s3, [r1, #-8]       | Vstr d3 n1 imm 0xfffffff8         | FloatStore   | 1 >
ecf1 1a05 | vldmia r1!, {s3-s7}      | Vldm d3 n1 a5 back                | FloatLoadMany | 1 > 1
ed2d 8b10 | vpush {d8-d15}           | Vstm d16 n13 a16 imm 0x1 back pre | FloatStoreMany | 13 > 13
ee01 1a90 | vmov s3, r1              | VmovFromCore d3 a1                | FloatMove    | 1 >
ee11 1a90 | vmov r1, s3              | VmovToCore n3 a1                  | FloatMove    | > 1
ee22 1b10 | vmov.32 d2[1], r1        | VmovFromCore d5 a1                | FloatMove    | 1 >
ec42 1a31 | vmov s3, s4, r1, r2      | VmovFromCore2 d3 n1 a2            | FloatMove    | 1 2 >
ec52 1b13 | vmov r1, r2, d3          | VmovToCore2 n1 m6 a2              | FloatMove    | > 1 2
eef1 1a10 | vmrs r1, fpscr           | Vmrs d1                           | FloatMove    | > 1
eef1 fa10 | vmrs apsr_nzcv, fpscr    | Vmrs                              | FloatMove    | >
eee1 1a10 | vmsr fpscr, r1           | Vmsr d1                           | FloatMove    | 1 >
eefe 1a00 | vmov.f32 s3, #-0.5       | VmovImm d3 imm 0xbf000000         | FloatMove    | >
eef0 1a44 | vmov.f32 s3, s8          | Vmov d3 m8                        | FloatMove    | >
eef0 1ac4 | vabs.f32 s3, s8          | Vabs d3 m8                        | FloatMove    | >
eef1 1ac4 | vsqrt.f32 s3, s8         | Vsqrt d3 m8                       | FloatDivide  | >
ee71 fa21 | vadd.f32 s31, s2, s3     | Vadd d31 n2 m3                    | FloatAdd     | >
ee61 0a61 | vnmul.f32 s1, s2, s3     | Vnmul d1 n2 m3                    | FloatMul     | >
eec1 0a21 | vdiv.f32 s1, s2, s3      | Vdiv d1 n2 m3                     | FloatDivide  | >
ee41 0a21 | vmla.f32 s1, s2, s3      | Vmla d1 n2 m3                     | FloatMac     | >
eed1 0a21 | vfnms.f32 s1, s2, s3     | Vfnms d1 n2 m3                    | FloatMac     | >
eef4 0a41 | vcmp.f32 s1, s2          | Vcmp d1 m2                        | FloatAdd     | >
eef5 0ac0 | vcmpe.f32 s1, #0         | Vcmp d1 m0 imm 0x3                | FloatAdd     | >
eefd 0ac1 | vcvt.s32.f32 s1, s2      | VcvtInt d1 m2 imm 0x3             | FloatConvert | >
eefc 0a41 | vcvtr.u32.f32 s1, s2     | VcvtInt d1 m2 imm 0x5             | FloatConvert | >
eef8 0a41 | vcvt.f32.u32 s1, s2      | VcvtInt d1 m2                     | FloatConvert | >
eefa 0a66 | vcvt.f32.s16 s1, s1, #3  | VcvtFixed d1 imm 0x302            | FloatConvert | >
eeff 0ac0 | vcvt.u32.f32 s1, s1, #32 | VcvtFixed d1 imm 0x2005           | FloatConvert | >
eef3 0ac1 | vcvtt.f16.f32 s1, s2     | VcvtHalf d1 m2 imm 0x3            | FloatConvert | >
eef2 0a41 | vcvtb.f32.f16 s1, s2     | VcvtHalf d1 m2                    | FloatConvert | >
";
