"""A domain's plugins, answering requests. Independent of how requests come: see :mod:`doin_sdk.host` for that."""

import hashlib
import inspect
import math
import threading
from typing import Any, Callable, Dict, Optional

from . import discovery
from .callbacks import connect
from .encoding import decode, encode
from .errors import (
    BadConfiguration,
    BadData,
    BadInput,
    BadParameters,
    Cancelled,
    NoImprovement,
    NonFinite,
    UnsupportedError,
    kind_of,
)
from .shared import SharedSearch

CALLABLE_METHODS = (
    "setup_shared_mode",
    "create_shared_population",
    "evaluate_candidate",
    "reproduce_shared",
    "get_runtime_statistics",
)
"""Methods of the optimization plugin that the node may call by name (shared population)."""

_current: Optional["Session"] = None


def is_cancelled() -> bool:
    """Whether the node has given up on what is being computed."""
    return _current is not None and _current.cancelled.is_set()


def progress(**values: Any) -> None:
    """Tells the node how far a search is, in numbers and texts. Raises :class:`Cancelled` when it has given up on it."""
    if _current is not None:
        _current.report(values)


class Session:
    """The plugins of one domain."""

    def __init__(self, domain: Dict[str, Any], emit: Callable[..., None]) -> None:
        """``domain`` is what the node says in its hello; ``emit(type, values, segments)`` sends an event to it."""
        global _current
        self.domain = domain
        self.emit = emit
        self.cancelled = threading.Event()
        self.higher_is_better = bool(domain.get("higher_is_better", True))
        self._is_bytes = domain.get("parameters_format", "json") == "bytes"
        self._plugins: Dict[str, Any] = {}
        self._shared: Optional[SharedSearch] = None
        _current = self
        for part, name in sorted(domain.get("plugins", {}).items()):
            if part not in discovery.GROUPS:
                raise BadConfiguration("%r is no part of a domain" % part)
            plugin = discovery.load(part, name)
            if callable(getattr(plugin, "configure", None)):
                try:
                    # A copy of its own for each: plugins change what they are given.
                    plugin.configure(decode(encode(domain.get("config", {}))))
                except Exception as error:
                    raise BadConfiguration("the %s plugin %s refuses its configuration: %r" % (part, name, error)) from error
            self._plugins[part] = plugin
        if "optimization" in self._plugins:
            connect(self._plugins["optimization"], self)

    # -- what this domain is ---------------------------------------------------------------------------------------

    def capabilities(self) -> list:
        """What the node may ask for."""
        found = []
        if "optimization" in self._plugins:
            found.append("optimize")
            found += [name for name in CALLABLE_METHODS if self._has("optimization", name)]
            found += [name for name in ("set_network_champion", "force_stage_advance") if self._has("optimization", name)]
        if self._baseline_of() is not None:
            found.append("baseline")
        if "synthetic_data" in self._plugins:
            found.append("synthesize")
        if "inference" in self._plugins:
            found.append("evaluate")
            if self._has("inference", "infer"):
                found.append("infer")
        return found

    def metadata(self) -> Dict[str, Any]:
        """What the optimization plugin says of the domain."""
        if not self._has("optimization", "get_domain_metadata"):
            return {}
        metadata = self._plugins["optimization"].get_domain_metadata()
        if not isinstance(metadata, dict):
            raise BadConfiguration("get_domain_metadata must return a dict")
        claimed = metadata.get("higher_is_better")
        if claimed is not None and bool(claimed) != self.higher_is_better:
            raise BadConfiguration(
                "the plugin says higher_is_better is %s, the domain's specification says %s"
                % (bool(claimed), self.higher_is_better)
            )
        return {key: value for key, value in metadata.items() if isinstance(value, (str, int, float, bool))}

    # -- requests --------------------------------------------------------------------------------------------------

    def baseline(self) -> bytes:
        """The parameters that the domain starts from."""
        given = self.domain.get("baseline")
        if given is not None:
            return self._encode_parameters(given)
        method = self._baseline_of()
        if method is None:
            raise UnsupportedError("the specification gives no baseline, and no plugin has a method baseline()")
        return self._encode_parameters(method())

    def optimize(self, best: Optional[bytes], seed: bytes, season: int) -> Dict[str, Any]:
        """One call of the plugin's optimize. Returns ``parameters`` (bytes), ``metric`` and ``gain``."""
        plugin = self._plugin("optimization")
        self.cancelled.clear()
        start = None if best is None else self._decode_parameters(best)
        data = self._generate(seed, season) if "inference" in self._plugins else None
        performance = None
        if start is not None and "inference" in self._plugins:
            performance = self._measure(self._decode_parameters(best), data)[0]
        try:
            found = plugin.optimize(start, performance)
        except Exception:
            if self.cancelled.is_set():
                raise Cancelled("cancelled") from None
            raise
        if found is None or found[0] is None:
            raise NoImprovement("the plugin has found nothing")
        parameters = self._encode_parameters(found[0])
        if parameters == best:
            raise NoImprovement("the plugin returned the parameters it was given")
        if performance is None:
            return {"parameters": parameters, "metric": _finite(found[1]), "gain": None}
        # The same data for both, and the measure that evaluators use: an optimizer may count otherwise.
        metric = self._measure(self._decode_parameters(parameters), data)[0]
        gain = metric - performance if self.higher_is_better else performance - metric
        return {"parameters": parameters, "metric": metric, "gain": gain}

    def synthesize(self, seed: bytes, season: int) -> bytes:
        """An evaluator's data."""
        if "synthetic_data" not in self._plugins:
            return b"null"
        data = self._generate(seed, season)
        try:
            return encode(data)
        except (TypeError, ValueError) as error:
            raise BadConfiguration("what generate() returned cannot be sent: %s" % error) from error

    def evaluate(self, parameters: bytes, data: bytes) -> Dict[str, float]:
        """Metric and probe."""
        self._plugin("inference")
        try:
            data_value = decode(data)
        except Exception as error:
            raise BadData(str(error)) from error
        metric, probe = self._measure(self._decode_parameters(parameters), data_value)
        return {"metric": metric, "probe": probe}

    def infer(self, parameters: bytes, data: bytes) -> bytes:
        """A prediction."""
        if not self._has("inference", "infer"):
            raise UnsupportedError("this domain has no inference")
        model = self._decode_parameters(parameters)
        try:
            value = decode(data)
        except Exception as error:
            raise BadInput("the input is not JSON: %s" % error) from error
        try:
            output = self._plugins["inference"].infer(model, value)
        except Exception as error:
            if kind_of(error, "bad-input") == "bad-input":
                raise BadInput(_describe(error)) from error
            raise
        try:
            return encode(output)
        except (TypeError, ValueError) as error:
            raise NonFinite("the prediction cannot be sent: %s" % error) from error

    def shared(self) -> SharedSearch:
        """The population that the plugin shares with other nodes."""
        if self._shared is None:
            self._shared = SharedSearch(self._plugin("optimization"), self.domain.get("config", {}))
        return self._shared

    def shared_evaluate(self, candidate: bytes, number: int) -> Any:
        """The metric of a candidate of a shared population, and its parameters."""
        try:
            metric, parameters = self.shared().evaluate(candidate, number)
        except (BadConfiguration, UnsupportedError):
            raise
        except Exception as error:
            # As in an evaluation: a candidate that breaks the plugin is rejected by all nodes.
            if kind_of(error, "bad-parameters") == "bad-parameters":
                raise BadParameters("evaluate_candidate failed: %s" % _describe(error)) from error
            raise
        return _finite(metric), self._encode_parameters(parameters)

    def call(self, method: str, arguments: Dict[str, Any]) -> Any:
        """One of :data:`CALLABLE_METHODS`."""
        if method not in CALLABLE_METHODS or not self._has("optimization", method):
            raise UnsupportedError("the plugin has no method %s that may be called" % method)
        return getattr(self._plugins["optimization"], method)(**arguments)

    # -- notices, which come while a request is being worked on ----------------------------------------------------

    def network_champion(self, parameters: bytes) -> None:
        """Another node's champion, for the population of a running search."""
        if self._has("optimization", "set_network_champion"):
            self._plugins["optimization"].set_network_champion(self._decode_parameters(parameters))

    def stage_advance(self, stage: Optional[int]) -> None:
        """The network is a stage further."""
        if not self._has("optimization", "force_stage_advance"):
            return
        plugin = self._plugins["optimization"]
        current = getattr(plugin, "_current_stage", None)
        if stage is None or not isinstance(current, int) or current < stage:
            plugin.force_stage_advance()

    def report(self, values: Dict[str, Any]) -> None:
        """Progress of the running search; ends it when it was cancelled."""
        if self.cancelled.is_set():
            raise Cancelled("cancelled")
        self.emit("progress", {"values": simple(values)})

    def champion(self, parameters: Any, fitness: Any, values: Dict[str, Any]) -> None:
        """A better model that a running search has found."""
        if self.cancelled.is_set():
            raise Cancelled("cancelled")
        self.emit(
            "champion",
            {"metric": _finite(fitness), "values": simple(values)},
            {"parameters": self._encode_parameters(parameters)},
        )

    # -- helpers ---------------------------------------------------------------------------------------------------

    def _has(self, part: str, method: str) -> bool:
        return part in self._plugins and callable(getattr(self._plugins[part], method, None))

    def _plugin(self, part: str) -> Any:
        if part not in self._plugins:
            raise UnsupportedError("this domain has no %s plugin" % part)
        return self._plugins[part]

    def _baseline_of(self) -> Optional[Callable[[], Any]]:
        if self.domain.get("baseline") is not None:
            return lambda: self.domain["baseline"]
        for part in ("inference", "optimization"):
            if self._has(part, "baseline"):
                return self._plugins[part].baseline
        return None

    def _encode_parameters(self, value: Any) -> bytes:
        if self._is_bytes:
            if not isinstance(value, (bytes, bytearray, memoryview)):
                raise BadConfiguration("parameters_format is bytes, but the plugin has %s" % type(value).__name__)
            return bytes(value)
        try:
            return encode(value)
        except (TypeError, ValueError) as error:
            raise BadConfiguration("parameters cannot be sent: %s" % error) from error

    def _decode_parameters(self, data: bytes) -> Any:
        if self._is_bytes:
            return data
        try:
            value = decode(data)
        except Exception as error:
            raise BadParameters("not the canonical JSON of parameters: %s" % _describe(error)) from error
        if not isinstance(value, dict):
            raise BadParameters("parameters must be an object")
        return value

    def _generate(self, seed: bytes, season: int) -> Any:
        if "synthetic_data" not in self._plugins:
            return None
        generate = self._plugins["synthetic_data"].generate
        number = seed_number(seed, season, self.domain.get("seed_bits", 32))
        # Only what names the parameter is given it: a plugin may take any keyword for something else.
        if "season" in inspect.signature(generate).parameters:
            return generate(number, season=season)
        return generate(number)

    def _measure(self, parameters: Any, data: Any) -> Any:
        try:
            result = self._plugins["inference"].evaluate(parameters, data)
        except Exception as error:
            if kind_of(error, "bad-parameters") == "bad-parameters":
                raise BadParameters("evaluate failed: %s" % _describe(error)) from error
            raise
        if isinstance(result, dict):
            if "performance" not in result:
                raise BadConfiguration("evaluate returned a dict without performance")
            metric = _finite(result["performance"])
            return metric, _finite(result.get("probe", metric))
        metric = _finite(result)
        return metric, metric


def seed_number(seed: bytes, season: int, bits: int) -> int:
    """What ``generate`` is given: the first ``bits`` of SHA-256("doin/plugin-seed" ‖ seed ‖ season as u64, little-endian).

    32 bits by default, since ``numpy.random.seed`` takes no more.
    """
    digest = hashlib.sha256(b"doin/plugin-seed" + seed + season.to_bytes(8, "little")).digest()
    return int.from_bytes(digest, "big") >> (256 - bits)


def simple(values: Dict[str, Any]) -> Dict[str, Any]:
    """What of ``values`` is short and plain enough to go into a header."""
    kept = {}
    for key, value in list(values.items())[:64]:
        if hasattr(value, "item") and callable(value.item) and getattr(value, "ndim", 0) == 0:
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            continue
        if isinstance(value, str):
            kept[str(key)[:64]] = value[:256]
        elif value is None or isinstance(value, (bool, int, float)):
            kept[str(key)[:64]] = value
    return kept


def _finite(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise NonFinite("%r is not a number" % (value,)) from error
    if not math.isfinite(number):
        raise NonFinite("the metric is %s" % number)
    return number


def _describe(error: BaseException) -> str:
    return "%s: %s" % (type(error).__name__, error)
