//! What ARMv8-M and FPv5 add.

pub const TABLE: &str = "
e8d2 1faf | lda r1, [r2]          | LdrImm d1 n2               | Load         | 2 > 1
e8c2 1f8f | stlb r1, [r2]         | StrbImm d1 n2              | Store        | 1 2 >
e8d2 1fdf | ldaexh r1, [r2]       | Ldrexh d1 n2               | Load         | 2 > 1
e8c3 2fe1 | stlex r1, r2, [r3]    | Strex d1 n3 a2             | Store        | 2 3 > 1
e842 f100 | tt r1, r2             | Tt d1 n2                   | System       | 2 > 1
e97f e97f | sg                    | Nop                        | Nop          | >
4774      | bxns lr               | Bx m14 branches            | BranchIndirect | 14 >
479c      | blxns r3              | Blx m3 branches            | BranchIndirect | 3 > 14
fe71 0a21 | vselgt.f32 s1, s2, s3 | Vsel d1 n2 m3 shift 0xc    | FloatMove    | >
fec1 0a21 | vmaxnm.f32 s1, s2, s3 | Vmaxnm d1 n2 m3            | FloatAdd     | >
fec1 0a61 | vminnm.f32 s1, s2, s3 | Vminnm d1 n2 m3            | FloatAdd     | >
fefb 0a41 | vrintm.f32 s1, s2     | Vrint d1 m2 imm 0x3        | FloatConvert | >
eef7 0a41 | vrintx.f32 s1, s2     | Vrint d1 m2 imm 0x6        | FloatConvert | >
fefe 0ac1 | vcvtp.s32.f32 s1, s2  | VcvtDirected d1 m2 imm 0x6 | FloatConvert | >
";
