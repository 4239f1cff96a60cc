"""A sampler of one's own in Python: draws at random first, then makes small steps around the best configuration so far.

Try it with:  tunesmith run study-python.yaml
It reads JSON lines from standard input and answers each `suggest` with one line; docs/own-samplers.md tells the rest.
"""

import json
import math
import random
import sys


def suggest(problem, trials, seed):
    """The answer may depend on nothing but the arguments: then an interrupted study goes on as if nothing had happened."""
    rng = random.Random(seed)
    options = problem["options"]
    size = len(problem["dimensions"])

    # Losses are always minimised, one for each objective; this sampler looks at the first. float() also reads "NaN" and "Infinity", which JSON has no numbers for.
    done = [trial for trial in trials.values() if trial["state"] == "complete" and math.isfinite(float(trial["losses"][0]))]
    if len(done) < options.get("startup_count", 8):
        return {"point": [rng.random() for _ in range(size)], "why": {"code": "random"}}

    best = min(done, key=lambda trial: (float(trial["losses"][0]), trial["number"]))
    step = options.get("step_size", 0.1)

    # A point has one number in [0, 1] for each parameter, whatever its type and scale, and None for an inactive one.
    def near(u):
        return rng.random() if u is None else min(1.0, max(0.0, rng.gauss(u, step)))

    return {"point": [near(u) for u in best["point"]], "why": {"code": "step", "from": best["number"]}}


def main():
    problem, trials = None, {}
    for line in sys.stdin:
        message = json.loads(line)
        if "hello" in message:
            problem, trials = message["hello"], {}
        elif "history" in message:
            if message["history"].get("restart"):
                trials.clear()
            for trial in message["history"]["trials"]:
                trials[trial["number"]] = trial
        elif "suggest" in message:
            answer = suggest(problem, trials, message["suggest"]["seed"])
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
