/* The models and the image of firmware/examples/stripes, as they are. Models start at multiples of 4. */
    .macro file name, path
    .section .rodata.\name, "a"
    .balign 4
    .global \name
\name:
    .incbin "\path"
    .global \name\()_end
\name\()_end:
    .endm

    file stripes, stripes.tnm
    file stripes_rows, stripes-rows.tnm
    file rising, rising.grey
