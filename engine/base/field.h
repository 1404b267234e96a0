/* field.h - configuration by table: one line for each argument of a layer, loss, optimizer or metric. */
#ifndef NN_FIELD_H
#define NN_FIELD_H

#include <stddef.h>
#include <stdint.h>

typedef enum nn_kind {
  NN_FIELD_INT,
  NN_FIELD_FLOAT,
  NN_FIELD_BOOL,
  NN_FIELD_CHOICE,
  NN_FIELD_SHAPE,
  NN_FIELD_NUMBERS
} nn_kind;

/* A list of numbers of any length, which whoever filled the config keeps alive; empty where none was given. */
typedef struct nn_numbers {
  int64_t count;
  const float *values;
} nn_numbers;

/* One argument of a layer, loss, optimizer or metric: where it lives in the config struct (int, double, bool,
 * int, nn_shape, nn_numbers by kind), its default, the values it may take. The binding fills structs from such tables.
 */
typedef struct nn_field {
  const char *name;
  nn_kind kind;
  size_t offset;
  double default_value; /* default; NAN: the argument must be given */
  double min, max;
  const char *const *choices; /* NULL-terminated names for NN_FIELD_CHOICE; the struct holds the position */
} nn_field;

#endif
