/* The least that a Cortex-M4 needs before main(): vectors, statics, the FPU; text and the way out by semihosting. */
#include "console.h"

/* Arm semihosting 3.0, section 6. */
#define SYS_WRITEC 0x03
#define SYS_EXIT_EXTENDED 0x20
#define APPLICATION_EXIT 0x20026

extern uint32_t stack_start, data_start, data_end, data_load, bss_start, bss_end;

int main(void);
void start(void);

static void call(uint32_t operation, const void *argument) {
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void leave(uint32_t code) {
    uint32_t block[2] = {APPLICATION_EXIT, code};
    for (;;) {
        call(SYS_EXIT_EXTENDED, block);
    }
}

static void fault(void) {
    leave(100);
}

void start(void) {
    /* CPACR (ARMv7-M ARM, B3.2.20): full access to CP10 and CP11. */
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;
    __asm__ volatile("dsb\n\tisb");
    const uint32_t *from = &data_load;
    for (uint32_t *to = &data_start; to < &data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end; to++) {
        *to = 0;
    }
    leave((uint32_t)main());
}

union vector {
    uint32_t *stack;
    void (*handler)(void);
};

__attribute__((section(".vectors"), used)) static const union vector vectors[16] = {
    {.stack = &stack_start}, {.handler = start}, {.handler = fault}, {.handler = fault},
    {.handler = fault},      {.handler = fault}, {.handler = fault},
};

void print(const char *text) {
    while (*text != 0) {
        call(SYS_WRITEC, text++);
    }
}

void print_text(const char *text, size_t bytes) {
    for (size_t at = 0; at < bytes; at++) {
        call(SYS_WRITEC, text + at);
    }
}

void print_number(int32_t number) {
    char digits[12];
    size_t at = sizeof digits;
    uint32_t rest = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    print_text(digits + at, sizeof digits - at);
}
