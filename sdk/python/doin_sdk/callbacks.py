"""Connects the optional callbacks of optimization plugins (those of the reference implementation) with the node."""

from typing import Any


def connect(plugin: Any, session: Any) -> None:
    """Gives ``plugin`` the callbacks that it has setters for. All of them end a search that was cancelled, by raising
    :class:`doin_sdk.Cancelled`."""

    def local_champion(parameters: Any, fitness: Any, metrics: Any = None, gen: Any = None, stage_info: Any = None) -> None:
        session.champion(parameters, fitness, _merged({"generation": gen}, stage_info, metrics))

    def eval_service(gen: Any = None, candidate_num: Any = None, stage_info: Any = None) -> None:
        session.report(_merged({"generation": gen, "candidate": candidate_num}, stage_info))

    def generation_end(
        population: Any = None,
        hof: Any = None,
        hyper_keys: Any = None,
        gen: Any = None,
        stage_info: Any = None,
        stats: Any = None,
    ) -> None:
        size = len(population) if hasattr(population, "__len__") else None
        session.report(_merged({"event": "generation_end", "generation": gen, "population": size}, stage_info, stats))

    def stage_start(stage: Any = None, total_stages: Any = None) -> None:
        session.report({"event": "stage_start", "stage": stage, "total_stages": total_stages})

    def stage_end(
        stage: Any = None, total: Any = None, champion_params: Any = None, champion_fitness: Any = None, metrics: Any = None
    ) -> None:
        values = {"event": "stage_end", "stage": stage, "total_stages": total, "champion_fitness": champion_fitness}
        session.report(_merged(values, metrics))

    def candidate_evaluated(info: Any = None) -> None:
        session.report(_merged({"event": "candidate_evaluated"}, info))

    for setter, callback in (
        ("set_local_champion_callback", local_champion),
        ("set_eval_service_callback", eval_service),
        ("set_generation_end_callback", generation_end),
        ("set_stage_start_callback", stage_start),
        ("set_stage_end_callback", stage_end),
        ("set_candidate_evaluated_callback", candidate_evaluated),
    ):
        method = getattr(plugin, setter, None)
        if callable(method):
            method(callback)


def _merged(values: dict, *more: Any) -> dict:
    merged = {}
    for part in more:
        if isinstance(part, dict):
            merged.update(part)
    merged.update({key: value for key, value in values.items() if value is not None})
    return merged
