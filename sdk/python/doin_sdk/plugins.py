"""The interfaces of plugins. Deriving from these classes is not necessary: what has the methods is a plugin."""

from typing import Any, Dict, Optional, Tuple

Parameters = Any
"""What the domain optimizes: a dict of JSON values, which may also hold bytes and numpy arrays; or plain bytes, where the
specification says ``"parameters_format": "bytes"``."""


class OptimizationPlugin:
    """Searches for better parameters.

    Optional methods, used where they are there (see docs/plugin-protocol.md): ``baseline()``,
    ``set_network_champion(parameters)``, ``set_local_champion_callback(callback)``, ``set_eval_service_callback``,
    ``set_candidate_evaluated_callback``, ``set_generation_end_callback``, ``set_stage_start_callback``,
    ``set_stage_end_callback``, ``force_stage_advance()``, and for shared populations ``setup_shared_mode()``,
    ``create_shared_population(size, seed=)``, ``evaluate_candidate(genome, generation)``, ``reproduce_shared(...)``.
    """

    def configure(self, config: Dict[str, Any]) -> None:
        """Takes the ``config`` of the domain's specification. Called once, before anything else."""

    def optimize(
        self, current_best_params: Optional[Parameters], current_best_performance: Optional[float]
    ) -> Tuple[Parameters, float]:
        """One round of search, or the whole of it: returns the best parameters found and their performance.

        ``current_best_performance`` is measured with the domain's own inference plugin, ``None`` without one. May raise
        :class:`doin_sdk.NoImprovement`, or return ``current_best_params`` unchanged when nothing better was found.
        """
        raise NotImplementedError

    def get_domain_metadata(self) -> Dict[str, Any]:
        """At least ``performance_metric`` (a name) and ``higher_is_better``."""
        raise NotImplementedError


class InferencePlugin:
    """Measures parameters, and predicts with them."""

    def configure(self, config: Dict[str, Any]) -> None:
        """Takes the ``config`` of the domain's specification. Called once, before anything else."""

    def evaluate(self, parameters: Parameters, data: Optional[Dict[str, Any]] = None) -> Any:
        """The performance of ``parameters`` on ``data`` (what the synthetic data plugin generated; ``None`` without one).

        A number, or a dict with ``performance`` and, better, ``probe``: a statistic of the model's outputs on these data
        that nobody can guess without computing it, such as the sum of its predictions with random weights drawn from
        the data. The same parameters and data must give the same result within a thousandth.
        """
        raise NotImplementedError

    def infer(self, parameters: Parameters, input_data: Any) -> Any:
        """A prediction: JSON in, JSON out."""
        raise NotImplementedError


class SyntheticDataPlugin:
    """Makes the data that parameters are measured on: unforeseeable, since nobody knows the seed before."""

    def configure(self, config: Dict[str, Any]) -> None:
        """Takes the ``config`` of the domain's specification. Called once, before anything else."""

    def generate(self, seed: Optional[int] = None) -> Dict[str, Any]:
        """Data that follow from ``seed`` alone, on every machine alike. With a parameter ``season`` it is given, too."""
        raise NotImplementedError
