"""Other libraries as drivers: JSON lines on stdio, the protocol of run.mjs, and their public interfaces.

A parameter is {"type", "min", "max", "log"} or {"type", "values"}, with "when": {parent: value or [values]}.
Ordinal parameters are given to every library as a whole number from 0 (their order), as Tunesmith is given them as ordinal.
Less is better. CPU time is that of this process without the time spent on exchanging lines.
"""

import importlib
import importlib.metadata
import json
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")
out = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what a library prints does not get among the lines


class Exchange:
    """Asks for values, and takes the time that it takes off the bill."""

    def __init__(self, task):
        self.parameters = task["parameters"]
        self.objective_count = len(task["objectives"])
        self.outside = 0.0

    def __call__(self, config):
        started = time.process_time()
        plain = {name: self._value(name, value) for name, value in config.items()}
        out.write(json.dumps({"config": plain}) + "\n")
        losses = json.loads(sys.stdin.readline())["losses"]
        self.outside += time.process_time() - started
        return losses

    def _value(self, name, value):
        parameter = self.parameters[name]
        if parameter["type"] == "ordinal":
            return parameter["values"][int(value)]
        if parameter["type"] == "boolean":
            return bool(value)
        if parameter["type"] == "int":
            return int(value)
        if parameter["type"] == "float":
            return min(parameter["max"], max(parameter["min"], float(value)))
        return value


def choices(parameter):
    return [True, False] if parameter["type"] == "boolean" else parameter["values"]


def is_active(parameter, config):
    for parent, wanted in parameter.get("when", {}).items():
        if parent not in config or config[parent] not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def parents_first(parameters):
    """Names in an order in which every parent comes before its children."""
    ordered = []
    while len(ordered) < len(parameters):
        for name, parameter in parameters.items():
            if name not in ordered and all(parent in ordered for parent in parameter.get("when", {})):
                ordered.append(name)
    return ordered


# ── Optuna ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def optuna_sampler(method, seed, objective_count):
    import optuna

    samplers = optuna.samplers
    makers = {
        "optuna-random": lambda: samplers.RandomSampler(seed=seed),
        "optuna-tpe": lambda: samplers.TPESampler(seed=seed, multivariate=True, group=True),
        "optuna-tpe-independent": lambda: samplers.TPESampler(seed=seed, multivariate=False),
        "optuna-gp": lambda: samplers.GPSampler(seed=seed, deterministic_objective=False),
        "optuna-cma": lambda: samplers.CmaEsSampler(seed=seed),
        "optuna-nsga2": lambda: samplers.NSGAIISampler(seed=seed),
    }
    if method == "optuna-auto":
        # The auto sampler is distributed by OptunaHub; OPTUNAHUB_REGISTRY is a checkout of its registry's `package` folder's parent.
        import optunahub

        root = os.path.join(os.environ["OPTUNAHUB_REGISTRY"], "package")
        return optunahub.load_local_module("samplers/auto_sampler", registry_root=root).AutoSampler(seed=seed)
    return makers[method]()


def run_optuna(exchange, method, seed, evaluations):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna_sampler(method, seed, exchange.objective_count)
    study = optuna.create_study(directions=["minimize"] * exchange.objective_count, sampler=sampler)
    order = parents_first(exchange.parameters)
    for _ in range(evaluations):
        trial = study.ask()
        config = {}
        for name in order:
            parameter = exchange.parameters[name]
            if is_active(parameter, config):
                config[name] = optuna_suggest(trial, name, parameter)
        losses = exchange(config)
        study.tell(trial, losses)


def optuna_suggest(trial, name, parameter):
    if parameter["type"] == "float":
        return trial.suggest_float(name, parameter["min"], parameter["max"], log=parameter["log"])
    if parameter["type"] == "int":
        return trial.suggest_int(name, parameter["min"], parameter["max"], log=parameter["log"])
    if parameter["type"] == "ordinal":
        return trial.suggest_int(name, 0, len(parameter["values"]) - 1)
    return trial.suggest_categorical(name, choices(parameter))


# ── Hyperopt ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_hyperopt(exchange, method, seed, evaluations):
    import hyperopt
    import numpy

    suggest = {"hyperopt-tpe": hyperopt.tpe.suggest, "hyperopt-random": hyperopt.rand.suggest}[method]
    hyperopt.fmin(
        lambda nested: exchange(flat(nested))[0],
        hyperopt_space(exchange.parameters),
        algo=suggest,
        max_evals=evaluations,
        rstate=numpy.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )


def hyperopt_space(parameters):
    """Conditional parameters become branches of their parent's choice, one node however many branches it is in."""
    nodes = {}
    for name in reversed(parents_first(parameters)):
        nodes[name] = hyperopt_node(name, parameters, nodes)
    return {name: node for name, node in nodes.items() if not parameters[name].get("when")}


def hyperopt_node(name, parameters, nodes):
    from math import log

    from hyperopt import hp
    from hyperopt.pyll import scope

    parameter = parameters[name]
    low, high = parameter.get("min"), parameter.get("max")
    if parameter["type"] == "float":
        return hp.loguniform(name, log(low), log(high)) if parameter["log"] else hp.uniform(name, low, high)
    if parameter["type"] == "int":
        if parameter["log"]:
            # Its rounding is to whole numbers; half a step more on both sides, taken back where it falls outside.
            node = hp.qloguniform(name, log(max(low - 0.5, 0.5)), log(high + 0.499), 1)
            return scope.int(scope.minimum(high, scope.maximum(low, node)))
        return scope.int(hp.quniform(name, low - 0.5, high + 0.499, 1))
    if parameter["type"] == "ordinal":
        return scope.int(hp.quniform(name, -0.5, len(parameter["values"]) - 0.501, 1))
    branches = []
    for value in choices(parameter):
        children = {child: nodes[child] for child in nodes if name in parameters[child].get("when", {}) and is_active(parameters[child], {name: value})}
        branches.append({"value": value, "children": children} if children else value)
    return hp.choice(name, branches)


def flat(nested):
    config = {}
    for name, value in nested.items():
        if isinstance(value, dict):
            config[name] = value["value"]
            config.update(flat(value["children"]))
        else:
            config[name] = value
    return config


# ── SMAC ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_smac(exchange, method, seed, evaluations):
    import logging
    import tempfile

    import ConfigSpace
    from smac import BlackBoxFacade, HyperparameterOptimizationFacade, Scenario
    from smac.runhistory.dataclasses import TrialValue

    logging.disable(logging.CRITICAL)
    space = ConfigSpace.ConfigurationSpace(seed=seed)
    for name in parents_first(exchange.parameters):
        space.add(smac_parameter(name, exchange.parameters[name]))
    for name in parents_first(exchange.parameters):
        for parent, wanted in exchange.parameters[name].get("when", {}).items():
            values = wanted if isinstance(wanted, list) else [wanted]
            space.add(ConfigSpace.InCondition(space[name], space[parent], [str(value) for value in values]))
    facade = {"smac-rf": HyperparameterOptimizationFacade, "smac-gp": BlackBoxFacade}[method]
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(space, deterministic=True, n_trials=evaluations, seed=seed, output_directory=folder)
        smac = facade(scenario, lambda config, seed=0: 0.0, logging_level=False, overwrite=True)
        for _ in range(evaluations):
            asked = smac.ask()
            named = dict(asked.config)
            config = {}
            for name in parents_first(exchange.parameters):
                if name in named:
                    config[name] = unsmac(exchange.parameters[name], named[name])
            smac.tell(asked, TrialValue(cost=exchange(config)[0]))


def smac_parameter(name, parameter):
    import ConfigSpace

    if parameter["type"] == "float":
        return ConfigSpace.Float(name, (parameter["min"], parameter["max"]), log=parameter["log"])
    if parameter["type"] == "int":
        return ConfigSpace.Integer(name, (parameter["min"], parameter["max"]), log=parameter["log"])
    if parameter["type"] == "ordinal":
        return ConfigSpace.Integer(name, (0, len(parameter["values"]) - 1))
    return ConfigSpace.Categorical(name, [str(value) for value in choices(parameter)])


def unsmac(parameter, value):
    if parameter["type"] in ("float", "int", "ordinal"):
        return value
    return next(choice for choice in choices(parameter) if str(choice) == str(value))


# ── Nevergrad ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_nevergrad(exchange, method, seed, evaluations):
    import nevergrad
    import numpy

    # It knows no conditions: all parameters are searched, the inactive ones are left out of the config.
    parts = {name: nevergrad_parameter(parameter) for name, parameter in exchange.parameters.items()}
    space = nevergrad.p.Dict(**parts)
    space.random_state = numpy.random.RandomState(seed)
    optimizer = nevergrad.optimizers.registry["NGOpt"](parametrization=space, budget=evaluations)
    for _ in range(evaluations):
        asked = optimizer.ask()
        config = {}
        for name in parents_first(exchange.parameters):
            if is_active(exchange.parameters[name], config):
                config[name] = asked.value[name]
        optimizer.tell(asked, exchange(config)[0])


def nevergrad_parameter(parameter):
    from nevergrad import p

    if parameter["type"] in ("float", "int"):
        kind = p.Log if parameter["log"] else p.Scalar
        scalar = kind(lower=parameter["min"], upper=parameter["max"])
        return scalar.set_integer_casting() if parameter["type"] == "int" else scalar
    if parameter["type"] == "ordinal":
        return p.Scalar(lower=0, upper=len(parameter["values"]) - 1).set_integer_casting()
    return p.Choice(choices(parameter))


# ── pycma and cmaes: continuous and unconditional tasks only ──────────────────────────────────────────────────────────────────


def unit_box(exchange):
    names = list(exchange.parameters)
    if any(parameter["type"] != "float" or parameter["log"] for parameter in exchange.parameters.values()):
        raise ValueError("serves continuous parameters only")

    def config(point):
        return {name: exchange.parameters[name]["min"] + u * (exchange.parameters[name]["max"] - exchange.parameters[name]["min"]) for name, u in zip(names, point)}

    return len(names), config


def run_cma(exchange, method, seed, evaluations):
    import numpy

    d, config = unit_box(exchange)
    start = [0.5] * d
    left = evaluations
    if method == "pycma":
        import cma

        strategy = cma.CMAEvolutionStrategy(start, 0.2, {"bounds": [0, 1], "seed": seed + 1, "verbose": -9})
        while left > 0:
            points = strategy.ask()
            losses = [exchange(config(point))[0] for point in points[:left]]
            if len(losses) == len(points):
                strategy.tell(points, losses)
            left -= len(losses)
    else:
        import cmaes

        strategy = cmaes.CMA(mean=numpy.array(start), sigma=0.2, bounds=numpy.array([[0.0, 1.0]] * d), seed=seed)
        while left > 0:
            points = [strategy.ask() for _ in range(min(left, strategy.population_size))]
            told = [(point, exchange(config(point))[0]) for point in points]
            if len(told) == strategy.population_size:
                strategy.tell(told)
            left -= len(told)


# ── Ax ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_ax(exchange, method, seed, evaluations):
    import logging

    import torch
    from ax.api.client import Client
    from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

    logging.disable(logging.CRITICAL)
    torch.set_num_threads(1)
    if any(parameter.get("when") for parameter in exchange.parameters.values()):
        raise ValueError("is not given conditional tasks here")
    declared = []
    for name, parameter in exchange.parameters.items():
        if parameter["type"] in ("float", "int"):
            scaling = "log" if parameter["log"] else "linear"
            declared.append(RangeParameterConfig(name=name, parameter_type=parameter["type"], bounds=(parameter["min"], parameter["max"]), scaling=scaling))
        elif parameter["type"] == "ordinal":
            declared.append(RangeParameterConfig(name=name, parameter_type="int", bounds=(0, len(parameter["values"]) - 1)))
        else:
            kind = "bool" if parameter["type"] == "boolean" else "str"
            declared.append(ChoiceParameterConfig(name=name, parameter_type=kind, values=choices(parameter), is_ordered=False))
    client = Client(random_seed=seed)
    client.configure_experiment(parameters=declared)
    client.configure_optimization(objective="-loss")
    for _ in range(evaluations):
        for index, config in client.get_next_trials(max_trials=1).items():
            client.complete_trial(trial_index=index, raw_data={"loss": exchange(config)[0]})


# ── HEBO ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def run_hebo(exchange, method, seed, evaluations):
    import numpy
    import torch
    from hebo.design_space.design_space import DesignSpace
    from hebo.optimizers.hebo import HEBO

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    numpy.random.seed(seed)
    kinds = {("float", False): "num", ("float", True): "pow", ("int", False): "int", ("int", True): "pow_int"}
    declared = []
    for name, parameter in exchange.parameters.items():
        if parameter["type"] in ("float", "int"):
            declared.append({"name": name, "type": kinds[parameter["type"], parameter["log"]], "lb": parameter["min"], "ub": parameter["max"]})
        elif parameter["type"] == "ordinal":
            declared.append({"name": name, "type": "int", "lb": 0, "ub": len(parameter["values"]) - 1})
        else:
            declared.append({"name": name, "type": "cat", "categories": choices(parameter)})
    optimizer = HEBO(DesignSpace().parse(declared), scramble_seed=seed)
    for _ in range(evaluations):
        asked = optimizer.suggest(n_suggestions=1)
        config = {}
        for name in parents_first(exchange.parameters):
            if is_active(exchange.parameters[name], config):
                value = asked.iloc[0][name]
                config[name] = value.item() if hasattr(value, "item") else value
        optimizer.observe(asked, numpy.array([[exchange(config)[0]]]))


# ── What a suggestion costs ──────────────────────────────────────────────────────────────────────────────────────────────────


def overhead(method, fresh, n, d, seed):
    """Wall milliseconds of every ask + tell of a study of n trials. fresh: only of the first after n uniform trials in a new study."""
    names = [f"x{j + 1}" for j in range(d)]

    def value(config):
        return sum((x - 0.3) ** 2 for x in config.values())

    library = method.split("-")[0]
    if library in ("optuna", "rustuna"):
        return overhead_optuna(library, method, fresh, names, value, n, seed)
    if library == "hyperopt":
        return overhead_hyperopt(fresh, names, value, n, seed)
    raise ValueError("its overhead is not measured here")


def overhead_optuna(library, method, fresh, names, value, n, seed):
    import numpy

    module = importlib.import_module(library)
    if library == "optuna":
        module.logging.set_verbosity(module.logging.ERROR)
        sampler = optuna_sampler(method, seed, 1)
    else:
        sampler = {"rustuna-tpe": module.samplers.TPESampler, "rustuna-cma": module.samplers.CmaEsSampler}[method](seed=seed)
    study = module.create_study(direction="minimize", sampler=sampler)
    if fresh:
        distributions = dict.fromkeys(names, module.distributions.FloatDistribution(0.0, 1.0))
        for row in numpy.random.default_rng(seed).random((n, len(names))).tolist():
            params = dict(zip(names, row))
            study.add_trial(module.trial.create_trial(params=params, distributions=distributions, value=value(params)))
    times = []
    cpu_marks = [1000 * time.process_time()]
    for _ in range(1 if fresh else n):
        started = time.perf_counter()
        trial = study.ask()
        config = {name: trial.suggest_float(name, 0.0, 1.0) for name in names}
        asked = time.perf_counter()
        loss = value(config)
        computed = time.perf_counter()
        study.tell(trial if library == "optuna" else trial.number, loss)
        times.append(1000 * (time.perf_counter() - started - (computed - asked)))
        cpu_marks.append(1000 * time.process_time())
    return times, cpu_marks


def overhead_hyperopt(fresh, names, value, n, seed):
    """It has no ask and tell: the time from the end of one evaluation to the start of the next."""
    import hyperopt
    import numpy

    space = {name: hyperopt.hp.uniform(name, 0, 1) for name in names}
    trials = hyperopt.Trials()
    quiet = {"trials": trials, "show_progressbar": False, "verbose": False, "rstate": numpy.random.default_rng(seed)}
    if fresh:
        hyperopt.fmin(value, space, algo=hyperopt.rand.suggest, max_evals=n, **quiet)
    marks = [time.perf_counter()]
    cpu_marks = []

    def marked(config):
        marks.append(time.perf_counter())
        cpu_marks.append(1000 * time.process_time())
        loss = value(config)
        marks.append(time.perf_counter())
        return loss

    hyperopt.fmin(marked, space, algo=hyperopt.tpe.suggest, max_evals=n + 1 if fresh else n, **quiet)
    cpu_marks.append(1000 * time.process_time())
    return [1000 * (marks[i + 1] - marks[i]) for i in range(0, len(marks) - 1, 2)], cpu_marks


# ── The protocol ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

libraries = {
    # distribution, module, driver, whether it serves several objectives
    "optuna": ("optuna", "optuna", run_optuna, True),
    "hyperopt": ("hyperopt", "hyperopt", run_hyperopt, False),
    "smac": ("smac", "smac", run_smac, False),
    "nevergrad": ("nevergrad", "nevergrad", run_nevergrad, False),
    "pycma": ("cma", "cma", run_cma, False),
    "cmaes": ("cmaes", "cmaes", run_cma, False),
    "ax": ("ax-platform", "ax.api.client", run_ax, False),
    "hebo": ("hebo", "hebo.optimizers.hebo", run_hebo, False),
    "rustuna": ("rustuna", "rustuna", run_optuna, True),  # only its overhead
}


def answer(request):
    if "version" in request:
        package = libraries[request["version"].split("-")[0]][0]
        return {"version": importlib.metadata.version(package)}
    if "overhead" in request:
        times, cpu_marks = overhead(request["overhead"], request["fresh"], request["n"], request["d"], request["seed"])
        return {"times": times, "cpuMarks": cpu_marks}
    _, module, run, several = libraries[request["method"].split("-")[0]]
    exchange = Exchange(request["task"])
    if exchange.objective_count > 1 and not several:
        raise ValueError("serves one objective only")
    importlib.import_module(module)  # loading is not part of the bill
    started = time.process_time()
    run(exchange, request["method"], request["seed"], request["evaluations"])
    return {"done": True, "cpuSeconds": time.process_time() - started - exchange.outside}


if __name__ == "__main__":
    for line in iter(sys.stdin.readline, ""):
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # every fault of a library is told to the run's record
            reply = {"failed": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(reply) + "\n")
