// Copies windows of an image (see conv.rs), for cores that load words from any address.
//
// Why assembly: calls of memcpy for a few bytes each cost more than the copies.
// Tests: host/sim/tests/kernels.

.syntax unified
.thumb

// void tinynas_windows(const struct { from, to, from_next, to_next, words, rows, from_window, to_window, windows } *)
//
// | register | holds |
// |---|---|
// | r1, r2 | from, to |
// | r3, r4 | steps to the next row |
// | r5, r6 | words of a row, rows |
// | r7, r8 | steps to the next window |
// | r9 | windows left |
// | r0, r10 | rows left, words left |
// | r11, r12, lr | data |
    .section .text.tinynas_windows, "ax", %progbits
    .balign 4
    .global tinynas_windows
    .type   tinynas_windows, %function
    .thumb_func
tinynas_windows:
    push    {r4-r11, lr}
    ldmia   r0, {r1-r9}
1:  mov     r0, r6
2:  subs    r10, r5, #3
    blo     4f
3:  ldr     r11, [r1], #4
    ldr     r12, [r1], #4
    ldr     lr, [r1], #4
    str     r11, [r2], #4
    str     r12, [r2], #4
    str     lr, [r2], #4
    subs    r10, r10, #3
    bhs     3b
4:  adds    r10, r10, #3
    beq     6f
5:  ldr     r11, [r1], #4
    subs    r10, r10, #1
    str     r11, [r2], #4
    bne     5b
6:  add     r1, r1, r3
    add     r2, r2, r4
    subs    r0, r0, #1
    bne     2b
    add     r1, r1, r7
    add     r2, r2, r8
    subs    r9, r9, #1
    bne     1b
    pop     {r4-r11, pc}
    .size   tinynas_windows, . - tinynas_windows
