"""A scikit-learn hyper-parameter search as a domain. Needs `pip install scikit-learn`.

The parameters are the settings of a gradient-boosted classifier: an evaluator trains it on data of its own and measures
its accuracy on others, so that only settings that hold everywhere are worth anything.
"""

import random

BOUNDS = {
    "learning_rate": (0.01, 0.5),
    "max_leaf_nodes": (2, 31),
    "max_iter": (5, 60),
    "l2_regularization": (0.0, 5.0),
}
WHOLE = ("max_leaf_nodes", "max_iter")


def checked(parameters):
    if set(parameters) != set(BOUNDS):
        raise ValueError("the settings are %s" % ", ".join(sorted(BOUNDS)))
    for name, (low, high) in BOUNDS.items():
        if not low <= parameters[name] <= high or (name in WHOLE and not isinstance(parameters[name], int)):
            raise ValueError("%s must be %s to %s" % (name, low, high))
    return parameters


def generated(seed, count):
    from sklearn.datasets import make_moons

    return make_moons(n_samples=count, noise=0.3, random_state=seed)


def accuracy(settings, seed):
    """Trained on one half, measured on the other: the accuracy, and the predicted probabilities there."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, y = generated(seed, 600)
    model = HistGradientBoostingClassifier(random_state=0, early_stopping=False, **settings).fit(x[:300], y[:300])
    return float(model.score(x[300:], y[300:])), model.predict_proba(x[300:])[:, 1]


class Search:
    def configure(self, config):
        self.config = config
        self.random = random.Random(config.get("seed"))

    def baseline(self):
        return {"learning_rate": 0.01, "max_leaf_nodes": 2, "max_iter": 5, "l2_regularization": 5.0}

    def optimize(self, current_best_params, current_best_performance):
        seeds = [self.random.randrange(2**32) for _ in range(3)]

        def mean(settings):
            return sum(accuracy(settings, seed)[0] for seed in seeds) / len(seeds)

        best, best_accuracy = current_best_params, mean(current_best_params)
        for _ in range(self.config.get("candidates", 6)):
            candidate = {}
            for name, (low, high) in BOUNDS.items():
                value = min(high, max(low, best[name] + self.random.gauss(0, 0.3) * (high - low)))
                candidate[name] = int(round(value)) if name in WHOLE else value
            found = mean(candidate)
            if found > best_accuracy:
                best, best_accuracy = candidate, found
        return best, best_accuracy

    def get_domain_metadata(self):
        return {"performance_metric": "accuracy", "higher_is_better": True}


class Model:
    def configure(self, config):
        pass

    def evaluate(self, parameters, data):
        score, probabilities = accuracy(checked(parameters), data["seed"])
        return {"performance": score, "probe": float(probabilities.sum())}

    def infer(self, parameters, input_data):
        from sklearn.ensemble import HistGradientBoostingClassifier

        x, y = generated(0, 600)
        model = HistGradientBoostingClassifier(random_state=0, early_stopping=False, **checked(parameters)).fit(x, y)
        return {"probability": model.predict_proba(input_data["x"])[:, 1].tolist()}


class Data:
    def configure(self, config):
        pass

    def generate(self, seed=None):
        return {"seed": seed}
