/*
 * tinynas: runs a compiled model (.tnm) in memory that you give.
 *
 *   static tinynas_model model;
 *   static uint32_t arena[ARENA_WORDS];                          // tinynas_arena_bytes(&model), in words
 *
 *   if (tinynas_model_parse(&model, flash, flash_bytes) != TINYNAS_OK) ...         // once, at the start
 *   if (tinynas_run_pixels(&model, arena, sizeof arena, pixels, pixel_count) != TINYNAS_OK) ...
 *   tinynas_class class;
 *   if (tinynas_best(&model, arena, sizeof arena, &class) == TINYNAS_OK) ...       // class.name, class.score
 *
 * No allocation, no global state, no interrupt, nothing of a C library: link with -nostdlib if you like. Different arenas
 * may be used at the same time. Every function checks what it is given as far as it can. What it cannot check: pointers
 * point to as many bytes as you say, handles are zeros or were given to tinynas_model_parse(), the memories of one call do
 * not overlap, nobody else writes there during the call, and the model's bytes stay as they are while it is used. A handle
 * may be copied. A run uses less than 4 KiB of stack.
 *
 * Link with libtinynas.a, which must be built for your core and its floating point calls.
 */
#ifndef TINYNAS_H
#define TINYNAS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call says; not an enum, whose size depends on the compiler's options. */
typedef int32_t tinynas_status;

/* It did what it should. */
#define TINYNAS_OK 0
/* A pointer is null or not aligned as its type is. */
#define TINYNAS_ERROR_POINTER 1
/* The model was not parsed, or its parsing failed. */
#define TINYNAS_ERROR_NO_MODEL 2
/* The bytes do not start like a compiled model. */
#define TINYNAS_ERROR_MAGIC 3
/* The model, or the arena, does not start at a multiple of 4. */
#define TINYNAS_ERROR_ALIGNMENT 4
/* The model has another version of the format, or is packed for other kernels: compile it again. */
#define TINYNAS_ERROR_VERSION 5
/* The model is shorter or longer than its header says. */
#define TINYNAS_ERROR_LENGTH 6
/* The model's check sum is wrong. */
#define TINYNAS_ERROR_DAMAGED 7
/* The model has values that no compiler writes. */
#define TINYNAS_ERROR_INVALID 8
/* The arena is shorter than tinynas_arena_bytes(). */
#define TINYNAS_ERROR_ARENA 9
/* The model's input comes row by row: use tinynas_run_rows() or tinynas_run_pixels(). */
#define TINYNAS_ERROR_ROWS 10
/* What was given is not as long as the model's input. */
#define TINYNAS_ERROR_INPUT 11
/* There is no class of this number, or it has no name. */
#define TINYNAS_ERROR_CLASS 12
/* A step could not run; a parsed model has none such. */
#define TINYNAS_ERROR_STEP 13

/* A parsed model: some words that only this library reads, and the bytes of the model stay where they are. */
typedef struct tinynas_model {
    uintptr_t words[3];
} tinynas_model;

/* The model's input or output. */
typedef struct tinynas_tensor {
    /* First byte in the arena; without a meaning for an input that comes row by row. */
    size_t offset;
    /* Number of elements, one byte each: rows * columns * channels. */
    size_t count;
    /* Real value of one int8 step: real = (int8 - zero) * scale. */
    float scale;
    uint16_t rows;
    uint16_t columns;
    uint16_t channels;
    /* int8 value of real zero. */
    int8_t zero;
    /* 1 if the input comes row by row, else 0. */
    uint8_t by_rows;
} tinynas_tensor;

/* How pixels become the input: int8 = pixel - 128. */
typedef struct tinynas_image {
    /* Real value of one step of a pixel. */
    float scale;
    /* Side of the square image; 0 if the model is not for images. */
    uint16_t size;
    /* 1: grey, 3: red, green, blue. */
    uint8_t channels;
    /* Mean pixel. */
    uint8_t mean;
} tinynas_image;

/* One class of the output. */
typedef struct tinynas_class {
    /* UTF-8 in the model, without a zero at the end; null if the model has no name for it. */
    const char *name;
    /* Bytes of the name. */
    size_t name_bytes;
    /* Position in the output. */
    size_t index;
    /* Real value of the score. */
    float value;
    /* The score as it is. */
    int8_t score;
} tinynas_class;

/* Fills one row of the input: `count` = columns * channels elements. Called once for each row, in their order. */
typedef void (*tinynas_row_source)(void *context, uint16_t row, int8_t *input, size_t count);

/* Checks a model of exactly `length` bytes; they must stay as they are while the model is used. */
tinynas_status tinynas_model_parse(tinynas_model *model, const void *bytes, size_t length);

/* Bytes of arena that the model needs; 0 if it was not parsed. */
size_t tinynas_arena_bytes(const tinynas_model *model);

/* The model's input. */
tinynas_status tinynas_input(const tinynas_model *model, tinynas_tensor *tensor);

/* The model's output. */
tinynas_status tinynas_output(const tinynas_model *model, tinynas_tensor *tensor);

/* The image that the model wants. */
tinynas_status tinynas_image_format(const tinynas_model *model, tinynas_image *image);

/* `count` pixels as int8, pixel - 128; for one who fills the input, or a row of it. */
tinynas_status tinynas_pixels_to_input(const uint8_t *pixels, int8_t *input, size_t count);

/* Runs a model whose input lies in the arena at tinynas_input()'s offset. The output is left at tinynas_output()'s offset;
 * all other bytes are garbage after that. */
tinynas_status tinynas_run(const tinynas_model *model, void *arena, size_t arena_bytes);

/* Runs a model whose input comes row by row; one that takes its input whole runs, too, and asks for no row. `context` is
 * handed to `source`. `source` must return and must not touch the arena but for the row that it fills. */
tinynas_status tinynas_run_rows(const tinynas_model *model, void *arena, size_t arena_bytes, tinynas_row_source source, void *context);

/* Runs any image model on an image in memory: its pixels row by row, grey or red, green, blue. */
tinynas_status tinynas_run_pixels(const tinynas_model *model, void *arena, size_t arena_bytes, const uint8_t *pixels, size_t count);

/* After a run: the class with the largest score; of equal ones the first. */
tinynas_status tinynas_best(const tinynas_model *model, const void *arena, size_t arena_bytes, tinynas_class *found);

/* Number of classes that have names; 0 if the model was not parsed. */
size_t tinynas_class_count(const tinynas_model *model);

/* Name of a class: UTF-8 in the model, `bytes` long, without a zero at the end. */
tinynas_status tinynas_class_name(const tinynas_model *model, size_t index, const char **name, size_t *bytes);

/* A status in words, zero at the end; never null. */
const char *tinynas_status_text(tinynas_status status);

#ifdef __cplusplus
}
#endif

#endif
