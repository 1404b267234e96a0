/* sparse_batch.c - batches of inputs that are mostly zeros.
 *
 * Most pixels of MNIST are zero, and nearly all numbers of multi-hot text. In compressed rows (sparse_matrix.h) zeros
 * are neither stored nor multiplied. Gathering turns the rows of a batch into lists by groups of columns. Both products
 * of a step, forward and backward, use these lists (kernels/sparse_product.c). */
#include <string.h>

#include "products/kernels/kernels.h"

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- gathering ---- */

static int64_t parts_of(const nn_sparse_batch *batch, int64_t rows) {
  return (rows + batch->part_rows - 1) / batch->part_rows;
}

/* Rows of a part: few enough for the sums of a panel to stay in the first-level cache, and enough for lists of SAMPLES
 * rows on average. */
static int64_t part_rows(const nn_sparse *m) {
  enum { LEAST = 128, SAMPLES = 24 };
  double lists = (double)m->rows * (double)nn_lists_of(m);
  double rows = m->group_count ? SAMPLES * lists / (double)m->group_count : NN_SPARSE_PART;
  return rows < LEAST ? LEAST : rows > NN_SPARSE_PART ? NN_SPARSE_PART : (int64_t)rows;
}

void nn_sparse_batch_plan(nn_sparse_batch *batch, int64_t rows, nn_arena *memory) {
  const nn_sparse *m = batch->matrix;
  batch->part_rows = part_rows(m);
  const int64_t parts = parts_of(batch, rows), lists = nn_lists_of(m);
  batch->room = least(rows, batch->part_rows) * m->longest;
  batch->start = nn_take(memory, sizeof *batch->start * (size_t)(parts * lists));
  batch->end = nn_take(memory, sizeof *batch->end * (size_t)(parts * lists));
  batch->groups = nn_take(memory, sizeof *batch->groups * (size_t)(parts * batch->room));
}

/* A row in the matrix's storage. */
typedef struct kept_row {
  const char *from, *end;
} kept_row;

static kept_row row_at(const nn_sparse *m, const int32_t *order, int64_t position) {
  const int64_t row = order ? order[position] : position, size = (int64_t)nn_kept_size(m);
  return (kept_row){(const char *)m->groups + m->start[row] * size, (const char *)m->groups + m->start[row + 1] * size};
}

/* Prefetch rows this many rows ahead, because they are read in random order. Always fetch the same number of cache
 * lines, because a loop of varying length would be mispredicted; the hardware fetches the rest of longer rows. Do not
 * prefetch earlier: what a step reads and writes would push the rows out of the second-level cache again. */
enum { AHEAD = 8, LINES = 8 };

static void fetch(kept_row row) {
  enum { LINE = 64 };
  for (int i = 0; i < LINES; i++)
    __builtin_prefetch(row.from + i * LINE);
}

/* The rows of a part, and up to AHEAD rows that follow them, to be prefetched. */
typedef struct found_rows {
  int64_t count, known;
  kept_row at[NN_SPARSE_PART + AHEAD];
} found_rows;

static void find_rows(found_rows *rows, const nn_sparse *m, const int32_t *order, int64_t first, int64_t count) {
  rows->count = count;
  rows->known = least(count + AHEAD, m->rows - first);
  for (int64_t r = 0; r < rows->known; r++)
    rows->at[r] = row_at(m, order, first + r);
}

static inline kept_row take_row(const found_rows *rows, int64_t r) {
  if (r + AHEAD < rows->known)
    fetch(rows->at[r + AHEAD]);
  return rows->at[r];
}

/* Append each group to its list. end[p] is where list p ends; it is moved on. */
static inline void place_all(nn_group *restrict to, int32_t *restrict end, const found_rows *rows, const float divisor,
                             const int64_t size) {
  for (int64_t r = 0; r < rows->count; r++) {
    const kept_row row = take_row(rows, r);
    int64_t at = 0;
    for (const char *kept = row.from; kept < row.end; kept += size) {
      at = nn_place_of(kept, at, divisor);
      to[end[at]++] = nn_numbers_of(kept, (int32_t)r, divisor);
    }
  }
}

static void place(nn_group *to, int32_t *end, const nn_sparse *m, const found_rows *rows) {
  if (m->divisor != 0)
    place_all(to, end, rows, m->divisor, sizeof(nn_code));
  else
    place_all(to, end, rows, 0, sizeof(nn_group));
}

static inline void count_all(int32_t *length, const found_rows *rows, const float divisor, const int64_t size) {
  for (int64_t r = 0; r < rows->count; r++) {
    const kept_row row = take_row(rows, r);
    int64_t at = 0;
    for (const char *kept = row.from; kept < row.end; kept += size)
      length[at = nn_place_of(kept, at, divisor)]++;
  }
}

/* Count how many rows each list has, in `length`, and where it begins, in `start`. */
static void count(int32_t *restrict start, int32_t *restrict length, const nn_sparse *m, const found_rows *rows) {
  const int64_t lists = nn_lists_of(m);
  memset(length, 0, sizeof *length * (size_t)lists);
  if (m->divisor != 0)
    count_all(length, rows, m->divisor, sizeof(nn_code));
  else
    count_all(length, rows, 0, sizeof(nn_group));
  for (int64_t p = 0, used = 0; p < lists; p++) {
    start[p] = (int32_t)used;
    used += length[p];
  }
}

typedef struct gathering {
  nn_sparse_batch *batch;
  const int32_t *order;
  int64_t first;
} gathering;

static nn_group *groups_at(const nn_sparse_batch *batch, int64_t part) { return batch->groups + part * batch->room; }

static int32_t *of_part(int32_t *numbers, const nn_sparse_batch *batch, int64_t part) {
  return numbers + part * nn_lists_of(batch->matrix);
}

/* Two passes, as in a counting sort: count the lists' lengths, then fill the lists. */
static void gather_part(void *context, int part) {
  const gathering *g = context;
  const nn_sparse_batch *batch = g->batch;
  const int64_t done = part * batch->part_rows;
  int32_t *start = of_part(batch->start, batch, part), *end = of_part(batch->end, batch, part);
  found_rows rows;
  find_rows(&rows, batch->matrix, g->order, g->first + done, least(batch->rows - done, batch->part_rows));
  count(start, end, batch->matrix, &rows);
  memcpy(end, start, sizeof *end * (size_t)nn_lists_of(batch->matrix));
  place(groups_at(batch, part), end, batch->matrix, &rows);
}

void nn_sparse_gather(nn_team *team, nn_sparse_batch *batch, const int32_t *order, int64_t first, int64_t rows) {
  batch->rows = rows;
  const int64_t parts = parts_of(batch, rows);
  nn_team_run(parts > NN_TEAM_PARTS ? NULL : team, (int)parts, gather_part, &(gathering){batch, order, first});
}

/* ---- products ---- */

bool nn_sparse_part_at(nn_sparse_part *part, const nn_sparse_batch *x, int64_t i) {
  const int64_t left = x->rows - i * x->part_rows;
  if (left <= 0)
    return false;
  *part = (nn_sparse_part){.rows = least(left, x->part_rows),
                           .columns = x->matrix->columns,
                           .lists = nn_lists_of(x->matrix),
                           .start = of_part(x->start, x, i),
                           .end = of_part(x->end, x, i),
                           .groups = groups_at(x, i)};
  return true;
}

/* One of the two products, cut into pieces. A piece is a panel of columns and a share of the parts of x, or of dw's
 * rows. */
typedef struct product {
  const nn_sparse_batch *x;
  int64_t units;
  const float *in;
  float *out;
  int shares;
} product;

enum { COLUMNS = 64 };

static int panels_of(int64_t units) { return (int)((units + COLUMNS - 1) / COLUMNS); }

/* The range of 0 .. n that belongs to a piece. */
static int64_t share_begin(int64_t n, const product *p, int piece) { return n * (piece % p->shares) / p->shares; }
static int64_t share_end(int64_t n, const product *p, int piece) { return n * (piece % p->shares + 1) / p->shares; }

static void multiply(void *context, int piece) {
  const product *p = context;
  const int64_t j = piece / p->shares * COLUMNS, parts = parts_of(p->x, p->x->rows);
  for (int64_t i = share_begin(parts, p, piece); i < share_end(parts, p, piece); i++) {
    nn_sparse_part part;
    nn_sparse_part_at(&part, p->x, i);
    nn_kernels_at(0)->sparse_product(p->out + i * p->x->part_rows * p->units + j, &part, p->in + j, p->units,
                                     least(p->units - j, COLUMNS));
  }
}

static void multiply_transposed(void *context, int piece) {
  const product *p = context;
  const int64_t j = piece / p->shares * COLUMNS, lists = nn_lists_of(p->x->matrix), from = share_begin(lists, p, piece);
  nn_sparse_part part;
  for (int64_t i = 0; nn_sparse_part_at(&part, p->x, i); i++) {
    if (p->shares > 1) {
      part.start += from;
      part.end += from;
      part.lists = share_end(lists, p, piece) - from;
      part.columns -= NN_GROUP * from;
    }
    nn_kernels_at(0)->sparse_product_transposed(p->out + NN_GROUP * from * p->units + j, &part,
                                                p->in + i * p->x->part_rows * p->units + j, p->units,
                                                least(p->units - j, COLUMNS), i > 0);
  }
}

/* How many shares a panel is cut into. One, if there are enough panels for all threads or if the batch is small,
 * because each share costs time to hand out. */
static int shares_for(const nn_team *team, const nn_sparse_batch *x, int64_t units) {
  enum { EACH = 4 };
  const int threads = nn_team_size(team);
  return threads <= panels_of(units) || parts_of(x, x->rows) < 2 ? 1 : EACH * threads;
}

static void run(nn_team *team, nn_team_part *work, product *p) {
  const int pieces = panels_of(p->units) * p->shares;
  nn_team_run(pieces > NN_TEAM_PARTS ? NULL : team, pieces, work, p);
}

void nn_sparse_product(nn_team *team, float *y, const nn_sparse_batch *x, const float *w, int64_t units) {
  run(team, multiply, &(product){x, units, w, y, shares_for(team, x, units)});
}

void nn_sparse_product_transposed(nn_team *team, float *dw, const nn_sparse_batch *x, const float *dy, int64_t units) {
  run(team, multiply_transposed, &(product){x, units, dy, dw, shares_for(team, x, units)});
}
