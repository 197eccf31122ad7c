"""A DEAP genetic algorithm as a domain: the whole run in one call of `optimize`, with the callbacks of the reference.

Needs `pip install deap`. The search takes in the network's champions between generations and reports its own; it goes on
over as many of the node's rounds as it takes. What is searched: the minimum of Rastrigin's function in ten dimensions.
"""

import math
import random

DIMENSIONS = 10


def rastrigin(x):
    return 10 * len(x) + sum(value * value - 10 * math.cos(2 * math.pi * value) for value in x)


class Search:
    def __init__(self):
        self.champion = None
        self.on_champion = lambda *arguments: None
        self.on_generation = lambda *arguments: None

    def configure(self, config):
        from deap import base, creator, tools

        self.config = config
        if not hasattr(creator, "Individual"):
            creator.create("Fitness", base.Fitness, weights=(-1.0,))
            creator.create("Individual", list, fitness=creator.Fitness)
        self.individual = creator.Individual
        self.random = random.Random(config.get("seed"))
        self.tools = base.Toolbox()
        self.tools.register("evaluate", lambda individual: (rastrigin(individual),))
        self.tools.register("mate", tools.cxBlend, alpha=0.3)
        self.tools.register("mutate", tools.mutGaussian, mu=0, sigma=0.3, indpb=0.2)
        self.tools.register("select", tools.selTournament, tournsize=3)

    def baseline(self):
        return {"x": [3.0] * DIMENSIONS}

    def set_network_champion(self, parameters):
        self.champion = parameters

    def set_local_champion_callback(self, callback):
        self.on_champion = callback

    def set_generation_end_callback(self, callback):
        self.on_generation = callback

    def optimize(self, current_best_params, current_best_performance):
        from deap import algorithms

        size = self.config.get("population", 60)
        best = self.individual(current_best_params["x"])
        best.fitness.values = self.tools.evaluate(best)
        population = [self.individual(value + self.random.gauss(0, 1) for value in best) for _ in range(size)]
        for generation in range(self.config.get("generations", 40)):
            if self.champion is not None:
                population[0], self.champion = self.individual(self.champion["x"]), None
            for individual in population:
                if not individual.fitness.valid:
                    individual.fitness.values = self.tools.evaluate(individual)
            leader = min(population, key=lambda individual: individual.fitness.values)
            if leader.fitness.values < best.fitness.values:
                best = self.tools.clone(leader)
                fitness = best.fitness.values[0]
                self.on_champion({"x": list(best)}, fitness, {}, generation, {"stage": 1})
            self.on_generation(population, None, None, generation, {"best": best.fitness.values[0]}, {})
            chosen = [self.tools.clone(one) for one in self.tools.select(population, size - 1)]
            population = algorithms.varAnd(chosen, self.tools, cxpb=0.6, mutpb=0.4) + [self.tools.clone(best)]
        return {"x": list(best)}, best.fitness.values[0]

    def get_domain_metadata(self):
        return {"performance_metric": "rastrigin", "higher_is_better": False}


class Model:
    def configure(self, config):
        pass

    def evaluate(self, parameters, data):
        x = [float(value) for value in parameters["x"]]
        if len(x) != DIMENSIONS:
            raise ValueError("x needs %d numbers" % DIMENSIONS)
        moved = [value - shift for value, shift in zip(x, data["shift"])]
        return {"performance": rastrigin(moved), "probe": sum(a * b for a, b in zip(moved, data["weights"]))}

    def infer(self, parameters, input_data):
        return {"value": rastrigin([float(value) for value in input_data["x"]])}


class Data:
    def configure(self, config):
        pass

    def generate(self, seed=None):
        rng = random.Random(seed)
        return {
            "shift": [rng.gauss(0, 0.002) for _ in range(DIMENSIONS)],
            "weights": [rng.gauss(0, 1) for _ in range(DIMENSIONS)],
        }
