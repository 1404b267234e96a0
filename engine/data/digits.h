/* digits.h - handwritten digits drawn by the program itself, for machines with neither data nor network. */
#ifndef NN_DIGITS_H
#define NN_DIGITS_H

#include <stdint.h>

/* Draws n grey images as MNIST has them (28x28, black 0, ink up to 255, the digit in the middle 20x20) and their
 * labels, 0 to 9 in random order. Image i depends on seed and i alone: a longer draw begins with a shorter one. */
void nn_digits_draw(uint8_t *images /* (n,28,28) */, uint8_t *labels /* (n) */, int64_t n, uint64_t seed);

#endif
