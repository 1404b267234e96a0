/* hinge.h - what the hinge losses share: labels of -1 and 1, which may also be given as 0 and 1. */
#ifndef NN_HINGE_H
#define NN_HINGE_H

#include <stdbool.h>
#include <stdint.h>

/* label = y * scale + shift */
typedef struct nn_hinge_labels {
  float scale, shift;
} nn_hinge_labels;

/* Keras' rule: 0 and 1 stand for -1 and 1 only where every label is one of them. */
static inline nn_hinge_labels nn_read_hinge_labels(const float *y_true, int64_t n) {
  bool binary = true;
  for (int64_t i = 0; i < n; i++)
    binary = binary && (y_true[i] == 0 || y_true[i] == 1);
  return binary ? (nn_hinge_labels){2, -1} : (nn_hinge_labels){1, 0};
}

#endif
