// Matrix products over packed weights (layout: packed/mod.rs), for cores with the DSP extension.
//
// Why assembly: the inner loop needs 14 registers at once, and compilers keep the eight sums in memory.
// Nothing is kept in floating-point registers: the loops' bounds are on the stack, so that cores without an FPU run
// the same code and interrupts stack no more than they must.
// Tests: host/sim/tests/kernels.

.syntax unified
.thumb

.macro constants kind
    ldmia   lr!, {r8, r9, r10}
.ifc \kind, long
    asr     r12, r10, #8
.endif
.endm

// One channel's value: sum in \acc, r8 = multiplier, r9 = rounding, r10 = shift, r11 free.
// clamped: (sum·m + rounding·2^32 + 2^31) >> 32 >> shift, saturated; full: the sign of the sum first;
// long: a shift to the left in r12, which is also the mask of the sign.
.macro requantize acc, kind
.ifc \kind, long
    lsl.w   \acc, \acc, r12
    smmlar  \acc, \acc, r8, \acc
    and     r11, r12, \acc, asr #31
    add     \acc, \acc, r11, asr #8
    add     \acc, \acc, r9
.else
.ifc \kind, full
    add     r11, \acc, \acc, asr #31
    add     r11, r11, r9
    smmlar  \acc, \acc, r8, r11
.else
    smmlar  \acc, \acc, r8, r9
.endif
.endif
    asr.w   \acc, \acc, r10
    ssat    \acc, #8, \acc
.endm

// Two inputs of four pixels times two channels, 16 products.
// r8 = weights, r9 = those of channel a, r10 and r11 = inputs of two pixels.
// Plain bytes: r8 is extended as well. 13 instructions and 16 cycles (14 and 17). LDRD for the first two inputs would be
// an instruction less and a cycle more: loads of one word follow each other without a pause.
.macro step plain, a3=r3, b3=r7, a0=r0, b0=r4, a1=r1, b1=r5, a2=r2, b2=r6
    ldr     r8, [lr], #4
    ldr     r10, [r12], #4
    ldr     r11, [r12], #4
    sxtb16  r9, r8
.if \plain
    sxtb16  r8, r8, ror #8
.endif
    smlad   r4, r8, r10, \b0
    smlad   r0, r9, r10, \a0
    smlad   r5, r8, r11, \b1
    smlad   r1, r9, r11, \a1
    ldrd    r10, r11, [r12], #8
    smlad   r6, r8, r10, \b2
    smlad   r2, r9, r10, \a2
    smlad   r7, r8, r11, \b3
    smlad   r3, r9, r11, \a3
.endm

// The code that makes outputs of sums, by its number: 0 clamped, 1 full, 2 long; flags are changed.
.macro select to, number, clamped, full, long
    adr.w   \to, \clamped
    cmp     \number, #1
    it      eq
    adreq.w \to, \full
    it      hi
    adrhi.w \to, \long
    orr     \to, \to, #1
.endm

.macro four kind
    constants \kind
    requantize r0, \kind
    requantize r1, \kind
    requantize r2, \kind
    requantize r3, \kind
    constants \kind
    requantize r4, \kind
    requantize r5, \kind
    requantize r6, \kind
    requantize r7, \kind
.endm

// void tile(const struct { inputs, steps - 1, inputs_end, records, records_end, output, outputs, kind } *)
//
// Four pixels times all pairs of channels. Inputs: [step][pixel] words of two half-words. Plain bytes are always long.
//
// | register | holds |
// |---|---|
// | r0-r3, r4-r7 | sums of channel a and of channel b (joined: 256 b + a), pixels 0-3 |
// | r8, r9 | weights; multiplier, rounding |
// | r10, r11 | inputs of two pixels; shift, output |
// | r12, lr | next inputs, next word of the records |
.macro tile name, plain, unrolled
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type   \name, %function
    .thumb_func
\name:
    push    {r4-r11, lr}
.if \plain == 0
    ldr     r9, [r0, #28]
    select  r8, r9, 3f, 4f, 5f
.endif
    ldmia   r0, {r1-r7}
    mov     lr, r4
    push    {r5-r8}
    // The loop has \unrolled steps; it is entered where the remaining ones are a multiple of that.
    rsb     r2, r2, #0
    and     r2, r2, #(\unrolled - 1)
    mov     r9, #(52 + 4 * \plain)
    adr.w   r8, 2f
    mla     r2, r2, r9, r8
    orr     r2, r2, #1
    push    {r1-r3}
1:  ldrd    r3, r7, [lr], #8
    ldr     r12, [sp, #0]
    // The first step adds to the start values, which lie in the sums of pixel 3.
    step    \plain, a0=r3, b0=r7, a1=r3, b1=r7, a2=r3, b2=r7
    ldr     pc, [sp, #4]
    .balign 4
2:
    .rept \unrolled
    step    \plain
    .endr
    ldr     r8, [sp, #8]
    cmp     r12, r8
    bne     2b
.if \plain == 0
    // 256 b + a: the sums of channel b.
    sub     r4, r4, r0
    sub     r5, r5, r1
    sub     r6, r6, r2
    sub     r7, r7, r3
    asr     r4, r4, #8
    asr     r5, r5, #8
    asr     r6, r6, #8
    asr     r7, r7, #8
    ldr     pc, [sp, #24]
    .balign 4
3:  four    clamped
    b       6f
    .balign 4
4:  four    full
    b       6f
    .balign 4
5:
.endif
    four    long
    // Two channels are stored together: a half-word to each pixel.
6:  ldrd    r10, r11, [sp, #16]
    bfi     r0, r4, #8, #24
    bfi     r1, r5, #8, #24
    bfi     r2, r6, #8, #24
    bfi     r3, r7, #8, #24
    strh    r1, [r10, r11]
    strh    r2, [r10, r11, lsl #1]
    add     r8, r10, r11
    strh    r3, [r8, r11, lsl #1]
    strh    r0, [r10], #2
    str     r10, [sp, #16]
    ldr     r8, [sp, #12]
    cmp     lr, r8
    bne     1b
    add     sp, sp, #28
    pop     {r4-r11, pc}
    .size   \name, . - \name
.endm

tile tinynas_tile, 0, 8
tile tinynas_tile_bytes, 1, 2

// Two inputs of one pixel times two channels.
.macro single plain, w, x
    sxtb16  r6, \w
.if \plain
    sxtb16  \w, \w, ror #8
.endif
    smlad   r1, \w, \x, r1
    smlad   r0, r6, \x, r0
.endm

// Eight inputs of one pixel. 14 instructions for 16 products.
.macro singles plain
    ldmia   lr!, {r2-r5}
    ldmia   r12!, {r8-r11}
    single  \plain, r2, r8
    single  \plain, r3, r9
    single  \plain, r4, r10
    single  \plain, r5, r11
.endm

// void vector(const struct { inputs, steps % 4, steps / 4, records, records_end, output, kind } *)
//
// One pixel times all pairs of channels; weights are read strictly forward. Inputs: [step] words.
//
// | register | holds |
// |---|---|
// | r0, r1 | sums of channel a and of channel b (joined: 256 b + a) |
// | r2-r5 | weights |
// | r6, r7 | extended weights, passes left |
// | r8-r11 | inputs; multiplier, rounding, shift |
// | r12, lr | next inputs, next word of the records |
.macro two kind
    constants \kind
    requantize r0, \kind
    constants \kind
    requantize r1, \kind
.endm

.macro vector name, plain
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type   \name, %function
    .thumb_func
\name:
    push    {r4-r11, lr}
.if \plain == 0
    ldr     r9, [r0, #24]
    select  r8, r9, 6f, 7f, 8f
.endif
    ldmia   r0, {r1-r6}
    mov     lr, r4
    // The loop has two blocks; it is entered at the second one if there is an odd number of them.
    adr.w   r7, 3f
    cmp     r3, #0
    it      eq
    adreq.w r7, 5f
    tst     r3, #1
    it      ne
    adrne.w r7, 4f
    orr     r7, r7, #1
    add     r3, r3, #1
    lsr     r3, r3, #1
    push    {r1-r3, r5-r8}
1:  ldrd    r0, r1, [lr], #8
    ldr     r12, [sp, #0]
    ldrd    r2, r7, [sp, #4]
    cbz     r2, 2f
    ldrd    r2, r3, [lr], #8
    ldrd    r8, r9, [r12], #8
    single  \plain, r2, r8
    single  \plain, r3, r9
2:  ldr     pc, [sp, #20]
    .balign 4
3:  singles \plain
    .balign 4
4:  singles \plain
    subs    r7, r7, #1
    bne     3b
    .balign 4
5:
.if \plain == 0
    sub     r1, r1, r0
    asr     r1, r1, #8
    ldr     pc, [sp, #24]
    .balign 4
6:  two     clamped
    b       9f
    .balign 4
7:  two     full
    b       9f
    .balign 4
8:
.endif
    two     long
9:  ldr     r8, [sp, #16]
    bfi     r0, r1, #8, #24
    strh    r0, [r8], #2
    str     r8, [sp, #16]
    ldr     r8, [sp, #12]
    cmp     lr, r8
    bne     1b
    add     sp, sp, #28
    pop     {r4-r11, pc}
    .size   \name, . - \name
.endm

vector tinynas_vector, 0
vector tinynas_vector_bytes, 1

.macro twice doubled, x
.if \doubled
    sadd16  \x, \x, \x
.endif
.endm

// void widen(pixels, distance, groups, words): four inputs of four pixels become eight words [pair][pixel].
.macro widen name, doubled
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type   \name, %function
    .thumb_func
\name:
    push    {r4-r11, lr}
    mov     r12, r3
    add     lr, r3, r2, lsl #5
    add     r2, r0, r1, lsl #1
    add     r3, r2, r1
    add     r1, r0, r1
1:  ldr     r4, [r0], #4
    ldr     r5, [r1], #4
    ldr     r6, [r2], #4
    ldr     r7, [r3], #4
    sxtb16  r8, r4
    sxtb16  r9, r5
    sxtb16  r10, r6
    sxtb16  r11, r7
    twice   \doubled, r8
    twice   \doubled, r9
    twice   \doubled, r10
    twice   \doubled, r11
    stmia   r12!, {r8-r11}
    sxtb16  r4, r4, ror #8
    sxtb16  r5, r5, ror #8
    sxtb16  r6, r6, ror #8
    sxtb16  r7, r7, ror #8
    twice   \doubled, r4
    twice   \doubled, r5
    twice   \doubled, r6
    twice   \doubled, r7
    stmia   r12!, {r4-r7}
    cmp     r12, lr
    bne     1b
    pop     {r4-r11, pc}
    .size   \name, . - \name
.endm

widen tinynas_widen, 0
widen tinynas_widen_doubled, 1

// void widen_one(vector, its end, words): four inputs of one pixel become two words.
.macro widen_one name, doubled
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type   \name, %function
    .thumb_func
\name:
1:  ldr     r3, [r0], #4
    sxtb16  r12, r3
    sxtb16  r3, r3, ror #8
    twice   \doubled, r12
    twice   \doubled, r3
    strd    r12, r3, [r2], #8
    cmp     r0, r1
    bne     1b
    bx      lr
    .size   \name, . - \name
.endm

widen_one tinynas_widen_one, 0
widen_one tinynas_widen_one_doubled, 1
