/* Text on the debugger's console. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stddef.h>
#include <stdint.h>

/* Text with a zero at its end. */
void print(const char *text);

/* Text of a known length. */
void print_text(const char *text, size_t bytes);

void print_number(int32_t number);

#endif
