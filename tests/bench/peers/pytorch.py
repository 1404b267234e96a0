"""PyTorch in eager mode. "foreach": its optimizers that update all parameters at once. "best": channels last."""
import sys
import time

import torch
from torch import nn
from torch.nn import functional

import networks
import workload

FOREACH, BEST = "foreach" in sys.argv[1:], "best" in sys.argv[1:]
LOSSES = {
    "crossentropy": functional.cross_entropy,
    "binary_crossentropy": functional.binary_cross_entropy_with_logits,
    "mse": functional.mse_loss,
}


def inputs(w, x):
    """(samples, width) in the shape and order in memory that the network takes."""
    shape = networks.shape_of(w.layers[0])
    if networks.takes_ids(w.layers):
        return x.long()
    x = x.reshape(-1, *shape)
    if len(shape) == 3 and not BEST:
        return x.permute(0, 3, 1, 2).contiguous()
    return x


def convert(w, arrays):
    x, y, x_test, y_test = (torch.from_numpy(array) for array in arrays)
    x, x_test = inputs(w, x), inputs(w, x_test)
    if w.loss == "crossentropy":
        shape = (-1, w.targets) if w.targets > 1 else (-1,)
        return x, y.long().reshape(shape), x_test, y_test.long().reshape(shape)
    return x, y.unsqueeze(1), x_test, y_test.unsqueeze(1)


def build(w):
    model = networks.build(w.layers)
    return model.to(memory_format=torch.channels_last) if BEST else model


def call(w, model, x):
    """The network's output, steps as samples of their own."""
    if BEST and x.dim() == 4:
        x = x.permute(0, 3, 1, 2)
    z = model(x)
    return z.flatten(0, 1) if z.dim() == 3 else z


def new_optimizer(w, model):
    if w.optimizer == "rmsprop":
        return torch.optim.RMSprop(model.parameters(), lr=w.rate, alpha=0.9, eps=1e-7, foreach=FOREACH)
    return torch.optim.Adam(model.parameters(), lr=w.rate, eps=1e-7, foreach=FOREACH)


def train(w, x, y):
    model, loss_of = build(w), LOSSES[w.loss]
    optimizer = new_optimizer(w, model)
    started = time.perf_counter()
    for _ in range(w.epochs):
        order = torch.randperm(w.samples)
        for batch in order.split(w.batch):
            target = y.index_select(0, batch)
            loss = loss_of(call(w, model, x.index_select(0, batch)), target.flatten() if w.targets > 1 else target)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return model, time.perf_counter() - started


def score(w, model, x, y):
    model.eval()
    if w.scored:
        x, y = x[:w.scored], y[:w.scored].flatten(0, 1) if w.targets > 1 else y[:w.scored]
    with torch.inference_mode():
        z = call(w, model, x)
        if w.loss == "crossentropy":
            return (z.argmax(1) == y).float().mean().item()
        if w.loss == "binary_crossentropy":
            return ((z > 0).float() == y).float().mean().item()
        return functional.mse_loss(z, y).item()


def predict(w, x):
    model = build(w).eval()
    started = time.perf_counter()
    with torch.inference_mode():
        for _ in range(w.epochs):
            torch.cat([call(w, model, part).softmax(1) for part in x[:w.samples].split(w.batch)])
    return time.perf_counter() - started


def run(w, data):
    x, y, x_test, y_test = data
    torch.manual_seed(w.seed)
    if w.task == "predict":
        return {"seconds": predict(w, x_test)}
    model, seconds = train(w, x, y)
    return {"seconds": seconds, "score": score(w, model, x_test, y_test)}


torch.set_num_threads(workload.threads())
torch.set_flush_denormal(True)
workload.serve(run, convert)
