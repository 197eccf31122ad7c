"""Tries a domain without a node: ``python -m doin_sdk.trial`` (see docs/writing-a-domain.md)."""

import argparse
import json
import os
import statistics
import sys
from typing import List, Optional

from .errors import NoImprovement, PluginError
from .session import Session

PAIRS = 15


def arguments(given: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="doin-trial", description="Tries the plugins of a domain without a node.")
    parser.add_argument("--domain", metavar="FILE", help="the domain's description (JSON), instead of the options below")
    parser.add_argument("--optimization", metavar="NAME", help="an entry point, or module:Class")
    parser.add_argument("--inference", metavar="NAME")
    parser.add_argument("--synthetic-data", metavar="NAME")
    parser.add_argument("--config", type=json.loads, default={}, metavar="JSON", help="what the plugins are configured with")
    parser.add_argument("--lower-is-better", action="store_true")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of search; 5 by default")
    return parser.parse_args(given)


def main(given: Optional[List[str]] = None) -> int:
    """Prints what each step shows; 1 when something must be changed."""
    options = arguments(given)
    if options.domain:
        with open(options.domain, encoding="utf-8") as file:
            description = json.load(file)
    elif options.optimization and options.inference:
        description = described(options)
    else:
        print("wrong: give --domain, or --optimization and --inference")
        return 1
    try:
        return try_out(description, options.rounds)
    except PluginError as error:
        print("wrong: %s" % error)
        return 1


def described(options: argparse.Namespace) -> dict:
    plugins = {"optimization": options.optimization, "inference": options.inference}
    if options.synthetic_data:
        plugins["synthetic_data"] = options.synthetic_data
    return {"model": {"plugins": plugins, "config": options.config, "higher_is_better": not options.lower_is_better}}


def try_out(description: dict, rounds: int) -> int:
    domain = description["model"]
    session = Session(domain, lambda *event: None)
    session.metadata()
    problems = []
    baseline = best = session.baseline()
    print("baseline: %d bytes" % len(baseline))
    for number in range(rounds):
        try:
            found = session.optimize(best, os.urandom(32), 0)
        except NoImprovement as reason:
            print("round %d: no improvement (%s)" % (number + 1, reason))
            continue
        if found["gain"] > 0:
            best = found["parameters"]
        print("round %d: metric %g, gain %g" % (number + 1, found["metric"], found["gain"]))
    gains, metrics, probes = [], [], set()
    for number in range(PAIRS):
        seed = os.urandom(32)
        data = session.synthesize(seed, 0)
        first, incumbent = session.evaluate(best, data), session.evaluate(baseline, data)
        if number == 0:
            if session.synthesize(seed, 0) != data:
                problems.append("generate() gives other data for the same seed")
            again = session.evaluate(best, data)
            if abs(again["probe"] - first["probe"]) > 1e-3 * max(abs(first["probe"]), 1e-9):
                problems.append("evaluate() gives another result for the same parameters and data")
        gain = first["metric"] - incumbent["metric"]
        gains.append(gain if session.higher_is_better else -gain)
        metrics.append(first["metric"])
        probes.add(first["probe"])
    print("best: metric %g, spread over data %g" % (statistics.median(metrics), statistics.pstdev(metrics)))
    print("in pairs with the baseline: gain %g, spread %g" % (statistics.median(gains), statistics.pstdev(gains)))
    if statistics.median(gains) <= 0:
        problems.append("no gain over the baseline: evaluators would accept nothing; more rounds (--rounds), or another search")
    if "synthetic_data" not in domain["plugins"]:
        problems.append("without synthetic data the domain weighs nothing on the chain")
    elif len(probes) < PAIRS:
        problems.append("the probe is the same on different data: a vote could be guessed")
    for problem in problems:
        print("wrong: %s" % problem)
    if not problems:
        print("ready to be registered: doin-node register-domain")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
