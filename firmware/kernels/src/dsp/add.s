// Elementwise sum (arithmetic: packed/add.rs), for cores with the DSP extension.
//
// Why assembly: thirteen values stay in registers; compilers keep half of them in memory.
// Tests: host/sim/tests/kernels.

.syntax unified
.thumb

// void tinynas_add(const struct { exact, scaled, output, constant, rounding, multiplier, shift, minus_zero,
//                                 out_rounding, out_multiplier, out_shift, exact_end } *)
//
// Four pairs of elements in a pass, fourteen instructions each.
//
// | register | holds |
// |---|---|
// | r1, r2, r3 | next elements whose factor is ½, next elements with the other factor, next outputs |
// | r4 | −zero · 2^21 of the second ones |
// | r5, r6, r7 | their rounding, multiplier, shift |
// | r8 | −zero of the first ones |
// | r9, r10, r11 | rounding, multiplier, shift of the sum |
// | r0, r12, lr | element, its partner, four elements |
.macro pair rotation
    ldrsb   r0, [r2], #1
    add     r0, r4, r0, lsl #21
    add     r12, r5, r0, asr #31
    smmlar  r0, r0, r6, r12
    asr.w   r0, r0, r7
.if \rotation == 0
    sxtab   r12, r8, lr
.else
    sxtab   r12, r8, lr, ror #\rotation
.endif
    add     r0, r0, r12, lsl #19
    add     r12, r9, r0, asr #31
    add     r12, r12, r0
    smmlar  r0, r0, r10, r12
    asr.w   r0, r0, r11
    ssat    r0, #8, r0
    strb    r0, [r3], #1
.endm

    .section .text.tinynas_add, "ax", %progbits
    .balign 4
    .global tinynas_add
    .type   tinynas_add, %function
    .thumb_func
tinynas_add:
    push    {r4-r11, lr}
    ldr     r12, [r0, #44]
    push    {r0, r12}
    ldmia   r0, {r1-r11}
1:  ldr     lr, [r1], #4
    pair    0
    pair    8
    pair    16
    pair    24
    ldr     r0, [sp, #4]
    cmp     r1, r0
    bne     1b
    add     sp, sp, #8
    pop     {r4-r11, pc}
    .size   tinynas_add, . - tinynas_add
