//! Data processing, multiplication, the DSP extension.

pub const TABLE: &str = "
1888      | adds r0, r1, r2            | AddReg d0 n1 m2 sets narrow        | Alu          | 1 2 > 0
1f77      | subs r7, r6, #5            | SubImm d7 n6 imm 0x5 sets narrow   | Alu          | 6 > 7
07d1      | lsls r1, r2, #31           | MovShifted d1 m2 shift 0x1f sets narrow | Shift        | 2 > 1
0811      | lsrs r1, r2, #32           | MovShifted d1 m2 shift 0x20 sets narrow | Shift        | 2 > 1
0011      | movs r1, r2                | MovReg d1 m2 sets narrow           | Alu          | 2 > 1
23c8      | movs r3, #200              | MovImm d3 imm 0xc8 sets narrow     | Alu          | > 3
2b07      | cmp r3, #7                 | CmpImm n3 imm 0x7 sets             | Alu          | 3 >
4251      | rsbs r1, r2, #0            | RsbImm d1 n2 sets narrow           | Alu          | 2 > 1
4351      | muls r1, r2, r1            | Mul d1 n1 m2 sets narrow           | Mul          | 1 2 > 1
4211      | tst r1, r2                 | TstReg n1 m2 sets                  | Alu          | 1 2 >
43d1      | mvns r1, r2                | MvnReg d1 m2 sets narrow           | Alu          | 2 > 1
41d1      | rors r1, r2                | RorReg d1 n1 m2 sets narrow        | Shift        | 1 2 > 1
4488      | add r8, r1                 | AddReg d8 n8 m1                    | Alu          | 1 8 > 8
4479      | add r1, pc                 | AddImm d1 n1 imm 0x106             | Alu          | 1 > 1
4679      | mov r1, pc                 | MovImm d1 imm 0x106                | Alu          | > 1
46f7      | mov pc, lr                 | MovPc m14 branches                 | BranchIndirect | 14 >
4497      | add pc, r2                 | AddPc m2 imm 0x106 branches        | BranchIndirect | 2 >
4691      | mov r9, r2                 | MovReg d9 m2                       | Alu          | 2 > 9
4591      | cmp r9, r2                 | CmpReg n9 m2 sets                  | Alu          | 2 9 >
a203      | adr r2, l1                 | MovImm d2 imm 0x110                | Alu          | > 2
a904      | add r1, sp, #16            | AddImm d1 n13 imm 0x10             | Alu          | 13 > 1
b086      | sub sp, #24                | SubImm d13 n13 imm 0x18            | Alu          | 13 > 13
b251      | sxtb r1, r2                | Sxtb d1 m2                         | Alu          | 2 > 1
ba11      | rev r1, r2                 | Rev d1 m2                          | Alu          | 2 > 1
f002 11ff | and.w r1, r2, #0x00ff00ff  | AndImm d1 n2 imm 0xff00ff          | Alu          | 2 > 1
f012 4100 | ands.w r1, r2, #0x80000000 | AndImm d1 n2 imm 0x80000000 sets carry | Alu          | 2 > 1
f013 0fff | tst.w r3, #0xff            | TstImm n3 imm 0xff sets            | Alu          | 3 >
ea42 0103 | orr.w r1, r2, r3           | OrrReg d1 n2 m3                    | Alu          | 2 3 > 1
ea42 1103 | orr.w r1, r2, r3, lsl #4   | OrrShifted d1 n2 m3 shift 0x4      | Shift        | 2 3 > 1
ea5f 0102 | movs.w r1, r2              | MovReg d1 m2 sets                  | Alu          | 2 > 1
ea4f 0122 | asr.w r1, r2, #32          | MovShifted d1 m2 shift 0x40        | Shift        | 2 > 1
ea4f 0132 | rrx r1, r2                 | MovShifted d1 m2 shift 0x60        | Shift        | 2 > 1
ea4f 0172 | ror.w r1, r2, #1           | MovShifted d1 m2 shift 0x61        | Shift        | 2 > 1
ea91 0ff2 | teq r1, r2, ror #3         | TeqShifted n1 m2 shift 0x63 sets   | Shift        | 1 2 >
eb11 0f02 | cmn.w r1, r2               | CmnReg n1 m2 sets                  | Alu          | 1 2 >
f062 0107 | orn r1, r2, #7             | OrnImm d1 n2 imm 0x7               | Alu          | 2 > 1
f06f 0100 | mvn.w r1, #0               | MvnImm d1                          | Alu          | > 1
f602 71ff | addw r1, r2, #4095         | AddImm d1 n2 imm 0xfff             | Alu          | 2 > 1
f241 2134 | movw r1, #0x1234           | MovImm d1 imm 0x1234               | Alu          | > 1
f6ca 31cd | movt r1, #0xabcd           | Movt d1 imm 0xabcd                 | Alu          | 1 > 1
f2af 0114 | adr.w r1, l0               | MovImm d1 imm 0xf0                 | Alu          | > 1
f322 71df | ssat r1, #32, r2, asr #31  | Ssat d1 n2 shift 0x5f imm 0x20     | Dsp          | 2 > 1
f322 010f | ssat16 r1, #16, r2         | Ssat16 d1 n2 imm 0x10              | Dsp          | 2 > 1
f382 01c8 | usat r1, #8, r2, lsl #3    | Usat d1 n2 shift 0x3 imm 0x8       | Dsp          | 2 > 1
f362 01c9 | bfi r1, r2, #3, #7         | Bfi d1 n2 imm 0x703                | Alu          | 1 2 > 1
f36f 011f | bfc r1, #0, #32            | Bfc d1 imm 0x2000                  | Alu          | 1 > 1
f342 01c6 | sbfx r1, r2, #3, #7        | Sbfx d1 n2 imm 0x703               | Alu          | 2 > 1
fa12 f103 | lsls.w r1, r2, r3          | LslReg d1 n2 m3 sets               | Shift        | 2 3 > 1
fa52 f1b3 | uxtab r1, r2, r3, ror #24  | Uxtab d1 n2 m3 imm 0x18            | Dsp          | 2 3 > 1
fa2f f192 | sxtb16 r1, r2, ror #8      | Sxtb16 d1 m2 imm 0x8               | Dsp          | 2 > 1
eac2 0103 | pkhbt r1, r2, r3           | Pkhbt d1 n2 m3                     | Dsp          | 2 3 > 1
eac2 0123 | pkhtb r1, r2, r3, asr #32  | Pkhtb d1 n2 m3 shift 0x40          | Dsp          | 2 3 > 1
fae2 f163 | uhsax r1, r2, r3           | Parallel d1 n2 m3 imm 0x53         | Dsp          | 2 3 > 1
fa92 f103 | sadd16 r1, r2, r3          | Parallel d1 n2 m3 imm 0x1          | Dsp          | 2 3 > 1
fac2 f153 | uqsub8 r1, r2, r3          | Parallel d1 n2 m3 imm 0x44         | Dsp          | 2 3 > 1
fa83 f1b2 | qdsub r1, r2, r3           | Qdsub d1 n3 m2                     | Dsp          | 2 3 > 1
faa2 f183 | sel r1, r2, r3             | Sel d1 n2 m3                       | Dsp          | 2 3 > 1
fab2 f182 | clz r1, r2                 | Clz d1 m2                          | Alu          | 2 > 1
fb02 4103 | mla r1, r2, r3, r4         | Mla d1 n2 m3 a4                    | Mac          | 2 3 4 > 1
fb02 4113 | mls r1, r2, r3, r4         | Mls d1 n2 m3 a4                    | Mac          | 2 3 4 > 1
fba3 1204 | umull r1, r2, r3, r4       | Umull d1 n3 m4 a2                  | LongMul      | 3 4 > 1 2
fbc3 1204 | smlal r1, r2, r3, r4       | Smlal d1 n3 m4 a2                  | LongMul      | 1 2 3 4 > 1 2
fbe3 1264 | umaal r1, r2, r3, r4       | Umaal d1 n3 m4 a2                  | LongMul      | 1 2 3 4 > 1 2
fb12 4113 | smlabt r1, r2, r3, r4      | Smlaxy d1 n2 m3 a4 imm 0x1         | Mac          | 2 3 4 > 1
fbc3 12a4 | smlaltb r1, r2, r3, r4     | Smlalxy d1 n3 m4 a2 imm 0x2        | LongMul      | 1 2 3 4 > 1 2
fb42 4113 | smlsdx r1, r2, r3, r4      | Smlsd d1 n2 m3 a4 imm 0x1          | Mac          | 2 3 4 > 1
fb22 f103 | smuad r1, r2, r3           | Smuad d1 n2 m3                     | Mul          | 2 3 > 1
fbc3 12d4 | smlaldx r1, r2, r3, r4     | Smlald d1 n3 m4 a2 imm 0x1         | LongMul      | 1 2 3 4 > 1 2
fb52 4113 | smmlar r1, r2, r3, r4      | Smmla d1 n2 m3 a4 imm 0x1          | Mac          | 2 3 4 > 1
fb32 4113 | smlawt r1, r2, r3, r4      | Smlaw d1 n2 m3 a4 imm 0x1          | Mac          | 2 3 4 > 1
fb72 4103 | usada8 r1, r2, r3, r4      | Usada8 d1 n2 m3 a4                 | Dsp          | 2 3 4 > 1
fbb2 f1f3 | udiv r1, r2, r3            | Udiv d1 n2 m3                      | Divide       | 2 3 > 1
";
