"""The Python twin of train.mjs: the same options, the same lines, the same model.json, the standard library only.

    python train.py --lr=0.003 --optimizer=adam --layers=2

It uses NumPy when it is installed. Without it the same code runs on plain lists, tens of times slower, and
therefore on the first 200 rows of each part only.

Its random numbers are Python's own, so a run is repeatable but not the same run as train.mjs with the same seed.
"""

import argparse
import base64
import gzip
import json
import math
import os
import random
import shutil
import signal
import sys
from array import array
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # matrices this small gain nothing from more, and trials run side by side

try:
    import numpy
except ImportError:
    numpy = None

PIXELS, CLASSES = 64, 10


def main():
    options = read_options()
    seed = int(os.environ.get("TUNESMITH_SEED", "0"))
    last_epoch = int(float(os.environ.get("TUNESMITH_FIDELITY", options.epochs)))
    save_folder = os.environ.get("TUNESMITH_SAVE_DIR")
    resume_folder = os.environ.get("TUNESMITH_RESUME_DIR")
    train, validation = load_digits()
    run = load_checkpoint(Path(resume_folder)) if resume_folder else start_run(options, random.Random(f"{seed}/0"))

    # When asked to end, finish the running epoch, save it, and leave.
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))

    while run["epoch"] < last_epoch and not stopping:
        run["epoch"] += 1
        train_loss = train_one_epoch(run, train, options, random.Random(f"{seed}/{run['epoch']}"))
        loss, accuracy = evaluate(run, validation)
        if save_folder:
            save_checkpoint(run, Path(save_folder))
        print(f"epoch={run['epoch']} train_loss={shown(train_loss)} val_loss={shown(loss)} val_accuracy={accuracy:.4f}", flush=True)


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
    parser.add_argument("--momentum", type=float, default=0.0, help="with sgd")
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--weight_decay", type=float, default=0.0)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--activation", choices=sorted(ACTIVATIONS), default="relu")
    parser.add_argument("--epochs", type=int, default=27)
    return parser.parse_args()


def shown(loss):
    return f"{loss:.4f}" if math.isfinite(loss) else "Infinity"


# ── The data. The split is the one of train.mjs and does not depend on the seed. ────────────────────────────────────


def load_digits():
    """Training and validation part, each (pixels: count × 64 in 0..1, labels: count)."""
    with gzip.open(Path(__file__).with_name("digits.csv.gz"), "rt") as file:
        rows = [[int(cell) for cell in line.split(",")] for line in file]
    row_limit = len(rows) if numpy else 200

    def part(first, last):
        chosen = rows[first : min(last, first + row_limit)]
        return matrix([[pixel / 16 for pixel in row[:PIXELS]] for row in chosen]), [row[PIXELS] for row in chosen]

    return part(0, 600), part(600, 1000)


# ── Matrices: on NumPy, or on lists of rows. ────────────────────────────────────────────────────────────────────────

if numpy:
    numpy.seterr(all="ignore")  # a diverging network overflows; its loss says so
    maths = numpy

    def matrix(rows):
        return numpy.array(rows, dtype=numpy.float32)

    def multiply(a, b):
        return a @ b

    def transpose(a):
        return a.T

    def each(function, *matrices):
        """The function applied to the cells of equally large matrices."""
        return function(*matrices)

    def add_row(a, row):
        return a + row

    def sum_of_rows(a):
        return a.sum(axis=0, keepdims=True)

    def pick_rows(a, indices):
        return a[indices]

    def uniform(rows, columns, rng):
        """(rows × columns) random numbers in [0, 1)."""
        return numpy.random.default_rng(rng.getrandbits(64)).random((rows, columns), dtype=numpy.float32)

else:
    maths = math

    def matrix(rows):
        return rows

    def multiply(a, b):
        columns = transpose(b)
        return [[sum(map(float.__mul__, row, column)) for column in columns] for row in a]

    def transpose(a):
        return [list(column) for column in zip(*a)]

    def each(function, *matrices):
        """The function applied to the cells of equally large matrices."""
        return [list(map(function, *rows)) for rows in zip(*matrices)]

    def add_row(a, row):
        return [[x + y for x, y in zip(cells, row[0])] for cells in a]

    def sum_of_rows(a):
        return [[sum(column) for column in zip(*a)]]

    def pick_rows(a, indices):
        return [a[i] for i in indices]

    def uniform(rows, columns, rng):
        """(rows × columns) random numbers in [0, 1)."""
        return [[rng.random() for _ in range(columns)] for _ in range(rows)]


# ── The network: per layer a matrix of weights (inputs × outputs) and one of biases (1 × outputs). ──────────────────

# Each activation, its slope written in terms of its result y, and its gain for the first weights.
ACTIVATIONS = {
    "relu": (lambda x: x * (x > 0), lambda y: 1.0 * (y > 0), 2),
    "tanh": (lambda x: maths.tanh(x), lambda y: 1 - y * y, 1),
    "sigmoid": (lambda x: 0.5 + 0.5 * maths.tanh(0.5 * x), lambda y: y * (1 - y), 1),
}


def start_run(options, rng):
    sizes = [PIXELS] + [options.width] * options.layers + [CLASSES]
    weights = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        scale = math.sqrt(3 * ACTIVATIONS[options.activation][2] / inputs)
        weights.append(matrix([[scale * rng.uniform(-1, 1) for _ in range(outputs)] for _ in range(inputs)]))
        weights.append(matrix([[0.0] * outputs]))
    zeros = [each(lambda w: w * 0, w) for w in weights]
    return {"epoch": 0, "updates": 0, "sizes": sizes, "activation": options.activation, "weights": weights, "mean": zeros, "square": list(zeros)}


def softmax(scores):
    """The probabilities (rows × classes) and, per row, the logarithm of what they were divided by."""
    probabilities, log_sums = [], []
    for row in scores.tolist() if numpy else scores:
        highest = max(row)
        powers = [math.exp(score - highest) for score in row]
        total = sum(powers)
        probabilities.append([power / total for power in powers])
        log_sums.append(math.log(total) + highest)
    return probabilities, log_sums


def evaluate(run, part):
    """Mean loss and share of right answers; a network whose numbers overflowed has an infinite loss."""
    values, labels = part
    activate = ACTIVATIONS[run["activation"]][0]
    for layer in range(len(run["sizes"]) - 1):
        values = add_row(multiply(values, run["weights"][2 * layer]), run["weights"][2 * layer + 1])
        if layer < len(run["sizes"]) - 2:
            values = each(activate, values)
    scores = values.tolist() if numpy else values
    if not all(math.isfinite(score) for row in scores for score in row):
        return math.inf, 0.0
    _, log_sums = softmax(values)
    loss = sum(log_sum - row[label] for log_sum, row, label in zip(log_sums, scores, labels))
    right = sum(row[label] == max(row) for row, label in zip(scores, labels))
    return loss / len(labels), right / len(labels)


# ── Training. ───────────────────────────────────────────────────────────────────────────────────────────────────────


def train_one_epoch(run, part, options, rng):
    """One pass over the rows in random order; returns the mean loss on the way."""
    pixels, labels = part
    order = list(range(len(labels)))
    rng.shuffle(order)
    loss = 0.0
    for start in range(0, len(order), options.batch):
        rows = order[start : start + options.batch]
        batch_loss, gradients = gradients_of(run, pick_rows(pixels, rows), [labels[row] for row in rows], options.dropout, rng)
        if not math.isfinite(batch_loss):
            return math.inf
        loss += batch_loss
        run["updates"] += 1
        update = adam_update if options.optimizer == "adam" else sgd_update
        update(run, gradients, options)
    return loss / len(order)


def gradients_of(run, values, labels, dropout, rng):
    """The summed loss of a batch, and the gradient of its mean loss in the order of the weights."""
    activate, slope = ACTIVATIONS[run["activation"]][:2]
    weights, last = run["weights"], len(run["sizes"]) - 2
    inputs, slopes = [], []
    for layer in range(last + 1):
        inputs.append(values)
        values = add_row(multiply(values, weights[2 * layer]), weights[2 * layer + 1])
        if layer < last:
            values = each(activate, values)
            slopes.append(each(slope, values))
            if dropout > 0:
                kept = each(lambda u: (u >= dropout) / (1 - dropout), uniform(len(labels), run["sizes"][layer + 1], rng))
                values = each(lambda y, k: y * k, values, kept)
                slopes[-1] = each(lambda s, k: s * k, slopes[-1], kept)

    scores = values.tolist() if numpy else values
    if not all(math.isfinite(score) for row in scores for score in row):
        return math.inf, []
    probabilities, log_sums = softmax(values)
    loss = sum(log_sum - row[label] for log_sum, row, label in zip(log_sums, scores, labels))
    error = matrix([[(p - (c == label)) / len(labels) for c, p in enumerate(row)] for row, label in zip(probabilities, labels)])

    gradients = []
    for layer in range(last, -1, -1):
        gradients[:0] = [multiply(transpose(inputs[layer]), error), sum_of_rows(error)]
        if layer > 0:
            error = each(lambda e, s: e * s, multiply(error, transpose(weights[2 * layer])), slopes[layer - 1])
    return loss, gradients


def adam_update(run, gradients, options):
    """Adam with decoupled weight decay. Source: I. Loshchilov, F. Hutter (2019), algorithm 2, https://arxiv.org/abs/1711.05101"""
    lr, decay = options.lr, options.weight_decay
    mean_bias, square_bias = 1 - 0.9 ** run["updates"], 1 - 0.999 ** run["updates"]

    def step(w, m, v):
        return w - lr * (m / mean_bias / (maths.sqrt(v / square_bias) + 1e-8) + decay * w)

    for k, gradient in enumerate(gradients):
        run["mean"][k] = each(lambda m, g: 0.9 * m + 0.1 * g, run["mean"][k], gradient)
        run["square"][k] = each(lambda v, g: 0.999 * v + 0.001 * g * g, run["square"][k], gradient)
        run["weights"][k] = each(step, run["weights"][k], run["mean"][k], run["square"][k])


def sgd_update(run, gradients, options):
    for k, gradient in enumerate(gradients):
        run["mean"][k] = each(lambda m, g: options.momentum * m + g, run["mean"][k], gradient)
        run["weights"][k] = each(lambda w, m: w - options.lr * (m + options.weight_decay * w), run["weights"][k], run["mean"][k])


# ── Checkpoints: model.json is that of train.mjs, so evaluate.mjs and predict.mjs read both. ─────────────────────────────────


def save_checkpoint(run, save_folder):
    """Writes step-N.tmp/, then renames it to step-N/: a folder with that name is always whole."""
    folder = save_folder / f"step-{run['epoch']}"
    unfinished = save_folder / f"step-{run['epoch']}.tmp"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    model = {"epoch": run["epoch"], "sizes": run["sizes"], "activation": run["activation"], "weights": to_text("f", run["weights"])}
    optimizer = {"updates": run["updates"], **{name: to_text("d", run[name]) for name in ("weights", "mean", "square")}}
    (unfinished / "model.json").write_text(json.dumps(model))
    (unfinished / "optimizer.json").write_text(json.dumps(optimizer))
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def load_checkpoint(folder):
    model = json.loads((folder / "model.json").read_text())
    optimizer = json.loads((folder / "optimizer.json").read_text())
    state = {name: from_text("d", optimizer[name], model["sizes"]) for name in ("weights", "mean", "square")}
    return {"epoch": model["epoch"], "updates": optimizer["updates"], "sizes": model["sizes"], "activation": model["activation"], **state}


def to_text(typecode, matrices):
    """The numbers of all matrices, row by row; "f" is 32 bits each, "d" (in optimizer.json) is exact also for plain lists."""
    numbers = array(typecode, (float(x) for rows in matrices for row in rows for x in row))
    return base64.b64encode(numbers.tobytes()).decode("ascii")


def from_text(typecode, text, sizes):
    numbers = array(typecode, base64.b64decode(text))
    matrices, start = [], 0
    for inputs, outputs in zip(sizes, sizes[1:]):
        for rows in (inputs, 1):
            cells = numbers[start : start + rows * outputs].tolist()
            matrices.append(matrix([cells[row * outputs : (row + 1) * outputs] for row in range(rows)]))
            start += rows * outputs
    return matrices


if __name__ == "__main__":
    if numpy is None:
        print("NumPy is not installed: plain Python, 200 rows of each part", file=sys.stderr)
    main()
