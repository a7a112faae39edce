/* Says what a picture shows, in C: an image in memory, then the same one row by row, then what goes wrong is named. */
#include "console.h"
#include "tinynas.h"

/* From stripes.S: the files themselves. */
extern const uint8_t stripes[], stripes_end[], stripes_rows[], stripes_rows_end[], rising[], rising_end[];

/* Enough for both models; main() compares. */
static uint32_t arena[512];

/* An image of which only one row after the other is seen, as from a camera. */
struct camera {
    const uint8_t *next;
    uint16_t rows;
};

static void next_row(void *context, uint16_t row, int8_t *input, size_t count) {
    struct camera *camera = context;
    if (row == camera->rows && tinynas_pixels_to_input(camera->next, input, count) == TINYNAS_OK) {
        camera->next += count;
        camera->rows += 1;
    }
}

static int failed(const char *what, tinynas_status status) {
    print(what);
    print(": ");
    print(tinynas_status_text(status));
    print("\n");
    return 1;
}

static void report(const tinynas_model *model) {
    tinynas_class best;
    tinynas_tensor output;
    tinynas_status status = tinynas_best(model, arena, sizeof arena, &best);
    if (status == TINYNAS_OK) {
        status = tinynas_output(model, &output);
    }
    if (status != TINYNAS_OK) {
        failed("output", status);
        return;
    }
    print("class ");
    print_text(best.name, best.name_bytes);
    print("\n");
    const int8_t *scores = (const int8_t *)arena + output.offset;
    for (size_t index = 0; index < output.count; index++) {
        print("score ");
        print_number(scores[index]);
        print("\n");
    }
}

static void say(const char *what, tinynas_status status) {
    print(what);
    print(" ");
    print_number(status);
    print("\n");
}

static uint8_t *copied(uint8_t *to, size_t length) {
    for (size_t at = 0; at < length; at++) {
        to[at] = stripes[at];
    }
    return to;
}

/* What calls say that cannot do what they should. */
static void mistakes(const tinynas_model *whole, const tinynas_model *rows) {
    tinynas_model other = {{0}};
    tinynas_class best;
    const char *name;
    size_t bytes, length = (size_t)(stripes_end - stripes);
    say("null", tinynas_model_parse(0, stripes, length));
    say("null", tinynas_model_parse(&other, 0, length));
    say("not a model", tinynas_model_parse(&other, rising, 256));
    say("cut", tinynas_model_parse(&other, stripes, length - 1));
    uint8_t *copy = copied((uint8_t *)arena + 1, length);
    say("odd", tinynas_model_parse(&other, copy, length));
    copy = copied((uint8_t *)arena, length);
    copy[length - 1] ^= 1;
    say("damaged", tinynas_model_parse(&other, copy, length));
    say("not parsed", tinynas_run(&other, arena, sizeof arena));
    say("no arena", (tinynas_status)tinynas_arena_bytes(&other));
    say("small arena", tinynas_run(whole, arena, tinynas_arena_bytes(whole) - 1));
    say("odd arena", tinynas_run(whole, (uint8_t *)arena + 1, sizeof arena - 1));
    say("by rows", tinynas_run(rows, arena, sizeof arena));
    say("no source", tinynas_run_rows(rows, arena, sizeof arena, 0, 0));
    say("short image", tinynas_run_pixels(whole, arena, sizeof arena, rising, 255));
    say("no class", tinynas_class_name(whole, 5, &name, &bytes));
    say("small output", tinynas_best(whole, arena, 4, &best));
}

int main(void) {
    tinynas_model whole, rows;
    tinynas_image image;
    tinynas_tensor input;
    tinynas_status status = tinynas_model_parse(&whole, stripes, (size_t)(stripes_end - stripes));
    if (status != TINYNAS_OK) {
        return failed("model", status);
    }
    if (tinynas_arena_bytes(&whole) > sizeof arena) {
        return failed("arena", TINYNAS_ERROR_ARENA);
    }
    status = tinynas_image_format(&whole, &image);
    if (status != TINYNAS_OK) {
        return failed("image", status);
    }
    print("image ");
    print_number(image.size);
    print(" ");
    print_number(image.channels);
    print("\n");
    for (size_t index = 0; index < tinynas_class_count(&whole); index++) {
        const char *name;
        size_t bytes;
        status = tinynas_class_name(&whole, index, &name, &bytes);
        if (status != TINYNAS_OK) {
            return failed("name", status);
        }
        print("name ");
        print_text(name, bytes);
        print("\n");
    }

    /* In one call, and in two steps with the input in its place. */
    status = tinynas_run_pixels(&whole, arena, sizeof arena, rising, (size_t)(rising_end - rising));
    if (status != TINYNAS_OK) {
        return failed("run", status);
    }
    report(&whole);
    status = tinynas_input(&whole, &input);
    if (status == TINYNAS_OK) {
        status = tinynas_pixels_to_input(rising, (int8_t *)arena + input.offset, input.count);
    }
    if (status == TINYNAS_OK) {
        status = tinynas_run(&whole, arena, sizeof arena);
    }
    if (status != TINYNAS_OK) {
        return failed("run", status);
    }
    report(&whole);

    /* Row by row: this model needs less memory than its input has. */
    struct camera camera = {rising, 0};
    status = tinynas_model_parse(&rows, stripes_rows, (size_t)(stripes_rows_end - stripes_rows));
    if (status == TINYNAS_OK) {
        status = tinynas_run_rows(&rows, arena, sizeof arena, next_row, &camera);
    }
    if (status != TINYNAS_OK) {
        return failed("rows", status);
    }
    print("rows ");
    print_number(camera.rows);
    print("\n");
    report(&rows);

    mistakes(&whole, &rows);
    return 0;
}
