/* blas.c - dense products: the engine's own (kernels/gemm.c) or OpenBLAS, which only this file knows. */
#include <cblas.h>

#include "kernels/kernels.h"

static CBLAS_TRANSPOSE transposed(bool yes) { return yes ? CblasTrans : CblasNoTrans; }

/* Ours where the processor has AVX-512 (kernels/gemm.c says how the two compare). */
bool nn_gemm_takes_team(void) {
  enum { WIDE_ENOUGH = 16 };
  return nn_kernels_at(0)->lanes >= WIDE_ENOUGH;
}

typedef struct product {
  bool transpose_a, transpose_b;
  int64_t m, n, k, lda, ldb, ldc;
  const float *a, *b;
  float *c;
  int64_t rows, columns; /* of c in one part */
} product;

static int64_t parts_of(int64_t n, int64_t size) { return (n + size - 1) / size; }

static int64_t part_at(int64_t n, int64_t size, int64_t first) { return n - first < size ? n - first : size; }

static void multiply_part(void *context, int part) {
  const product *p = context;
  int64_t across = parts_of(p->n, p->columns), i = part / across * p->rows, j = part % across * p->columns;
  nn_kernels_at(0)->gemm(p->transpose_a, p->transpose_b, part_at(p->m, p->rows, i), part_at(p->n, p->columns, j), p->k,
                         p->a + (p->transpose_a ? i : i * p->lda), p->lda, p->b + (p->transpose_b ? j * p->ldb : j),
                         p->ldb, p->c + i * p->ldc + j, p->ldc);
}

/* In parts of whole panels, where there are enough columns, otherwise in rows. */
static void share(nn_team *team, product p) {
  enum { COLUMNS = 64, ROWS = 112 };
  bool wide = p.n >= 2 * COLUMNS;
  p.columns = wide ? COLUMNS : p.n;
  p.rows = wide ? p.m : ROWS;
  while (parts_of(p.m, p.rows) * parts_of(p.n, p.columns) > NN_TEAM_PARTS)
    p.rows *= 2, p.columns *= 2;
  nn_team_run(team, (int)(parts_of(p.m, p.rows) * parts_of(p.n, p.columns)), multiply_part, &p);
}

void nn_gemm(nn_team *team, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
             int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
  if (!nn_gemm_takes_team())
    cblas_sgemm(CblasRowMajor, transposed(transpose_a), transposed(transpose_b), (blasint)m, (blasint)n, (blasint)k,
                1.0f, a, (blasint)lda, b, (blasint)ldb, 0.0f, c, (blasint)ldc);
  else if (nn_team_size(team) == 1)
    nn_kernels_at(0)->gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc);
  else
    share(team, (product){transpose_a, transpose_b, m, n, k, lda, ldb, ldc, a, b, c, 0, 0});
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

static bool has_openmp(void) { return openblas_get_parallel() == OPENMP_BUILD; }

bool nn_blas_fork_safe(void) { return !has_openmp() || openblas_get_num_threads() == 1; }

bool nn_gemm_works_apart(void) { return nn_gemm_takes_team() || !has_openmp(); }
