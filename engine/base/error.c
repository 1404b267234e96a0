/* error.c - errors are values in the core. */
#include <stdarg.h>
#include <stdio.h>

#include "error.h"

int nn_fail(nn_error *error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return NN_ERROR;
}
