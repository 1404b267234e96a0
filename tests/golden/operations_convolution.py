#!/usr/bin/env python3
"""Writes operations_convolution.json: convolutions and pools, computed from their definitions in plain Python.

    python3 tests/golden/operations_convolution.py        (no libraries)

An image is a dictionary from (place, ..., channel) to a number; what is not in it counts as 0. All sums run over all
cells of a kernel: slow, and nothing like the engine's kernels.
"""
import itertools
import json
import math
import os

CASES = []


def values(shape, seed):
    """Numbers that differ, none close to another."""
    return {at: round(math.sin(seed + 1.7 * i), 3) for i, at in enumerate(itertools.product(*map(range, shape)))}


def nested(cells, shape, at=()):
    if len(at) == len(shape):
        return float("%.9g" % cells.get(at, 0.0))
    return [nested(cells, shape, at + (i,)) for i in range(shape[len(at)])]


def places_first(value):
    """Channels before places, for a batch (n, places..., channels) as nested lists."""
    def take(x, channel):
        return x[channel] if not isinstance(x[0], list) else [take(each, channel) for each in x]

    def channels(x):
        return len(x) if not isinstance(x[0], list) else channels(x[0])
    return [[take(image, c) for c in range(channels(image))] for image in value]


def case(op, arguments, expected, first=False):
    """One line; the last of the arguments are the options."""
    if first:
        arguments = [places_first(arguments[0])] + arguments[1:-1] + [dict(arguments[-1], data_format="channels_first")]
        expected = places_first(expected)
    CASES.append({"op": op, "arguments": arguments if arguments[-1] else arguments[:-1], "expected": expected})


def padding(size, kernel, stride, dilation, mode):
    """Outputs along an axis, and cells of padding before it. Of an odd number the smaller half comes first."""
    reach = (kernel - 1) * dilation + 1
    if mode == "valid":
        return (size - reach) // stride + 1, 0
    outputs = -(-size // stride)
    return outputs, max((outputs - 1) * stride + reach - size, 0) // 2


def geometry(places, kernel, strides, dilation, mode):
    pairs = [padding(*each, mode) for each in zip(places, kernel, strides, dilation)]
    return [p[0] for p in pairs], [p[1] for p in pairs]


def over(*shapes):
    return itertools.product(*[itertools.product(*map(range, shape)) for shape in shapes])


def convolved(x, shape, kernel, kernel_shape, strides, dilation, mode):
    """x (places..., channels), kernel (places..., channels of a group, filters)."""
    places, size, of_group, filters = shape[:-1], kernel_shape[:-2], kernel_shape[-2], kernel_shape[-1]
    outputs, before = geometry(places, size, strides, dilation, mode)
    in_group = filters // (shape[-1] // of_group)
    y = {}
    for at, cell in over(outputs, size):
        source = tuple(a * s + k * d - b for a, s, k, d, b in zip(at, strides, cell, dilation, before))
        for f in range(filters):
            for c in range(of_group):
                y[at + (f,)] = y.get(at + (f,), 0.0) + kernel[cell + (c, f)] * x.get(
                    source + (f // in_group * of_group + c,), 0.0)
    return y, list(outputs) + [filters]


def one_channel_each(kernel, shape):
    """A kernel (places..., channels, multiplier) as one of groups of one channel."""
    return {at[:-2] + (0, at[-2] * shape[-1] + at[-1]): v for at, v in kernel.items()}, list(shape[:-2]) + [
        1, shape[-2] * shape[-1]]


def transposed(x, shape, kernel, kernel_shape, strides, dilation, mode, extra):
    """Adds the kernel (places..., filters, channels) at every place, then cuts as Keras does."""
    places, size, filters = shape[:-1], kernel_shape[:-2], kernel_shape[-2]
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    y = {}
    for at, cell in over(places, size):
        target = tuple(a * s + k * d for a, s, k, d in zip(at, strides, cell, dilation))
        for f in range(filters):
            for c in range(shape[-1]):
                y[target + (f,)] = y.get(target + (f,), 0.0) + kernel[cell + (f, c)] * x[at + (c,)]
    if mode == "same":
        lengths = [n * s for n, s in zip(places, strides)]
        cut = [max(r - s, 0) // 2 for r, s in zip(reach, strides)]
    else:
        lengths = [(n - 1) * s + r + (max(s - r, 0) if extra is None else extra)
                   for n, s, r in zip(places, strides, reach)]
        cut = [0] * len(places)
    moved = {tuple(a - c for a, c in zip(at, cut)) + at[-1:]: v for at, v in y.items()}
    return moved, lengths + [filters]


def pooled(x, shape, size, strides, mode, of):
    outputs, before = geometry(shape[:-1], size, strides, [1] * len(size), mode)
    y = {}
    for at in itertools.product(*map(range, outputs)):
        for c in range(shape[-1]):
            sources = [tuple(a * s + k - b for a, s, k, b in zip(at, strides, cell, before)) + (c,)
                       for cell in itertools.product(*map(range, size))]
            y[at + (c,)] = of([x[source] for source in sources if source in x])
    return y, list(outputs) + [shape[-1]]


def conv_case(op, shape, kernel_shape, options, first=False, extra=None):
    rank, count = len(shape) - 1, 2
    full = {"strides": [1] * rank, "padding": "valid", "dilation_rate": [1] * rank, **options}
    arguments = [full["strides"], full["dilation_rate"], full["padding"]]
    images = [values(shape, 1.0 + 0.3 * i) for i in range(count)]
    kernel = values(kernel_shape, 2.5)
    if op == "conv_transpose":
        results = [transposed(x, shape, kernel, kernel_shape, *arguments, extra) for x in images]
    elif op == "conv":
        results = [convolved(x, shape, kernel, kernel_shape, *arguments) for x in images]
    else:
        results = [convolved(x, shape, *one_channel_each(kernel, kernel_shape), *arguments) for x in images]
    tensors, given = [nested(kernel, kernel_shape)], dict(options)
    if op == "separable_conv":
        point_shape = [1] * rank + [kernel_shape[-2] * kernel_shape[-1], 2]
        point = values(point_shape, 0.4)
        results = [convolved(y, s, point, point_shape, [1] * rank, [1] * rank, "valid") for y, s in results]
        tensors.append(nested(point, point_shape))
    if extra is not None:
        given["output_padding"] = extra
    case(op, [[nested(x, shape) for x in images]] + tensors + [given], [nested(y, s) for y, s in results], first)


def convolutions():
    conv_case("conv", [6, 2], [3, 2, 3], {})
    conv_case("conv", [7, 2], [2, 2, 2], {"padding": "same", "strides": [3]})
    conv_case("conv", [5, 4, 2], [3, 2, 2, 3], {"padding": "same"})
    conv_case("conv", [5, 4, 2], [3, 2, 2, 3], {"padding": "same", "strides": [2, 1]}, first=True)
    conv_case("conv", [5, 5, 1], [2, 3, 1, 2], {"dilation_rate": [2, 1]})
    conv_case("conv", [4, 4, 4], [2, 2, 2, 6], {"padding": "same"})
    conv_case("conv", [3, 3, 4, 2], [2, 1, 3, 2, 2], {"strides": [1, 2, 1]})
    conv_case("conv", [3, 4, 3], [1, 1, 3, 4], {})
    conv_case("depthwise_conv", [5, 4, 3], [3, 2, 3, 1], {})
    conv_case("depthwise_conv", [5, 4, 3], [2, 2, 3, 2], {"padding": "same", "strides": [2, 2]}, first=True)
    conv_case("depthwise_conv", [6, 2], [2, 2, 1], {"dilation_rate": [2]})
    conv_case("separable_conv", [5, 4, 2], [2, 3, 2, 2], {"padding": "same"})
    conv_case("separable_conv", [7, 3], [2, 3, 1], {"strides": [2]}, first=True)
    conv_case("conv_transpose", [4, 2], [3, 3, 2], {"strides": [2]})
    conv_case("conv_transpose", [3, 2, 2], [3, 2, 1, 2], {"padding": "same", "strides": [2, 2]})
    conv_case("conv_transpose", [3, 2, 2], [2, 4, 3, 2], {"strides": [3, 2]}, first=True)
    conv_case("conv_transpose", [4, 1], [3, 2, 1], {"strides": [2]}, extra=1)
    conv_case("conv_transpose", [4, 3, 2], [2, 2, 2, 2], {"dilation_rate": [2, 1]})


def pools():
    for op, of in ("max_pool", max), ("average_pool", lambda v: sum(v) / len(v)):
        for shape, size, options, first in [
                ([6, 2], [2], {}, False), ([5, 5, 2], [2, 2], {"padding": "same"}, False),
                ([5, 4, 3], [3, 2], {"strides": [1, 2], "padding": "same"}, True),
                ([4, 3, 4, 1], [2, 2, 3], {"strides": [1, 1, 1]}, False)]:
            full = {"strides": size, "padding": "valid", **options}
            images = [values(shape, 1.0 + 0.3 * i) for i in range(2)]
            results = [pooled(x, shape, size, full["strides"], full["padding"], of) for x in images]
            case(op, [[nested(x, shape) for x in images], size, options], [nested(y, s) for y, s in results], first)


def main():
    convolutions()
    pools()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations_convolution.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in CASES) + "\n]\n")


if __name__ == "__main__":
    main()
