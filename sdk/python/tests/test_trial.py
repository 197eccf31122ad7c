import contextlib
import io
import unittest

from doin_sdk import trial

HERE = "tests.plugins_for_tests:"
GOOD = ["--optimization", HERE + "Optimizer", "--inference", HERE + "Inferencer", "--synthetic-data", HERE + "Synthetic"]


def run(*arguments):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = trial.main(list(arguments))
    return status, output.getvalue()


class Trial(unittest.TestCase):
    def test_a_good_domain_is_ready(self):
        status, text = run(*GOOD, "--rounds", "2")
        self.assertEqual(status, 0, text)
        self.assertIn("ready to be registered", text)

    def test_what_is_wrong_is_said(self):
        for arguments, named in (
            (GOOD[:4], "weighs nothing"),
            (GOOD + ["--lower-is-better"], "higher_is_better"),
            (GOOD + ["--config", '{"step": 0}'], "no gain"),
            (["--optimization", "no-such", "--inference", HERE + "Inferencer"], "no installed package"),
        ):
            status, text = run(*arguments)
            self.assertEqual(status, 1)
            self.assertIn(named, text)


if __name__ == "__main__":
    unittest.main()
