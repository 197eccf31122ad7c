import unittest

from doin_sdk.encoding import decode
from doin_sdk.errors import BadConfiguration, BadParameters, UnsupportedError
from doin_sdk.session import Session

from .plugins_for_tests import GeneticAlgorithm


def session(optimization="GeneticAlgorithm", **config):
    plugins = {"optimization": "%s:%s" % (GeneticAlgorithm.__module__, optimization)}
    domain = {"plugins": plugins, "config": dict({"step": 0.5}, **config), "higher_is_better": True}
    return Session(domain, lambda *event: None)


class Shared(unittest.TestCase):
    def test_generations_follow_from_their_arguments(self):
        one, two = session(shared_population_size=5), session(shared_population_size=5)
        generation = one.shared().create(b"s" * 32)
        self.assertEqual(generation, two.shared().create(b"s" * 32))
        self.assertNotEqual(generation, two.shared().create(b"t" * 32))
        candidates, state = generation
        self.assertEqual(len(candidates), 5)
        for number in range(3):
            metrics = []
            for candidate in candidates:
                try:
                    metrics.append(one.shared_evaluate(candidate, number)[0])
                except BadParameters:
                    metrics.append(None)
            following = one.shared().reproduce(candidates, state, metrics, number, b"r" * 32)
            self.assertEqual(following, two.shared().reproduce(candidates, state, metrics, number, b"r" * 32))
            if number == 2:
                self.assertIsNone(following, "it has converged")
            else:
                candidates, state = following

    def test_what_a_candidate_is_worth(self):
        made = session()
        metric, parameters = made.shared_evaluate(b"[7,2]", 4)
        self.assertEqual(metric, -2.0)
        self.assertEqual(decode(parameters), {"x": [2, 4], "_model_b64": "bW9kZWw="})
        with self.assertRaises(BadParameters):
            made.shared_evaluate(b"[7,3]", 4)
        candidates, state = made.shared().create(b"s" * 32)
        self.assertEqual(len(candidates), 60)
        self.assertIsNone(made.shared().reproduce(candidates, state, [None] * 60, 0, b"r" * 32), "nothing is left")

    def test_what_cannot_share_says_so(self):
        with self.assertRaises(UnsupportedError):
            session("Optimizer").shared()
        for size in (0, 257, "many"):
            with self.assertRaises(BadConfiguration):
                session(shared_population_size=size).shared()


if __name__ == "__main__":
    unittest.main()
