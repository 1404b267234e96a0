#!/usr/bin/env python3
"""Writes augmentation.json: what layers give that change pictures at random, where the range of a draw is one value.

    python3 tests/golden/augmentation.py        (no libraries)

Computed in plain Python from Keras' definitions: pixels are read through a function that knows what is beyond the edges,
colours go through the standard library's colorsys.
"""
import colorsys
import json
import math
import os

CASES = []
PHOTO = [[[200, 100, 50], [10, 20, 30], [77, 201, 15]], [[90, 60, 255], [120, 120, 0], [33, 34, 31]]]
SIGNAL = [[[round(50 + 40 * math.sin(1.9 * (4 * y + x)), 2)] for x in range(5)] for y in range(4)]


def case(layer, config, x, expected):
    CASES.append({"layer": layer, "config": config, "input": x,
                  "expected": [[[float("%.8g" % v) for v in pixel] for pixel in row] for row in expected]})


def size(x):
    return len(x), len(x[0]), len(x[0][0])


def each(x, function):
    return [[function(pixel) for pixel in row] for row in x]


def clip(v, low=0, high=255):
    return min(high, max(low, v))


# ---- geometry -------------------------------------------------------------------------------------------------------

def beyond(mode, i, n):
    """The place that stands at i; None for the constant."""
    if 0 <= i < n:
        return i
    line = list(range(n))
    if mode == "constant":
        return None
    if mode == "nearest":
        return 0 if i < 0 else n - 1
    period = {"wrap": line, "reflect": line + line[::-1], "mirror": line + line[-2:0:-1]}[mode]
    return period[i % len(period)]


def pixel(x, row, column, mode, value):
    height, width, channels = size(x)
    r, c = beyond(mode, row, height), beyond(mode, column, width)
    return [value] * channels if r is None or c is None else x[r][c]


def seen(x, source, mode, interpolation="bilinear", value=0):
    """Each pixel (u, v) from source(u, v) -> column, row."""
    height, width, channels = size(x)
    result = []
    for v in range(height):
        line = []
        for u in range(width):
            column, row = source(u, v)
            if interpolation == "nearest":
                line.append(pixel(x, round(row), round(column), mode, value))
                continue
            c0, r0 = math.floor(column), math.floor(row)
            total = [0.0] * channels
            for r in (r0, r0 + 1):
                for c in (c0, c0 + 1):
                    weight = (1 - abs(row - r)) * (1 - abs(column - c))
                    total = [t + weight * p for t, p in zip(total, pixel(x, r, c, mode, value))]
            line.append(total)
        result.append(line)
    return result


def turned(x, turns, mode, interpolation="bilinear", value=0):
    height, width, _ = size(x)
    angle, cx, cy = 2 * math.pi * turns, (width - 1) / 2, (height - 1) / 2

    def source(u, v):
        return (cx + math.cos(angle) * (u - cx) - math.sin(angle) * (v - cy),
                cy + math.sin(angle) * (u - cx) + math.cos(angle) * (v - cy))
    return seen(x, source, mode, interpolation, value)


def geometry():
    for mode in ["constant", "nearest", "reflect", "wrap", "mirror"]:
        case("RandomRotation", {"factor": [0.13, 0.13], "fill_mode": mode, "fill_value": 7}, SIGNAL,
             turned(SIGNAL, 0.13, mode, value=7))
        case("RandomTranslation", {"height_factor": [0.4, 0.4], "width_factor": [-0.7, -0.7], "fill_mode": mode}, PHOTO,
             seen(PHOTO, lambda u, v: (u + 0.7 * 3, v - 0.4 * 2), mode))
    case("RandomRotation", {"factor": [-0.2, -0.2], "interpolation": "nearest"}, SIGNAL,
         turned(SIGNAL, -0.2, "reflect", "nearest"))

    def zoomed(u, v):
        return 2 + 1.5 * (u - 2), 1.5 + 0.75 * (v - 1.5)
    case("RandomZoom", {"height_factor": [-0.25, -0.25], "width_factor": [0.5, 0.5]}, SIGNAL,
         seen(SIGNAL, zoomed, "reflect"))
    case("RandomZoom", {"height_factor": [0.5, 0.5], "fill_mode": "constant"}, SIGNAL,
         seen(SIGNAL, lambda u, v: (2 + 1.5 * (u - 2), 1.5 + 1.5 * (v - 1.5)), "constant"))
    case("RandomCrop", {"height": 4, "width": 2}, SIGNAL, [row[1:3] for row in SIGNAL])
    case("RandomShear", {}, SIGNAL, SIGNAL)
    case("RandomPerspective", {"factor": 0}, SIGNAL, SIGNAL)
    case("RandomPerspective", {"scale": 0, "factor": [1, 1]}, SIGNAL, SIGNAL)


# ---- colours --------------------------------------------------------------------------------------------------------

def gray(p):
    return 0.2989 * p[0] + 0.5870 * p[1] + 0.1140 * p[2]


def saturated(p, factor):
    h, s, v = colorsys.rgb_to_hsv(*p)
    return list(colorsys.hsv_to_rgb(h, clip(s * factor / (1 - factor), 0, 255), v))


def smoothed(x, kernel):
    """Means weighted by a kernel (rows of weights); zeros are beyond the edges."""
    height, width, channels = size(x)
    up, left = len(kernel) // 2, len(kernel[0]) // 2
    return [[[sum(weight * pixel(x, y + r - up, u + c - left, "constant", 0)[k] for r, row in enumerate(kernel)
                  for c, weight in enumerate(row)) for k in range(channels)] for u in range(width)]
            for y in range(height)]


def gaussian(n, sigma):
    weights = [math.exp(-0.5 * ((i - (n - 1) / 2) / sigma) ** 2) for i in range(n)]
    return [w / sum(weights) for w in weights]


def equalized(x, bins):
    height, width, channels = size(x)
    result = [[[0.0] * channels for _ in range(width)] for _ in range(height)]
    for c in range(channels):
        def place(v):
            return int(v / 255 * (bins - 1))
        places = sorted(place(x[i][j][c]) for i in range(height) for j in range(width))
        lowest = places.count(places[0])
        for i in range(height):
            for j in range(width):
                up_to = sum(p <= place(x[i][j][c]) for p in places)
                result[i][j][c] = round((up_to - lowest) * 255 / (len(places) - lowest))
    return result


def colours():
    x = PHOTO
    case("RandomBrightness", {"factor": [0.3, 0.3]}, x, each(x, lambda p: [clip(v + 76.5) for v in p]))
    case("RandomContrast", {"factor": [0, 0]}, x, x)
    for factor in 0.0, 0.3, 0.5:
        case("RandomSaturation", {"factor": [factor, factor]}, x, each(x, lambda p: saturated(p, factor)))
    half = each(x, lambda p: list(colorsys.hsv_to_rgb((lambda h: [(h[0] + 0.5) % 1, h[1], h[2]])(
        colorsys.rgb_to_hsv(*[v / 255 for v in p]))[0], *colorsys.rgb_to_hsv(*[v / 255 for v in p])[1:])))
    case("RandomHue", {"factor": [1, 1]}, x, each(half, lambda p: [255 * v for v in p]))
    case("RandomColorDegeneration", {"factor": [0.4, 0.4]}, x,
         each(x, lambda p: [v + 0.4 * (gray(p) - v) for v in p]))
    case("RandomGrayscale", {"factor": 1}, x, each(x, lambda p: [gray(p)] * 3))
    case("RandomGrayscale", {"factor": 0}, x, x)
    case("RandomInvert", {"factor": [1, 1]}, x, each(x, lambda p: [255 - v for v in p]))
    for bits in 1, 3, 8:
        case("RandomPosterization", {"factor": bits}, x, each(x, lambda p: [v - v % 2 ** (8 - bits) for v in p]))
    case("Solarization", {"addition_factor": [0.1, 0.1], "threshold_factor": [0.4, 0.4]}, x,
         each(x, lambda p: [clip(v + 25.5) if clip(v + 25.5) < 102 else 255 - clip(v + 25.5) for v in p]))
    case("Solarization", {}, x, each(x, lambda p: [255 - v for v in p]))
    columns = list(zip(*[p for row in x for p in row]))
    case("AutoContrast", {}, x, each(x, lambda p: [(v - min(c)) / (max(c) - min(c)) * 255 for v, c in zip(p, columns)]))
    for bins in 256, 8:
        case("Equalization", {"bins": bins}, x, equalized(x, bins))
    kernel = [[1 / 13] * 3, [1 / 13, 5 / 13, 1 / 13], [1 / 13] * 3]
    for factor in 0.0, 0.8:
        blurred = smoothed(x, kernel)
        case("RandomSharpness", {"factor": [factor, factor]}, x,
             [[[clip(v + (1 - 2 * factor) * (b - v)) for v, b in zip(p, q)] for p, q in zip(row, blurred_row)]
              for row, blurred_row in zip(x, blurred)])
    # All changes of RandAugment, of which those before do nothing at factor 0.
    stripes = [[[10 + 3 * c if j < 3 else 240 - 5 * c for c in range(3)] for j in range(6)] for _ in range(3)]
    smooth = smoothed(stripes, kernel)
    solar = each(smooth, lambda p: [255 - (v - v % 128) for v in p])
    extremes = list(zip(*[p for row in solar for p in row]))
    case("RandAugment", {"num_ops": 11, "factor": [0, 0]}, stripes, equalized(
        each(solar, lambda p: [(v - min(c)) / (max(c) - min(c)) * 255 for v, c in zip(p, extremes)]), 256))
    along_width, along_height = gaussian(3, 0.7), gaussian(5, 0.7)
    case("RandomGaussianBlur", {"factor": [1, 1], "kernel_size": [3, 5], "sigma": [0.7, 0.7]}, SIGNAL,
         smoothed(SIGNAL, [[a * b for b in along_width] for a in along_height]))
    case("RandomColorJitter", {"brightness_factor": [0.1, 0.1], "saturation_factor": [0.3, 0.3]}, x,
         each(x, lambda p: saturated([clip(v + 25.5) for v in p], 0.3)))


def main():
    geometry()
    colours()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "augmentation.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(line, separators=(",", ":")) for line in CASES) + "\n]\n")


if __name__ == "__main__":
    main()
