/* pooling.c - shares the images of a batch. */
#include "pooling.h"

/* Whether the number of a window's cell needs more than a byte. */
static bool is_wide(const nn_window *w) { return nn_window_cells(w->kernel) > UINT8_MAX; }

int64_t nn_max_pool_places_size(const nn_window *w) {
  const int64_t count = nn_window_cells(w->output) * w->channels;
  return is_wide(w) ? count : (count + 3) / 4;
}

typedef struct job {
  const nn_pooling *pooling;
  float *to, *places;
  const float *from, *kept;
  int64_t from_size, to_size;
  void (*run)(const struct job *, int64_t image);
} job;

static void max_image(const job *j, int64_t image) {
  const nn_window *w = j->pooling->window;
  j->pooling->kernels->max_pool(w, j->to + image * j->to_size,
                                j->places ? j->places + image * nn_max_pool_places_size(w) : NULL, is_wide(w),
                                j->from + image * j->from_size);
}

static void max_gradient_of_image(const job *j, int64_t image) {
  const nn_window *w = j->pooling->window;
  j->pooling->kernels->max_pool_gradient(w, j->to + image * j->to_size, j->kept + image * nn_max_pool_places_size(w),
                                         is_wide(w), j->from + image * j->from_size);
}

static void average_image(const job *j, int64_t image) {
  j->pooling->kernels->average_pool(j->pooling->window, j->to + image * j->to_size, j->from + image * j->from_size);
}

static void average_gradient_of_image(const job *j, int64_t image) {
  j->pooling->kernels->average_pool_gradient(j->pooling->window, j->to + image * j->to_size,
                                             j->from + image * j->from_size);
}

static int64_t first_of(const job *j, int part, int parts) { return j->pooling->images * part / parts; }

enum { MOST_PARTS = 64 };

static int parts_of(const job *j) { return j->pooling->images < MOST_PARTS ? (int)j->pooling->images : MOST_PARTS; }

static void run_part(void *context, int part) {
  const job *j = context;
  for (int64_t image = first_of(j, part, parts_of(j)); image < first_of(j, part + 1, parts_of(j)); image++)
    j->run(j, image);
}

static void run(job j) { nn_team_run(j.pooling->team, parts_of(&j), run_part, &j); }

static int64_t outputs_of(const nn_window *w) { return nn_window_cells(w->output) * w->channels; }

void nn_max_pool(const nn_pooling *p, float *y, float *places, const float *x) {
  run((job){p, y, places, x, NULL, nn_window_image_size(p->window), outputs_of(p->window), max_image});
}

void nn_max_pool_gradient(const nn_pooling *p, float *dx, const float *places, const float *dy) {
  run((job){p, dx, NULL, dy, places, outputs_of(p->window), nn_window_image_size(p->window), max_gradient_of_image});
}

void nn_average_pool(const nn_pooling *p, float *y, const float *x) {
  run((job){p, y, NULL, x, NULL, nn_window_image_size(p->window), outputs_of(p->window), average_image});
}

void nn_average_pool_gradient(const nn_pooling *p, float *dx, const float *dy) {
  run((job){p, dx, NULL, dy, NULL, outputs_of(p->window), nn_window_image_size(p->window), average_gradient_of_image});
}
