#!/usr/bin/env python3
"""One full generation on Rastrigin's function by our kernels, our CPU reference, and programs one would write without
us, all on the machine where this runs.

    python3 -m venv /tmp/compare && /tmp/compare/bin/pip install -r benches/generation/requirements.txt torch
    /tmp/compare/bin/python benches/generation/compare.py [--population 4096] [--dimensions 2000] [--generations 5]

Each draws the population, evaluates it, ranks it, recombines the best quarter and adapts the step size by cumulation, as
`benches/generation/main.rs` does, in single precision where the library has it. `evosax` is its Sep_CMA_ES, to be compared
with ours; `deap` is the evolution strategy of its toolbox's parts, since its own CMA-ES keeps a full matrix.

PyTorch and JAX take a CUDA device where they find one. Ours are measured by `cargo bench` (see `--ours`). Prints the
fastest generation, without the first two, which compile, and how many times as long each program takes as the first row,
which is our evolution strategy on the best device. What could not run is said at the end, with the reason.
"""

import argparse
import json
import math
import random
import shlex
import subprocess
import time


def constants(dimensions, population):
    """Parents, and rate, damping and expected length of the step-size control."""
    parents = population // 4
    rate = min(0.5, (parents + 2) / (dimensions + parents + 3))
    damping = 1 + 2 * max(0.0, math.sqrt((parents - 1) / (dimensions + 1)) - 1) + rate
    length = math.sqrt(dimensions) * (1 - 1 / (4 * dimensions) + 1 / (21 * dimensions**2))
    return parents, rate, damping, length


def timed(step, generations, warm_up=2):
    """Seconds of the fastest generation: what else the machine does only slows them down. Two generations to warm up: the second one compiles again for the types that the first returned."""
    for _ in range(warm_up):
        step()
    seconds = []
    for _ in range(generations):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def with_numpy(population, dimensions, generations):
    import numpy as np

    parents, rate, damping, length = constants(dimensions, population)
    generator = np.random.Generator(np.random.Philox(1))
    state = {"mean": np.full(dimensions, 3.0, np.float32), "sigma": 1.0, "path": np.zeros(dimensions, np.float32)}

    def step():
        noise = generator.standard_normal((population, dimensions), np.float32)
        individuals = state["mean"] + np.float32(state["sigma"]) * noise
        cosines = np.cos(np.float32(2 * math.pi) * individuals)
        fitness = np.sum(individuals * individuals + np.float32(10) * (1 - cosines), axis=1)
        best = np.argsort(fitness)[:parents]
        mean = noise[best].mean(axis=0)
        state["mean"] = state["mean"] + np.float32(state["sigma"]) * mean
        state["path"] = (1 - rate) * state["path"] + math.sqrt(rate * (2 - rate) * parents) * mean
        state["sigma"] *= math.exp(min(1.0, rate / damping * (np.linalg.norm(state["path"]) / length - 1)))

    return timed(step, generations)


def with_jax(population, dimensions, generations):
    import jax
    import jax.numpy as jnp

    parents, rate, damping, length = constants(dimensions, population)

    @jax.jit
    def generation(state):
        key, mean, sigma, path = state
        key, draw = jax.random.split(key)
        noise = jax.random.normal(draw, (population, dimensions), jnp.float32)
        individuals = mean + sigma * noise
        fitness = jnp.sum(individuals**2 + 10 * (1 - jnp.cos(2 * jnp.pi * individuals)), axis=1)
        best = jnp.argsort(fitness)[:parents]
        step = noise[best].mean(axis=0)
        path = (1 - rate) * path + math.sqrt(rate * (2 - rate) * parents) * step
        change = rate / damping * (jnp.linalg.norm(path) / length - 1)
        return key, mean + sigma * step, sigma * jnp.exp(jnp.minimum(change, 1.0)), path

    state = [(jax.random.key(1), jnp.full(dimensions, 3.0), jnp.float32(1.0), jnp.zeros(dimensions))]

    def step():
        state[0] = jax.block_until_ready(generation(state[0]))

    return timed(step, generations)


def with_evosax(population, dimensions, generations):
    import jax
    import jax.numpy as jnp
    from evosax.algorithms import Sep_CMA_ES

    strategy = Sep_CMA_ES(population_size=population, solution=jnp.zeros(dimensions))
    parameters = strategy.default_params

    @jax.jit
    def generation(key, state):
        key, ask, tell = jax.random.split(key, 3)
        individuals, state = strategy.ask(ask, state, parameters)
        fitness = jnp.sum(individuals**2 + 10 * (1 - jnp.cos(2 * jnp.pi * individuals)), axis=1)
        state, _ = strategy.tell(tell, individuals, fitness, state, parameters)
        return key, state

    key = jax.random.key(1)
    state = [(key, strategy.init(key, jnp.full(dimensions, 3.0), parameters))]

    def step():
        state[0] = jax.block_until_ready(generation(*state[0]))

    return timed(step, generations)


def with_torch(population, dimensions, generations):
    import torch

    parents, rate, damping, length = constants(dimensions, population)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    state = {
        "mean": torch.full((dimensions,), 3.0, device=device),
        "sigma": torch.tensor(1.0, device=device),
        "path": torch.zeros(dimensions, device=device),
    }

    def step():
        noise = torch.randn(population, dimensions, device=device)
        individuals = state["mean"] + state["sigma"] * noise
        fitness = (individuals**2 + 10 * (1 - torch.cos(2 * math.pi * individuals))).sum(dim=1)
        best = torch.argsort(fitness)[:parents]
        mean = noise[best].mean(dim=0)
        state["mean"] = state["mean"] + state["sigma"] * mean
        state["path"] = (1 - rate) * state["path"] + math.sqrt(rate * (2 - rate) * parents) * mean
        change = rate / damping * (torch.linalg.norm(state["path"]) / length - 1)
        state["sigma"] = state["sigma"] * torch.exp(torch.clamp(change, max=1.0))
        state["sigma"].item()

    return timed(step, generations)


def with_deap(population, dimensions, generations):
    """DEAP's toolbox: lists of floats, its own benchmark function, Gaussian mutation around the mean of the best."""
    from deap import base, benchmarks, creator, tools

    creator.create("Minimum", base.Fitness, weights=(-1.0,))
    creator.create("Individual", list, fitness=creator.Minimum)
    parents, rate, damping, length = constants(dimensions, population)
    toolbox = base.Toolbox()
    toolbox.register("evaluate", benchmarks.rastrigin)
    state = {"mean": [3.0] * dimensions, "sigma": 1.0, "path": [0.0] * dimensions}
    generator = random.Random(1)

    def step():
        sigma, mean = state["sigma"], state["mean"]
        individuals = [
            creator.Individual([value + sigma * generator.gauss(0.0, 1.0) for value in mean]) for _ in range(population)
        ]
        for individual in individuals:
            individual.fitness.values = toolbox.evaluate(individual)
        best = tools.selBest(individuals, parents)
        moved = [sum(column) / parents for column in zip(*best)]
        gain = math.sqrt(rate * (2 - rate) * parents) / sigma
        state["path"] = [(1 - rate) * p + gain * (new - old) for p, new, old in zip(state["path"], moved, mean)]
        norm = math.sqrt(sum(p * p for p in state["path"]))
        state["mean"], state["sigma"] = moved, sigma * math.exp(min(1.0, rate / damping * (norm / length - 1)))

    return timed(step, 1, warm_up=0)


PROGRAMS = {"numpy": with_numpy, "jax": with_jax, "evosax": with_evosax, "torch": with_torch, "deap": with_deap}


OURS = "cargo bench --locked --profile release -p doin-compute --bench generation --"


def ours(command, population, dimensions):
    """Seconds by name: ours on each device and on the CPU, for both methods."""
    sizes = ["--population", str(population), "--dimensions", str(dimensions), "--json"]
    result = subprocess.run(shlex.split(command) + sizes, stdout=subprocess.PIPE, check=True, text=True)
    # What cargo prints goes elsewhere; the list is all of the output.
    names = {"EvolutionStrategy": "evolution strategy", "SepCmaEs": "sep-CMA-ES"}
    return {f"ours, {names[one['method']]}: {one['device']}": one["seconds"] for one in json.loads(result.stdout)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--population", type=int, default=4096)
    parser.add_argument("--dimensions", type=int, default=2000)
    parser.add_argument("--generations", type=int, default=5)
    parser.add_argument("--ours", default=OURS, help="the command that measures ours; empty: leave them out")
    parser.add_argument("programs", nargs="*", help=f"of {', '.join(PROGRAMS)}; default: all")
    options = parser.parse_args()
    unknown = [name for name in options.programs if name not in PROGRAMS]
    if unknown:
        parser.error(f"unknown programs {', '.join(unknown)}; known: {', '.join(PROGRAMS)}")

    rows, missing = {}, {}
    if options.ours:
        try:
            rows.update(ours(options.ours, options.population, options.dimensions))
        except (OSError, subprocess.CalledProcessError, ValueError) as error:
            missing["ours"] = error
    for name in options.programs or PROGRAMS:
        try:
            rows[name] = PROGRAMS[name](options.population, options.dimensions, options.generations)
        except (ImportError, OSError, RuntimeError) as error:
            missing[name] = error

    print(f"Rastrigin, {options.population} x {options.dimensions}, one generation\n")
    print("| program | ms | evaluations/s | times ours |\n|---|---|---|---|")
    first = next(iter(rows.values()), None)
    for name, seconds in rows.items():
        print(f"| {name} | {1e3 * seconds:.1f} | {options.population / seconds:.0f} | {seconds / first:.2f} |")
    for name, error in missing.items():
        print(f"\nCould not run {name}: {error}")


if __name__ == "__main__":
    main()
