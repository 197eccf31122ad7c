"""A small PyTorch model as a domain. Needs `pip install torch`.

The parameters are the weights of a network that predicts the next value of a noisy wave, as numpy arrays. A round of
search is a few steps of Adam.
"""

import math
import random

WINDOW = 8
HIDDEN = 16


def build():
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(WINDOW, HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, 1))


def weights_of(model):
    return {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}


def model_of(parameters):
    import torch

    model = build()
    # Weights of another shape are refused here.
    model.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    return model


def waves(seed, count):
    rng = random.Random(seed)
    windows, targets = [], []
    for _ in range(count):
        phase, noise = rng.uniform(0, 2 * math.pi), 0.05
        wave = [math.sin(phase + 0.4 * step) + rng.gauss(0, noise) for step in range(WINDOW + 1)]
        windows.append(wave[:WINDOW])
        targets.append(wave[WINDOW])
    return windows, targets


class Search:
    def configure(self, config):
        self.config = config
        self.random = random.Random(config.get("seed"))

    def baseline(self):
        return weights_of(build())

    def optimize(self, current_best_params, current_best_performance):
        import torch

        model = model_of(current_best_params)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(self.config.get("steps", 50)):
            windows, targets = waves(self.random.randrange(2**32), 64)
            optimizer.zero_grad()
            loss = (model(torch.tensor(windows)).squeeze(1) - torch.tensor(targets)).abs().mean()
            loss.backward()
            optimizer.step()
        return weights_of(model), float(loss)

    def get_domain_metadata(self):
        return {"performance_metric": "mean_absolute_error", "higher_is_better": False}


class Model:
    def configure(self, config):
        import torch

        # The same sums in the same order on every machine.
        torch.set_num_threads(1)

    def evaluate(self, parameters, data):
        import torch

        with torch.no_grad():
            outputs = model_of(parameters)(torch.tensor(data["windows"])).squeeze(1)
            error = (outputs - torch.tensor(data["targets"])).abs().mean()
        probe = sum(weight * float(output) for weight, output in zip(data["weights"], outputs))
        return {"performance": float(error), "probe": probe}

    def infer(self, parameters, input_data):
        import torch

        with torch.no_grad():
            return {"next": model_of(parameters)(torch.tensor(input_data["windows"])).squeeze(1).tolist()}


class Data:
    def configure(self, config):
        pass

    def generate(self, seed=None):
        windows, targets = waves(seed, 256)
        rng = random.Random(seed + 1)
        return {"windows": windows, "targets": targets, "weights": [rng.gauss(0, 1) for _ in windows]}
