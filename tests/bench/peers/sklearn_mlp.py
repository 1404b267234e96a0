"""scikit-learn: MLPClassifier and MLPRegressor; one call of fit is one run."""
import time
import warnings

import numpy
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import workload

warnings.simplefilter("ignore", ConvergenceWarning)


def build(w):
    model = MLPRegressor if w.loss == "mse" else MLPClassifier
    return model(
        hidden_layer_sizes=w.layers[1:-1], activation="relu", solver="adam", alpha=0.0, batch_size=w.batch,
        learning_rate_init=w.rate, epsilon=1e-7, max_iter=w.epochs, tol=0.0, n_iter_no_change=10**9,
        random_state=w.seed)


def convert(w, arrays):
    x, y, x_test, y_test = arrays
    if w.loss == "mse":
        return arrays
    return x, y.astype(numpy.int64), x_test, y_test.astype(numpy.int64)


def predict(w, data):
    x, y, x_test, _ = data
    part = x_test[:w.samples]
    model = build(w)
    model.set_params(max_iter=1, batch_size=100).fit(x[:1000], y[:1000])
    started = time.perf_counter()
    for _ in range(w.epochs):
        for first in range(0, w.samples, w.batch):
            model.predict_proba(part[first:first + w.batch])
    return time.perf_counter() - started


def run(w, data):
    if w.task == "predict":
        return {"seconds": predict(w, data)}
    if w.optimizer != "adam":
        return {"skip": f"has no {w.optimizer}"}
    x, y, x_test, y_test = data
    model = build(w)
    started = time.perf_counter()
    model.fit(x[:w.samples], y[:w.samples])
    seconds = time.perf_counter() - started
    p = model.predict(x_test)
    return {"seconds": seconds, "score": float(((p - y_test) ** 2).mean() if w.loss == "mse" else (p == y_test).mean())}


workload.serve(run, convert)
