// Sums over pixels, for cores with the DSP extension.
//
// Why assembly: two channels are added by one instruction that the compiler does not use.
// Tests: host/sim/tests/kernels.

.syntax unified
.thumb

// void tinynas_sums(input, depth, pixels, sums)
//
// r4: channels 0 and 2 in half-words, r5: channels 1 and 3; after 128 pixels they go to r7-r10, before they overflow.
    .section .text.tinynas_sums, "ax", %progbits
    .balign 4
    .global tinynas_sums
    .type   tinynas_sums, %function
    .thumb_func
tinynas_sums:
    push    {r4-r11, lr}
    ldmia   r3, {r7-r10}
1:  mov     r4, #0
    mov     r5, #0
    mov     r11, #128
    cmp     r2, r11
    it      lo
    movlo   r11, r2
    sub     r2, r2, r11
2:  ldr     r6, [r0]
    add     r0, r0, r1
    sxtab16 r4, r4, r6
    sxtab16 r5, r5, r6, ror #8
    subs    r11, r11, #1
    bne     2b
    sxtah   r7, r7, r4
    sxtah   r8, r8, r5
    add     r9, r9, r4, asr #16
    add     r10, r10, r5, asr #16
    cmp     r2, #0
    bne     1b
    stmia   r3, {r7-r10}
    pop     {r4-r11, pc}
    .size   tinynas_sums, . - tinynas_sums
