#!/usr/bin/env python3
"""Writes operations.json: results of operations as PyTorch and NumPy compute them in double precision.

    python3 tests/golden/operations.py        (Debian: python3-torch, python3-numpy)

A line is a case: the name in nn.ops, its arguments (tensors as nested lists; {"int32": ...} for integers; options as an
object at the end, with nnrun's axes), and what is expected. Each family has a function here. Values lie away from kinks
such as relu's at 0 (but for cases marked `kink`), so that finite differences see the gradient that is tested with them.
"""
import json
import os

import numpy as np
import torch

CASES = []


def plain(value):
    """A number, array or tensor as JSON; nan and infinities as strings."""
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        value = float(value)
        if value != value:
            return "nan"
        if abs(value) == float("inf"):
            return "inf" if value > 0 else "-inf"
        return float("%.9g" % value)
    if isinstance(value, np.integer):
        return int(value)
    return value


def case(op, arguments, expected, kink=False):
    """One line; arguments and expected as nnrun has them."""
    line = {"op": op, "arguments": [plain_argument(a) for a in arguments], "expected": plain(expected)}
    if kink:
        line["kink"] = True
    CASES.append(line)


def plain_argument(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {key: plain_argument(each) for key, each in value.items()}
    return plain(value)


def t(value):
    return torch.tensor(value, dtype=torch.float64)


def int32(value):
    return {"int32": value}


MATRIX = [[-1.75, -0.4, 0.3], [0.6, 1.2, 2.6]]
ABOVE_0 = [[0.25, 0.4, 0.9], [1.3, 2.6, 7.5]]
BELOW_1 = [[-0.9, -0.4, -0.1], [0.2, 0.55, 0.8]]
SPECIAL = [float("-inf"), -1.0, 0.0, 1.0, float("inf"), float("nan")]


def unary():
    over = {"arccos": BELOW_1, "arcsin": BELOW_1, "arctanh": BELOW_1, "arccosh": [[1.1, 1.5, 2.0], [3.0, 5.0, 9.0]],
            "log": ABOVE_0, "log10": ABOVE_0, "log1p": ABOVE_0, "log2": ABOVE_0, "rsqrt": ABOVE_0, "sqrt": ABOVE_0}
    for name in ["abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "cos", "cosh", "erf",
                 "exp", "expm1", "floor", "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "logical_not",
                 "negative", "reciprocal", "round", "rsqrt", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh"]:
        f = (lambda x: np.sign(x.numpy())) if name == "sign" else getattr(torch, name)  # torch: sign(nan) = 0
        x = over.get(name, MATRIX)
        case(name, [x], f(t(x)))
        case(name, [x[1][2]], f(t(x[1][2])))
        case(name, [SPECIAL], f(t(SPECIAL)), kink=True)
    for name in ["abs", "negative", "sign", "square"]:
        case(name, [int32([-3, 0, 4])], getattr(torch, name)(torch.tensor([-3, 0, 4])))
    case("round", [[-1.5, -0.5, 0.5, 1.5, 2.5]], [-2.0, -0.0, 0.0, 2.0, 2.0], kink=True)


ROW = [0.7, -1.3, 2.2]
COLUMN = [[1.45], [-2.25]]


def binary():
    names = ["add", "subtract", "multiply", "divide", "floor_divide", "arctan2", "hypot", "logaddexp", "maximum",
             "minimum", "equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "logical_and",
             "logical_or", "logical_xor", "mod"]
    others = {"equal": torch.eq, "not_equal": torch.ne, "greater": torch.gt, "greater_equal": torch.ge,
              "less": torch.lt, "less_equal": torch.le, "mod": torch.remainder}
    for name in names:
        f = others.get(name) or getattr(torch, name)
        for a, b in [(MATRIX, [[0.8, -0.9, 1.9], [-0.35, 2.2, -1.6]]), (MATRIX, ROW), (ROW, MATRIX), (COLUMN, MATRIX),
                     (MATRIX, 0.7), (-1.3, MATRIX), (COLUMN, ROW), ([[MATRIX], [MATRIX]], [COLUMN, COLUMN]),
                     (0.7, -2.2)]:
            case(name, [a, b], f(t(a), t(b)))
    for name in ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum"]:
        f = others.get(name) or getattr(torch, name)
        case(name, [[1.0, 2.0, float("nan"), 0.0], [1.0, 3.0, 0.0, float("nan")]],
             f(t([1.0, 2.0, float("nan"), 0.0]), t([1.0, 3.0, 0.0, float("nan")])), kink=True)
        case(name, [int32([16777217, 2]), int32([16777216, 2])], [f(torch.tensor(a), torch.tensor(b)).item()
             for a, b in [(16777217, 16777216), (2, 2)]])
    for name in ["add", "subtract", "multiply"]:
        case(name, [int32([30000001, -2]), 3], [getattr(torch, name)(torch.tensor(a), 3).item()
             for a in (30000001, -2)])
    case("floor_divide", [int32([7, -7]), 2], [3, -4])
    case("mod", [int32([7, -7]), 2], [1, 1])
    case("divide_no_nan", [MATRIX, [[2.0, 0.0, -4.0], [0.0, 1.6, 0.5]]],
         [[-0.875, 0, -0.075], [0, 0.75, 5.2]], kink=True)
    case("divide_no_nan", [MATRIX, ROW], t(MATRIX) / t(ROW))
    for a, b in [(ABOVE_0, MATRIX), (ABOVE_0, [0.5, 2.0, -1.2]), (MATRIX, 3.0), (MATRIX, 2.0), (2.5, MATRIX)]:
        case("power", [a, b], torch.pow(t(a), t(b)))
    case("power", [[0.0, 0.0, 2.0], [2.0, 0.0, 0.0]], [0.0, 1.0, 1.0], kink=True)
    condition = [[1, 0, 0], [0, 1, 1]]
    case("where", [condition, MATRIX, [[9.0], [8.0]]], np.where(condition, MATRIX, [[9.0], [8.0]]))
    case("where", [[1, 0, 1], MATRIX, 0.0], np.where([1, 0, 1], MATRIX, 0.0))
    case("where", [int32([1, 0]), int32([16777217, 2]), int32([1, 16777217])], [16777217, 16777217])
    case("clip", [MATRIX, -0.5, 1.0], np.clip(MATRIX, -0.5, 1.0))
    case("clip", [MATRIX, {"x_min": 0, "x_max": 2}], np.clip(MATRIX, 0, 2))
    case("clip", [int32([-5, 5]), 0, 3], [0, 3])
    case("round", [[1.26, -3.749], 1], [1.3, -3.7], kink=True)
    case("round", [[1249.0, 1251.0], -2], [1200.0, 1300.0], kink=True)
    case("stop_gradient", [MATRIX], MATRIX)


CUBE = [[[0.7, -1.3, 2.2], [0.4, 1.9, -0.8]], [[-2.4, 0.3, 1.1], [1.5, -0.6, 2.9]]]


def reductions():
    x = np.array(CUBE)
    functions = {"sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min, "var": np.var,
                 "std": np.std, "logsumexp": lambda a, **o: np.log(np.sum(np.exp(a), **o)), "any": np.any,
                 "all": np.all, "amax": np.amax, "amin": np.amin}
    for name, f in functions.items():
        case(name, [CUBE], f(x))
        for axis in (0, 1, 2, (0, 1), (0, 2), (1, 2), (0, 1, 2)):
            place = [a + 1 for a in axis] if isinstance(axis, tuple) else axis + 1
            case(name, [CUBE, place], f(x, axis=axis))
            case(name, [CUBE, {"axis": place, "keepdims": True}], f(x, axis=axis, keepdims=True))
        case(name, [CUBE, -2], f(x, axis=1))
        case(name, [[[[1.5], [2.5]]], [1, -1]], f(np.array([[[1.5], [2.5]]]), axis=(0, 2)),
             kink=name == "std")
        case(name, [3.5], f(np.array(3.5)), kink=name == "std")
    case("sum", [int32([[30000001, 2], [3, 4]])], 30000010)
    case("sum", [int32([[30000001, 2], [3, 4]]), 1], [30000004, 6])
    case("max", [int32([1, 16777217])], 16777217)
    case("max", [[[2.0, 2.0, 1.0], [float("nan"), 5.0, 1.0]], 2], [2.0, float("nan")], kink=True)
    case("min", [[[2.0, 2.0, 3.0], [float("nan"), 5.0, 1.0]], 2], [2.0, float("nan")], kink=True)
    case("prod", [[[2.0, 0.0, 3.0], [0.0, 5.0, 0.0]], 2], [0.0, 0.0])
    case("logsumexp", [[1000.0, 1000.0]], 1000.6931471805599)
    case("logsumexp", [[float("-inf"), float("-inf")]], float("-inf"), kink=True)
    case("count_nonzero", [[[0.0, 2.0], [0.0, 0.0]]], 1)
    case("count_nonzero", [[[0.0, 2.0], [0.0, 0.0]], 1], [0, 1])
    case("any", [[[0.0, 2.0], [0.0, 0.0]], 1], [0, 1])
    case("all", [[[1.0, 2.0], [0.0, 1.0]], 1], [0, 1])
    for name, f in {"argmax": np.argmax, "argmin": np.argmin}.items():
        case(name, [CUBE], f(x))
        for axis in (0, 1, 2, -1):
            case(name, [CUBE, axis + (axis >= 0)], f(x, axis=axis))
            case(name, [CUBE, {"axis": axis + (axis >= 0), "keepdims": True}], np.expand_dims(f(x, axis=axis), axis))
        case(name, [int32([3, 16777216, 16777217, 2])], 2 if name == "argmax" else 3)
        case(name, [[1.0, float("nan"), 3.0, 0.0]], 1)
        case(name, [[2.0, 2.0, 2.0]], 0)
    for name, f in {"cumsum": np.cumsum, "cumprod": np.cumprod}.items():
        case(name, [CUBE], f(x))
        for axis in (0, 1, 2, -1):
            case(name, [CUBE, axis + (axis >= 0)], f(x, axis=axis))
    case("cumprod", [[2.0, 0.0, 3.0, 0.0]], [2.0, 0.0, 0.0, 0.0])
    case("moments", [CUBE, 1], [x.mean(axis=0), x.var(axis=0)])
    CASES[-1]["results"] = CASES[-1].pop("expected")
    case("average", [CUBE], x.mean())
    case("average", [MATRIX, 2, [1, 2, 1]], np.average(MATRIX, axis=1, weights=[1, 2, 1]))
    case("average", [MATRIX, {"weights": [[1, 2, 1], [3, 0, 2]]}],
         np.average(MATRIX, weights=[[1, 2, 1], [3, 0, 2]]))


def activations():
    F = torch.nn.functional
    functions = {"relu": F.relu, "relu6": F.relu6, "sigmoid": torch.sigmoid, "silu": F.silu, "softplus": F.softplus,
                 "softsign": F.softsign, "elu": F.elu, "selu": F.selu, "celu": F.celu, "hard_sigmoid": F.hardsigmoid,
                 "hard_silu": F.hardswish, "hard_tanh": F.hardtanh, "hard_shrink": F.hardshrink,
                 "soft_shrink": F.softshrink, "log_sigmoid": F.logsigmoid, "tanh_shrink": F.tanhshrink,
                 "mish": F.mish, "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
                 "squareplus": lambda x: (x + torch.sqrt(x * x + 4)) / 2,
                 "sparse_sigmoid": lambda x: torch.clamp((x + 1) / 2, 0, 1),
                 "sparse_plus": lambda x: torch.where(x <= -1, 0, torch.where(x >= 1, x, (x + 1) ** 2 / 4))}
    for name, f in functions.items():
        case(name, [MATRIX], f(t(MATRIX)))
        case(name, [0.3], f(t(0.3)))
    x = t(MATRIX)
    tanh = 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x ** 3)))
    case("gelu", [MATRIX], tanh)
    case("gelu", [MATRIX, False], F.gelu(x))
    case("elu", [MATRIX, 0.5], F.elu(x, 0.5))
    case("leaky_relu", [MATRIX, {"negative_slope": 0.3}], F.leaky_relu(x, 0.3))
    case("threshold", [MATRIX, 0.5, 0.1], F.threshold(x, 0.5, 0.1))
    cube = t(CUBE)
    for name, f in {"softmax": torch.softmax, "log_softmax": torch.log_softmax}.items():
        case(name, [CUBE], f(cube, -1))
        for axis in (0, 1, 2):
            case(name, [CUBE, axis + 1], f(cube, axis))
        case(name, [CUBE, [2, 3]], f(cube.reshape(2, 6), -1).reshape(2, 2, 3))
    case("sparsemax", [[[0.3, 0.9, 0.5], [3.0, 0.2, 0.1]]], [[0.0666666667, 0.6666666667, 0.2666666667], [1, 0, 0]])
    case("glu", [[[1.0, 2.0, 0.5, -1.0]]], F.glu(t([[1.0, 2.0, 0.5, -1.0]])))
    case("glu", [CUBE, 2], F.glu(cube, 1))


def products():
    def numbers(*shape):
        return np.round(np.sin(np.arange(np.prod(shape)) * 1.7 + len(shape)) * 2, 2).reshape(shape)

    for a, b in [((2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,)), ((3,), (3,)), ((2, 5, 3), (3, 4)),
                 ((2, 5, 3), (2, 3, 4)), ((2, 1, 5, 3), (2, 3, 4)), ((5, 3), (2, 3, 4)), ((1, 2, 3), (2, 3, 2)),
                 ((2, 5, 3), (3,)), ((3,), (2, 3, 4))]:
        a, b = numbers(*a), numbers(*b)
        case("matmul", [a, b], a @ b)
    for a, b in [((2, 3), (3, 4)), ((3,), (3,)), ((2, 2, 3), (4, 3, 2)), ((2, 3), (3,))]:
        a, b = numbers(*a), numbers(*b)
        case("dot", [a, b], np.dot(a, b))
    case("dot", [2.0, [1.0, 3.0]], [2.0, 6.0])
    a, b = numbers(2, 3, 4), numbers(3, 4, 5)
    case("tensordot", [a, b], np.tensordot(a, b))
    case("tensordot", [a, numbers(5, 3), [[2], [-1]]], np.tensordot(a, numbers(5, 3), ((1,), (1,))))
    case("tensordot", [[1.0, 2.0], [3.0, 4.0, 5.0], 0], np.tensordot([1.0, 2.0], [3.0, 4.0, 5.0], 0))
    case("inner", [numbers(2, 3), numbers(4, 3)], np.inner(numbers(2, 3), numbers(4, 3)))
    case("outer", [numbers(2, 2), [1.0, 3.0]], np.outer(numbers(2, 2), [1.0, 3.0]))
    case("vdot", [numbers(2, 3), numbers(3, 2)], np.vdot(numbers(2, 3), numbers(3, 2)))
    for text, shapes in {"ij,jk->ik": [(2, 3), (3, 4)], "bij,bjk->bik": [(2, 3, 4), (2, 4, 5)], "ij->ji": [(2, 3)],
                         "ij->": [(2, 3)], "ij,j": [(2, 3), (3,)], "i,j->ji": [(2,), (3,)], "bij,kj->bki":
                         [(2, 3, 4), (5, 4)], "ij,jk,kl->il": [(2, 3), (3, 4), (4, 2)], "ijk,j->k": [(2, 3, 4), (3,)],
                         "bhqd,bhkd->bhqk": [(2, 2, 3, 4), (2, 2, 5, 4)]}.items():
        tensors = [numbers(*shape) for shape in shapes]
        case("einsum", [text, *tensors], np.einsum(text, *tensors))
    x = np.array(MATRIX)
    case("norm", [MATRIX], np.linalg.norm(x))
    case("norm", [MATRIX, {"axis": 2}], np.linalg.norm(x, axis=1))
    for power in (1, 2, 3):
        case("norm", [MATRIX, power, 1, True], np.linalg.norm(x, power, 0, keepdims=True))
    case("norm", [MATRIX, "fro", [1, 2]], np.linalg.norm(x, "fro", (0, 1)))
    case("normalize", [MATRIX], x / np.linalg.norm(x, axis=1, keepdims=True))
    case("normalize", [MATRIX, {"axis": 1, "order": 1}], x / np.abs(x).sum(0))


def crossentropies():
    p = np.array([[0.2, 0.7, 0.3], [0.6, 0.1, 0.9]])
    target = np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 1.0]])
    x = np.array(MATRIX)
    sigmoid = 1 / (1 + np.exp(-x))
    case("binary_crossentropy", [target, p], -(target * np.log(p) + (1 - target) * np.log(1 - p)))
    case("binary_crossentropy", [target, MATRIX, True],
         -(target * np.log(sigmoid) + (1 - target) * np.log(1 - sigmoid)))
    normal = p / p.sum(1, keepdims=True)
    case("categorical_crossentropy", [target, p], -(target * np.log(normal)).sum(1))
    logs = torch.log_softmax(t(MATRIX), 1).numpy()
    case("categorical_crossentropy", [target, MATRIX, True], -(target * logs).sum(1))
    case("categorical_crossentropy", [target.T, x.T, {"from_logits": True, "axis": 1}], -(target * logs).sum(1))
    case("sparse_categorical_crossentropy", [int32([2, 0]), p], -np.log([normal[0, 2], normal[1, 0]]))
    case("sparse_categorical_crossentropy", [int32([2, 0]), MATRIX, True], [-logs[0, 2], -logs[1, 0]])


def write(name):
    """Writes all cases so far into a file beside this one."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each) for each in CASES) + "\n]\n")


if __name__ == "__main__":
    unary()
    binary()
    reductions()
    activations()
    products()
    crossentropies()
    write("operations.json")
