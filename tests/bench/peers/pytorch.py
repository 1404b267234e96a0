"""PyTorch: eager mode, and with the word "foreach" its optimizers that update all parameters at once."""
import sys
import time

import torch
from torch import nn
from torch.nn import functional

import workload

FOREACH = "foreach" in sys.argv[1:]
LOSSES = {
    "crossentropy": functional.cross_entropy,
    "binary_crossentropy": functional.binary_cross_entropy_with_logits,
    "mse": functional.mse_loss,
}


def convert(w, arrays):
    x, y, x_test, y_test = (torch.from_numpy(array) for array in arrays)
    if w.loss == "crossentropy":
        return x, y.long(), x_test, y_test.long()
    return x, y.unsqueeze(1), x_test, y_test.unsqueeze(1)


def build(w):
    layers = []
    for i, (width_in, width_out) in enumerate(zip(w.layers, w.layers[1:])):
        linear = nn.Linear(width_in, width_out)
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers.append(linear)
        if i < len(w.layers) - 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


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
            loss = loss_of(model(x.index_select(0, batch)), y.index_select(0, batch))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return model, time.perf_counter() - started


def score(w, model, x, y):
    with torch.inference_mode():
        z = model(x)
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
            torch.cat([model(part).softmax(1) for part in x[:w.samples].split(w.batch)])
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
