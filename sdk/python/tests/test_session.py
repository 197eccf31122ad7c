import unittest

from doin_sdk import discovery
from doin_sdk.encoding import decode, encode
from doin_sdk.errors import BadConfiguration, BadParameters, Cancelled, NoImprovement, UnsupportedError
from doin_sdk.session import Session, seed_number

HERE = "tests.plugins_for_tests"
SEED = bytes(32)


def domain(**changes):
    plugins = {
        "optimization": HERE + ":Optimizer",
        "inference": HERE + ":Inferencer",
        "synthetic_data": HERE + ":Synthetic",
    }
    return dict({"plugins": plugins, "config": {"step": 0.5}, "higher_is_better": True}, **changes)


def session(**changes):
    events = []
    made = Session(domain(**changes), lambda kind, values, segments=None: events.append((kind, values, segments)))
    return made, events


class Sessions(unittest.TestCase):
    def test_a_round(self):
        made, _ = session()
        best = made.baseline()
        found = made.optimize(best, SEED, 0)
        self.assertEqual(decode(found["parameters"]), {"x": [2.0, 2.0]})
        self.assertGreater(found["gain"], 20)
        data = made.synthesize(SEED, 0)
        self.assertEqual(data, made.synthesize(SEED, 0))
        self.assertNotEqual(data, made.synthesize(SEED, 1))
        measured = made.evaluate(found["parameters"], data)
        self.assertAlmostEqual(measured["metric"], found["metric"])
        self.assertEqual(decode(made.infer(best, b'{"factor":2}')), {"y": 16.0})

    def test_parameters_that_are_no_model_are_bad(self):
        made, _ = session()
        for data in [b"[]", b'{"y":1}', b'{"x":["a"]}', b"\xff", b'{"x":' + b"[" * 5000]:
            with self.assertRaises(BadParameters):
                made.evaluate(data, b'{"shift":0.0}')

    def test_unchanged_parameters_are_no_improvement(self):
        made, _ = session(config={"step": 0})
        with self.assertRaises(NoImprovement):
            made.optimize(made.baseline(), SEED, 0)

    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(BadConfiguration, "group doin.optimization; there are"):
            session(plugins={"optimization": "no-such-plugin"})
        with self.assertRaisesRegex(BadConfiguration, "has no method evaluate"):
            session(plugins={"inference": HERE + ":Optimizer"})
        with self.assertRaisesRegex(BadConfiguration, "no part"):
            session(plugins={"gossip": HERE + ":Optimizer"})
        made, _ = session(plugins={"inference": HERE + ":Inferencer"})
        self.assertEqual(made.synthesize(SEED, 0), b"null")
        with self.assertRaises(UnsupportedError):
            made.optimize(b"{}", SEED, 0)

    def test_the_direction_must_be_the_same(self):
        made, _ = session(higher_is_better=False)
        with self.assertRaisesRegex(BadConfiguration, "higher_is_better"):
            made.metadata()

    def test_the_baseline_of_the_specification_comes_first(self):
        made, _ = session(baseline={"x": [1.0]})
        self.assertEqual(made.baseline(), b'{"x":[1.0]}')

    def test_callbacks_of_a_whole_run(self):
        plugins = dict(domain()["plugins"], optimization=HERE + ":GeneticAlgorithm")
        made, events = session(plugins=plugins)
        made.optimize(encode({"x": [4.0, 4.0]}), SEED, 0)
        champions = [segments["parameters"] for kind, _, segments in events if kind == "champion"]
        self.assertEqual([decode(champion)["x"][0] for champion in champions], [2.0, 1.0, 0.5])
        kinds = [kind for kind, _, _ in events]
        self.assertEqual(kinds.count("progress"), 6)
        # What is no number is left out.
        self.assertNotIn("avg", events[2][1]["values"])

        plugin = made._plugins["optimization"]
        made.network_champion(b'{"x":[0.1,0.1]}')
        self.assertEqual(plugin.injected, [{"x": [0.1, 0.1]}])
        made.stage_advance(1)
        made.stage_advance(1)
        self.assertEqual(plugin.advanced, 1, "a stale notice is ignored")
        self.assertEqual(made.call("create_shared_population", {"size": 2, "seed": 7}), {"genomes": [[7, 0], [7, 1]]})
        with self.assertRaises(UnsupportedError):
            made.call("configure", {"config": {}})

    def test_a_cancelled_run_ends_at_its_next_callback(self):
        plugins = dict(domain()["plugins"], optimization=HERE + ":GeneticAlgorithm")
        made, events = session(plugins=plugins)
        made.emit = lambda *event: (events.append(event), made.cancelled.set())
        with self.assertRaises(Cancelled):
            made.optimize(encode({"x": [4.0, 4.0]}), SEED, 0)
        self.assertEqual(len(events), 1)

    def test_seeds(self):
        self.assertLess(seed_number(SEED, 0, 32), 2**32)
        self.assertNotEqual(seed_number(SEED, 0, 32), seed_number(SEED, 1, 32))
        self.assertGreater(seed_number(SEED, 0, 256), 2**200)


class Discovery(unittest.TestCase):
    def test_installed_entry_points_are_found(self):
        import pathlib
        import sys
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            information = pathlib.Path(folder, "package_for_test-1.0.dist-info")
            information.mkdir()
            (information / "METADATA").write_text("Metadata-Version: 2.1\nName: package-for-test\nVersion: 1.0\n")
            (information / "entry_points.txt").write_text(
                "[doin.optimization]\nfound = %s:Optimizer\n\n[doin.inference]\nbroken = no_such_module:X\n" % HERE
            )
            sys.path.insert(0, folder)
            try:
                self.assertEqual(type(discovery.load("optimization", "found")).__name__, "Optimizer")
                self.assertIn("found", discovery.names("optimization"))
                with self.assertRaisesRegex(BadConfiguration, "cannot be loaded"):
                    discovery.load("inference", "broken")
            finally:
                sys.path.remove(folder)


if __name__ == "__main__":
    unittest.main()
