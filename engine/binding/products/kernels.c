/* kernels.c - engine.kernels: the levels of vector code this processor can run, and each kernel on its own, so that the
 * tests can hold all levels against the naive twin. */
#include <string.h>

#include "binding/binding.h"
#include "products/kernels/kernels.h"

const nn_kernels *nn_check_level(lua_State *L, int position) {
  const char *name = luaL_checkstring(L, position);
  for (int i = 0; nn_kernels_at(i); i++)
    if (strcmp(nn_kernels_at(i)->name, name) == 0)
      return nn_kernels_at(i);
  luaL_argerror(L, position, "no such level here");
  return NULL;
}

/* () -> { "avx512", "avx2", "plain" }: those of this processor, the one in use first */
static int levels(lua_State *L) {
  lua_newtable(L);
  for (int i = 0; nn_kernels_at(i); i++) {
    lua_pushstring(L, nn_kernels_at(i)->name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* A float32 matrix whose rows are contiguous, wherever they begin. */
static const nn_tensor *check_matrix(lua_State *L, int position) {
  const nn_tensor *t = nn_check_tensor(L, position);
  luaL_argcheck(L, t->dtype == NN_FLOAT32 && t->shape.ndim == 2 && t->stride[1] == 1, position, "expected a matrix");
  return t;
}

/* (level, "reference" or "engine", a, b, transpose a, transpose b, threads) -> op(a) op(b) */
static int multiply(lua_State *L, bool zeros) {
  const char *by = luaL_checkstring(L, 1);
  const nn_tensor *a = check_matrix(L, 2), *b = check_matrix(L, 3);
  bool ta = lua_toboolean(L, 4), tb = lua_toboolean(L, 5);
  int64_t m = a->shape.dim[ta], k = a->shape.dim[!ta], n = b->shape.dim[!tb];
  luaL_argcheck(L, b->shape.dim[tb] == k, 3, "does not fit");
  nn_tensor *c = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){2, {m, n}});
  if (strcmp(by, "reference") == 0)
    nn_gemm_reference(ta, tb, m, n, k, a->data, a->stride[0], b->data, b->stride[0], c->data, n);
  else if (strcmp(by, "engine") == 0) {
    nn_team *team = nn_team_new((int)luaL_optinteger(L, 6, 1));
    nn_gemm(team, ta, tb, m, n, k, a->data, a->stride[0], b->data, b->stride[0], c->data, n);
    nn_team_free(team);
  } else {
    const nn_kernels *level = nn_check_level(L, 1);
    (zeros ? level->gemm_zeros : level->gemm)(ta, tb, m, n, k, a->data, a->stride[0], b->data, b->stride[0], c->data,
                                              n);
  }
  return 1;
}

static int gemm(lua_State *L) { return multiply(L, false); }

/* The same, but that a level leaves out the zeros of a. */
static int gemm_zeros(lua_State *L) { return multiply(L, true); }

/* (level, a, b, transpose b) -> a op(b), with b packed first */
static int gemm_packed(lua_State *L) {
  const nn_kernels *level = nn_check_level(L, 1);
  const nn_tensor *a = check_matrix(L, 2), *b = check_matrix(L, 3);
  const bool tb = lua_toboolean(L, 4);
  const int64_t m = a->shape.dim[0], k = a->shape.dim[1], n = b->shape.dim[!tb], panel = 2 * level->lanes;
  luaL_argcheck(L, b->shape.dim[tb] == k, 3, "does not fit");
  float *packed = lua_newuserdatauv(L, sizeof(float) * (size_t)((n + panel - 1) / panel * panel * k), 0);
  nn_tensor *c = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){2, {m, n}});
  level->gemm_pack(packed, tb, n, k, b->data, b->stride[0]);
  level->gemm_packed(m, n, k, a->data, a->stride[0], packed, c->data, n);
  return 1;
}

/* Compressed rows of the tensor at that position, gathered as one batch, in userdata on top of the stack. */
static nn_sparse_batch *push_batch(lua_State *L, int position) {
  const nn_tensor *x = check_matrix(L, position);
  luaL_argcheck(L, nn_tensor_is_contiguous(x), position, "expected a contiguous matrix");
  struct whole {
    nn_sparse matrix;
    nn_sparse_batch batch;
  } *whole = lua_newuserdatauv(L, sizeof *whole, 2);
  nn_sparse_measure(&whole->matrix, x, INT64_MAX);
  nn_sparse_fill(&whole->matrix, x, lua_newuserdatauv(L, nn_sparse_size(&whole->matrix), 0));
  lua_setiuservalue(L, -2, 1);
  whole->batch = (nn_sparse_batch){.matrix = &whole->matrix};
  nn_arena memory = {NULL, 0};
  nn_sparse_batch_plan(&whole->batch, x->shape.dim[0], &memory);
  memory = (nn_arena){lua_newuserdatauv(L, memory.used, 0), 0};
  nn_sparse_batch_plan(&whole->batch, x->shape.dim[0], &memory);
  lua_setiuservalue(L, -2, 2);
  nn_sparse_gather(NULL, &whole->batch, NULL, 0, x->shape.dim[0]);
  return &whole->batch;
}

/* (level, x, w) -> x w, by the sparse kernels; x contiguous */
static int sparse_product(lua_State *L) {
  const nn_kernels *kernels = nn_check_level(L, 1);
  const nn_tensor *w = check_matrix(L, 3);
  nn_sparse_batch *x = push_batch(L, 2);
  int64_t units = w->shape.dim[1];
  nn_tensor *y = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){2, {x->rows, units}});
  nn_sparse_part part;
  for (int64_t i = 0; nn_sparse_part_at(&part, x, i); i++)
    kernels->sparse_product((float *)y->data + i * x->part_rows * units, &part, w->data, w->stride[0], units);
  return 1;
}

/* (level, x, dy) -> x' dy, by the sparse kernels; x contiguous */
static int sparse_product_transposed(lua_State *L) {
  const nn_kernels *kernels = nn_check_level(L, 1);
  const nn_tensor *dy = check_matrix(L, 3);
  nn_sparse_batch *x = push_batch(L, 2);
  int64_t units = dy->shape.dim[1];
  nn_tensor *dw = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){2, {x->matrix->columns, units}});
  nn_sparse_part part;
  for (int64_t i = 0; nn_sparse_part_at(&part, x, i); i++)
    kernels->sparse_product_transposed(dw->data, &part, (float *)dy->data + i * x->part_rows * units, units, units,
                                       i > 0);
  return 1;
}

/* (level, x) -> the vector of sums over x's rows; x contiguous */
static int column_sums(lua_State *L) {
  const nn_kernels *kernels = nn_check_level(L, 1);
  const nn_tensor *x = check_matrix(L, 2);
  luaL_argcheck(L, nn_tensor_is_contiguous(x), 2, "expected a contiguous matrix");
  nn_tensor *sums = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){1, {x->shape.dim[1]}});
  kernels->column_sums(sums->data, x->data, x->shape.dim[0], x->shape.dim[1]);
  return 1;
}

/* (level, z) -> softmax of each row of z, the vector of the rows' log(sum(exp(z))); z contiguous */
static int softmax(lua_State *L) {
  const nn_kernels *kernels = nn_check_level(L, 1);
  const nn_tensor *z = check_matrix(L, 2);
  luaL_argcheck(L, nn_tensor_is_contiguous(z), 2, "expected a contiguous matrix");
  int64_t rows = z->shape.dim[0], width = z->shape.dim[1];
  nn_tensor *p = nn_new_tensor(L, NN_FLOAT32, &z->shape);
  nn_tensor *logs = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){1, {rows}});
  kernels->softmax(logs->data, p->data, z->data, rows, width);
  return 2;
}

/* The vector at that position, as long as w. */
static float *check_vector(lua_State *L, int position, const nn_tensor *w) {
  const nn_tensor *t = nn_check_floats(L, position);
  luaL_argcheck(L, nn_shape_equal(&t->shape, &w->shape), position, "does not fit");
  return t->data;
}

/* (level, w, g, m, v, alpha, 1 - beta_1, 1 - beta_2, epsilon): w, m and v are updated */
static int adam(lua_State *L) {
  const nn_tensor *w = nn_check_floats(L, 2);
  const nn_adam_step step = {(float)luaL_checknumber(L, 6), (float)luaL_checknumber(L, 7),
                             (float)luaL_checknumber(L, 8), (float)luaL_checknumber(L, 9)};
  nn_check_level(L, 1)->adam(&step, w->data, check_vector(L, 3, w), check_vector(L, 4, w), check_vector(L, 5, w),
                             nn_shape_count(&w->shape));
  return 0;
}

/* (level, w, g, v, rate, rho, 1 - rho, epsilon): w and v are updated */
static int rmsprop(lua_State *L) {
  const nn_tensor *w = nn_check_floats(L, 2);
  const nn_rmsprop_step step = {(float)luaL_checknumber(L, 5), (float)luaL_checknumber(L, 6),
                                (float)luaL_checknumber(L, 7), (float)luaL_checknumber(L, 8)};
  nn_check_level(L, 1)->rmsprop(&step, w->data, check_vector(L, 3, w), check_vector(L, 4, w),
                                nn_shape_count(&w->shape));
  return 0;
}

/* The data of the tensor of that many numbers at that position. */
static float *check_numbers(lua_State *L, int position, int64_t count) {
  const nn_tensor *t = nn_check_floats(L, position);
  luaL_argcheck(L, nn_shape_count(&t->shape) == count, position, "does not fit");
  return t->data;
}

/* (level, gates, c, product, bias) -> next c, next h; the gates (5 units) are updated */
static int lstm_gates(lua_State *L) {
  const nn_tensor *c = nn_check_floats(L, 3);
  const int64_t n = nn_shape_count(&c->shape);
  nn_tensor *c_next = nn_new_tensor(L, NN_FLOAT32, &c->shape), *h_next = nn_new_tensor(L, NN_FLOAT32, &c->shape);
  const nn_lstm_row row = {n, check_numbers(L, 2, 5 * n), c->data, c_next->data, h_next->data};
  nn_check_level(L, 1)->lstm_gates(&row, check_numbers(L, 4, 4 * n), check_numbers(L, 5, 4 * n));
  return 2;
}

/* (level, gates, c, dh, dc): the gates (5 units), dh and dc are updated */
static int lstm_gates_gradient(lua_State *L) {
  const nn_tensor *c = nn_check_floats(L, 3);
  const int64_t n = nn_shape_count(&c->shape);
  const nn_lstm_row row = {n, check_numbers(L, 2, 5 * n), c->data, NULL, NULL};
  nn_check_level(L, 1)->lstm_gates_gradient(&row, check_numbers(L, 4, n), check_numbers(L, 5, n));
  return 0;
}

/* (level, gates, h, product, bias) -> next h; the gates (4 units) are updated */
static int gru_gates(lua_State *L) {
  const nn_tensor *h = nn_check_floats(L, 3);
  const int64_t n = nn_shape_count(&h->shape);
  nn_tensor *h_next = nn_new_tensor(L, NN_FLOAT32, &h->shape);
  const nn_gru_row row = {n, check_numbers(L, 2, 4 * n), h->data, h_next->data};
  nn_check_level(L, 1)->gru_gates(&row, check_numbers(L, 4, 3 * n), check_numbers(L, 5, 6 * n));
  return 1;
}

/* (level, gates, h, dh): the gates (4 units) and dh are updated */
static int gru_gates_gradient(lua_State *L) {
  const nn_tensor *h = nn_check_floats(L, 3);
  const int64_t n = nn_shape_count(&h->shape);
  const nn_gru_row row = {n, check_numbers(L, 2, 4 * n), h->data, NULL};
  nn_check_level(L, 1)->gru_gates_gradient(&row, check_numbers(L, 4, n));
  return 0;
}

int nn_open_kernels(lua_State *L) {
  static const luaL_Reg functions[] = {{"levels", levels},
                                       {"gemm", gemm},
                                       {"gemm_zeros", gemm_zeros},
                                       {"gemm_packed", gemm_packed},
                                       {"column_sums", column_sums},
                                       {"sparse_product", sparse_product},
                                       {"sparse_product_transposed", sparse_product_transposed},
                                       {"softmax", softmax},
                                       {"lstm_gates", lstm_gates},
                                       {"lstm_gates_gradient", lstm_gates_gradient},
                                       {"gru_gates", gru_gates},
                                       {"gru_gates_gradient", gru_gates_gradient},
                                       {"adam", adam},
                                       {"rmsprop", rmsprop},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
