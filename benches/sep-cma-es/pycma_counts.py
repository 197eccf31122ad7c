#!/usr/bin/env python3
"""Evaluations that pycma's sep-CMA-ES (CMA_diagonal=True) needs, to compare ours with.

    python3 -m venv venv && venv/bin/pip install -r benches/sep-cma-es/requirements.txt
    venv/bin/python benches/sep-cma-es/pycma_counts.py > node/compute/src/optimizers/pycma_counts.csv

The functions, dimensions and settings are those of the test `evaluation_counts_are_those_of_pycma` in
node/compute/src/optimizers/tests.rs, which reads the file: start at all ones with step size 1 (Rosenbrock's function,
whose optimum lies there: at all zeros with step size 0.1, since farther steps lead some seeds to the other, local optimum,
whose value is 3.99), default population, until the best is within 1e-9 of the
optimum; seeds 1 to 30; no other stopping rule. Names of functions as arguments: only these. Rosenbrock's function takes
pycma some minutes.
"""

import multiprocessing
import statistics
import sys
import warnings

import cma
import numpy

TARGET = 1e-9
SEEDS = 30
# A run on Rosenbrock's function takes pycma 12 000 generations: only with the active update, which ours has.
ONLY_ACTIVE = {"rosenbrock"}
MOST_EVALUATIONS = 1_000_000


def conditioned(exponent):
    """Sum of squares, coordinate i with the factor 1e6 ** exponent(i/(n - 1))."""
    return lambda x: float(numpy.sum(1e6 ** exponent(numpy.arange(len(x)) / (len(x) - 1)) * x * x))


def rosenbrock(x):
    return float(numpy.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


FUNCTIONS = {
    "sphere": lambda x: float(numpy.sum(x * x)),
    "ellipsoid": conditioned(lambda share: share),
    "cigar": conditioned(lambda share: (share > 0).astype(float)),
    "tablet": conditioned(lambda share: (share == 0).astype(float)),
    "rosenbrock": rosenbrock,
}
DIMENSIONS = {"rosenbrock": (10,)}
USUAL_DIMENSIONS = (10, 20, 40)
START = {"rosenbrock": (0.0, 0.1)}
USUAL_START = (1.0, 1.0)


def evaluations(name, dimensions, seed, active):
    warnings.simplefilter("ignore")
    function = FUNCTIONS[name]
    start, step_size = START.get(name, USUAL_START)
    options = {"CMA_diagonal": True, "CMA_active": active, "seed": seed, "verbose": -9}
    strategy = cma.CMAEvolutionStrategy([start] * dimensions, step_size, options)
    # pycma's own loop would end for reasons that hold for a step size which is not offset by small variances: on
    # Rosenbrock's function the one grows to 1e39 while the others shrink.
    while not strategy.countevals or strategy.best.f > TARGET:
        assert strategy.countevals < MOST_EVALUATIONS, (name, dimensions, seed, strategy.best.f)
        population = strategy.ask()
        strategy.tell(population, [function(x) for x in population])
    return strategy.countevals


def main():
    print("function,dimensions,active,seeds,lower_quartile,median,upper_quartile")
    with multiprocessing.Pool() as pool:
        for name in sys.argv[1:] or FUNCTIONS:
            for dimensions in DIMENSIONS.get(name, USUAL_DIMENSIONS):
                for active in (True,) if name in ONLY_ACTIVE else (True, False):
                    runs = [(name, dimensions, seed, active) for seed in range(1, SEEDS + 1)]
                    counts = pool.starmap(evaluations, runs, chunksize=1)
                    quartiles = ",".join(f"{count:.0f}" for count in statistics.quantiles(counts, n=4))
                    print(f"{name},{dimensions},{str(active).lower()},{SEEDS},{quartiles}", flush=True)


if __name__ == "__main__":
    main()
