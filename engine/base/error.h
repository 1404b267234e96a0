/* error.h - errors of the core are values: a sentence, which only the binding raises. */
#ifndef NN_ERROR_H
#define NN_ERROR_H

enum { NN_OK = 0, NN_ERROR = -1 };

typedef struct nn_error {
  char message[512];
} nn_error;

/* Writes the sentence and returns NN_ERROR, so that a check reads `return nn_fail(error, "...")`. */
int nn_fail(nn_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
