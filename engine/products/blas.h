/* blas.h - dense matrix products. */
#ifndef NN_BLAS_H
#define NN_BLAS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/team.h"

/* c(m,n) = op(a)(m,k) * op(b)(k,n), where op transposes on request. ld* are row lengths in memory. The team, which may
 * be NULL, shares the work; results are the same bits for any size of it. */
void nn_gemm(nn_team *team, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
             int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc);
/* A right side op(b)(k,n) that is packed once for many products, into so many floats; 0 if products are BLAS's here,
 * which packs for itself. c(m,n) = a(m,k) op(b), on one thread, has the bits of nn_gemm. */
int64_t nn_gemm_packed_size(int64_t n, int64_t k);
void nn_gemm_pack(float *packed, bool transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb);
void nn_gemm_packed(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *packed, float *c,
                    int64_t ldc);
/* Whether nn_gemm would skip the zeros of a(m,k), whose rows are contiguous, in a product with n columns. */
bool nn_gemm_skips_zeros(int64_t m, int64_t n, int64_t k, const float *a);
/* nn_gemm in ten lines, for the tests. */
void nn_gemm_reference(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                       const float *b, int64_t ldb, float *c, int64_t ldc);
/* Whether nn_gemm is the engine's own here, which a team can share, and not BLAS with its own threads. */
bool nn_gemm_is_parallel(void);
void nn_blas_set_threads(int threads);
int nn_blas_threads(void);
const char *nn_blas_description(void);
/* Whether forking after products is safe: not with an OpenMP build at more than one thread. */
bool nn_blas_fork_safe(void);
/* Whether there is memory for products at all. */
bool nn_blas_has_memory(void);
/* Whether threads of ours may multiply at the same time, each alone: an OpenMP build of OpenBLAS would start more. */
bool nn_gemm_is_thread_safe(void);

#endif
