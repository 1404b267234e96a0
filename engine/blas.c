/* blas.c - the one place that knows OpenBLAS. */
#include <cblas.h>

#include "nn.h"

static CBLAS_TRANSPOSE transposed(bool yes) { return yes ? CblasTrans : CblasNoTrans; }

void nn_gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
             const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
  cblas_sgemm(CblasRowMajor, transposed(transpose_a), transposed(transpose_b), (blasint)m, (blasint)n, (blasint)k, 1.0f,
              a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void nn_gemm_reference(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                       const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0;
      for (int64_t l = 0; l < k; l++)
        sum +=
            (double)(transpose_a ? a[l * lda + i] : a[i * lda + l]) * (transpose_b ? b[j * ldb + l] : b[l * ldb + j]);
      c[i * ldc + j] = (float)(sum + (beta == 0 ? 0 : beta * c[i * ldc + j]));
    }
}

void nn_blas_set_threads(int threads) { openblas_set_num_threads(threads); }

int nn_blas_threads(void) { return openblas_get_num_threads(); }

const char *nn_blas_description(void) { return openblas_get_config(); }

enum { OPENMP_BUILD = 2 };

bool nn_blas_fork_safe(void) { return openblas_get_parallel() != OPENMP_BUILD || openblas_get_num_threads() == 1; }
