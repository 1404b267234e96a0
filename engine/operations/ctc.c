/* ctc.c - ctc_loss: connectionist temporal classification (Graves and others 2006).
 *
 * -log of the probability that the classes of all steps, with repeats merged and blanks removed, are the labels.
 *
 *   in[0] logits (n, T, C)   in[1] labels (n, L)   in[2] how many labels count (n)   in[3] how many steps count (n)
 *   out (n); inf if the labels need more steps than there are
 *
 * The labels with a blank before, between and behind them are S = 2 L + 1 states, passed from left to right. With
 * p(t, s) the probability of the class of state s at step t:
 *   a(t, s) = p(t, s) (a(t-1, s) + a(t-1, s-1) + [s-1 may be skipped] a(t-1, s-2))        from the first step on
 *   b(t, s) = p(t+1, s) b(t+1, s) + p(t+1, s+1) b(t+1, s+1) + [s+1 ...] p(t+1, s+2) b(t+1, s+2)       to the last one
 *   d loss / d logit(t, k) = softmax(t, k) - sum over s of class k of a(t, s) b(t, s) / exp(-loss)
 * A blank between two labels may be skipped if these differ. Everything is kept as logarithms, in double precision. */
#include "operations/indexing.h"

typedef struct ctc_config {
  int blank;
} ctc_config;

static const nn_field fields[] = {{"blank", NN_FIELD_INT, offsetof(ctc_config, blank), 0, 0, INT32_MAX, NULL}, {0}};

static int infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  char logits[NN_SHAPE_TEXT], labels[NN_SHAPE_TEXT];
  (void)count;
  if (in[0].ndim != 3 || in[1].ndim != 2 || in[0].dim[0] != in[1].dim[0])
    return nn_fail(error, "expected logits (n, steps, classes) and labels (n, length), got shapes %s and %s",
                   nn_shape_text(&in[0], logits), nn_shape_text(&in[1], labels));
  for (int i = 2; i < 4; i++)
    if (in[i].ndim != 1 || in[i].dim[0] != in[0].dim[0])
      return nn_fail(error, "expected one length for each sample of logits of shape %s, got shape %s",
                     nn_shape_text(&in[0], logits), nn_shape_text(&in[i], labels));
  if (((const ctc_config *)config)->blank >= in[0].dim[2])
    return nn_fail(error, "mask_index: expected one of the %d classes, got %d", (int)in[0].dim[2],
                   ((const ctc_config *)config)->blank);
  *out = (nn_shape){.ndim = 1, .dim = {in[0].dim[0]}};
  return NN_OK;
}

/* One sample. */
typedef struct sample {
  int64_t steps, classes, states; /* those that count */
  int blank;
  const float *label;
  double *log_p; /* (steps, classes) */
  double *a;     /* (steps, states) */
  double *b;     /* (2, states): of this step and the next */
} sample;

static int64_t scratch(const nn_call *call) {
  const int64_t *x = call->in[0].shape.dim;
  int64_t states = 2 * call->in[1].shape.dim[1] + 1;
  return 2 * (x[1] * x[2] + x[1] * states + 2 * states); /* doubles */
}

static sample sample_of(const nn_call *call, int64_t row) {
  const int64_t *x = call->in[0].shape.dim, length = call->in[1].shape.dim[1];
  double *memory = (double *)call->scratch;
  sample self = {.steps = (int64_t)((const float *)call->in[3].data)[row],
                 .classes = x[2],
                 .states = 2 * (int64_t)((const float *)call->in[2].data)[row] + 1,
                 .blank = ((const ctc_config *)call->config)->blank,
                 .label = (const float *)call->in[1].data + row * length,
                 .log_p = memory,
                 .a = memory + x[1] * x[2],
                 .b = memory + x[1] * (x[2] + 2 * length + 1)};
  return self;
}

static int64_t class_of(const sample *self, int64_t state) {
  return state % 2 ? (int64_t)self->label[state / 2] : self->blank;
}

/* Whether a path may go from state - 2 to state. */
static bool may_skip(const sample *self, int64_t state) {
  return state >= 2 && state % 2 && self->label[state / 2] != self->label[state / 2 - 1];
}

static double log_add(double x, double y) {
  double most = x > y ? x : y;
  return most == -INFINITY ? most : most + log1p(exp(-fabs(x - y)));
}

static void log_softmax(const sample *self, const float *logits) {
  for (int64_t t = 0; t < self->steps; t++, logits += self->classes) {
    double most = -INFINITY, sum = 0, *out = self->log_p + t * self->classes;
    for (int64_t k = 0; k < self->classes; k++)
      most = logits[k] > most ? logits[k] : most;
    for (int64_t k = 0; k < self->classes; k++)
      sum += exp(logits[k] - most);
    for (int64_t k = 0; k < self->classes; k++)
      out[k] = logits[k] - most - log(sum);
  }
}

/* Fills a and returns the loss. */
static double pass_forward(const sample *self, const float *logits) {
  int64_t states = self->states;
  if (self->steps == 0)
    return states == 1 ? 0 : INFINITY;
  log_softmax(self, logits);
  for (int64_t t = 0; t < self->steps; t++) {
    double *a = self->a + t * states;
    const double *before = a - states, *log_p = self->log_p + t * self->classes;
    for (int64_t s = 0; s < states; s++) {
      double from = t == 0 && s < 2 ? 0 : -INFINITY;
      if (t > 0) {
        from = before[s];
        if (s > 0)
          from = log_add(from, before[s - 1]);
        if (may_skip(self, s))
          from = log_add(from, before[s - 2]);
      }
      a[s] = from + log_p[class_of(self, s)];
    }
  }
  const double *last = self->a + (self->steps - 1) * states;
  return -log_add(last[states - 1], states > 1 ? last[states - 2] : -INFINITY);
}

/* b of a step from that of the next one; next is NULL at the last step. */
static void step_back(const sample *self, double *b, const double *next, const double *next_log_p) {
  for (int64_t s = 0; s < self->states; s++) {
    b[s] = !next && s >= self->states - 2 ? 0 : -INFINITY;
    for (int64_t to = s; next && to <= s + 2 && to < self->states; to++)
      if (to < s + 2 || may_skip(self, to))
        b[s] = log_add(b[s], next[to] + next_log_p[class_of(self, to)]);
  }
}

static void add_gradient(const sample *self, double loss, float upstream, float *grad) {
  double *b = self->b, *next = NULL;
  for (int64_t t = self->steps - 1; t >= 0; t--) {
    const double *log_p = self->log_p + t * self->classes, *a = self->a + t * self->states;
    float *slope = grad + t * self->classes;
    step_back(self, b, next, log_p + self->classes);
    for (int64_t k = 0; k < self->classes; k++)
      slope[k] = upstream * (float)exp(log_p[k]);
    for (int64_t s = 0; s < self->states; s++)
      slope[class_of(self, s)] -= upstream * (float)exp(a[s] + b[s] + loss);
    next = b;
    b = next == self->b ? self->b + self->states : self->b;
  }
}

static int check_length(nn_error *error, const char *what, float length, int64_t most) {
  if (length >= 0 && length <= (float)most && length == (float)(int64_t)length)
    return NN_OK;
  return nn_fail(error, "%s: expected a whole number from 0 to %d, got %g", what, (int)most, (double)length);
}

static int check(nn_error *error, const nn_call *call, int64_t row) {
  const int64_t *x = call->in[0].shape.dim, most = call->in[1].shape.dim[1];
  const float *label = (const float *)call->in[1].data + row * most;
  float length = ((const float *)call->in[2].data)[row];
  if (check_length(error, "target_length", length, most) != NN_OK ||
      check_length(error, "output_length", ((const float *)call->in[3].data)[row], x[1]) != NN_OK)
    return NN_ERROR;
  for (int64_t i = 0; i < (int64_t)length; i++) {
    if (!(label[i] >= 0 && label[i] < (float)x[2]) || label[i] != (float)(int64_t)label[i])
      return nn_fail(error, "target: expected classes from 0 to %d, got %g", (int)x[2] - 1, (double)label[i]);
    if ((int)label[i] == ((const ctc_config *)call->config)->blank)
      return nn_fail(error, "target: class %d stands for blanks (mask_index) and is no label", (int)label[i]);
  }
  return NN_OK;
}

static int forward(nn_error *error, const nn_call *call) {
  int64_t rows = call->out.shape.dim[0], size = nn_count(&call->in[0]) / (rows ? rows : 1);
  for (int64_t i = 0; i < rows; i++) {
    if (check(error, call, i) != NN_OK)
      return NN_ERROR;
    sample self = sample_of(call, i);
    ((float *)call->out.data)[i] = (float)pass_forward(&self, (const float *)call->in[0].data + i * size);
  }
  return NN_OK;
}

/* Where no path fits the loss is inf, and the gradient is 0: no small step changes it. */
static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  int64_t rows = call->out.shape.dim[0], size = nn_count(&call->in[0]) / (rows ? rows : 1);
  for (int i = 0; i < 4; i++)
    nn_clear(&grad_in[i]);
  for (int64_t i = 0; grad_in[0].data && i < rows; i++) {
    sample self = sample_of(call, i);
    double loss = pass_forward(&self, (const float *)call->in[0].data + i * size);
    if (loss < INFINITY)
      add_gradient(&self, loss, ((const float *)grad_out->data)[i], (float *)grad_in[0].data + i * size);
  }
}

const nn_operation nn_operation_ctc_loss = {.name = "ctc_loss",
                                            .config_size = sizeof(ctc_config),
                                            .fields = fields,
                                            .min_inputs = 4,
                                            .max_inputs = 4,
                                            .infer = infer,
                                            .scratch = scratch,
                                            .forward = forward,
                                            .backward = backward};
