/* Only looks at a model. It runs none, so no kernel is linked: a test looks at what is. */
#include "console.h"
#include "tinynas.h"

extern const uint8_t stripes[], stripes_end[];

int main(void) {
    tinynas_model model;
    tinynas_status status = tinynas_model_parse(&model, stripes, (size_t)(stripes_end - stripes));
    print("arena ");
    print_number((int32_t)tinynas_arena_bytes(&model));
    print("\n");
    return (int)status;
}
