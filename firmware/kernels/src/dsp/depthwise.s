// Depthwise convolutions, channel by channel over a padded plane of half-words (layouts: packed/filter.rs), for cores with
// the DSP extension.
//
// Why assembly: a block of outputs needs its sums, its inputs and a row's weights in registers at once.
// Tests: host/sim/tests/kernels.
//
// A block makes 4 outputs of a row (2 of 5×5 and 7×7 with stride 2). Inputs are loaded as pairs of half-words, so that
// even outputs of stride 1 multiply the pairs w0 w1, w2 w3, …, odd ones the pairs w1 w2, w3 w4, …, and a half-word
// remains at one end: no shuffles.
//
// | register | holds |
// |---|---|
// | r0-r3 | sums (blocks of 2: r0, r1) |
// | r4-r8 | inputs; then multiplier, rounding, shift; then what the frame gives |
// | r9-r11 | weights |
// | r12 | row of the plane |
// | lr | the record: where its weights end |

.syntax unified
.thumb

// The frame; the first five words are loaded together.
.equ BACK, 0            // From the last row that a block reads to the first of the next block, bytes.
.equ DEPTH, 4           // From output to output.
.equ LAST, 8            // Offset of a block's last output; that of the one before it if the row ends there.
.equ ROW_END, 12        // Where the row's whole blocks end.
.equ OUTPUT, 16
.equ PITCH, 20          // From row to row of the plane, bytes.
.equ TAIL, 24           // Number of outputs past the whole blocks, then the code for them.
.equ ENTRY, 28          // The code that begins a row.
.equ ROWS, 32           // Rows left.
.equ ROW, 36            // First row that the outputs of this row see.
.equ ADVANCE, 40        // From this to the next.
.equ BLOCKS, 44         // Bytes of the plane that the whole blocks of a row step over.
.equ REST, 48           // Distance of the outputs past the whole blocks.
.equ SECOND, 52         // Offset of the second of two such outputs; 0 if there is one.
// The next eight words are what `plane` wants in its registers.
.equ PIXELS, 56         // The channel's first pixel.
.equ CHANNEL, 88        // Where the channel's outputs begin.
.equ ALL_ROWS, 92
.equ PLANE, 96          // First row of the plane.
.equ RECORD, 100
.equ CHANNELS, 104      // Channels left.
.equ FRAME, 108

// r4 = multiplier, r5 = rounding, r6 = shift, r7 free.
.macro finish acc
    add     r7, r5, \acc, asr #31
    smmlar  \acc, \acc, r4, r7
    asrs    \acc, \acc, r6
    ssat    \acc, #8, \acc
.endm

// One row of a block. \c0-\c3: what the sums are added to, the start value in the first row.
// Stride 1. 11, 16 and 20 instructions for 12, 20 and 28 products.
.macro row1_3 n, off, c0, c1, c2, c3
.if \n == 4
    ldmia   r12, {r4-r6}
.else
    ldmia   r12, {r4-r5}
.endif
    ldrd    r9, r10, [lr, #\off]
    smlad   r0, r4, r9, \c0
    smlabt  r0, r5, r10, r0
.if \n == 4
    smlad   r2, r5, r9, \c2
    smlabt  r2, r6, r10, r2
    smlatb  r1, r4, r9, \c1
    smlad   r1, r5, r10, r1
    smlatb  r3, r5, r9, \c3
    smlad   r3, r6, r10, r3
.else
    smlatb  r1, r4, r9, \c1
    smlad   r1, r5, r10, r1
.endif
.endm

.macro row1_5 n, off, c0, c1, c2, c3
.if \n == 4
    ldmia   r12, {r4-r7}
.else
    ldmia   r12, {r4-r6}
.endif
    ldrd    r9, r10, [lr, #\off]
    smlad   r0, r4, r9, \c0
    smlad   r0, r5, r10, r0
.if \n == 4
    smlad   r2, r5, r9, \c2
    smlad   r2, r6, r10, r2
.endif
    smlatb  r1, r4, r9, \c1
.if \n == 4
    smlatb  r3, r5, r9, \c3
.endif
    ldrd    r9, r10, [lr, #\off + 8]
    smlabt  r0, r6, r10, r0
    smlad   r1, r5, r9, r1
    smlad   r1, r6, r10, r1
.if \n == 4
    smlabt  r2, r7, r10, r2
    smlad   r3, r6, r9, r3
    smlad   r3, r7, r10, r3
.endif
.endm

.macro row1_7 n, off, c0, c1, c2, c3
.if \n == 4
    ldmia   r12, {r4-r8}
.else
    ldmia   r12, {r4-r7}
.endif
    ldmia   lr!, {r9-r11}
    smlad   r0, r4, r9, \c0
    smlad   r0, r5, r10, r0
    smlad   r0, r6, r11, r0
.if \n == 4
    smlad   r2, r5, r9, \c2
    smlad   r2, r6, r10, r2
    smlad   r2, r7, r11, r2
.endif
    smlatb  r1, r4, r9, \c1
.if \n == 4
    smlatb  r3, r5, r9, \c3
.endif
    ldmia   lr!, {r9-r11}
    smlabt  r0, r7, r11, r0
    smlad   r1, r5, r9, r1
    smlad   r1, r6, r10, r1
    smlad   r1, r7, r11, r1
.if \n == 4
    smlabt  r2, r8, r11, r2
    smlad   r3, r6, r9, r3
    smlad   r3, r7, r10, r3
    smlad   r3, r8, r11, r3
.endif
.endm

// Stride 2.
.macro row2_3 n, off, c0, c1, c2, c3
.if \n == 4
    ldmia   r12, {r4-r8}
.else
    ldmia   r12, {r4-r6}
.endif
    ldrd    r9, r10, [lr, #\off]
    smlad   r0, r4, r9, \c0
    smlabt  r0, r5, r10, r0
    smlad   r1, r5, r9, \c1
    smlabt  r1, r6, r10, r1
.if \n == 4
    smlad   r2, r6, r9, \c2
    smlabt  r2, r7, r10, r2
    smlad   r3, r7, r9, \c3
    smlabt  r3, r8, r10, r3
.endif
.endm

.macro row2_5 n, off, c0, c1, c2, c3
    ldmia   r12, {r4-r7}
    ldmia   lr!, {r9-r11}
    smlad   r0, r4, r9, \c0
    smlad   r0, r5, r10, r0
    smlabt  r0, r6, r11, r0
    smlad   r1, r5, r9, \c1
    smlad   r1, r6, r10, r1
    smlabt  r1, r7, r11, r1
.endm

.macro row2_7 n, off, c0, c1, c2, c3
    ldmia   r12, {r4-r8}
    ldmia   lr!, {r2, r9-r11}
    smlad   r0, r4, r2, \c0
    smlad   r0, r5, r9, r0
    smlad   r0, r6, r10, r0
    smlabt  r0, r7, r11, r0
    smlad   r1, r5, r2, \c1
    smlad   r1, r6, r9, r1
    smlad   r1, r7, r10, r1
    smlabt  r1, r8, r11, r1
.endm

// To the next row; where r11 holds weights, the distance is loaded.
.macro next stride, k
.if \k == 3 || (\k == 5 && \stride == 1)
    add     r12, r12, r11
.else
    ldr     r9, [sp, #PITCH]
    add     r12, r12, r9
.endif
.endm

// A block of 2 of stride 2: a loop over the rows of the filter, r3 = rows left.
.macro short_block k, w
    ldr     r3, [lr], #4
    mov     r0, r3
    mov     r1, r3
    mov     r3, #\k
8:  row2_\k 2, 0, r0, r1
    ldr     r9, [sp, #PITCH]
    add     r12, r12, r9
    subs    r3, r3, #1
    bne     8b
    sub     r12, r12, r9
    ldmia   lr, {r4-r6}
    finish  r0
    finish  r1
    sub     lr, lr, #(4 * \k * \w + 4)
.endm

// A block of 2 for the end of a row, stride 1: a loop over the rows of the filter, r2 = rows left.
.macro end_block k, w
.if \k == 7
    ldr     r3, [lr], #4
    mov     r0, r3
    mov     r1, r3
    mov     r2, #7
8:  row1_7  2, 0, r0, r1
    ldr     r9, [sp, #PITCH]
    add     r12, r12, r9
    subs    r2, r2, #1
    bne     8b
    ldmia   lr, {r4-r6}
    finish  r0
    finish  r1
    sub     lr, lr, #(4 * \k * \w + 4)
.else
    ldr     r0, [lr, #-(4 * \k * \w + 4)]!
    add     lr, lr, #4
    mov     r1, r0
    mov     r2, #\k
8:  row1_\k 2, 0, r0, r1
    add     lr, lr, #(4 * \w)
    add     r12, r12, r11
    subs    r2, r2, #1
    bne     8b
    ldmia   lr, {r4-r6}
    finish  r0
    finish  r1
.endif
.endm

// All rows of a block and its outputs. \w: words of weights in a row.
// With r11 as the distance the record is read by offsets, else lr moves through it and is set back.
.macro block stride, k, n, w
.if \k == 3 || (\k == 5 && \stride == 1)
    ldr     r3, [lr, #-(4 * \k * \w + 4)]
.else
    ldr     r3, [lr], #4
.endif
    row\stride\()_\k \n, -(4 * \k * \w), r3, r3, r3, r3
    .set    at, 1
    .rept   \k - 1
    next    \stride, \k
    row\stride\()_\k \n, (-(4 * \k * \w) + at * 4 * \w), r0, r1, r2, r3
    .set    at, at + 1
    .endr
    ldmia   lr, {r4-r6}
    finish  r0
    finish  r1
.if \n == 4
    finish  r2
    finish  r3
.endif
.if (\k == 3 || (\k == 5 && \stride == 1)) == 0
    sub     lr, lr, #(4 * \k * \w + 4)
.endif
.endm

// void name(const struct frame *)
.macro depthwise name, stride, k, n, w
    .section .text.\name, "ax", %progbits
    .balign 4
    .global \name
    .type   \name, %function
    .thumb_func
\name:
    push    {r4-r11, lr}
    sub     sp, sp, #FRAME
    mov     r12, sp
    .rept   3
    ldmia   r0!, {r2-r10}
    stmia   r12!, {r2-r10}
    .endr
    // The code for the outputs past the whole blocks.
    ldr     r7, [sp, #TAIL]
    adr.w   r8, 5f
    cmp     r7, #0
    it      eq
    adreq.w r8, 6f
.if \n == 4
    cmp     r7, #3
    it      eq
    adreq.w r8, 4f
.endif
    orr     r7, r8, #1
    str     r7, [sp, #TAIL]
    adr.w   r8, 2f
    ldr     r9, [sp, #BLOCKS]
    cmp     r9, #0
    it      eq
    moveq   r8, r7
    orr     r8, r8, #1
    str     r8, [sp, #ENTRY]
0:  add     r12, sp, #PIXELS
    ldmia   r12, {r0, r1, r3, r8-r12}
    add     r2, r0, #1
    str     r2, [sp, #PIXELS]
    bl      tinynas_plane
    add     r12, sp, #CHANNEL
    ldmia   r12, {r4-r6, lr}
    str     r4, [sp, #OUTPUT]
    add     r4, r4, #1
    str     r4, [sp, #CHANNEL]
    strd    r5, r6, [sp, #ROWS]
    ldr     r11, [sp, #PITCH]
1:  ldr     r12, [sp, #ROW]
    ldr     r4, [sp, #BLOCKS]
    add     r4, r4, r12
    str     r4, [sp, #ROW_END]
    ldr     pc, [sp, #ENTRY]
    .balign 4
2:
.if \n == 2
    short_block \k, \w
.else
    block   \stride, \k, \n, \w
.endif
    ldmia   sp, {r4-r8}
.if \n == 4
    strb    r3, [r8, r6]
    strb    r2, [r8, r5, lsl #1]
    strb    r1, [r8, r5]
    strb    r0, [r8]
    add     r8, r8, r5, lsl #2
.else
    strb    r1, [r8, r6]
    strb    r0, [r8]
    add     r8, r8, r5, lsl #1
.endif
    str     r8, [sp, #OUTPUT]
    sub     r12, r12, r4
    cmp     r12, r7
    bne     2b
    ldr     pc, [sp, #TAIL]
.if \n == 4
    // Three outputs: a block whose last one is stored where the one before it will be.
    .balign 4
4:  ldr     r4, [sp, #DEPTH]
    ldr     r5, [sp, #LAST]
    cmp     r5, r4, lsl #1
    beq     7f
    lsl     r5, r4, #1
    str     r5, [sp, #LAST]
    ldr     r5, [sp, #ROW_END]
    add     r5, r5, #(8 * \stride)
    str     r5, [sp, #ROW_END]
    b       2b
    // It was done.
7:  add     r5, r5, r4
    str     r5, [sp, #LAST]
    ldr     r5, [sp, #OUTPUT]
    sub     r5, r5, r4
    str     r5, [sp, #OUTPUT]
    b       6f
    // One or two.
    .balign 4
5:
.if \stride == 1 && \k > 3
    end_block \k, \w
.else
    block   \stride, \k, 2, \w
.endif
    ldr     r8, [sp, #OUTPUT]
    ldrd    r4, r5, [sp, #REST]
    strb    r1, [r8, r5]
    strb    r0, [r8]
    add     r8, r8, r4
    str     r8, [sp, #OUTPUT]
.else
    // One: a block whose second output is stored where the first one will be.
    .balign 4
5:  ldr     r5, [sp, #LAST]
    cbz     r5, 7f
    mov     r5, #0
    str     r5, [sp, #LAST]
    ldr     r5, [sp, #ROW_END]
    add     r5, r5, #(4 * \stride)
    str     r5, [sp, #ROW_END]
    b       2b
7:  ldr     r4, [sp, #DEPTH]
    str     r4, [sp, #LAST]
    ldr     r5, [sp, #OUTPUT]
    sub     r5, r5, r4
    str     r5, [sp, #OUTPUT]
.endif
    .balign 4
6:  ldrd    r4, r5, [sp, #ROWS]
    ldr     r6, [sp, #ADVANCE]
    add     r5, r5, r6
    subs    r4, r4, #1
    strd    r4, r5, [sp, #ROWS]
    bne     1b
    // The next record.
    add     lr, lr, #(4 * (4 + \k * \w))
    ldr     r4, [sp, #CHANNELS]
    subs    r4, r4, #1
    strd    lr, r4, [sp, #RECORD]
    bne     0b
    add     sp, sp, #FRAME
    pop     {r4-r11, pc}
    .size   \name, . - \name
.endm

depthwise tinynas_depthwise_3_1, 1, 3, 4, 2
depthwise tinynas_depthwise_5_1, 1, 5, 4, 4
depthwise tinynas_depthwise_7_1, 1, 7, 4, 6
depthwise tinynas_depthwise_3_2, 2, 3, 4, 2
depthwise tinynas_depthwise_5_2, 2, 5, 2, 3
depthwise tinynas_depthwise_7_2, 2, 7, 2, 4

// Copies one channel's values to the plane: called by the routines above, with registers of its own.
//
// | register | holds |
// |---|---|
// | r0, r1, r9 | the first value; bytes from pixel to pixel, and three times that |
// | r12, r3 | pixels of a row, rows; at least 1 |
// | r10 | the first half-word |
// | r11, r8 | bytes from the end of a row to the next one, of the plane and of the pixels |
// | r2, r4-r7 | what is left of a row, values |
.macro values4
    ldrsb   r4, [r0]
    ldrsb   r5, [r0, r1]
    ldrsb   r6, [r0, r1, lsl #1]
    ldrsb   r7, [r0, r9]
    add     r0, r0, r1, lsl #2
    strh    r4, [r10], #2
    strh    r5, [r10], #2
    strh    r6, [r10], #2
    strh    r7, [r10], #2
.endm

    .section .text.tinynas_plane, "ax", %progbits
    .balign 4
    .global tinynas_plane
    .type   tinynas_plane, %function
    .thumb_func
tinynas_plane:
1:  subs    r2, r12, #8
    blo     3f
2:  values4
    values4
    subs    r2, r2, #8
    bhs     2b
    // Bits 2, 1 and 0 of what is left.
3:  lsls    r4, r2, #30
    bcc     4f
    values4
4:  bpl     4f
    ldrsb   r4, [r0]
    ldrsb   r5, [r0, r1]
    add     r0, r0, r1, lsl #1
    strh    r4, [r10], #2
    strh    r5, [r10], #2
4:  lsls    r4, r2, #31
    beq     5f
    ldrsb   r4, [r0]
    add     r0, r0, r1
    strh    r4, [r10], #2
5:  add     r10, r10, r11
    add     r0, r0, r8
    subs    r3, r3, #1
    bne     1b
    bx      lr
    .size   tinynas_plane, . - tinynas_plane
