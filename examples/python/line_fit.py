"""Fits a straight line by gradient descent, with the Tunesmith client: parameters, resume, save, report.

    tunesmith run --param lr=1e-4..1e0:log --param momentum=0.0..0.99 --minimize loss -- python3 line_fit.py

It also runs alone, with the defaults below:  python3 line_fit.py   (with clients/python/src on PYTHONPATH)
"""

import json
import random

import tunesmith

POINTS = [(x / 10, 3 * x / 10 - 1) for x in range(-20, 21)]


def main():
    p = tunesmith.params(lr=0.003, momentum=0.0)
    folder = tunesmith.checkpoint()
    if folder:
        slope, offset, slope_speed, offset_speed = json.loads((folder / "state.json").read_text())
    else:
        rng = random.Random(tunesmith.seed())
        slope, offset, slope_speed, offset_speed = rng.uniform(-1, 1), rng.uniform(-1, 1), 0.0, 0.0

    for step in tunesmith.steps(27):
        errors = [(x, slope * x + offset - y) for x, y in POINTS]
        slope_speed = p.momentum * slope_speed + sum(2 * e * x for x, e in errors) / len(errors)
        offset_speed = p.momentum * offset_speed + sum(2 * e for _, e in errors) / len(errors)
        slope -= p.lr * slope_speed
        offset -= p.lr * offset_speed
        loss = sum((slope * x + offset - y) ** 2 for x, y in POINTS) / len(POINTS)

        with tunesmith.save(step) as folder:
            (folder / "state.json").write_text(json.dumps([slope, offset, slope_speed, offset_speed]))
        tunesmith.report(step, loss=loss)

    print(f"y = {slope:.2f} x + {offset:.2f}")


if __name__ == "__main__":
    main()
