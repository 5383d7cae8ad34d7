"""From a study file's settings to Optuna suggestions, and from a proposal to trial specs."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import optuna
import torch

from harness.core.errors import InputError
from harness.core.parameters import Value, build, parameters_of
from harness.core.plugins import Registry
from harness.core.study_spec import Between, OneOf, Scalar, Setting, Settings, StudySpec
from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import TaskName
from harness.models.backbones import BACKBONES, Backbone
from harness.policies import POLICIES, ExitPolicy
from harness.regimes import REGIMES, Regime
from harness.training.options import TrainingOptions

optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True)
class Suggestion:
    """A proposed configuration: its trials, and its thresholds when Optuna searches them."""

    specs: tuple[TrialSpec, ...]
    thresholds: tuple[float, ...] | None


def suggest(
    trial: optuna.trial.BaseTrial, study: StudySpec, regime: str, digest: str
) -> Suggestion:
    """Draw one configuration of `regime` from `trial`."""
    backbone = _suggest_all(trial, "backbone", study.backbone.parameters, exits=0)
    recipe = _backbone(study, backbone)
    training = _suggest_all(trial, "training", study.training, recipe.exits)
    options = build(TrainingOptions, training, "training")
    chosen = _suggest_all(trial, "regime", study.regimes[regime], recipe.exits)
    plugin = build(REGIMES.get(regime), chosen, f"regimes.{regime}")
    specs = tuple(
        TrialSpec(
            split=study.split,
            digest=digest,
            backbone=Choice.of(BACKBONES, recipe),
            regime=Choice.of(REGIMES, plugin),
            training=parameters_of(options, "training"),
            seed=seed,
            static_exit=static_exit,
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


def trials_per_configuration(study: StudySpec, regime: str) -> int:
    """Number of networks that one configuration of a regime trains.

    Raises
    ------
    InputError
        The regime's fixed parameters are not allowed.
    """
    exits = min(recipe.exits for recipe in backbones(study))
    fixed = {k: _fixed(v) for k, v in study.regimes[regime].items()}
    plugin = build(REGIMES.get(regime), fixed, f"regimes.{regime}")
    return len(study.seeds) * len(plugin.static_exits(exits))


def backbones(study: StudySpec) -> tuple[Backbone, ...]:
    """The backbones at every corner of the search space (all of it, for listed values)."""
    names = list(study.backbone.parameters)
    corners = itertools.product(*(_corners(s) for s in study.backbone.parameters.values()))
    return tuple(_backbone(study, dict(zip(names, corner, strict=True))) for corner in corners)


def check(study: StudySpec, where: str, task: TaskName = "classification") -> None:
    """Build every plug-in at the ends of every searched range.

    Parameters
    ----------
    task
        The task of the study's data.

    Raises
    ------
    InputError
        A plug-in, parameter or value is not known, not allowed or not for this task; the message
        opens with `where` and names the field.
    """
    policy = POLICIES.get(study.policy.name)
    build(policy, study.policy.parameters, f"{where}: policy {study.policy.name}")
    _check_task(POLICIES, study.policy.name, task, f"{where}: policy")
    for exits in {recipe.exits for recipe in backbones(study)}:
        for settings in _ends(study.training, exits):
            build(TrainingOptions, settings, f"{where}: training")
        for name, searched in study.regimes.items():
            section = f"{where}: regimes"
            _check_task(REGIMES, name, task, section)
            for settings in _ends(searched, exits):
                plugin = build(REGIMES.get(name), settings, f"{section}.{name}")
                _check_regime(plugin, exits, task, f"{section}.{name}")
    if study.method == "grid":
        for regime in study.regimes:
            grid(study, regime)


def grid(study: StudySpec, regime: str) -> dict[str, list[Scalar]]:
    """The grid of one regime: Optuna parameter name to values.

    Raises
    ------
    InputError
        A searched parameter is continuous.
    """
    sections = {
        "backbone": study.backbone.parameters,
        "training": study.training,
        "regime": study.regimes[regime],
    }
    found: dict[str, list[Scalar]] = {}
    for section, settings in sections.items():
        for name, setting in settings.items():
            if isinstance(setting, OneOf):
                found[f"{section}.{name}"] = [_encode(value) for value in setting.values]
            elif isinstance(setting, Between):
                if setting.distribution != "int_uniform" or setting.per_exit:
                    raise InputError(
                        f"method: grid: {section}.{name} is a continuous range; list its `values`"
                    )
                found[f"{section}.{name}"] = list(range(int(setting.min), int(setting.max) + 1))
    if study.thresholds.selection == "sampled":
        raise InputError("method: grid: thresholds are continuous; use `selection: post_hoc`")
    return found


def _check_task(
    registry: Registry[Regime] | Registry[ExitPolicy], name: str, task: TaskName, where: str
) -> None:
    if task not in registry.get(name).tasks:
        fit = [other for other in registry.names() if task in registry.get(other).tasks]
        raise InputError(f"{where}: {name} is not for {task}; these are: {', '.join(fit)}")


def _check_regime(regime: Regime, exits: int, task: TaskName, where: str) -> None:
    """Compute the loss of one sample, so that lists of a wrong length are found early."""
    early = exits if 0 in regime.static_exits(exits) else 1
    one = torch.zeros(1, dtype=torch.int64) if task == "classification" else torch.zeros(1, 1)
    try:
        regime.loss(torch.zeros(early, 1, 2), one, 0.0)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _backbone(study: StudySpec, parameters: Mapping[str, Value]) -> Backbone:
    plugin = BACKBONES.get(study.backbone.name)
    return build(plugin, parameters, f"backbone {study.backbone.name}")


def _suggest_all(
    trial: optuna.trial.BaseTrial, section: str, settings: Settings, exits: int
) -> dict[str, Value]:
    return {
        name: _suggest(trial, f"{section}.{name}", setting, exits)
        for name, setting in settings.items()
    }


def _suggest(trial: optuna.trial.BaseTrial, name: str, setting: Setting, exits: int) -> Value:
    if isinstance(setting, OneOf):
        return _decode(trial.suggest_categorical(name, [_encode(v) for v in setting.values]))
    if not isinstance(setting, Between):
        return setting  # type: ignore[return-value]
    if setting.per_exit:
        return tuple(_draw(trial, f"{name}_{e + 1}", setting) for e in range(exits))
    return _draw(trial, name, setting)


def _draw(trial: optuna.trial.BaseTrial, name: str, setting: Between) -> float:
    if setting.distribution == "int_uniform":
        return trial.suggest_int(name, int(setting.min), int(setting.max))
    log = setting.distribution == "log_uniform_values"
    return trial.suggest_float(name, setting.min, setting.max, log=log)


def _encode(value: object) -> bool | int | float | str:
    """Optuna's categories are scalars: a list travels as JSON."""
    return json.dumps(value) if isinstance(value, tuple) else value  # type: ignore[return-value]


def _decode(value: object) -> Value:
    if isinstance(value, str) and value.startswith("["):
        return tuple(json.loads(value))
    return value  # type: ignore[return-value]


def _corners(setting: Setting, exits: int = 1) -> tuple[Value, ...]:
    if isinstance(setting, OneOf):
        return setting.values  # type: ignore[return-value]
    if isinstance(setting, Between):
        whole = setting.distribution == "int_uniform"
        ends = (int(setting.min), int(setting.max)) if whole else (setting.min, setting.max)
        return tuple((end,) * exits for end in ends) if setting.per_exit else ends
    return (setting,)  # type: ignore[return-value]


def _fixed(setting: Setting) -> Value:
    return _corners(setting)[0]


def _ends(settings: Settings, exits: int) -> Iterator[dict[str, Value]]:
    corners = {name: _corners(setting, exits) for name, setting in settings.items()}
    first = {name: values[0] for name, values in corners.items()}
    yield first
    for name, values in corners.items():
        for value in values[1:]:
            yield {**first, name: value}
