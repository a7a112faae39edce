// Copies the rows of a window (see conv.rs), for cores that load words from any address.
//
// Why assembly: a call of memcpy for a few bytes costs more than the copy.
// Tests: host/sim/tests/kernels.rs.

.syntax unified
.thumb

// void tinynas_runs(from, pitch, to, words, rows, run)
    .section .text.tinynas_runs, "ax", %progbits
    .balign 4
    .global tinynas_runs
    .type   tinynas_runs, %function
    .thumb_func
tinynas_runs:
    push    {r4-r9, lr}
    ldrd    r4, r5, [sp, #28]
    // What two passes of the pointers leave to the next row.
    sub     r1, r1, r3, lsl #2
    sub     r5, r5, r3, lsl #2
1:  subs    r6, r3, #3
    blo     3f
2:  ldr     r7, [r0], #4
    ldr     r8, [r0], #4
    ldr     r9, [r0], #4
    str     r7, [r2], #4
    str     r8, [r2], #4
    str     r9, [r2], #4
    subs    r6, r6, #3
    bhs     2b
3:  adds    r6, r6, #3
    beq     5f
4:  ldr     r7, [r0], #4
    str     r7, [r2], #4
    subs    r6, r6, #1
    bne     4b
5:  add     r0, r0, r1
    add     r2, r2, r5
    subs    r4, r4, #1
    bne     1b
    pop     {r4-r9, pc}
    .size   tinynas_runs, . - tinynas_runs
