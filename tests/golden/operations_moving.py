#!/usr/bin/env python3
"""Writes operations_moving.json: results of the operations that move, find and order elements; see operations.py.

    /usr/bin/python3 tests/golden/operations_moving.py        (Debian: python3-torch, python3-numpy)

Axes and positions of slices are written as nnrun has them (from 1), positions that are data from 0.
"""
import numpy as np
import torch

import operations
from operations import case, int32

MATRIX = np.array([[-1.75, -0.4, 0.3], [0.6, 1.2, 2.6]])
VECTOR = np.array([0.5, -1.25, 3.0, 2.0])
CUBE = np.round(np.sin(np.arange(24.0) * 1.7).reshape(2, 3, 4), 4)
WHOLE = np.array([[3, -1, 2], [0, 7, 16777217]])


def results(op, arguments, expected):
    """A case with several results, or a list of them."""
    case(op, arguments, expected)
    operations.CASES[-1]["results"] = operations.CASES[-1].pop("expected")


def shapes():
    case("transpose", [MATRIX], MATRIX.T)
    case("transpose", [CUBE, [2, 3, 1]], CUBE.transpose(1, 2, 0))
    case("transpose", [CUBE, [-1, 1, 2]], CUBE.transpose(2, 0, 1))
    case("transpose", [int32(WHOLE.tolist())], WHOLE.T)
    case("reshape", [MATRIX, [3, -1]], MATRIX.reshape(3, 2))
    case("reshape", [2.5, [1, 1]], [[2.5]])
    case("reshape", [int32(WHOLE.tolist()), [6]], WHOLE.reshape(6))
    case("ravel", [CUBE], CUBE.ravel())
    for x, shape in [(VECTOR, (2, 4)), (MATRIX.reshape(2, 1, 3), (2, 2, 3)), (np.array(2.5), (2, 2)),
                     (MATRIX.reshape(2, 1, 3, 1), (2, 2, 3, 2)), (MATRIX, (2, 3))]:
        case("broadcast_to", [x, list(shape)], np.broadcast_to(x, shape))
    case("broadcast_to", [VECTOR, [3, -1]], np.broadcast_to(VECTOR, (3, 4)))
    case("broadcast_to", [int32(WHOLE.tolist()), [2, 2, 3]], np.broadcast_to(WHOLE, (2, 2, 3)))
    case("flip", [CUBE], np.flip(CUBE))
    case("flip", [CUBE, 2], np.flip(CUBE, 1))
    case("flip", [CUBE, {"axis": [1, -1]}], np.flip(CUBE, (0, 2)))
    case("flip", [int32(WHOLE.tolist()), -1], np.flip(WHOLE, -1))
    case("expand_dims", [MATRIX, 1], np.expand_dims(MATRIX, 0))
    case("expand_dims", [MATRIX, [2, -1]], np.expand_dims(MATRIX, (1, 3)))
    case("squeeze", [MATRIX.reshape(1, 2, 1, 3)], MATRIX)
    case("squeeze", [MATRIX.reshape(1, 2, 1, 3), 3], MATRIX.reshape(1, 2, 3))
    case("moveaxis", [CUBE, 1, -1], np.moveaxis(CUBE, 0, -1))
    case("moveaxis", [CUBE, [1, 2], [3, 1]], np.moveaxis(CUBE, [0, 1], [2, 0]))
    case("swapaxes", [CUBE, 1, -1], np.swapaxes(CUBE, 0, -1))
    for k in range(-1, 4):
        case("rot90", [MATRIX, k], np.rot90(MATRIX, k))
    case("rot90", [CUBE, {"axes": [3, 1]}], np.rot90(CUBE, 1, (2, 0)))


def joining():
    case("concatenate", [[MATRIX, 2 * MATRIX]], np.concatenate([MATRIX, 2 * MATRIX]))
    case("concatenate", [[MATRIX, [[1.5], [2.5]]], 2], np.concatenate([MATRIX, [[1.5], [2.5]]], 1))
    case("concatenate", [[CUBE, CUBE, CUBE], {"axis": -2}], np.concatenate([CUBE, CUBE, CUBE], -2))
    case("stack", [[MATRIX, 2 * MATRIX]], np.stack([MATRIX, 2 * MATRIX]))
    case("stack", [[MATRIX, 2 * MATRIX], -1], np.stack([MATRIX, 2 * MATRIX], -1))
    case("hstack", [[VECTOR, VECTOR]], np.hstack([VECTOR, VECTOR]))
    case("hstack", [[MATRIX, MATRIX]], np.hstack([MATRIX, MATRIX]))
    case("vstack", [[VECTOR, 2 * VECTOR]], np.vstack([VECTOR, 2 * VECTOR]))
    case("vstack", [[MATRIX, MATRIX]], np.vstack([MATRIX, MATRIX]))
    case("append", [MATRIX, VECTOR], np.append(MATRIX, VECTOR))
    case("append", [MATRIX, MATRIX, 2], np.append(MATRIX, MATRIX, 1))
    results("split", [CUBE, 2, 3], np.split(CUBE, 2, 2))
    results("split", [VECTOR, [1, 3]], np.split(VECTOR, [1, 3]))
    results("array_split", [VECTOR, 3], np.array_split(VECTOR, 3))
    results("unstack", [CUBE, {"axis": 2}], [CUBE[:, i] for i in range(3)])
    case("repeated", [MATRIX, 2], np.repeat(MATRIX, 2))
    case("repeated", [MATRIX, 3, -1], np.repeat(MATRIX, 3, -1))
    case("repeated", [MATRIX, [2, 0, 1], 2], np.repeat(MATRIX, [2, 0, 1], 1))
    case("tile", [MATRIX, 2], np.tile(MATRIX, 2))
    case("tile", [MATRIX, [2, 1, 3]], np.tile(MATRIX, [2, 1, 3]))
    case("roll", [MATRIX, 2], np.roll(MATRIX, 2))
    case("roll", [MATRIX, -1, 2], np.roll(MATRIX, -1, 1))
    case("roll", [CUBE, [1, 2], [1, 3]], np.roll(CUBE, [1, 2], [0, 2]))


def slicing():
    case("slice", [CUBE, [1, 2, 2], [2, 2, -1]], CUBE[:, 1:3, 1:])
    case("slice", [VECTOR, [-3], [2]], VECTOR[-3:-1])
    case("slice", [int32(WHOLE.tolist()), [2, 2], [1, 2]], WHOLE[1:2, 1:3])
    case("getitem", [CUBE, 2], CUBE[1])
    case("getitem", [CUBE, [[], 2, [1, 4, 3]]], CUBE[:, 1, 0:4:3])
    case("getitem", [CUBE, [-1, [2, -1]]], CUBE[-1, 1:])
    case("getitem", [CUBE, [1, 2, 3]], CUBE[0, 1, 2])
    case("getitem", [int32(WHOLE.tolist()), [[], -1]], WHOLE[:, -1])
    updated = CUBE.copy()
    updated[1:, 1:, 2:] = [[[9.5, 8.5], [7.5, 6.5]]]
    case("slice_update", [CUBE, [2, 2, 3], [[[9.5, 8.5], [7.5, 6.5]]]], updated)
    case("pad", [MATRIX, 1], np.pad(MATRIX, 1))
    case("pad", [MATRIX, [[0, 0], [2, 1]], "constant", 1.5], np.pad(MATRIX, ((0, 0), (2, 1)), constant_values=1.5))
    for mode in ["edge", "reflect", "symmetric"]:
        case("pad", [MATRIX, [[1, 0], [2, 1]], mode], np.pad(MATRIX, ((1, 0), (2, 1)), mode))
        case("pad", [VECTOR, [6, 9], mode], np.pad(VECTOR, (6, 9), mode))
    case("pad", [int32(WHOLE.tolist()), 1, "constant", 4], np.pad(WHOLE, 1, constant_values=4))


def indexing():
    case("take", [MATRIX, [0, 5, -1, 0]], np.take(MATRIX, [0, 5, -1, 0]))
    case("take", [CUBE, [[0, 2], [1, 1]], 2], np.take(CUBE, [[0, 2], [1, 1]], 1))
    case("take", [MATRIX, int32([1, 0, 1]), {"axis": -2}], np.take(MATRIX, [1, 0, 1], -2))
    case("take", [int32(WHOLE.tolist()), [2, 0], 2], np.take(WHOLE, [2, 0], 1))
    case("take_along_axis", [MATRIX, [4, 0]], np.take_along_axis(MATRIX, np.array([4, 0]), None))
    for axis, index in [(1, [[0, 1, 0], [1, 1, -1]]), (2, [[0, 2], [1, 1]])]:
        case("take_along_axis", [MATRIX, index, axis], np.take_along_axis(MATRIX, np.array(index), axis - 1))
    case("take_along_axis", [CUBE, [[[0], [2], [1]]], 3],
         np.take_along_axis(CUBE, np.broadcast_to(np.array([[[0], [2], [1]]]), (2, 3, 1)), 2))
    case("one_hot", [[0, 2, 1], 3], np.eye(3)[[0, 2, 1]])
    case("one_hot", [[[0, 2], [-1, 5]], 3, {"axis": 2}],
         [[[1, 0], [0, 0], [0, 1]], [[0, 0], [0, 0], [0, 0]]])
    case("multi_hot", [[[0, 2], [1, 1]], 4], [[1, 0, 1, 0], [0, 1, 0, 0]])
    case("multi_hot", [[3, 0], 4], [1, 0, 0, 1])
    results("nonzero", [[[0, 1.5, 0], [-2, 0, 3]]], np.nonzero(np.array([[0, 1.5, 0], [-2, 0, 3]])))
    results("nonzero", [[0, 0]], [[]])


def sorting():
    nan = float("nan")
    ties = np.array([[2.0, 1.0, 2.0, 1.0, 0.5], [3.0, 3.0, 3.0, -1.0, 4.0]])
    long = np.round(np.sin(np.arange(37.0) * 5), 1)
    for x, axis in [(CUBE, 3), (CUBE, 1), (CUBE, -2), (ties, 2), (ties, 1), (long, 1)]:
        at = axis - 1 if axis > 0 else axis
        case("argsort", [x, axis], np.argsort(x, at, kind="stable"))
        case("sort", [x, axis], np.sort(x, at))
    case("argsort", [[2, nan, -1, nan, 5]], np.argsort([2, nan, -1, nan, 5], kind="stable"))
    case("sort", [int32(WHOLE.tolist())], np.sort(WHOLE))
    for x, k in [(CUBE, 2), (ties, 3)]:
        order = np.argsort(-x, -1, kind="stable")[..., :k]
        results("top_k", [x, k], [np.take_along_axis(x, order, -1), order])
    scores = [[0.2, 0.5, 0.3], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]
    case("in_top_k", [[0, 2, 1], scores, 2], [0, 1, 1])
    case("in_top_k", [[0], [[nan, 1.0, 2.0]], 3], [0], kink=True)
    for side in ["left", "right"]:
        case("searchsorted", [[1, 2, 2, 4], [[0, 1, 2], [3, 4, 5]], side],
             np.searchsorted([1, 2, 2, 4], [[0, 1, 2], [3, 4, 5]], side))
    case("digitize", [[0.2, 6.4, 3.0, 1.0], [0, 1, 2.5, 4]], np.digitize([0.2, 6.4, 3.0, 1.0], [0, 1, 2.5, 4]))
    case("bincount", [[0, 1, 1, 3]], np.bincount([0, 1, 1, 3]))
    case("bincount", [[0, 1, 1, 3], [0.5, 1, 2, 4], 6], np.bincount([0, 1, 1, 3], [0.5, 1, 2, 4], 6))


def segments():
    ids, data = [2, 0, 2, 0], CUBE.reshape(4, 6)
    total = torch.zeros(4, 6, dtype=torch.float64).index_add(0, torch.tensor(ids), torch.tensor(data))
    case("segment_sum", [data, ids, 4], total)
    case("segment_sum", [VECTOR, ids], np.bincount(ids, VECTOR))
    greatest = np.full((3, 6), -np.inf)
    np.maximum.at(greatest, ids, data)
    case("segment_max", [data, ids], greatest, kink=True)  # -inf has no slope
    case("segment_max", [data, [1, 0, 1, 0], 2], [greatest[0], greatest[2]])
    for index, values, shape in [([[0, 1], [1, 2], [0, 1]], [5.5, 6.5, 7.0], (2, 3)),
                                 ([[1], [0], [1]], [[1.0, 2.0], [3.0, 4.0], [5.5, 6.5]], (3, 2))]:
        out = np.zeros(shape)
        np.add.at(out, tuple(np.array(index).T), values)
        case("scatter", [index, values, list(shape)], out)
    for index, values in [([[0, 1], [1, 2], [0, 1]], [5.5, 6.5, 7.0]), ([[1]], [[1.0, 2.0, 3.5]])]:
        out = MATRIX.copy()
        out[tuple(np.array(index).T)] = values
        case("scatter_update", [MATRIX, index, values], out)


def triangles():
    square = CUBE.reshape(2, 4, 3)
    for k in [0, 1, -2]:
        case("tril", [square, k], np.tril(square, k))
        case("triu", [square, k], np.triu(square, k))
        case("diagonal", [CUBE[0], k], np.diagonal(CUBE[0], k))
        case("diagonal", [CUBE, k, 3, 1], np.diagonal(CUBE, k, 2, 0))
        case("diag", [VECTOR, k], np.diag(VECTOR, k))
        case("diag", [MATRIX, k], np.diag(MATRIX, k))
        case("trace", [CUBE, {"offset": k}], np.trace(CUBE, k))
    case("diagonal", [MATRIX, 5], [])
    case("triu", [int32(WHOLE.tolist())], np.triu(WHOLE))


def making():
    case("zeros", [[2, 3]], np.zeros((2, 3)))
    case("ones", [[2]], np.ones(2))
    case("full", [[], 2.5], 2.5)
    case("full", [[2, 1], 7], [[7], [7]])
    case("zeros_like", [MATRIX], np.zeros((2, 3)))
    case("ones_like", [MATRIX], np.ones((2, 3)))
    case("full_like", [MATRIX, 1.5], np.full((2, 3), 1.5))
    case("arange", [4], np.arange(4))
    case("arange", [1, 2, 0.25], np.arange(1, 2, 0.25))
    case("linspace", [-1, 2, 4], np.linspace(-1, 2, 4))
    case("linspace", [0, 1, {"num": 4, "endpoint": False}], np.linspace(0, 1, 4, False))
    case("linspace", [3, 5, 1], np.linspace(3, 5, 1))
    case("eye", [2], np.eye(2))
    case("eye", [3, 4, -1], np.eye(3, 4, -1))
    case("identity", [3], np.identity(3))
    results("meshgrid", [[VECTOR, [1.0, 2.0]]], np.meshgrid(VECTOR, [1, 2]))
    results("meshgrid", [[VECTOR, [1.0, 2.0], [5.0, 6.0, 7.0]], "ij"], np.meshgrid(VECTOR, [1, 2], [5, 6, 7], indexing="ij"))
    case("cast", [MATRIX, "float32"], MATRIX)
    case("cast", [MATRIX, "int32"], MATRIX.astype("int32"))
    case("convert_to_tensor", [MATRIX], MATRIX)


if __name__ == "__main__":
    for family in [shapes, joining, slicing, indexing, sorting, segments, triangles, making]:
        family()
    operations.write("operations_moving.json")
