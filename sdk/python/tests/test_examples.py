"""The examples improve, and measure the same twice. Those whose libraries are not installed are skipped, and say so."""

import importlib.util
import pathlib
import sys
import unittest

from doin_sdk.encoding import decode, encode
from doin_sdk.errors import BadParameters, NoImprovement
from doin_sdk.session import Session

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
for folder in (EXAMPLES, EXAMPLES / "polynomial"):
    sys.path.insert(0, str(folder))


class Examples(unittest.TestCase):
    def improves(self, module, higher_is_better, rounds, config, needs=None, by=0.0):
        """Improves on the baseline within a few rounds, by the evaluators' own measure."""
        if needs and importlib.util.find_spec(needs) is None:
            self.skipTest("%s is not installed: the example %s is not tested" % (needs, module))
        plugins = {
            "optimization": module + ":Search",
            "inference": module + ":Model",
            "synthetic_data": module + ":Data",
        }
        domain = {"plugins": plugins, "config": config, "higher_is_better": higher_is_better}
        session = Session(domain, lambda *event: None)
        session.metadata()
        best = start = session.baseline()
        for number in range(rounds):
            try:
                best = session.optimize(best, bytes([number]) * 32, 0)["parameters"]
            except NoImprovement:
                pass
        gains, probes = [], set()
        for number in range(5):
            data = session.synthesize(bytes([100 + number]) * 32, 0)
            first, again = session.evaluate(best, data), session.evaluate(best, data)
            self.assertEqual(first, again, "the same measurement twice")
            probes.add(first["probe"])
            gain = first["metric"] - session.evaluate(start, data)["metric"]
            gains.append(gain if higher_is_better else -gain)
        self.assertGreater(sorted(gains)[2], by)
        self.assertEqual(len(probes), 5, "the probe hangs on the data")
        with self.assertRaises(BadParameters):
            session.evaluate(encode({"no": "model"}), data)
        return session, best

    def test_polynomial(self):
        session, best = self.improves("polynomial", False, 3, {"degree": 7, "noise": 0.02}, by=0.3)
        self.assertEqual(len(decode(session.infer(best, b'{"x":[0,1]}'))["y"]), 2)

    def test_genetic_algorithm(self):
        self.improves("genetic_algorithm", False, 1, {"seed": 1}, needs="deap", by=20)

    def test_hyper_parameters(self):
        self.improves("hyper_parameters", True, 2, {"seed": 1, "candidates": 4}, needs="sklearn", by=0.01)

    def test_neural_network(self):
        self.improves("neural_network", False, 1, {"seed": 1, "steps": 100}, needs="torch", by=0.2)


if __name__ == "__main__":
    unittest.main()
