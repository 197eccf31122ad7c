"""The shared-population methods of an optimization plugin, as generations of candidates.

A plugin's population is a list of genomes, or a dict with a list ``genomes``. Each genome travels alone, so that any node
can evaluate it; everything else is the state of the search, which all nodes have.
"""

import hashlib
import inspect
from typing import Any, Dict, List, Optional, Tuple

from .encoding import decode, encode
from .errors import BadConfiguration, BadParameters, UnsupportedError

MOST_CANDIDATES = 256
DEFAULT_SIZE = 60
"""How many genomes ``create_shared_population`` is asked for, unless ``config`` has ``shared_population_size``."""
REMEMBERED = ("stage_idx", "no_improve_count", "innovation_tracker", "patience", "stage_schedule", "param_defaults")
"""What ``reproduce_shared`` may return beside the population, and is given again."""

Generation = Tuple[List[bytes], bytes]


class SharedSearch:
    """A plugin's side of a population that many nodes share."""

    def __init__(self, plugin: Any, config: Dict[str, Any]) -> None:
        for method in ("create_shared_population", "evaluate_candidate", "reproduce_shared"):
            if not callable(getattr(plugin, method, None)):
                raise UnsupportedError("the optimization plugin has no method %s: it cannot share a population" % method)
        self.plugin = plugin
        self.size = config.get("shared_population_size", DEFAULT_SIZE)
        if not isinstance(self.size, int) or not 1 <= self.size <= MOST_CANDIDATES:
            raise BadConfiguration("shared_population_size must be 1 to %d" % MOST_CANDIDATES)
        if callable(getattr(plugin, "setup_shared_mode", None)):
            plugin.setup_shared_mode()

    def create(self, seed: bytes) -> Generation:
        """The first generation."""
        population = self.plugin.create_shared_population(self.size, seed=_number(seed))
        return _split(population, {"stage_idx": 0, "no_improve_count": 0})

    def evaluate(self, candidate: bytes, number: int) -> Tuple[Any, Any]:
        """The fitness of a genome, and its parameters (not encoded)."""
        genome = decode(candidate)
        found = self.plugin.evaluate_candidate(genome, number)
        if not isinstance(found, dict):
            return found, genome
        if found.get("rejected"):
            raise BadParameters("the plugin rejects the candidate")
        if "fitness" not in found:
            raise BadConfiguration("evaluate_candidate must return a number, or a dict with fitness")
        if found.get("parameters") is not None:
            return found["fitness"], found["parameters"]
        parameters = dict(found["hyper_dict"]) if isinstance(found.get("hyper_dict"), dict) else genome
        if found.get("_model_b64") is not None and isinstance(parameters, dict):
            parameters = dict(parameters, _model_b64=found["_model_b64"])
        return found["fitness"], parameters

    def reproduce(
        self, candidates: List[bytes], state: bytes, metrics: List[Optional[float]], number: int, seed: bytes
    ) -> Optional[Generation]:
        """The next generation; ``None`` when the search has converged or nothing is left."""
        if all(metric is None for metric in metrics):
            return None
        held = decode(state)
        genomes = []
        for candidate, metric in zip(candidates, metrics):
            genome = decode(candidate)
            genome = dict(genome) if isinstance(genome, dict) else {"genome": genome}
            genome.update(fitness=metric, rejected=metric is None)
            genomes.append(genome)
        population = genomes if held["rest"] is None else dict(held["rest"], genomes=genomes)
        remembered = held["remembered"]
        arguments = dict.fromkeys(REMEMBERED)
        arguments.update(remembered, population=population, generation=number, seed=_number(seed))
        found = self.plugin.reproduce_shared(**_accepted(self.plugin.reproduce_shared, arguments))
        if not isinstance(found, dict) or "population" not in found:
            raise BadConfiguration("reproduce_shared must return a dict with population")
        if found.get("converged"):
            return None
        remembered.update({key: found[key] for key in REMEMBERED if key in found})
        return _split(found["population"], remembered)


def _split(population: Any, remembered: Dict[str, Any]) -> Generation:
    rest = None
    genomes = population
    if isinstance(population, dict):
        rest = {key: value for key, value in population.items() if key != "genomes"}
        genomes = population.get("genomes")
    if not isinstance(genomes, (list, tuple)) or not 1 <= len(genomes) <= MOST_CANDIDATES:
        raise BadConfiguration("a shared population is a list of 1 to %d genomes, or a dict with one" % MOST_CANDIDATES)
    return [encode(_bare(genome)) for genome in genomes], encode({"rest": rest, "remembered": remembered})


def _bare(genome: Any) -> Any:
    """Without what was found out about it: candidates are the same whether or not they were evaluated before."""
    if not isinstance(genome, dict):
        return genome
    return {key: value for key, value in genome.items() if key not in ("fitness", "rejected")}


def _accepted(method: Any, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """Those that the method takes."""
    parameters = inspect.signature(method).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return arguments
    names = {parameter.name for parameter in parameters}
    return {name: value for name, value in arguments.items() if name in names}


def _number(seed: bytes) -> int:
    """32 bits, which every generator takes."""
    return int.from_bytes(hashlib.sha256(b"doin/shared-plugin-seed" + seed).digest()[:4], "big")
