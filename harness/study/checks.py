"""What can be known to be wrong with a study before it trains."""

from collections.abc import Iterator, Mapping, Sequence

import torch

from harness.core.budgets import BUDGETS, at_budgets
from harness.core.errors import InputError
from harness.core.parameters import Value, build
from harness.core.plugins import Registry
from harness.core.study_spec import StudySpec
from harness.core.types import DataShape, ExitCosts, TaskName
from harness.frontier.thresholds import check_levels
from harness.models.cost import exit_costs
from harness.policies import POLICIES, ExitPolicy
from harness.regimes import REGIMES, Regime
from harness.study.dimensions import Dimension, Ranged, probes
from harness.study.enqueued import check_enqueued
from harness.study.rungs import rungs
from harness.study.space import backbones, build_backbone, exit_counts, grid, search_space
from harness.tasks import task_named
from harness.training.options import TrainingOptions
from harness.training.stackable import why_not

_LEARNING, _MANY_LACKING = ("tpe", "gp", "nsga2"), 3
"""Samplers that learn from results, and how many of them a proposal may lack without a note."""


def check(study: StudySpec, where: str, task: TaskName = "classification") -> None:
    """Build every plug-in with all listed values, and at ends and inside of every range.

    Parameters
    ----------
    task
        The task of the study's data.

    Raises
    ------
    InputError
        A plug-in, parameter or value is not known, not allowed or not for this task, or the
        threshold table would be too large; the message opens with `where` and names the field.
    """
    try:
        for each in rungs(study):
            _check(each, task)
    except InputError as error:
        lines = str(error).splitlines()
        raise InputError("\n".join(f"{where}: {line}" for line in lines)) from None


def check_networks(study: StudySpec, shape: DataShape, where: str) -> tuple[ExitCosts, ...]:
    """Build every backbone for the study's data, on no device; the cost of each one's exits.

    Raises
    ------
    InputError
        A backbone does not read such samples.
    """
    width = task_named(shape.task).width(shape.names)
    try:
        return tuple(exit_costs(recipe, shape.inputs, width) for recipe in backbones(study))
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def network_notes(study: StudySpec, costs: Sequence[ExitCosts]) -> tuple[str, ...]:
    """What the exits of a study's networks cost, and which of its metrics that makes constant.

    Parameters
    ----------
    costs
        As `check_networks` gives them: at the corners of the search space.
    """
    full = max(each.full for each in costs)
    listed = sorted({tuple(each.macs.tolist()) for each in costs}, key=lambda macs: macs[-1])
    ends = listed if len(listed) == 1 else [listed[0], listed[-1]]
    names = ("the network",) if len(ends) == 1 else ("the smallest network", "the largest network")
    notes = [
        f"exits of {name} cost {', '.join(f'{macs / full:.1%}' for macs in exits)} of {full:,.0f} "
        "MACs per sample, those of the largest full static network"
        for name, exits in zip(names, ends, strict=True)
    ]
    cheapest = min(each.macs[0] for each in costs) / full
    constant = [
        name
        for budget, name in zip(BUDGETS, at_budgets("accuracy"), strict=True)
        if name in study.metric_names and cheapest > budget
    ]
    if constant:
        notes.append(
            f"the cheapest exit costs {cheapest:.0%} of that: {', '.join(constant)} is the same "
            "for every configuration; name a larger budget in `metrics`"
        )
    return tuple(notes)


def stacking_notes(study: StudySpec, shape: DataShape) -> tuple[str, ...]:
    """Which regimes' seeds train together as a study asks, and which one by one, and why."""
    if study.stack is None:
        return ()
    if len(study.seeds) == 1:
        return (f"stack {study.stack}: the study has one seed, so that every network trains alone",)
    reasons = {name: _why_alone(study, name, shape) for name in study.regimes}
    stacks = [name for name, found in reasons.items() if None in found]
    most = min(study.stack, len(study.seeds))
    notes = (
        [
            f"stack {study.stack}: {most} seeds of a configuration train together as one model: "
            f"{', '.join(stacks)}"
        ]
        if stacks
        else []
    )
    notes += [
        f"regime {name} trains one by one{' in part' if name in stacks else ''}: {reason}"
        for name, found in reasons.items()
        for reason in found
        if reason is not None
    ]
    if study.confirm.resplit:
        notes.append("fresh seeds draw splits of their own (confirm.resplit) and train one by one")
    return tuple(notes)


def _why_alone(study: StudySpec, regime: str, shape: DataShape) -> tuple[str | None, ...]:
    """Why a regime's seeds do not stack, with any value of its parameters; None where they do."""
    recipe = backbones(study)[0]
    space, found = search_space(study, regime), dict[str | None, None]()
    options = build(TrainingOptions, next(_one_by_one(space["training"], recipe.exits)), "training")
    for settings in _one_by_one(space["regime"], recipe.exits):
        plugin = build(REGIMES.get(regime), settings, f"regimes.{regime}")
        for static_exit in plugin.static_exits(recipe.exits):
            found[why_not(recipe, plugin, options, shape, static_exit)] = None
    return tuple(found)


def window_notes(study: StudySpec) -> tuple[str, ...]:
    """A note where proposals know little of their regime's last configurations; else none."""
    lacking = (study.window - 1) // len(study.regimes)
    if study.method not in _LEARNING or lacking < _MANY_LACKING:
        return ()
    count = f"{len(study.regimes)} regime{'s' if len(study.regimes) > 1 else ''}"
    return (
        f"window {study.window} and {count}: {study.method} proposes without the last {lacking} "
        f"results of a regime; a smaller `window` (at least the workers) searches better",
    )


def check_workers(study: StudySpec, workers: int) -> None:
    """Refuse more workers than the study proposes configurations for; raises InputError."""
    if workers > study.window:
        raise InputError(
            f"--workers {workers}: the study proposes {study.window} configurations ahead; "
            "raise its `window` to at least the workers"
        )


def _check(study: StudySpec, task: TaskName) -> None:
    _check_policy(study, task)
    for name in study.regimes:
        _check_task(REGIMES, name, task, "regimes")
    space = search_space(study, next(iter(study.regimes)))
    _check_backbones(study, space["backbone"])
    exits = exit_counts(study)
    _check_levels(study, max(exits))
    for count in exits:
        for settings in _one_by_one(space["training"], count):
            build(TrainingOptions, settings, "training")
        for name in study.regimes:
            for settings in _one_by_one(search_space(study, name)["regime"], count):
                plugin = build(REGIMES.get(name), settings, f"regimes.{name}")
                _check_regime(plugin, count, task, f"regimes.{name}")
                _check_gates(study, plugin, count, name)
    if study.method == "grid":
        for name in study.regimes:
            grid(study, name)
    check_enqueued(study)


def _check_policy(study: StudySpec, task: TaskName) -> None:
    name = study.policy.name
    policy = POLICIES.get(name)
    build(policy, study.policy.parameters, f"policy {name}")
    _check_task(POLICIES, name, task, "policy")


def _check_task(
    registry: Registry[Regime] | Registry[ExitPolicy], name: str, task: TaskName, where: str
) -> None:
    if task not in registry.get(name).tasks:
        fit = [other for other in registry.names() if task in registry.get(other).tasks]
        raise InputError(f"{where}: {name} is not for {task}; these are: {', '.join(fit)}")


def _check_backbones(study: StudySpec, space: Mapping[str, Dimension]) -> None:
    for name, found in space.items():
        if isinstance(found, Ranged) and found.per_exit:
            raise InputError(f"backbone.parameters.{name}: per_exit is for training and regimes")
    backbones(study)
    for settings in _one_by_one(space, 0):
        build_backbone(study, settings)


def _check_levels(study: StudySpec, exits: int) -> None:
    """Refuse a threshold table that would not fit the memory; raises InputError."""
    try:
        check_levels(study.thresholds.levels or 1, exits)
    except InputError as error:
        raise InputError(f"thresholds.{error}") from None


def _check_regime(regime: Regime, exits: int, task: TaskName, where: str) -> None:
    """Compute the loss of one sample, so that lists of a wrong length are found early."""
    early = exits if 0 in regime.static_exits(exits) else 1
    one = torch.zeros(1, dtype=torch.int64) if task == "classification" else torch.zeros(1, 1)
    try:
        regime.loss(torch.zeros(early, 1, 2), one, 0.0)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _check_gates(study: StudySpec, regime: Regime, exits: int, name: str) -> None:
    """Refuse a policy that reads gate heads for a regime whose networks have none."""
    if not POLICIES.get(study.policy.name).needs_gates:
        return
    gates = None
    if 0 in regime.static_exits(exits):
        gates = regime.gates(torch.zeros(exits, 1, 2), regime.auxiliary(exits))
    if gates is None:
        raise InputError(
            f"policy: {study.policy.name} reads gate heads, which networks of regime {name} lack"
        )


def _one_by_one(space: Mapping[str, Dimension], exits: int) -> Iterator[dict[str, Value]]:
    """The first value of each parameter, then every other one of each beside the others' first."""
    values = {name: probes(found, exits) for name, found in space.items()}
    first = {name: found[0] for name, found in values.items()}
    yield first
    for name, found in values.items():
        for value in found[1:]:
            yield {**first, name: value}
