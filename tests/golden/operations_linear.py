#!/usr/bin/env python3
"""Writes operations_linear.json: linear algebra and statistics as NumPy and PyTorch compute them in double precision.

    python3 tests/golden/operations_linear.py        (Debian: python3-torch, python3-numpy)

The lines are like those of operations.py. Operations with several results have them under "results".
"""
import json
import os

import numpy as np
import torch

from operations import plain, plain_argument

CASES = []


def case(op, arguments, *expected, kink=False):
    line = {"op": op, "arguments": [plain_argument(a) for a in arguments]}
    if len(expected) == 1:
        line["expected"] = plain(expected[0])
    else:
        line["results"] = [plain(each) for each in expected]
    if kink:
        line["kink"] = True
    CASES.append(line)


A = [[2.0, 0.5, -0.3], [0.7, 1.5, 0.4], [-0.2, 0.6, 1.25]]
B = [[-1.0, 0.4, 0.9], [0.3, 1.1, -0.6], [0.8, -0.2, 0.7]]
POSITIVE = [[2.0, 0.5, -0.3], [0.5, 1.5, 0.4], [-0.3, 0.4, 1.25]]
TALL = [[1.0, 0.5], [-0.4, 2.0], [0.3, -0.7]]
BATCH = [A, B]


def signed(vectors):
    """1 or -1 for each vector (the last axis), so that its number of greatest size becomes positive, as in nnrun."""
    greatest = np.take_along_axis(vectors, np.abs(vectors).argmax(-1)[..., None], -1)
    return np.where(greatest < 0, -1, 1)


def eigh(x):
    values, vectors = np.linalg.eigh(x)
    rows = np.swapaxes(vectors, -1, -2)
    return values, np.swapaxes(rows * signed(rows), -1, -2)


def svd(x, full):
    u, s, vt = np.linalg.svd(x, full_matrices=full)
    k, signs = len(s), signed(u.T)
    rest = np.ones((len(vt), 1))
    rest[:k], rest[k:] = signs[:k], signed(vt[k:])
    return (u.T * signs).T, s, vt * rest


def linear():
    case("inv", [A], np.linalg.inv(A))
    case("inv", [BATCH], np.linalg.inv(BATCH))
    case("det", [A], np.linalg.det(A))
    case("det", [BATCH], np.linalg.det(BATCH))
    case("det", [[[1.0, 2.0], [3.0, 4.0]]], -2)
    case("slogdet", [BATCH], *np.linalg.slogdet(BATCH))
    case("logdet", [POSITIVE], np.linalg.slogdet(POSITIVE)[1])
    case("solve", [A, TALL], np.linalg.solve(A, TALL))
    case("solve", [A, [1.0, -2.0, 0.5]], np.linalg.solve(A, [1.0, -2.0, 0.5]))
    case("solve", [BATCH, [TALL, TALL]], np.linalg.solve(BATCH, [TALL, TALL]))
    case("cholesky", [POSITIVE], np.linalg.cholesky(POSITIVE))
    case("cholesky", [[POSITIVE, [[4.0, 1, 0], [1, 3.0, 0.5], [0, 0.5, 2.0]]], {"upper": True}],
         np.swapaxes(np.linalg.cholesky([POSITIVE, [[4.0, 1, 0], [1, 3.0, 0.5], [0, 0.5, 2.0]]]), 1, 2))
    case("eigh", [POSITIVE], *eigh(POSITIVE))
    case("eigh", [[POSITIVE, POSITIVE]], *eigh([POSITIVE, POSITIVE]))
    case("svd", [TALL], *svd(TALL, True))
    case("svd", [TALL, {"full_matrices": False}], *svd(TALL, False))
    case("svd", [np.transpose(TALL).tolist(), {"full_matrices": False}], *svd(np.transpose(TALL), False))
    case("svd", [np.transpose(TALL).tolist()], *svd(np.transpose(TALL), True))
    case("svd", [[TALL, TALL], {"compute_uv": False}], np.linalg.svd([TALL, TALL], compute_uv=False))
    case("qr", [TALL], *np.linalg.qr(TALL))
    case("qr", [np.transpose(TALL).tolist()], *np.linalg.qr(np.transpose(TALL)))


def statistics():
    x = [[3.0, -1.0, 2.5, 0.0], [1.5, 4.0, -2.0, 0.5]]
    case("median", [x], np.median(x))
    case("median", [x, 2], np.median(x, axis=1))
    case("median", [x, {"axis": 1, "keepdims": True}], np.median(x, axis=0, keepdims=True))
    case("quantile", [x, 0.3], np.quantile(x, 0.3))
    case("quantile", [x, [0.0, 0.25, 1.0], 2], np.quantile(x, [0.0, 0.25, 1.0], axis=1))
    for method in ["lower", "higher", "midpoint", "nearest"]:
        case("quantile", [x, 0.45, {"method": method}], np.quantile(x, 0.45, method=method))
    case("quantile", [x, 0.5, {"keepdims": True}], np.quantile(x, 0.5, keepdims=True))
    case("unique", [[3.0, 1.0, 3.0, -2.0]], np.unique([3.0, 1.0, 3.0, -2.0]))
    case("unique", [[3.0, 1.0, 3.0, -2.0], {"return_inverse": True, "return_counts": True}],
         *np.unique([3.0, 1.0, 3.0, -2.0], return_inverse=True, return_counts=True))
    case("histogram", [[1.0, 2.0, 2.0, 4.0, 2.25], 3], *np.histogram([1.0, 2.0, 2.0, 4.0, 2.25], 3))
    case("histogram", [[1.0, 2.0, 2.0, 4.0], {"bins": 4, "range": [1.5, 2.5]}],
         *np.histogram([1.0, 2.0, 2.0, 4.0], 4, (1.5, 2.5)))
    case("isclose", [[1.0, 2.0, -3.0], [1.000001, 2.1, -3.0]],
         np.isclose([1.0, 2.0, -3.0], [1.000001, 2.1, -3.0]).astype(int), kink=True)
    case("isclose", [[1.0, 2.0], [1.5, 5.0], {"rtol": 0.5, "equal_nan": True}], [1, 0], kink=True)
    long, short = [1.0, -0.5, 2.0, 0.7, 3.0], [0.5, 1.0, -2.0]
    for mode in ["valid", "same", "full"]:
        case("correlate", [long, short, mode], np.correlate(long, short, mode))
        case("correlate", [short, long, mode], np.correlate(short, long, mode))
        case("correlate", [long, short[:2], mode], np.correlate(long, short[:2], mode))
    inside = [-0.95, -0.3, 0.0, 0.2, 0.7, 0.97]
    case("erfinv", [inside], torch.erfinv(torch.tensor(inside, dtype=torch.float64)))


if __name__ == "__main__":
    linear()
    statistics()
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "operations_linear.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each) for each in CASES) + "\n]\n")
