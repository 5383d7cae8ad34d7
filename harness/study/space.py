"""From a study file's settings to Optuna suggestions, and from a proposal to trial specs."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import optuna

from harness.core.errors import InputError
from harness.core.parameters import Value, build, parameters_of, whole_numbered
from harness.core.settings import Scalar, Settings
from harness.core.study_spec import StudySpec
from harness.core.trial_spec import Choice, TrainedOn, TrialSpec
from harness.models.backbones import BACKBONES, Backbone
from harness.regimes import REGIMES, Regime
from harness.study.companies import batches_of, companies
from harness.study.dimensions import (
    Dimension,
    Fixed,
    Listed,
    Ranged,
    count,
    dimension,
    ends,
    every_value,
    names,
)
from harness.training.options import TrainingOptions
from harness.training.stackable import why_not

optuna.logging.set_verbosity(optuna.logging.WARNING)

_MOST_CELLS = 100_000
"""Of a grid: Optuna lists them all for each proposal."""
_MOST_CORNERS = 256
"""Of the backbone's search space: a network is built and measured at each before training."""


@dataclass(frozen=True)
class Suggestion:
    """A proposed configuration: its trials, and its thresholds when Optuna searches them."""

    specs: tuple[TrialSpec, ...]
    thresholds: tuple[float, ...] | None


def suggest(
    trial: optuna.trial.BaseTrial, study: StudySpec, regime: str, on: TrainedOn
) -> Suggestion:
    """Draw one configuration of `regime` from `trial`."""
    space = search_space(study, regime)
    backbone = _suggest_all(trial, "backbone", space["backbone"], exits=0)
    recipe = build_backbone(study, backbone)
    training = _suggest_all(trial, "training", space["training"], recipe.exits)
    options = build(TrainingOptions, training, "training")
    chosen = _suggest_all(trial, "regime", space["regime"], recipe.exits)
    plugin = build(REGIMES.get(regime), chosen, f"regimes.{regime}")
    own = companies(study.seeds, study.stack, batches_of(study, on))
    stacks = (
        {
            static_exit: _stacks(on, recipe, plugin, options, static_exit)
            for static_exit in plugin.static_exits(recipe.exits)
        }
        if own
        else {}
    )
    specs = tuple(
        TrialSpec(
            split=study.split,
            digest=on.digest,
            backbone=Choice.of(BACKBONES, recipe),
            regime=Choice.of(REGIMES, plugin),
            training=parameters_of(options, "training"),
            seed=seed,
            static_exit=static_exit,
            device=on.device,
            company=own.get(seed, ()) if stacks.get(static_exit) else (),
        )
        for seed, static_exit in itertools.product(study.seeds, plugin.static_exits(recipe.exits))
    )
    early = any(spec.static_exit == 0 for spec in specs)
    thresholds = None
    if study.thresholds.selection == "sampled":
        low, high = study.thresholds.min, study.thresholds.max
        count = recipe.exits - 1 if early else 0
        thresholds = tuple(
            trial.suggest_float(f"threshold_{e + 1}", low, high) for e in range(count)
        )
    return Suggestion(specs, thresholds)


def _stacks(
    on: TrainedOn, backbone: Backbone, regime: Regime, options: TrainingOptions, static_exit: int
) -> bool:
    """Whether the seeds of a configuration train as one stack; raises InputError as `why_not`."""
    if on.shape is None:
        return False
    return why_not(backbone, regime, options, on.shape, static_exit) is None


def search_space(study: StudySpec, regime: str) -> Mapping[str, Mapping[str, Dimension]]:
    """The dimensions of one regime's search, by section (backbone, training, regime) and parameter.

    Raises
    ------
    InputError
        A name is not known, or a whole number is searched in a range whose ends are none.
    """
    sections: dict[str, tuple[type[object], Settings, str]] = {
        "backbone": (
            BACKBONES.get(study.backbone.name), study.backbone.parameters, "backbone.parameters"
        ),
        "training": (TrainingOptions, study.training, "training"),
        "regime": (REGIMES.get(regime), study.regimes[regime], f"regimes.{regime}"),
    }  # fmt: skip
    return {
        section: _dimensions(plugin, settings, field)
        for section, (plugin, settings, field) in sections.items()
    }


def trials_per_configuration(study: StudySpec, regime: str) -> int:
    """Most networks that one configuration of a regime trains: on all rungs, with the most exits.

    Raises
    ------
    InputError
        The regime's fixed parameters are not allowed.
    """
    most = max(exit_counts(study))
    rungs = len(study.fidelity.epochs) if study.fidelity else 1
    return rungs * len(study.seeds) * len(_first(study, regime, most).static_exits(most))


def configurations(study: StudySpec, regime: str) -> float:
    """Number of different configurations of a regime; infinity where a real number is searched."""
    space = search_space(study, regime)
    rest = [
        found
        for section, dimensions in space.items()
        for name, found in dimensions.items()
        if (section, name) != ("backbone", "exits")
    ]
    total = 0.0
    for exits in exit_counts(study):
        early = exits > 1 and 0 in _first(study, regime, exits).static_exits(exits)
        if early and study.thresholds.selection == "sampled":
            return math.inf
        total += math.prod(count(found, exits) for found in rest)
    return total


def exit_counts(study: StudySpec) -> tuple[int, ...]:
    """The numbers of exits that the study's networks may have, rising."""
    found = search_space(study, next(iter(study.regimes)))["backbone"].get("exits")
    if isinstance(found, Ranged):
        return tuple(int(value) for value in every_value(found))
    if isinstance(found, Listed):
        return tuple(sorted(int(value) for value in found.values))  # type: ignore[arg-type]
    return (backbones(study)[0].exits,)


def backbones(study: StudySpec) -> tuple[Backbone, ...]:
    """The backbones at every corner of the search space (all of it, for listed values).

    Raises
    ------
    InputError
        Parameters are not allowed, or there are too many corners to measure a network at each.
    """
    space = search_space(study, next(iter(study.regimes)))["backbone"]
    values = [ends(found, 0) for found in space.values()]
    if (number := math.prod(map(len, values))) > _MOST_CORNERS:
        raise InputError(
            f"backbone.parameters: {number} networks at the corners of the search space, at most "
            f"{_MOST_CORNERS}: list fewer values"
        )
    corners = itertools.product(*values)
    return tuple(build_backbone(study, dict(zip(space, corner, strict=True))) for corner in corners)


def build_backbone(study: StudySpec, parameters: Mapping[str, Value]) -> Backbone:
    """The study's backbone with these parameters; raises InputError where they are not allowed."""
    plugin = BACKBONES.get(study.backbone.name)
    return build(plugin, parameters, f"backbone {study.backbone.name}")


def grid(study: StudySpec, regime: str) -> dict[str, list[Scalar]]:
    """The grid of one regime: Optuna parameter name to values.

    Raises
    ------
    InputError
        A searched parameter is continuous or per exit, or the grid has more than 100,000 cells.
    """
    found: dict[str, list[Scalar]] = {}
    cells = 1
    for section, dimensions in search_space(study, regime).items():
        for name, searched in dimensions.items():
            if isinstance(searched, Fixed):
                continue
            if count(searched, 1) == math.inf or (
                isinstance(searched, Ranged) and searched.per_exit
            ):
                raise InputError(
                    f"method: grid: {section}.{name} is a continuous range; list its `values`, or "
                    "give it a `step`"
                )
            cells *= round(count(searched, 1))
            if cells > _MOST_CELLS:  # not to be listed
                raise InputError(f"method: grid: {regime} has {cells} cells, at most {_MOST_CELLS}")
            found[f"{section}.{name}"] = list(every_value(searched))
    if study.thresholds.selection == "sampled":
        raise InputError("method: grid: thresholds are continuous; use `selection: post_hoc`")
    return found


def _dimensions(plugin: type[object], settings: Settings, where: str) -> dict[str, Dimension]:
    whole = whole_numbered(plugin)
    return {
        name: dimension(setting, name in whole, f"{where}.{name}")
        for name, setting in settings.items()
    }


def _first(study: StudySpec, regime: str, exits: int) -> Regime:
    """The regime with the first value of each parameter."""
    space = search_space(study, regime)["regime"]
    first = {name: ends(found, exits)[0] for name, found in space.items()}
    return build(REGIMES.get(regime), first, f"regimes.{regime}")


def _suggest_all(
    trial: optuna.trial.BaseTrial, section: str, space: Mapping[str, Dimension], exits: int
) -> dict[str, Value]:
    return {
        name: _suggest(trial, f"{section}.{name}", found, exits) for name, found in space.items()
    }


def _suggest(trial: optuna.trial.BaseTrial, name: str, found: Dimension, exits: int) -> Value:
    if isinstance(found, Fixed):
        return found.value
    if isinstance(found, Listed):
        labels = found.labels
        chosen = trial.suggest_categorical(name, labels)
        return found.values[labels.index(chosen)]
    drawn = tuple(_draw(trial, each, found) for each in names(name, found, exits))
    return drawn if found.per_exit else drawn[0]


def _draw(trial: optuna.trial.BaseTrial, name: str, found: Ranged) -> float:
    if found.whole:
        low, high, step = int(found.low), int(found.high), int(found.step or 1)
        return trial.suggest_int(name, low, high, step=step, log=found.log)
    return trial.suggest_float(name, found.low, found.high, step=found.step, log=found.log)
