/* kernels.h - products, softmax and updates, as vector code for several instruction sets.
 *
 * A level is an instruction set. Every .c file of this folder except levels.c is compiled once for each level
 * (NN_LEVEL, see the Makefile). The level is part of its functions' names. The fastest level that the processor
 * supports is chosen at run time. A level gives the same bits on every processor, except for updates (updates.c). */
#ifndef NN_KERNELS_H
#define NN_KERNELS_H

#include <stdbool.h>

#include "products/sparse_batch.h"
#include "products/stencil.h"

/* c(m, n) = op(a)(m, k) op(b)(k, n), k > 0. op(x) is x or its transpose. lda, ldb, ldc are row lengths in memory. */
typedef void nn_gemm_kernel(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
                            int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc);
/* op(b)(k, n) packed for nn_gemm_packed_kernel, which gives c(m, n) = a(m, k) b: the same bits as nn_gemm_kernel. */
typedef void nn_gemm_pack_kernel(float *packed, bool transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb);
typedef void nn_gemm_packed_kernel(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *packed,
                                   float *c, int64_t ldc);
/* Some columns of y = x w for one part of a batch: y(rows, columns), w(x->columns, columns). Rows of y and of w are
 * `stride` floats apart. */
typedef void nn_sparse_kernel(float *y, const nn_sparse_part *x, const float *w, int64_t stride, int64_t columns);
/* Some columns of dw = x' dy, or of dw += x' dy if `add`. */
typedef void nn_sparse_transposed_kernel(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride,
                                         int64_t columns, bool add);

/* Sums over the rows of x(rows, columns). */
typedef void nn_column_sums_kernel(float *sums, const float *x, int64_t rows, int64_t columns);

/* The kernel of a convolution as nn_stencil_kernel reads it (nn_stencil_packed_size floats, stencil.c). */
typedef void nn_stencil_pack_kernel(const nn_stencil *, float *packed, const float *kernel);
/* Lines first .. last - 1 of the outputs of one image. y is the whole target, x the source with its lines padded; the
 * bias may be NULL; relu: max(0, y). */
typedef void nn_stencil_kernel(const nn_stencil *, float *y, const float *x, const float *packed, const float *bias,
                               bool relu, int64_t first, int64_t last);
/* Lines first .. last - 1 of some images, their lines padded, and the gradient of these images' outputs. */
typedef struct nn_slab {
  const float *x, *dy;
  int64_t images, first, last;
} nn_slab;
/* One of so many parts of the kernel's gradient += the sums over a slab. */
typedef void nn_stencil_gradient_kernel(const nn_stencil *, float *dkernel, const nn_slab *, int64_t part,
                                        int64_t parts);

/* The same for one channel in each group, with the kernel as it is (depthwise.c): nn_stencil_is_depthwise. */
typedef nn_stencil_kernel nn_depthwise_kernel;
typedef nn_stencil_gradient_kernel nn_depthwise_gradient_kernel;

/* Pooling of one image (pooling.c). places: for each output the number of the window's cell with the largest number,
 * as int32 if `is_wide`, else as a byte; NULL: not wanted. */
typedef void nn_max_pool_kernel(const nn_window *, float *y, void *places, bool is_wide, const float *x);
typedef void nn_max_pool_gradient_kernel(const nn_window *, float *dx, const void *places, bool is_wide,
                                         const float *dy);
typedef void nn_average_pool_kernel(const nn_window *, float *y, const float *x);
typedef void nn_average_pool_gradient_kernel(const nn_window *, float *dx, const float *dy);

/* A row of a step of an LSTM. */
typedef struct nn_lstm_row {
  int64_t units;
  float *gates;           /* (5, units): i f g o, then tanh of the next c */
  const float *c;         /* (units) */
  float *c_next, *h_next; /* (units); not used backward */
} nn_lstm_row;
/* The gates hold the product of the input. product, that of the state, and bias are (4, units). */
typedef void nn_lstm_gates_kernel(const nn_lstm_row *, const float *product, const float *bias);
/* The first four gates become their gradients before the activations, dc that of c, and dh zeros. */
typedef void nn_lstm_gates_gradient_kernel(const nn_lstm_row *, float *dh, float *dc);

/* A row of a step of a GRU whose reset gate comes after the product. */
typedef struct nn_gru_row {
  int64_t units;
  float *gates;   /* (4, units): z r, then q = h U_h + b'_h, then the candidate g */
  const float *h; /* (units) */
  float *h_next;  /* (units); not used backward */
} nn_gru_row;
/* z, r and g hold the product of the input. product, that of the state, is (3, units) and bias (2, 3, units): the
 * input's and the state's. */
typedef void nn_gru_gates_kernel(const nn_gru_row *, const float *product, const float *bias);
/* z, r and g become their gradients before the activations and q its gradient. dh, the gradient of the next state,
 * becomes the part of that of h that needs no product. */
typedef void nn_gru_gates_gradient_kernel(const nn_gru_row *, float *dh);

/* For each row of z(rows, width): log(sum(exp(z))) into logs(rows) and softmax into p(rows, width). logs and p may be
 * NULL; p may alias z. */
typedef void nn_softmax_kernel(float *logs, float *p, const float *z, int64_t rows, int64_t width);

/* The gradient of softmax's input, in place: dz = p (dp - row sums of p dp), where dz(rows, width) holds dp. */
typedef void nn_softmax_gradient_kernel(float *dz, const float *p, int64_t rows, int64_t width);

/* One update of n parameters w by their gradient g. The formulas are in optimizers/adam.c and optimizers/rmsprop.c. */
typedef struct nn_adam_step {
  float alpha, rest_1, rest_2, epsilon; /* the corrected rate, 1 - beta_1, 1 - beta_2 */
} nn_adam_step;
typedef void nn_adam_kernel(const nn_adam_step *, float *w, const float *g, float *m, float *v, int64_t n);
typedef struct nn_rmsprop_step {
  float rate, rho, rest, epsilon; /* rest: 1 - rho */
} nn_rmsprop_step;
typedef void nn_rmsprop_kernel(const nn_rmsprop_step *, float *w, const float *g, float *v, int64_t n);

typedef struct nn_kernels {
  const char *name;
  int lanes; /* floats in one register */
  nn_gemm_kernel *gemm, *gemm_zeros;
  nn_gemm_pack_kernel *gemm_pack;
  nn_gemm_packed_kernel *gemm_packed;
  nn_sparse_kernel *sparse_product;
  nn_sparse_transposed_kernel *sparse_product_transposed;
  nn_column_sums_kernel *column_sums;
  nn_lstm_gates_kernel *lstm_gates;
  nn_lstm_gates_gradient_kernel *lstm_gates_gradient;
  nn_gru_gates_kernel *gru_gates;
  nn_gru_gates_gradient_kernel *gru_gates_gradient;
  nn_stencil_pack_kernel *stencil_pack;
  nn_stencil_kernel *stencil;
  nn_stencil_gradient_kernel *stencil_gradient;
  nn_depthwise_kernel *depthwise;
  nn_depthwise_gradient_kernel *depthwise_gradient;
  nn_max_pool_kernel *max_pool;
  nn_max_pool_gradient_kernel *max_pool_gradient;
  nn_average_pool_kernel *average_pool;
  nn_average_pool_gradient_kernel *average_pool_gradient;
  nn_softmax_kernel *softmax;
  nn_softmax_gradient_kernel *softmax_gradient;
  nn_adam_kernel *adam;
  nn_rmsprop_kernel *rmsprop;
} nn_kernels;

/* Use no faster level than the one of this name. Returns false if this processor does not support it. Call it before
 * anything is computed. */
bool nn_kernels_use(const char *name);

/* The levels that this processor supports, the fastest first. NULL past the last. */
const nn_kernels *nn_kernels_at(int position);

#define NN_JOIN_(name, level) name##_##level
#define NN_JOIN(name, level)  NN_JOIN_(name, level)
#define NN_LEVELLED(name)     NN_JOIN(name, NN_LEVEL)

#define NN_DECLARE_LEVEL(level)                                                                                        \
  nn_lstm_gates_kernel nn_lstm_gates_##level;                                                                          \
  nn_lstm_gates_gradient_kernel nn_lstm_gates_gradient_##level;                                                        \
  nn_gru_gates_kernel nn_gru_gates_##level;                                                                            \
  nn_gru_gates_gradient_kernel nn_gru_gates_gradient_##level;                                                          \
  nn_gemm_pack_kernel nn_gemm_pack_##level;                                                                            \
  nn_gemm_packed_kernel nn_gemm_packed_##level;                                                                        \
  nn_gemm_kernel nn_gemm_##level, nn_gemm_zeros_##level;                                                               \
  nn_sparse_kernel nn_sparse_product_##level;                                                                          \
  nn_sparse_transposed_kernel nn_sparse_product_transposed_##level;                                                    \
  nn_column_sums_kernel nn_column_sums_##level;                                                                        \
  nn_stencil_pack_kernel nn_stencil_pack_##level;                                                                      \
  nn_stencil_kernel nn_stencil_##level;                                                                                \
  nn_stencil_gradient_kernel nn_stencil_gradient_##level;                                                              \
  nn_depthwise_kernel nn_depthwise_##level;                                                                            \
  nn_depthwise_gradient_kernel nn_depthwise_gradient_##level;                                                          \
  nn_max_pool_kernel nn_max_pool_##level;                                                                              \
  nn_max_pool_gradient_kernel nn_max_pool_gradient_##level;                                                            \
  nn_average_pool_kernel nn_average_pool_##level;                                                                      \
  nn_average_pool_gradient_kernel nn_average_pool_gradient_##level;                                                    \
  nn_softmax_kernel nn_softmax_##level;                                                                                \
  nn_softmax_gradient_kernel nn_softmax_gradient_##level;                                                              \
  nn_adam_kernel nn_adam_##level;                                                                                      \
  nn_rmsprop_kernel nn_rmsprop_##level;
NN_DECLARE_LEVEL(plain)
NN_DECLARE_LEVEL(avx2)
NN_DECLARE_LEVEL(avx512)

#endif
