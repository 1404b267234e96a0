/* blas.c - the one place that knows OpenBLAS. */
#include <cblas.h>

#include "kernels/kernels.h"

static CBLAS_TRANSPOSE transposed(bool yes) { return yes ? CblasTrans : CblasNoTrans; }

/* Ours where the processor has AVX-512 (kernels/gemm.c says how the two compare), and for one thread. */
void nn_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
             const float *b, int64_t ldb, float *c, int64_t ldc) {
  enum { WIDE_ENOUGH = 16 };
  const nn_kernels *kernels = nn_kernels_at(0);
  if (kernels->lanes >= WIDE_ENOUGH && nn_blas_threads() == 1)
    kernels->gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
  else
    cblas_sgemm(CblasRowMajor, transposed(transpose_a), transposed(transpose_b), (blasint)m, (blasint)n, (blasint)k,
                1.0f, a, (blasint)lda, b, (blasint)ldb, 0.0f, c, (blasint)ldc);
}

void nn_gemm_reference(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                       const float *b, int64_t ldb, float *c, int64_t ldc) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0;
      for (int64_t l = 0; l < k; l++)
        sum +=
            (double)(transpose_a ? a[l * lda + i] : a[i * lda + l]) * (transpose_b ? b[j * ldb + l] : b[l * ldb + j]);
      c[i * ldc + j] = (float)sum;
    }
}

void nn_blas_set_threads(int threads) { openblas_set_num_threads(threads); }

int nn_blas_threads(void) { return openblas_get_num_threads(); }

const char *nn_blas_description(void) { return openblas_get_config(); }

enum { OPENMP_BUILD = 2 };

bool nn_blas_fork_safe(void) { return openblas_get_parallel() != OPENMP_BUILD || openblas_get_num_threads() == 1; }
