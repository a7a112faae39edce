//! Loads and stores of core registers.

pub const TABLE: &str = "
4903      | ldr r1, l1                 | LdrLiteral d1 imm 0x110            | Load        | > 1
9902      | ldr r1, [sp, #8]           | LdrImm d1 n13 imm 0x8              | Load        | 13 > 1
67d1      | str r1, [r2, #124]         | StrImm d1 n2 imm 0x7c              | Store       | 1 2 >
5ed1      | ldrsh r1, [r2, r3]         | LdrshReg d1 n2 m3                  | Load        | 2 3 > 1
77d1      | strb r1, [r2, #31]         | StrbImm d1 n2 imm 0x1f             | Store       | 1 2 >
b511      | push {r0, r4, lr}          | StmDb n13 imm 0x4011 back          | StoreMany   | 0 4 13 14 > 13
bd11      | pop {r0, r4, pc}           | LdmIa n13 imm 0x8011 back branches | LoadPc      | 13 > 0 4 13
bc02      | pop {r1}                   | LdmIa n13 imm 0x2 back             | LoadMany    | 13 > 1 13
c10c      | stmia r1!, {r2, r3}        | StmIa n1 imm 0xc back              | StoreMany   | 1 2 3 > 1
c906      | ldmia r1, {r1, r2}         | LdmIa n1 imm 0x6                   | LoadMany    | 1 > 1 2
c90c      | ldmia r1!, {r2, r3}        | LdmIa n1 imm 0xc back              | LoadMany    | 1 > 1 2 3
f852 1033 | ldr.w r1, [r2, r3, lsl #3] | LdrReg d1 n2 m3 shift 0x3          | Load        | 2 3 > 1
f852 1c04 | ldr.w r1, [r2, #-4]        | LdrImm d1 n2 imm 0xfffffffc        | Load        | 2 > 1
f812 1f01 | ldrb r1, [r2, #1]!         | LdrbPre d1 n2 imm 0x1              | Load        | 2 > 1 2
f822 1902 | strh r1, [r2], #-2         | StrhPost d1 n2 imm 0xfffffffe      | Store       | 1 2 > 2
f99f 100c | ldrsb.w r1, l1             | LdrsbLiteral d1 imm 0x110          | Load        | > 1
f852 1e03 | ldrt r1, [r2, #3]          | LdrImm d1 n2 imm 0x3               | Load        | 2 > 1
f891 f000 | pld [r1]                   | Nop                                | Nop         | >
f851 f022 | ldr.w pc, [r1, r2, lsl #2] | LdrPc n1 m2 shift 0x2 branches     | LoadPc      | 1 2 >
f851 fb04 | ldr.w pc, [r1], #4         | LdrPc n1 imm 0x4 back branches     | LoadPc      | 1 > 1
f851 fd08 | ldr.w pc, [r1, #-8]!       | LdrPc n1 imm 0xfffffff8 back pre branches | LoadPc      | 1 > 1
f8df f00c | ldr.w pc, l1               | LdrPc imm 0x110 branches           | LoadPc      | >
f8d1 f008 | ldr.w pc, [r1, #8]         | LdrPc n1 imm 0x8 pre branches      | LoadPc      | 1 >
e9d3 1202 | ldrd r1, r2, [r3, #8]      | Ldrd d1 n3 a2 imm 0x8 pre          | LoadDouble  | 3 > 1 2
e863 1202 | strd r1, r2, [r3], #-8     | Strd d1 n3 a2 imm 0xfffffff8 back  | StoreDouble | 1 2 3 > 3
e9df 1203 | ldrd r1, r2, l1            | Ldrd d1 a2 imm 0x110 pre           | LoadDouble  | > 1 2
e931 9004 | ldmdb r1!, {r2, r12, pc}   | LdmDb n1 imm 0x9004 back branches  | LoadPc      | 1 > 1 2 12
e92d 4ff0 | stmdb sp!, {r4-r11, lr}    | StmDb n13 imm 0x4ff0 back          | StoreMany   | 4 5 6 7 8 9 10 11 13 14 > 13
e852 1f01 | ldrex r1, [r2, #4]         | Ldrex d1 n2 imm 0x4                | Load        | 2 > 1
e843 2101 | strex r1, r2, [r3, #4]     | Strex d1 n3 a2 imm 0x4             | Store       | 2 3 > 1
e8c3 2f41 | strexb r1, r2, [r3]        | Strexb d1 n3 a2                    | Store       | 2 3 > 1
f3bf 8f2f | clrex                      | Clrex                              | System      | >
";
