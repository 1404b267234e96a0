/* digits.c - digits as a pen writes them: choose a glyph, distort its points, draw curves through them. */
#include <math.h>

#include "base/rng.h"
#include "digits.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, CLASSES = 10, MAX_STYLES = 6, MAX_POINTS = 16, LINES_PER_CURVE = 6 };

/* How much one hand differs from another; lengths of glyphs in heights, those of pen and paper in pixels. They are such
 * that a small network learns these digits about as far, and about as fast, as it learns MNIST's. */
static const double CARE_WOBBLE = 0.03, HASTE_WOBBLE = 0.19; /* how far a point may stray from where it belongs */
static const double DRIFT = 0.6;                             /* share of it that the next point inherits */
static const double MIN_WIDTH = 0.55, MAX_WIDTH = 0.95;      /* of a glyph's square */
static const double SLANT = 0.2, SLANT_SPREAD = 0.45;        /* to the right, as most people write */
static const double TILT_SPREAD = 0.3;                       /* of the baseline, up or down */
static const double MIN_SIZE = 18.5, MAX_SIZE = 20.5;        /* the longer side, ink included */
static const double SHIFT_SPREAD = 1;                        /* off the centre of the image */
static const double MIN_RADIUS = 0.8, MAX_RADIUS = 2;        /* of the pen's tip */
static const double SOFT_EDGE = 1.2;                         /* from full ink to none, half of it outside the tip */
static const double MAX_GRAIN = 0.3;                         /* share of the ink that rough paper may refuse */

/* The ways people write each digit. A glyph is a path on a grid of ten by ten: "60" is column 6 in row 0, at the top;
 * the pen runs smoothly through the points, turns sharply at "!" and is lifted at "|". A style listed twice is
 * twice as common. */
static const char *const styles[CLASSES][MAX_STYLES] = {
    {"60 20 03 06 29 69 96 93 70 30", "40 12 05 28 59 88 94 72 40", "81 40 03 07 39 78 95 83 50 20"},
    {"50 54 59", "50 54 59", "23 50! 54 59", "13 50! 59 | 19 89"},
    {"02 20 60 83 66 09! 49 99", "02 30 71 74 37 09 07 37 79 98", "11 50 82 55 19! 69 98"},
    {"11 40 81 73 44! 75 97 69 39 08", "00 80! 44! 76 88 49 08", "11 50 82 64 34 64 87 69 18"},
    {"10 05! 95 | 70 64 59", "60 06! 96 | 60 59", "10 03 15 55 83! 80 85 79"},
    {"90 20! 14! 53 86 78 49 08", "20 14! 53 86 78 49 08 | 20 90", "90 40 12 24 64 86 69 18"},
    {"70 31 05 18 59 97 75 35 07", "50 22 06 19 59 87 65 25 07", "81 50 23 06 29 68 66 45 17"},
    {"00 90! 54 39", "02! 00! 90! 65 49", "00 90! 54 39 | 25 85", "02 20 50 90! 66 59"},
    {"81 40 12 44 87 59 29 17 54 82 70", "40 12 44 72 40 | 44 17 49 87 44", "70 30 12 54 87 69 29 17 44 82 60"},
    {"82 40 13 35 64 81! 85 69", "81 50 12 34 74 91! 79", "82 50 13 35 73 82! 86 69 29", "70 30 03 25 64 82 70! 75 69"},
};

typedef struct point {
  double x, y;
  char mark; /* '!', '|' or 0: how the pen leaves it */
} point;

typedef struct path {
  point points[MAX_POINTS];
  int count;
} path;

static double between(nn_rng *rng, double low, double high) { return low + (high - low) * (double)nn_rng_float(rng); }

/* Within spread of 0, more often near it: the sum of two even chances. */
static double around_zero(nn_rng *rng, double spread) {
  double half = between(rng, -spread / 2, spread / 2);
  return half + between(rng, -spread / 2, spread / 2);
}

/* One of the digit's styles, its points in a square of side 1. */
static path choose(nn_rng *rng, int digit) {
  uint32_t count = 0;
  while (count < MAX_STYLES && styles[digit][count])
    count++;
  path glyph = {.count = 0};
  for (const char *c = styles[digit][nn_rng_below(rng, count)]; *c; c++) {
    if (*c == '!' || *c == '|') {
      glyph.points[glyph.count - 1].mark = *c;
    } else if (*c != ' ') {
      glyph.points[glyph.count++] = (point){(c[0] - '0') / 9.0, (c[1] - '0') / 9.0, 0};
      c++;
    }
  }
  return glyph;
}

/* The hand strays from point to point, far where it is in haste, which it seldom is; then width, slant and tilt change
 * all points alike. */
static void distort(path *glyph, nn_rng *rng) {
  double haste = between(rng, 0, 1), wobble = CARE_WOBBLE + HASTE_WOBBLE * haste * haste;
  double width = between(rng, MIN_WIDTH, MAX_WIDTH);
  double slant = SLANT + around_zero(rng, SLANT_SPREAD), tilt = around_zero(rng, TILT_SPREAD);
  double stray_x = 0, stray_y = 0;
  for (point *p = glyph->points; p < glyph->points + glyph->count; p++) {
    stray_x = DRIFT * stray_x + between(rng, -wobble, wobble);
    stray_y = DRIFT * stray_y + between(rng, -wobble, wobble);
    double x = width * (p->x + stray_x), y = p->y + stray_y;
    p->x = x - slant * y;
    p->y = y - tilt * x;
  }
}

/* Brings the glyph to its size in pixels, leaving room for the ink's reach, near the middle of the image. */
static void place(path *glyph, double reach, nn_rng *rng) {
  point low = glyph->points[0], high = low;
  for (const point *p = glyph->points; p < glyph->points + glyph->count; p++) {
    low.x = fmin(low.x, p->x), high.x = fmax(high.x, p->x);
    low.y = fmin(low.y, p->y), high.y = fmax(high.y, p->y);
  }
  double scale = (between(rng, MIN_SIZE, MAX_SIZE) - 2 * reach) / fmax(high.x - low.x, high.y - low.y);
  double middle_x = SIDE / 2 + around_zero(rng, SHIFT_SPREAD), middle_y = SIDE / 2 + around_zero(rng, SHIFT_SPREAD);
  for (point *p = glyph->points; p < glyph->points + glyph->count; p++) {
    p->x = middle_x + scale * (p->x - (low.x + high.x) / 2);
    p->y = middle_y + scale * (p->y - (low.y + high.y) / 2);
  }
}

/* The square of the distance from (x, y) to the line between a and b. */
static double distance2(double x, double y, point a, point b) {
  double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
  double t = length2 > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / length2 : 0;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  dx = a.x + t * dx - x, dy = a.y + t * dy - y;
  return dx * dx + dy * dy;
}

static int clamp_pixel(double position) { return position < 0 ? 0 : position > SIDE - 1 ? SIDE - 1 : (int)position; }

/* Lowers nearest2, the square of each pixel's distance to the path, where the line from a to b comes within reach. */
static void draw_line(double nearest2[PIXELS], point a, point b, double reach) {
  int left = clamp_pixel(fmin(a.x, b.x) - reach), right = clamp_pixel(fmax(a.x, b.x) + reach);
  int top = clamp_pixel(fmin(a.y, b.y) - reach), bottom = clamp_pixel(fmax(a.y, b.y) + reach);
  for (int y = top; y <= bottom; y++)
    for (int x = left; x <= right; x++) {
      double d2 = distance2(x + 0.5, y + 0.5, a, b);
      if (d2 < nearest2[y * SIDE + x])
        nearest2[y * SIDE + x] = d2;
    }
}

/* The curve of Catmull and Rom (1974): at t = 0 it is in b, at 1 in c, heading as a line from a to c and b to d. */
static double curve(double a, double b, double c, double d, double t) {
  return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/* The piece from b to c of a curve that comes from a and goes on to d, as short straight lines. */
static void draw_curve(double nearest2[PIXELS], point a, point b, point c, point d, double reach) {
  point from = b;
  for (int k = 1; k <= LINES_PER_CURVE; k++) {
    double t = (double)k / LINES_PER_CURVE;
    point to = {curve(a.x, b.x, c.x, d.x, t), curve(a.y, b.y, c.y, d.y, t), 0};
    draw_line(nearest2, from, to, reach);
    from = to;
  }
}

/* At a mark and at the path's ends the curve has no neighbour to bend to. */
static void draw_glyph(double nearest2[PIXELS], const path *glyph, double reach) {
  const point *first = glyph->points, *last = first + glyph->count - 1;
  for (const point *b = first; b < last; b++) {
    const point *c = b + 1;
    const point *a = b == first || b->mark || b[-1].mark == '|' ? b : b - 1;
    const point *d = c == last || c->mark ? c : c + 1;
    if (b->mark != '|')
      draw_curve(nearest2, *a, *b, *c, *d, reach);
  }
}

/* Ink is full under the pen's tip, fades over its edge, and is thinned at random by the grain of the paper. */
static void ink(uint8_t image[PIXELS], const double nearest2[PIXELS], double reach, nn_rng *rng) {
  double grain = between(rng, 0, MAX_GRAIN);
  for (int i = 0; i < PIXELS; i++) {
    image[i] = 0;
    if (nearest2[i] < reach * reach) {
      double cover = fmin(1, (reach - sqrt(nearest2[i])) / SOFT_EDGE);
      image[i] = (uint8_t)(255 * cover * (1 - between(rng, 0, grain)) + 0.5);
    }
  }
}

static void draw_image(uint8_t image[PIXELS], uint8_t *label, nn_rng *rng) {
  *label = (uint8_t)nn_rng_below(rng, CLASSES);
  path glyph = choose(rng, *label);
  distort(&glyph, rng);
  double reach = between(rng, MIN_RADIUS, MAX_RADIUS) + SOFT_EDGE / 2;
  place(&glyph, reach, rng);
  double nearest2[PIXELS];
  for (int i = 0; i < PIXELS; i++)
    nearest2[i] = INFINITY;
  draw_glyph(nearest2, &glyph, reach);
  ink(image, nearest2, reach, rng);
}

void nn_digits_draw(uint8_t *images, uint8_t *labels, int64_t n, uint64_t seed) {
  for (int64_t i = 0; i < n; i++) {
    nn_rng rng = nn_rng_stream(seed, NN_DIGITS, (uint64_t)i);
    draw_image(images + i * PIXELS, labels + i, &rng);
  }
}
