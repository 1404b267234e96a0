/* source.c - images as the kernels of a stencil read them. */
#include <string.h>

#include "source.h"

enum {
  CHUNK = 1 << 18,  /* floats of padded images that are in the cache together */
  ACROSS = 28,      /* images side by side */
  LEAST_ACROSS = 8, /* fewer do not fill a tile */
  LEAST_DEPTH = 16, /* channels worth a row of a product */
  NARROW = 5        /* outputs of a line that do not fill a tile */
};

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t parts_of(int64_t n, int64_t size) { return (n + size - 1) / size; }

static bool is_padded(const nn_stencil *s) { return s->left > 0 || s->right > 0; }

int64_t nn_source_size(const nn_stencil *s) {
  return s->axis[0].inputs * s->axis[1].inputs * s->axis[2].inputs * s->groups * s->depth;
}

bool nn_source_is_across(const nn_stencil *s, int64_t images) {
  const nn_axis *a = s->axis;
  const bool is_plane = s->kernel[0] == 1 && a[0].inputs == 1 && a[0].target == 1 && a[0].step == 1 && a[0].apart == 1;
  if (!is_plane || images < LEAST_ACROSS || s->groups > 1 || s->depth < LEAST_DEPTH)
    return false;
  int64_t inside = 0;
  for (int64_t t = 0; t < a[2].taps; t++) /* not over the outputs, which may be a whole image */
    inside += nn_axis_outputs(&a[2], t).count;
  return a[2].outputs < NARROW || 8 * inside < 7 * a[2].outputs * a[2].taps;
}

nn_stencil nn_source_across(const nn_stencil *s, int64_t images) {
  nn_stencil t = *s;
  for (int i = 0; i < 2; i++)
    t.axis[i] = s->axis[i + 1], t.kernel[i] = s->kernel[i + 1];
  t.kernel[2] = 1;
  t.axis[2] = (nn_axis){.outputs = images,
                        .inputs = images,
                        .step = 1,
                        .taps = 1,
                        .next = 1,
                        .dilation = 1,
                        .target = 1,
                        .apart = s->axis[1].target * s->axis[2].target};
  t.left = t.right = 0;
  return t;
}

int64_t nn_source_chunk(const nn_stencil *s, int64_t images, bool is_across) {
  if (is_across)
    return parts_of(images, parts_of(images, ACROSS));
  const int64_t fit = most(1, CHUNK / most(1, nn_stencil_source_size(s)));
  const int64_t together = least(fit, NN_TEAM_PARTS); /* each image is padded by one part of the team's work */
  return is_padded(s) ? least(together, images) : images;
}

int64_t nn_source_workspace(const nn_stencil *s, int64_t images) {
  const int64_t padded = is_padded(s) ? nn_source_chunk(s, images, false) * nn_stencil_source_size(s) : 0;
  if (!nn_source_is_across(s, images))
    return padded;
  return most(padded, nn_source_chunk(s, images, true) * nn_source_size(s));
}

typedef struct padding {
  const nn_stencil *stencil;
  const float *from;
  float *to;
  int64_t images;
} padding;

static void pad_image(void *context, int image) {
  const padding *p = context;
  const nn_stencil *s = p->stencil;
  const int64_t channels = s->groups * s->depth, line = s->axis[2].inputs * channels;
  const int64_t lines = s->axis[0].inputs * s->axis[1].inputs;
  const float *from = p->from + image * lines * line;
  float *to = p->to + image * nn_stencil_source_size(s);
  for (int64_t i = 0; i < lines; i++, from += line) {
    memset(to, 0, sizeof *to * (size_t)(s->left * channels));
    to += s->left * channels;
    memcpy(to, from, sizeof *to * (size_t)line);
    to += line;
    memset(to, 0, sizeof *to * (size_t)(s->right * channels));
    to += s->right * channels;
  }
}

static void lay_across(void *context, int image) {
  const padding *p = context;
  const int64_t channels = p->stencil->depth, size = nn_source_size(p->stencil);
  const float *from = p->from + image * size;
  for (int64_t i = 0; i < size; i += channels)
    memcpy(p->to + i * p->images + image * channels, from + i, sizeof *from * (size_t)channels);
}

const float *nn_source_place(nn_team *team, const nn_stencil *s, float *workspace, const float *images, int64_t count,
                             bool is_across) {
  if (!is_across && !is_padded(s))
    return images;
  nn_team_run(team, (int)count, is_across ? lay_across : pad_image, &(padding){s, images, workspace, count});
  return workspace;
}
