"""The host process as a node sees it: frames over pipes."""

import os
import pathlib
import struct
import subprocess
import sys
import unittest

from doin_sdk.encoding import decode
from doin_sdk.framing import Channel
from tests.test_session import HERE, SEED, domain

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Process:
    def __init__(self):
        environment = dict(os.environ, PYTHONPATH=str(ROOT))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "doin_sdk.host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.channel = Channel(self.process.stdout, self.process.stdin)
        self.next = 0

    def ask(self, kind, segments=None, **values):
        """The answer, and the events before it."""
        self.next += 1
        self.channel.send(dict(values, type=kind, id=self.next), segments)
        events = []
        while True:
            header, payload = self.channel.receive()
            assert header["id"] == self.next
            if header["type"] in ("result", "error"):
                return header, payload, events
            events.append((header, payload))

    def hello(self, described=None, versions=(1,)):
        return self.ask("hello", versions=list(versions), domain=described or domain(), limits={"payload_bytes": 1 << 16})

    def end(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def close(self):
        self.process.stdin.close()
        log = self.process.stderr.read().decode()
        return self.process.wait(10), log


class Hosts(unittest.TestCase):
    def setUp(self):
        self.process = Process()
        self.addCleanup(self.process.end)

    def test_a_conversation(self):
        header, _, _ = self.process.hello()
        self.assertEqual((header["version"], header["type"]), (1, "result"))
        for needed in ("optimize", "evaluate", "infer", "synthesize", "baseline"):
            self.assertIn(needed, header["capabilities"])
        _, baseline, _ = self.process.ask("baseline")
        _, found, _ = self.process.ask("optimize", baseline, seed=SEED.hex(), season=0)
        _, data, _ = self.process.ask("synthesize", seed=SEED.hex(), season=0)
        measured, _, _ = self.process.ask("evaluate", dict(found, **data))
        self.assertAlmostEqual(measured["metric"], -8, delta=0.5)
        _, answer, _ = self.process.ask("infer", {"parameters": found["parameters"], "input": b'{"factor":1}'})
        self.assertEqual(decode(answer["output"]), {"y": 4.0})
        status, log = self.process.close()
        self.assertEqual(status, 0)
        self.assertIn("searching from -3", log, "print() goes to the log, not into the protocol")

    def test_errors_are_told_and_nothing_ends(self):
        self.process.hello()
        header, _, _ = self.process.ask("evaluate", {"parameters": b"[]", "data": b"null"})
        self.assertEqual((header["type"], header["kind"]), ("error", "bad-parameters"))
        header, _, _ = self.process.ask("no-such-request")
        self.assertEqual(header["kind"], "unsupported")
        header, _, _ = self.process.ask("baseline")
        self.assertEqual(header["type"], "result")

    def test_another_version_is_refused(self):
        header, _, _ = self.process.hello(versions=[99])
        self.assertEqual(header["kind"], "bad-configuration")
        self.assertIn("versions [99]", header["message"])

    def test_events_of_a_whole_run(self):
        described = domain()
        described["plugins"]["optimization"] = HERE + ":GeneticAlgorithm"
        self.process.hello(described)
        _, baseline, _ = self.process.ask("baseline")
        header, _, events = self.process.ask("optimize", baseline, seed=SEED.hex(), season=0)
        self.assertEqual(header["type"], "result")
        self.assertEqual([event["type"] for event, _ in events].count("champion"), 3)

    def test_notices_reach_a_running_search(self):
        described = domain()
        described["plugins"]["optimization"] = HERE + ":Stages"
        header, _, _ = self.process.hello(described)
        self.assertIn("force_stage_advance", header["capabilities"])
        self.assertIn("set_network_champion", header["capabilities"])
        _, baseline, _ = self.process.ask("baseline")
        channel = self.process.channel
        channel.send({"type": "optimize", "id": 9, "seed": SEED.hex(), "season": 0}, baseline)

        def until(**wanted):
            while True:
                header, payload = channel.receive()
                self.assertIn(header["type"], ("progress", "champion"))
                if header["type"] == "progress" and wanted.items() <= header["values"].items():
                    return

        until(event="stage_start", stage=0)
        # As far as the plugin is: nothing to do. Further: one stage at a time.
        channel.send({"type": "stage_advance", "id": 9, "stage": 0})
        channel.send({"type": "stage_advance", "id": 9, "stage": 1})
        until(event="stage_end", stage=0, total_stages=3)
        until(event="stage_start", stage=1)
        channel.send({"type": "network_champion", "id": 9}, {"parameters": b'{"x":[0.25,0.25]}'})
        while True:
            header, payload = channel.receive()
            if header["type"] == "champion" and decode(payload["parameters"]) == {"x": [0.25, 0.25]}:
                break
        # Without a number: a stage further in any case.
        channel.send({"type": "stage_advance", "id": 9})
        until(event="stage_start", stage=2)
        channel.send({"type": "cancel", "id": 9})
        while header["type"] != "error":
            header, _ = channel.receive()
        self.assertEqual((header["id"], header["kind"]), (9, "cancelled"))

    def test_a_frame_that_is_too_long_ends_the_process(self):
        self.process.hello()
        self.process.process.stdin.write(struct.pack("<II", 1 << 30, 0))
        self.process.process.stdin.flush()
        self.assertEqual(self.process.process.wait(10), 3)


if __name__ == "__main__":
    unittest.main()
