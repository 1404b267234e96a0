#!/usr/bin/env python3
"""Writes operations_images.json: results of the operations on pictures, computed from their definitions in plain Python.

    python3 tests/golden/operations_images.py        (no libraries)

A resized axis is a product with a matrix that has a weight for every pair of places, as in jax.image.scale_and_translate:
slow, and nothing like the engine's windows.
"""
import colorsys
import itertools
import json
import math
import os
from fractions import Fraction

CASES = []


def case(op, arguments, expected, kink=False):
    line = {"op": op, "arguments": arguments, "expected": plain(expected)}
    if kink:
        line["kink"] = True
    CASES.append(line)


def plain(value):
    if isinstance(value, list):
        return [plain(each) for each in value]
    return float("%.9g" % value)


def picture(height, width, channels, seed=1.0):
    """Numbers that differ, none close to another."""
    return [[[round(math.sin(seed + 1.7 * (y * width * channels + x * channels + c)), 3) for c in range(channels)]
             for x in range(width)] for y in range(height)]


# ---- resizing -------------------------------------------------------------------------------------------------------

def sinc(x):
    return 1.0 if x == 0 else math.sin(math.pi * x) / (math.pi * x)


def cubic(x):
    x = abs(x)
    if x < 1:
        return 1 - 2.5 * x ** 2 + 1.5 * x ** 3
    return 2 - 4 * x + 2.5 * x ** 2 - 0.5 * x ** 3 if x < 2 else 0.0


KERNELS = {
    "bilinear": lambda x: max(0.0, 1 - abs(x)),
    "bicubic": cubic,
    "lanczos3": lambda x: sinc(x) * sinc(x / 3) if abs(x) < 3 else 0.0,
    "lanczos5": lambda x: sinc(x) * sinc(x / 5) if abs(x) < 5 else 0.0,
}


def matrix(before, after, interpolation, antialias=False):
    """Weights (after, before)."""
    rows = []
    for o in range(after):
        centre = Fraction(2 * o + 1, 2) * Fraction(before, after)
        if interpolation == "nearest":
            rows.append([1.0 if i == math.floor(centre) else 0.0 for i in range(before)])
            continue
        stretch = max(1.0, before / after) if antialias else 1.0
        weights = [KERNELS[interpolation]((i + 0.5 - float(centre)) / stretch) for i in range(before)]
        rows.append([w / sum(weights) for w in weights])
    return rows


def mixed_rows(x, weights):
    """The rows of a picture mixed by a matrix."""
    return [[[sum(w * x[i][j][c] for i, w in enumerate(row)) for c in range(len(x[0][0]))] for j in range(len(x[0]))]
            for row in weights]


def turned(x):
    return [[x[i][j] for i in range(len(x))] for j in range(len(x[0]))]


def resized(x, size, interpolation="bilinear", antialias=False):
    rows = mixed_rows(x, matrix(len(x), size[0], interpolation, antialias))
    return turned(mixed_rows(turned(rows), matrix(len(x[0]), size[1], interpolation, antialias)))


def channels_first(x):
    return [[[pixel[c] for pixel in row] for row in x] for c in range(len(x[0][0]))]


def resizing():
    x = picture(3, 4, 2)
    for interpolation in ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]:
        case("image.resize", [x, [5, 3], {"interpolation": interpolation}], resized(x, [5, 3], interpolation))
    y = picture(7, 6, 1, 2.0)
    for interpolation in ["bilinear", "bicubic", "lanczos3"]:
        case("image.resize", [[y, x_like(y)], [3, 4], {"interpolation": interpolation, "antialias": True}],
             [resized(y, [3, 4], interpolation, True), resized(x_like(y), [3, 4], interpolation, True)])
    case("image.resize", [channels_first(x), [5, 3], {"data_format": "channels_first"}],
         channels_first(resized(x, [5, 3])))
    case("image.resize", [y, [4, 2], {"crop_to_aspect_ratio": True}],
         resized([row[1:4] for row in y], [4, 2]))
    case("image.resize", [y, [2, 4], {"pad_to_aspect_ratio": True, "fill_value": 0.5}],
         resized([[[0.5]] * 4 + row + [[0.5]] * 4 for row in y], [2, 4]))
    case("image.crop_images", [x, 1, 2, 0, 1], [row[2:3] for row in x[1:]])
    case("image.crop_images", [x, {"top_cropping": 1, "target_height": 1, "right_cropping": 1, "target_width": 2}],
         [row[1:3] for row in x[1:2]])
    case("image.pad_images", [x, 1, 0, {"target_height": 4, "target_width": 5}],
         [[[0, 0]] * 5] + [row + [[0, 0]] for row in x])


def moved(x, m, fill=0.0):
    """Bilinear, with a constant beyond the edges."""
    height, width, channels = len(x), len(x[0]), len(x[0][0])

    def at(row, column, c):
        return x[row][column][c] if 0 <= row < height and 0 <= column < width else fill
    result = []
    for v in range(height):
        line = []
        for u in range(width):
            k = m[6] * u + m[7] * v + 1
            column, row = (m[0] * u + m[1] * v + m[2]) / k, (m[3] * u + m[4] * v + m[5]) / k
            c0, r0 = math.floor(column), math.floor(row)
            line.append([sum((1 - abs(row - r)) * (1 - abs(column - q)) * at(r, q, c) for r in (r0, r0 + 1)
                             for q in (c0, c0 + 1)) for c in range(channels)])
        result.append(line)
    return result


def transforms():
    x, y = picture(4, 5, 2), picture(4, 5, 2, 3.0)
    turn, aside = [0.8, -0.6, 1.1, 0.6, 0.8, -0.4, 0, 0], [1.1, 0.1, 0, -0.1, 0.9, 0.2, 0.02, -0.03]
    case("image.affine_transform", [x, turn], moved(x, turn))
    case("image.affine_transform", [[x, y], [turn, aside], {"fill_value": 0.25}],
         [moved(x, turn, 0.25), moved(y, aside, 0.25)])
    case("image.affine_transform", [channels_first(x), aside, {"data_format": "channels_first"}],
         channels_first(moved(x, aside)))
    flip = [-1, 0, 4, 0, 1, 0, 0, 0]
    case("image.affine_transform", [x, flip, {"interpolation": "nearest"}], [row[::-1] for row in x])
    case("image.affine_transform", [x, [1, 0, 2, 0, 1, 0, 0, 0], {"fill_mode": "wrap"}],
         [row[2:] + row[:2] for row in x])
    rgb = picture(2, 3, 3)
    gray = [[[0.2989 * p[0] + 0.587 * p[1] + 0.114 * p[2]] for p in row] for row in rgb]
    case("image.rgb_to_grayscale", [[rgb]], [gray])
    case("image.rgb_to_grayscale", [channels_first(rgb), {"data_format": "channels_first"}], channels_first(gray))


def perspectives():
    """The unit square seen as a parallelogram is an affine map, of which the matrix is known; so is a turn."""
    x, corners = picture(4, 5, 2), [[0, 0], [4, 0], [0, 3], [4, 3]]
    for m in [[0.8, 0.1, 0.3, -0.1, 0.9, 0.2, 0, 0], [1.1, 0.1, 0, -0.1, 0.9, 0.2, 0.02, -0.03]]:
        seen = []
        for u, v in corners:
            k = m[6] * u + m[7] * v + 1
            seen.append([(m[0] * u + m[1] * v + m[2]) / k, (m[3] * u + m[4] * v + m[5]) / k])
        case("image.perspective_transform", [x, seen, corners], moved(x, m))
    case("image.perspective_transform", [[x, x], [seen, corners], [corners, corners], {"fill_value": 0.5}],
         [moved(x, m, 0.5), x])


def colours():
    rgb = [[[0.2, 0.7, 0.4], [0.9, 0.1, 0.3], [0.35, 0.3, 0.8]], [[0.6, 0.55, 0.1], [0.5, 0.5, 0.5], [0.1, 0.8, 0.9]]]
    hsv = [[list(colorsys.rgb_to_hsv(*p)) for p in row] for row in rgb]
    case("image.rgb_to_hsv", [rgb], hsv, kink=True)
    case("image.rgb_to_hsv", [[rgb]], [hsv], kink=True)
    case("image.hsv_to_rgb", [hsv], rgb, kink=True)
    hue = [[[-0.3, 0.4, 0.7], [1.2, 0.9, 0.3]]]
    case("image.hsv_to_rgb", [channels_first(hue), {"data_format": "channels_first"}],
         channels_first([[list(colorsys.hsv_to_rgb(p[0] % 1, p[1], p[2])) for p in row] for row in hue]), kink=True)


def blurred(x, size, sigma):
    def bell(n, s):
        w = [math.exp(-0.5 * ((i - (n - 1) / 2) / s) ** 2) for i in range(n)]
        return [v / sum(w) for v in w]
    across, down = bell(size[0], sigma[0]), bell(size[1], sigma[1])
    height, width = len(x), len(x[0])

    def at(i, j, c):
        return x[i][j][c] if 0 <= i < height and 0 <= j < width else 0.0
    return [[[sum(a * b * at(i + p - size[1] // 2, j + q - size[0] // 2, c) for p, b in enumerate(down)
                  for q, a in enumerate(across)) for c in range(len(x[0][0]))] for j in range(width)]
            for i in range(height)]


def windows():
    x = picture(4, 5, 2)
    case("image.gaussian_blur", [x, 3, 1], blurred(x, [3, 3], [1, 1]))
    case("image.gaussian_blur", [[x], [5, 3], [1.5, 0.7]], [blurred(x, [5, 3], [1.5, 0.7])])
    patches = [[[x[i + p][j + q][c] for p in range(2) for q in range(3) for c in range(2)] for j in (0, 2)]
               for i in range(3)]
    case("image.extract_patches", [x, [2, 3], [1, 2]], patches)
    case("image.extract_patches", [[channels_first(x)], [2, 3], {"strides": [1, 2], "data_format": "channels_first"}],
         [channels_first(patches)])
    volume = [x, picture(4, 5, 2, 2.0)]
    case("image.extract_patches_3d", [volume, [2, 2, 3], 1],
         [[[[volume[d][i + p][j + q][c] for d in range(2) for p in range(2) for q in range(3) for c in range(2)]
            for j in range(3)] for i in range(3)]])


def outside(i, n, mode):
    """The position within n that stands at i: that of a list which goes on in both directions; None: a constant."""
    if mode == "constant":
        return i if 0 <= i < n else None
    row = list(range(n))
    period = {"wrap": row, "reflect": row + row[::-1], "mirror": row + row[-2:0:-1]}.get(mode)
    return min(max(i, 0), n - 1) if mode == "nearest" else period[i % len(period)]


def mapped(x, row, column, order, mode, value=0.0):
    def at(i, j):
        i, j = outside(i, len(x), mode), outside(j, len(x[0]), mode)
        return value if i is None or j is None else x[i][j]
    if order == 0:
        return at(math.floor(row + 0.5), math.floor(column + 0.5))
    i, j = math.floor(row), math.floor(column)
    return sum((1 - abs(row - p)) * (1 - abs(column - q)) * at(p, q) for p, q in itertools.product((i, i + 1), (j, j + 1)))


def coordinates():
    x = [pixel for pixel in [[p[0] for p in row] for row in picture(3, 4, 1)]]
    rows, columns = [[0.3, 1.7, -1.4], [2.6, 4.3, 0.9]], [[0.6, 2.2, 1.3], [3.4, -2.7, 5.2]]
    for order, mode in [(1, "constant"), (1, "nearest"), (1, "reflect"), (1, "mirror"), (1, "wrap"), (0, "constant")]:
        expected = [[mapped(x, r, c, order, mode, 0.5) for r, c in zip(*pair)] for pair in zip(rows, columns)]
        case("image.map_coordinates", [x, [rows, columns], order, mode, 0.5], expected, kink=True)
    photo = picture(3, 4, 2)
    case("image.elastic_transform", [photo, 0, 1, {"seed": 1}], photo, kink=True)


def x_like(x):
    return [[[round(0.5 * value + 0.3, 3) for value in pixel] for pixel in row] for row in x]


def part(i, parts, length):
    """The places of part i."""
    return range(math.floor(Fraction(i * length, parts)), math.ceil(Fraction((i + 1) * length, parts)))


def adaptive_pools():
    steps = [[round(math.sin(1.3 * i + c), 3) for c in range(2)] for i in range(7)]
    for op, of in ("adaptive_average_pool", lambda v: sum(v) / len(v)), ("adaptive_max_pool", max):
        case(op, [[steps], 3], [[[of([steps[k][c] for k in part(i, 3, 7)]) for c in range(2)] for i in range(3)]])
        x = picture(5, 4, 2)
        pooled = [[[of([x[h][w][c] for h in part(i, 2, 5) for w in part(j, 3, 4)]) for c in range(2)] for j in range(3)]
                  for i in range(2)]
        case(op, [[x], [2, 3]], [pooled])
        case(op, [[channels_first(x)], [2, 3], {"data_format": "channels_first"}], [channels_first(pooled)])


def main():
    resizing()
    transforms()
    perspectives()
    colours()
    windows()
    coordinates()
    adaptive_pools()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations_images.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in CASES) + "\n]\n")


if __name__ == "__main__":
    main()
