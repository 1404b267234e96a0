/* window.c - how many outputs there are, and where the padding goes. */
#include <stddef.h>

#include "window.h"

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

int64_t nn_window_reach(const nn_window *w, int axis) { return (w->kernel[axis] - 1) * w->dilation[axis] + 1; }

void nn_window_pad(nn_window *w, nn_padding padding) {
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    const int64_t reach = nn_window_reach(w, i), image = w->image[i], stride = w->stride[i];
    const int64_t same = (image + stride - 1) / stride;
    switch (padding) {
    case NN_PADDING_VALID:
      w->before[i] = 0;
      w->output[i] = image < reach ? 0 : (image - reach) / stride + 1;
      break;
    case NN_PADDING_SAME:
      w->output[i] = same;
      w->before[i] = most((same - 1) * stride + reach - image, 0) / 2;
      break;
    case NN_PADDING_CAUSAL:
      w->output[i] = same;
      w->before[i] = reach - 1;
      break;
    }
  }
}

/* As many zeros around the input, spread by the stride, as the transposed product needs; what they lack of reach - 1
 * cells is cut from the beginning. */
void nn_window_pad_transposed(nn_window *w, nn_padding padding, const int64_t *extra) {
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    const int64_t reach = nn_window_reach(w, i), stride = w->stride[i], last = (w->output[i] - 1) * stride;
    if (padding == NN_PADDING_SAME) {
      const int64_t more = extra ? extra[i] : stride - reach % 2;
      w->image[i] = last + reach % 2 + more;
      w->before[i] = most(reach - 1 - (reach + reach % 2 - 1 + more) / 2, 0);
    } else {
      w->image[i] = last + reach + (extra ? extra[i] : most(stride - reach, 0));
      w->before[i] = 0;
    }
  }
}
