"""Plugins that the tests load: none derives from the base classes."""

import random
import time


class Optimizer:
    def configure(self, config):
        self.step = config.get("step", 0.5)
        self.random = random.Random(1)

    def baseline(self):
        return {"x": [4.0, 4.0]}

    def optimize(self, current_best_params, current_best_performance):
        print("searching from", current_best_performance)
        x = [value * (1 - self.step) for value in current_best_params["x"]]
        return {"x": x}, -sum(value * value for value in x)

    def get_domain_metadata(self):
        return {"performance_metric": "neg_sum", "higher_is_better": True}


class Inferencer:
    def configure(self, config):
        pass

    def evaluate(self, parameters, data=None):
        shift = data["shift"] if data else 0.0
        return {"performance": -sum((value - shift) ** 2 for value in parameters["x"]), "probe": shift * parameters["x"][0]}

    def infer(self, parameters, input_data):
        return {"y": sum(parameters["x"]) * input_data["factor"]}


class Synthetic:
    def generate(self, seed=None):
        return {"shift": random.Random(seed).gauss(0, 0.01)}


class GeneticAlgorithm(Optimizer):
    """The whole run in one call, with the callbacks of the reference."""

    _current_stage = 0

    def __init__(self):
        self.injected, self.advanced = [], 0

    def set_local_champion_callback(self, callback):
        self.on_champion = callback

    def set_eval_service_callback(self, callback):
        self.between = callback

    def set_generation_end_callback(self, callback):
        self.on_generation = callback

    def set_network_champion(self, parameters):
        self.injected.append(parameters)

    def force_stage_advance(self):
        self.advanced += 1
        self._current_stage += 1

    def create_shared_population(self, size, seed=None):
        return {"genomes": [[seed, index] for index in range(size)]}

    def evaluate_candidate(self, genome, generation):
        if genome[1] == 3:
            return {"fitness": None, "rejected": True}
        return {"fitness": -float(genome[1]), "hyper_dict": {"x": [genome[1], generation]}, "_model_b64": "bW9kZWw="}

    def reproduce_shared(self, population, generation, seed, no_improve_count=0):
        alive = [one for one in population["genomes"] if not one["rejected"]]
        best = max(alive, key=lambda one: one["fitness"])["genome"]
        genomes = [[seed, best[1] + index] for index in range(len(population["genomes"]))]
        return {
            "population": {"genomes": genomes},
            "generation": generation + 1,
            "no_improve_count": no_improve_count + 1,
            "converged": no_improve_count >= 2,
        }

    def optimize(self, current_best_params, current_best_performance):
        x = 4.0
        for generation in range(3):
            self.between(generation, 0, {"total_candidates": 1})
            x /= 2
            self.on_champion({"x": [x, x]}, -2 * x * x, {"mae": 1.0}, generation, {"stage": 1})
            self.on_generation([1, 2], None, None, generation, {"stage": 1}, {"avg": float("nan")})
        return {"x": [x, x]}, -2 * x * x


class Stages(GeneticAlgorithm):
    """A run without end, in stages that only the network ends."""

    def set_stage_start_callback(self, callback):
        self.on_stage_start = callback

    def set_stage_end_callback(self, callback):
        self.on_stage_end = callback

    def optimize(self, current_best_params, current_best_performance):
        stage = 0
        self.on_stage_start(stage, 3)
        while True:
            time.sleep(0.01)
            if stage < self._current_stage:
                self.on_stage_end(stage, 3, current_best_params, current_best_performance, {"mae": 1.0})
                stage += 1
                self.on_stage_start(stage, 3)
            if self.injected:
                self.on_champion(self.injected.pop(), 1.0, {}, 0, {"stage": stage})
            self.between(0, 0, {"stage": stage})
