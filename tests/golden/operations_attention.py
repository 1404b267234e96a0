#!/usr/bin/env python3
"""Writes operations_attention.json: dot-product attention, computed from its definition in plain Python.

    python3 tests/golden/operations_attention.py        (no libraries)

All scores of a head are made at once, and the mask is written out: nothing like the engine's blocks of queries.
"""
import json
import math
import os

CASES = []


def numbers(*shape, seed=1.0):
    """Numbers that differ from each other."""
    count = math.prod(shape)
    flat = [round(math.sin(seed + 1.7 * i), 3) for i in range(count)]
    for length in reversed(shape[1:]):
        flat = [flat[i:i + length] for i in range(0, len(flat), length)]
    return flat


def at(values, *places):
    """An element of a nested list that is broadcast."""
    depth, inner = 0, values
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    for place in places[len(places) - depth:]:
        values = values[place if len(values) > 1 else 0]
    return values


def softmax(scores):
    most = max(scores)
    powers = [math.exp(s - most) for s in scores]
    return [p / sum(powers) for p in powers]


def weights(q, keys, allowed, scale, bias):
    """How much a query looks at each key; all the same if it may see none."""
    scores = [scale * sum(a * b for a, b in zip(q, key)) + bias[j] for j, key in enumerate(keys)]
    if not any(allowed):
        return [1 / len(keys)] * len(keys)
    return softmax([s if ok else -math.inf for s, ok in zip(scores, allowed)])


def attention(query, key, value, mask=1, bias=0, scale=None, is_causal=False):
    heads, key_heads = len(query[0][0]), len(key[0][0])
    scale = scale or len(query[0][0][0]) ** -0.5
    result = []
    for n, sample in enumerate(query):
        rows = []
        for i, place in enumerate(sample):
            row = []
            for h in range(heads):
                own = h // (heads // key_heads)
                keys, values = [k[own] for k in key[n]], [v[own] for v in value[n]]
                allowed = [bool(at(mask, n, h, i, j)) and not (is_causal and j > i) for j in range(len(keys))]
                p = weights(place[h], keys, allowed, scale, [at(bias, n, h, i, j) for j in range(len(keys))])
                row.append([sum(p[j] * v[c] for j, v in enumerate(values)) for c in range(len(values[0]))])
            rows.append(row)
        result.append(rows)
    return result


def plain(value):
    return [plain(each) for each in value] if isinstance(value, list) else float("%.9g" % value)


def case(query, key, value, kink=False, **options):
    """kink: too large a number is left out by the mask for finite differences."""
    line = [query, key, value] + ([options] if options else [])
    CASES.append({"op": "dot_product_attention", "arguments": line,
                  "expected": plain(attention(query, key, value, **options))} | ({"kink": True} if kink else {}))


Q, K, V = numbers(2, 3, 2, 4), numbers(2, 5, 2, 4, seed=2.0), numbers(2, 5, 2, 3, seed=3.0)
case(Q, K, V)
case(Q, K, V, is_causal=True)
case(Q, K, V, scale=0.7, mask=[[1, 0, 1, 1, 0]])
case(Q, K, V, mask=[[[[1, 1, 0, 0, 1]]], [[[0, 1, 1, 1, 1]]]], is_causal=True)
case(Q, K, V, mask=[[[1, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]])
case(numbers(1, 2, 4, 3), numbers(1, 3, 2, 3, seed=4.0), numbers(1, 3, 2, 2, seed=5.0), is_causal=True)
case(Q, K, V, bias=numbers(2, 3, 5, seed=6.0), is_causal=True, kink=True)
case(numbers(1, 2, 4, 3), numbers(1, 3, 2, 3, seed=4.0), numbers(1, 3, 2, 2, seed=5.0), bias=[0.5, -0.5, 0.25],
     mask=[[1, 0, 1], [1, 1, 1]], kink=True)
# More queries than one block of the engine holds.
case(numbers(1, 70, 1, 1), numbers(1, 70, 1, 1, seed=7.0), numbers(1, 70, 1, 1, seed=8.0), is_causal=True)

with open(os.path.join(os.path.dirname(__file__), "operations_attention.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in CASES) + "\n]\n")
