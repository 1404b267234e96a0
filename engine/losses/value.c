/* value.c - a loss that the graph has computed, as of a function of the script's: each number is the loss of its row.
 */
#include "loss.h"

static const nn_field fields[] = {{0}};

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  (void)config, (void)y_true;
  for (int64_t r = 0; r < rows; r++)
    value[r] = y_pred[r * width];
  for (int64_t r = 0; grad && r < rows; r++)
    grad[r * width] = 1;
}

const nn_loss nn_loss_value = {.name = "value", .fields = fields, .evaluate = evaluate};
