/* broadcast.c - walks over inputs that are broadcast together.
 *
 * Inputs are contiguous, so after merging axes the last one is either passed element by element or not at all. */
#include "broadcast.h"

#include <string.h>

#include "tensor/walk.h"

static const float *at(const nn_tensor *tensor, int64_t offset) { return (const float *)tensor->data + offset; }

void nn_broadcast_forward(const nn_call *call, nn_pair_loop *loop) {
  const nn_tensor *a = &call->in[0], *b = &call->in[1];
  float *out = call->out.data;
  for (nn_walk walk = nn_walk_start(3, (const nn_tensor *[]){&call->out, a, b}); nn_walk_next(&walk);)
    loop(out + walk.offset[0], NULL, at(a, walk.offset[1]), walk.step[1], at(b, walk.offset[2]), walk.step[2], walk.n);
}

static void add(double *sums, int64_t step, const float *block, int64_t n) {
  if (step)
    for (int64_t i = 0; i < n; i++)
      sums[i] += block[i];
  else
    for (int64_t i = 0; i < n; i++)
      sums[0] += block[i];
}

void nn_broadcast_backward(const nn_call *call, const nn_tensor *grad_out, int first, int second, int target,
                           nn_tensor *grad, nn_pair_loop *loop) {
  const nn_tensor *a = &call->in[first], *b = &call->in[second], *to = &call->in[target];
  float *out = grad->data, block[NN_BLOCK];
  double *sums = (double *)call->scratch;
  int64_t count = nn_count(to);
  if (!out)
    return;
  bool is_summed = count != nn_count(grad_out);
  if (is_summed)
    memset(sums, 0, (size_t)count * sizeof *sums);
  for (nn_walk walk = nn_walk_start(4, (const nn_tensor *[]){grad_out, a, b, to}); nn_walk_next(&walk);) {
    loop(is_summed ? block : out + walk.offset[3], at(grad_out, walk.offset[0]), at(a, walk.offset[1]), walk.step[1],
         at(b, walk.offset[2]), walk.step[2], walk.n);
    if (is_summed)
      add(sums + walk.offset[3], walk.step[3], block, walk.n);
  }
  for (int64_t i = 0; is_summed && i < count; i++)
    out[i] = (float)sums[i];
}

int64_t nn_broadcast_scratch(const nn_call *call) {
  int64_t most = 0;
  for (int i = 0; i < call->input_count; i++)
    if (nn_count(&call->in[i]) != nn_count(&call->out) && nn_count(&call->in[i]) > most)
      most = nn_count(&call->in[i]);
  return most * (int64_t)(sizeof(double) / sizeof(float));
}
