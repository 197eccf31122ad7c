#!/usr/bin/env python3
"""Evaluations that pycma's sep-CMA-ES (CMA_diagonal=True) needs, to compare ours with.

    python3 -m venv venv && venv/bin/pip install -r benches/sep-cma-es/requirements.txt
    venv/bin/python benches/sep-cma-es/pycma_counts.py > node/compute/src/optimizers/pycma_counts.csv

The functions, dimensions and settings are those of the test `evaluation_counts_are_those_of_pycma` in
node/compute/src/optimizers/tests.rs, which reads the file: start at all ones with step size 1, default
population, until the best is within 1e-9 of the optimum; seeds 1 to 30; every other stopping rule off.
"""

import statistics
import sys
import warnings

import cma
import numpy

TARGET = 1e-9
SEEDS = 30


def conditioned(exponent):
    """Sum of squares, coordinate i with the factor 1e6 ** exponent(i/(n - 1))."""
    return lambda x: float(numpy.sum(1e6 ** exponent(numpy.arange(len(x)) / (len(x) - 1)) * x * x))


FUNCTIONS = {
    "sphere": lambda x: float(numpy.sum(x * x)),
    "ellipsoid": conditioned(lambda share: share),
    "cigar": conditioned(lambda share: (share > 0).astype(float)),
    "tablet": conditioned(lambda share: (share == 0).astype(float)),
}
DIMENSIONS = (10, 20, 40)


def evaluations(function, dimensions, seed, active):
    options = {
        "CMA_diagonal": True,
        "CMA_active": active,
        "seed": seed,
        "ftarget": TARGET,
        "maxfevals": 2_000_000,
        "verbose": -9,
        "tolx": 0,
        "tolfun": 0,
        "tolfunhist": 0,
        "tolfunrel": 0,
        "tolflatfitness": 10**9,
        "tolstagnation": 10**9,
        "tolconditioncov": 1e300,
        "tolfacupx": 1e300,
        "tolupsigma": 1e300,
    }
    strategy = cma.CMAEvolutionStrategy([1.0] * dimensions, 1.0, options)
    strategy.optimize(function)
    assert strategy.result.fbest <= TARGET, strategy.stop()
    return strategy.result.evaluations


def main():
    warnings.simplefilter("ignore")
    print("function,dimensions,active,seeds,lower_quartile,median,upper_quartile")
    names = sys.argv[1:] or FUNCTIONS
    for name in names:
        function = FUNCTIONS[name]
        for dimensions in DIMENSIONS:
            for active in (True, False):
                counts = [evaluations(function, dimensions, seed, active) for seed in range(1, SEEDS + 1)]
                quartiles = ",".join(f"{count:.0f}" for count in statistics.quantiles(counts, n=4))
                print(f"{name},{dimensions},{str(active).lower()},{SEEDS},{quartiles}", flush=True)


if __name__ == "__main__":
    main()
