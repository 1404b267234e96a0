"""Networks of words (tests/bench/networks.lua) as modules of PyTorch. Pictures come with channels first."""
import math

from torch import nn, tril, ones, arange


# ---- layers with Keras' initial weights ----

def _linear(width_in, width_out):
    linear = nn.Linear(width_in, width_out)
    nn.init.xavier_uniform_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear


def _embedding(count, width):
    embedding = nn.Embedding(count, width)
    nn.init.uniform_(embedding.weight, -0.05, 0.05)
    return embedding


def _recurrent(kind, width, units):
    layer = kind(width, units, batch_first=True)
    nn.init.xavier_uniform_(layer.weight_ih_l0)
    nn.init.orthogonal_(layer.weight_hh_l0)
    nn.init.zeros_(layer.bias_ih_l0)
    nn.init.zeros_(layer.bias_hh_l0)
    if kind is nn.LSTM:
        nn.init.ones_(layer.bias_ih_l0.data[units:2 * units])  # of the forget gate
    return layer


class LastStep(nn.Module):
    """A recurrent layer: the output of each step, or of the last."""

    def __init__(self, layer, all_steps):
        super().__init__()
        self.layer, self.all_steps = layer, all_steps

    def forward(self, x):
        y, _ = self.layer(x)
        return y if self.all_steps else y[:, -1]


class Tokens(nn.Module):
    """Vectors of ids plus vectors of positions."""

    def __init__(self, count, width, steps):
        super().__init__()
        self.ids, self.positions = _embedding(count, width), _embedding(steps, width)

    def forward(self, x):
        return self.ids(x) + self.positions(arange(x.shape[1]))


class Block(nn.Module):
    """Causal attention, then two dense layers, each beside a path that skips it."""

    def __init__(self, width, heads, steps):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = _linear(width, 3 * width), _linear(width, width)
        self.wide = nn.Sequential(_linear(width, 4 * width), nn.GELU(), _linear(4 * width, width))
        self.register_buffer("later", tril(ones(steps, steps)) == 0)

    def attend(self, x):
        batch, steps, width = x.shape
        q, k, v = (part.view(batch, steps, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(width, 2))
        scores = (q @ k.transpose(2, 3)) / math.sqrt(width // self.heads)
        y = scores.masked_fill(self.later, -math.inf).softmax(3) @ v
        return self.out(y.transpose(1, 2).reshape(batch, steps, width))

    def forward(self, x):
        x = x + self.attend(self.first(x))
        return x + self.wide(self.second(x))


def shape_of(word):
    """'150x150x3' -> [150, 150, 3]"""
    return [int(size) for size in str(word).split("x")]


def takes_ids(layers):
    return str(layers[1]).startswith(("embedding", "tokens"))


def _conv(shape, filters, size, same, norm):
    conv = nn.Conv2d(shape[2], filters, size, padding=size // 2 if same else 0)
    nn.init.xavier_uniform_(conv.weight)
    nn.init.zeros_(conv.bias)
    loss = 0 if same else size - 1
    layers = [conv] + ([nn.BatchNorm2d(filters)] if norm else []) + [nn.ReLU()]
    return layers, [shape[0] - loss, shape[1] - loss, filters]


def _layers(shape, word):
    """The modules of a word, and the shape after them."""
    kind, *rest = word.split("-")
    numbers = [int(number) for number in rest if number.isdigit()]
    if kind in ("conv", "convnorm"):
        return _conv(shape, *numbers, rest[-1] == "same", kind == "convnorm")
    if kind == "pool":
        return [nn.MaxPool2d(numbers[0])], [shape[0] // numbers[0], shape[1] // numbers[0], shape[2]]
    if kind == "embedding":
        return [_embedding(*numbers)], shape + [numbers[1]]
    if kind == "tokens":
        return [Tokens(*numbers, shape[0])], shape + [numbers[1]]
    if kind == "block":
        return [Block(shape[1], numbers[0], shape[0])], shape
    all_steps, kinds = kind.endswith("s"), {"lstm": nn.LSTM, "gru": nn.GRU}
    layer = _recurrent(kinds[kind.rstrip("s")], shape[1], numbers[0])
    return [LastStep(layer, all_steps)], shape[:1] + numbers if all_steps else numbers


def build(words):
    """The network without the loss's own activation."""
    shape, layers = shape_of(words[0]), []
    for i, word in enumerate(words[1:], 1):
        if isinstance(word, int):
            if len(shape) == 3:
                layers.append(nn.Flatten())
                shape = [math.prod(shape)]
            layers.append(_linear(shape[-1], word))
            shape = shape[:-1] + [word]
            if i < len(words) - 1:
                layers.append(nn.ReLU())
        else:
            added, shape = _layers(shape, word)
            layers += added
    return nn.Sequential(*layers)
