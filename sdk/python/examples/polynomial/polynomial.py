"""A domain without dependencies: a polynomial that predicts a noisy curve.

The parameters are the coefficients. Data are points of the curve with noise that follows from the seed; the metric is
the mean absolute error, smaller is better. The search changes the coefficients at random and keeps what is better.
"""

import math
import random


def curve(x):
    return math.sin(2 * x) + 0.5 * x


def predict(coefficients, x):
    value = 0.0
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value


def error(coefficients, points):
    return sum(abs(predict(coefficients, x) - y) for x, y in points) / len(points)


def sample(rng, count, noise):
    points = []
    for _ in range(count):
        x = rng.uniform(-2, 2)
        points.append([x, curve(x) + rng.gauss(0, noise)])
    return points


class Search:
    def configure(self, config):
        self.config = config
        self.rng = random.Random()
        self.training = sample(random.Random(0), 200, 0)

    def baseline(self):
        return {"coefficients": [0.0] * (self.config["degree"] + 1)}

    def optimize(self, current_best_params, current_best_performance):
        best = list(current_best_params["coefficients"])
        best_error = error(best, self.training)
        step = 0.3
        for _ in range(2000):
            candidate = [value + self.rng.gauss(0, step) for value in best]
            candidate_error = error(candidate, self.training)
            if candidate_error < best_error:
                best, best_error = candidate, candidate_error
                step *= 1.3
            else:
                step = max(step * 0.97, 1e-4)
        return {"coefficients": best}, best_error

    def get_domain_metadata(self):
        return {"performance_metric": "mean_absolute_error", "higher_is_better": False}


class Model:
    def configure(self, config):
        self.degree = config["degree"]

    def check(self, parameters):
        coefficients = parameters["coefficients"]
        if len(coefficients) != self.degree + 1 or any(abs(value) > 1e6 for value in coefficients):
            raise ValueError("%d coefficients of magnitude up to 1e6 are needed" % (self.degree + 1))
        return coefficients

    def evaluate(self, parameters, data):
        coefficients = self.check(parameters)
        # What nobody can tell without computing the predictions: their sum with the seed's random signs.
        probe = sum(sign * predict(coefficients, x) for (x, _), sign in zip(data["points"], data["signs"]))
        return {"performance": error(coefficients, data["points"]), "probe": probe}

    def infer(self, parameters, input_data):
        coefficients = self.check(parameters)
        return {"y": [predict(coefficients, float(x)) for x in input_data["x"]]}


class Data:
    def configure(self, config):
        self.noise = config["noise"]

    def generate(self, seed=None):
        rng = random.Random(seed)
        points = sample(rng, 400, self.noise)
        return {"points": points, "signs": [rng.gauss(0, 1) for _ in points]}
