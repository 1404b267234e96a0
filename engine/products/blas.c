/* blas.c - dense products: the engine's own (kernels/gemm.c, gemm_zeros.c) or OpenBLAS, which only this file knows. */
#include <cblas.h>
#include <sys/mman.h>

#include "blas.h"
#include "products/kernels/kernels.h"

static CBLAS_TRANSPOSE transposed(bool yes) { return yes ? CblasTrans : CblasNoTrans; }

/* The engine's own products need AVX-512: with less, OpenBLAS is faster. */
bool nn_gemm_is_parallel(void) {
  enum { WIDE_ENOUGH = 16 };
  return nn_kernels_at(0)->lanes >= WIDE_ENOUGH;
}

typedef struct product {
  nn_gemm_kernel *kernel;
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
  p->kernel(p->transpose_a, p->transpose_b, part_at(p->m, p->rows, i), part_at(p->n, p->columns, j), p->k,
            p->a + (p->transpose_a ? i : i * p->lda), p->lda, p->b + (p->transpose_b ? j * p->ldb : j), p->ldb,
            p->c + i * p->ldc + j, p->ldc);
}

/* In parts of whole panels, where there are enough columns, otherwise in rows. */
static void share(nn_team *team, product p) {
  enum { COLUMNS = 64, COLUMNS_OF_ZEROS = 128, ROWS = 112 };
  const int64_t columns = p.kernel == nn_kernels_at(0)->gemm ? COLUMNS : COLUMNS_OF_ZEROS;
  const bool wide = p.n >= 2 * columns;
  p.columns = wide ? columns : p.n;
  p.rows = wide ? p.m : ROWS;
  while (parts_of(p.m, p.rows) * parts_of(p.n, p.columns) > NN_TEAM_PARTS)
    p.rows *= 2, p.columns *= 2;
  nn_team_run(team, (int)(parts_of(p.m, p.rows) * parts_of(p.n, p.columns)), multiply_part, &p);
}

/* Whether enough of a is zero to skip zeros (kernels/gemm_zeros.c), estimated from some of its rows. Too few columns do
 * not fill the registers of a row, too few rows do not repay packing b, and a small b is multiplied quickly anyway. */
static bool has_zeros(const product *p) {
  enum { LEAST_COLUMNS = 33, LEAST_ROWS = 16, LEAST_B = 512, WIDE = 128, SAMPLE = 8 };
  const double MOST = p->n < WIDE ? 0.6 : 0.75;
  if (p->n < LEAST_COLUMNS || p->m < LEAST_ROWS || p->k * p->n < LEAST_B)
    return false;
  const int64_t rows = p->transpose_a ? p->k : p->m, columns = p->transpose_a ? p->m : p->k;
  const int64_t sample = rows < SAMPLE ? rows : SAMPLE;
  int64_t count = 0;
  for (int64_t s = 0; s < sample; s++) {
    const float *row = p->a + rows * s / sample * p->lda;
    int32_t in_row = 0;
    for (int64_t j = 0; j < columns; j++)
      in_row += row[j] != 0;
    count += in_row;
  }
  return (double)count <= MOST * (double)(sample * columns);
}

bool nn_gemm_skips_zeros(int64_t m, int64_t n, int64_t k, const float *a) {
  return has_zeros(&(product){.m = m, .n = n, .k = k, .lda = k, .a = a});
}

void nn_gemm(nn_team *team, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
             int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
  if (!nn_gemm_is_parallel()) {
    cblas_sgemm(CblasRowMajor, transposed(transpose_a), transposed(transpose_b), (blasint)m, (blasint)n, (blasint)k,
                1.0f, a, (blasint)lda, b, (blasint)ldb, 0.0f, c, (blasint)ldc);
    return;
  }
  product p = {NULL, transpose_a, transpose_b, m, n, k, lda, ldb, ldc, a, b, c, m, n};
  p.kernel = has_zeros(&p) ? nn_kernels_at(0)->gemm_zeros : nn_kernels_at(0)->gemm;
  if (nn_team_size(team) == 1)
    multiply_part(&p, 0);
  else
    share(team, p);
}

int64_t nn_gemm_packed_size(int64_t n, int64_t k) {
  const int64_t panel = 2 * nn_kernels_at(0)->lanes;
  return nn_gemm_is_parallel() ? (n + panel - 1) / panel * panel * k : 0;
}

void nn_gemm_pack(float *packed, bool transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb) {
  nn_kernels_at(0)->gemm_pack(packed, transpose_b, n, k, b, ldb);
}

void nn_gemm_packed(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *packed, float *c,
                    int64_t ldc) {
  nn_kernels_at(0)->gemm_packed(m, n, k, a, lda, packed, c, ldc);
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

/* OpenBLAS takes a buffer at its first product, and one that finds no memory tries for ever. */
bool nn_blas_has_memory(void) {
  enum { BUFFER = 160 << 20 };
  if (nn_gemm_is_parallel())
    return true;
  void *probe = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return probe != MAP_FAILED && munmap(probe, BUFFER) == 0;
}

enum { OPENMP_BUILD = 2 };

static bool has_openmp(void) { return openblas_get_parallel() == OPENMP_BUILD; }

bool nn_blas_fork_safe(void) { return !has_openmp() || openblas_get_num_threads() == 1; }

bool nn_gemm_is_thread_safe(void) { return nn_gemm_is_parallel() || !has_openmp(); }
