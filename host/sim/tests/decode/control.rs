//! Branches and system instructions.

pub const TABLE: &str = "
e005      | b.n l1               | B imm 0x110 branches               | Branch       | >
f7ff bff5 | b.w l0               | B imm 0xf0 branches                | Branch       | >
d105      | bne.n l1             | Bcond shift 0x1 imm 0x110 branches | BranchConditional | >
f6ff aff5 | blt.w l0             | Bcond shift 0xb imm 0xf0 branches  | BranchConditional | >
f000 f805 | bl l1                | Bl imm 0x110 branches              | Call         | > 14
4770      | bx lr                | Bx m14 branches                    | BranchIndirect | 14 >
4798      | blx r3               | Blx m3 branches                    | BranchIndirect | 3 > 14
b129      | cbz r1, l1           | Cbz n1 imm 0x110 branches          | BranchConditional | 1 >
b929      | cbnz r1, l1          | Cbnz n1 imm 0x110 branches         | BranchConditional | 1 >
e8df f001 | tbb [pc, r1]         | Tbb m1 imm 0x106 branches          | BranchIndirect | 1 >
e8d2 f011 | tbh [r2, r1, lsl #1] | Tbh n2 m1 imm 0x106 branches       | BranchIndirect | 1 2 >
bf15      | itete ne             | It shift 0x15                      | It           | >
bf00      | nop                  | Nop                                | Nop          | >
bf30      | wfi                  | Wfi                                | System       | >
bf20      | wfe                  | Wfe                                | System       | >
bf40      | sev                  | Sev                                | System       | >
df01      | svc #1               | Svc imm 0x1 branches               | System       | >
beab      | bkpt #171            | Bkpt imm 0xab branches             | System       | >
de00      | udf #0               | Undefined branches                 | System       | >
b672      | cpsid i              | Cps imm 0x11                       | System       | >
b661      | cpsie f              | Cps imm 0x2                        | System       | >
f3ef 8111 | mrs r1, basepri      | Mrs d1 imm 0x11                    | System       | > 1
f382 8c00 | msr apsr_nzcvqg, r2  | Msr n2 imm 0x300                   | System       | 2 >
f382 8810 | msr primask, r2      | Msr n2 imm 0x210                   | System       | 2 >
f3bf 8f5f | dmb                  | Dmb                                | Barrier      | >
f3bf 8f4f | dsb                  | Dsb                                | Barrier      | >
f3bf 8f6f | isb                  | Isb                                | Barrier      | >
";
