/* loss.h - the contract of a loss. */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include <stdbool.h>

#include "base/field.h"

/* y_true is (rows, 1) for losses on class ids and labels, (rows, width) for the others; y_pred is (rows, width). */
typedef struct nn_loss {
  const char *name;
  size_t config_size;
  const nn_field *fields;
  bool class_ids; /* y_true holds class ids, 0 .. width-1 */
  /* The rows of a batch are held against each other: y_true holds one label a row, any whole number; grad is that of
   * the sum of all losses; a row with a loss of 0 has nothing to be held against and does not count in a mean. */
  bool is_pairwise;
  /* The activation whose input the loss takes when from_logits is set, NN_ACT_LINEAR for none. Configs of such losses
   * begin with nn_from_logits. */
  int fused_activation;
  /* Whether a target stands for nothing, being of an ignored class: its row has a loss of 0 and does not count in a
   * mean. NULL: all count. */
  bool (*ignores)(const void *config, float y_true);
  /* value(rows): the loss of each row; grad(rows, width), where not NULL: its derivative by y_pred. */
  void (*evaluate)(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                   int64_t rows, int64_t width);
} nn_loss;

typedef struct nn_from_logits {
  bool from_logits;
} nn_from_logits;

#endif
