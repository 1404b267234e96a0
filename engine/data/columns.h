/* columns.h - what the numbers of each column of a table are like, in one pass. */
#ifndef NN_COLUMNS_H
#define NN_COLUMNS_H

#include "tensor/tensor.h"

/* Of the finite numbers of a column; of none, low is inf. The sums are those of x - shift and (x - shift)^2, where
 * shift is the column's first number: little is lost where the mean is large. */
typedef struct nn_column {
  double shift, low, high, sum, squares;
  int64_t count;
} nn_column;

/* Takes in a contiguous tensor as (rows, columns). is_broken has a place for each row, 0 at first: it becomes 1 where a
 * number of the row is not finite. */
void nn_columns_read(nn_column *columns, uint8_t *is_broken, const nn_tensor *tensor, int64_t rows, int64_t width);

#endif
