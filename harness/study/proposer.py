"""Proposals as a pure function of what was recorded before, so that a study can be replayed.

Optuna's samplers depend on their random state and on which trials happen to be finished or
running. Here both are fixed: every proposal gets a fresh sampler seeded by its position in the
study and sees exactly the configurations recorded `window` turns earlier, with those in between as
running.
A launch that was killed therefore proposes the same configurations again, on any number of workers.

Configurations drawn at random come from common random numbers: the n-th of every regime has the
same backbone and training parameters, so that regimes differ in what is theirs. Known ones that the
study file enqueues come before, and do not count. The study's name and the search enter the seed:
another study, or search, draws others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import optuna
from optuna.trial import FrozenTrial, TrialState

from harness.core.errors import InputError
from harness.core.files import content_key
from harness.core.settings import Scalar
from harness.core.study_spec import StudySpec
from harness.core.trial_spec import TrainedOn
from harness.results import study_record as record
from harness.results.screened import Screened
from harness.study.enqueued import enqueued
from harness.study.memory import Memory
from harness.study.rungs import rung_of
from harness.study.schedule import Turn
from harness.study.space import Suggestion, configurations, grid, suggest

_PATIENCE = 100
"""Random draws per configuration of a finite space: not one new among so many is a miracle."""


@dataclass(frozen=True)
class Proposal:
    """A configuration to train, with what Optuna must keep of it.

    Attributes
    ----------
    asked
        The running trial as the sampler left it: parameters, distributions, system attributes.
    screened
        How far it is trained, where the study trains only the better ones in full.
    """

    turn: Turn
    suggestion: Suggestion
    asked: FrozenTrial
    screened: Screened | None = None


def propose(
    study: StudySpec,
    on: TrainedOn,
    turn: Turn,
    memory: Memory,
    begun: Sequence[int] | None = None,
) -> Proposal:
    """Ask for one configuration, in a finite space for one that was not asked for before.

    What repeats is drawn at random until it is new.

    Parameters
    ----------
    memory
        Shows the configurations of the regime's search: those that may be seen, and those that are
        asked and may not be seen yet. What is proposed is begun there.
    begun
        The seeds that the study was begun with, where it has others now: they enter the sampler's
        seed, so that a regime that is added draws what the others drew at the same turn.
    """
    origin = study if begun is None else study.model_copy(update={"seeds": tuple(begun)})
    given = enqueued(study, turn.regime)
    first = given[turn.index] if turn.index < len(given) else None
    known = [*memory.parameters()]
    found = _asked(study, on, turn, memory, _sampler(origin, turn, len(given)), first)
    if first is not None or found.asked.params not in known:
        return found
    possible = configurations(study, turn.regime)
    if len(known) < possible < math.inf:
        for attempt in range(round(_PATIENCE * possible)):
            seed = _seed(origin, turn, f"attempt {attempt}")
            sampler = optuna.samplers.RandomSampler(seed=seed)
            other = _asked(study, on, turn, Memory(study), sampler)
            if other.asked.params not in known:
                return other
    return found


def _asked(
    study: StudySpec,
    on: TrainedOn,
    turn: Turn,
    memory: Memory,
    sampler: optuna.samplers.BaseSampler,
    first: Mapping[str, Scalar] | None = None,
) -> Proposal:
    suggestion = suggest(memory.ask(sampler, first), study, turn.regime, on)
    return Proposal(turn, suggestion, memory.newest())


def visible(
    recorded: Sequence[FrozenTrial], pending: Sequence[Proposal], search: int, horizon: int
) -> tuple[list[FrozenTrial], list[FrozenTrial]]:
    """Divide a regime's configurations into those a proposal may see and those it may not yet.

    Parameters
    ----------
    recorded
        Finished trials, as `finished` made them.
    pending
        Proposals not yet recorded.
    search
        Only the configurations of this search are visible to each other.
    horizon
        Number of the last configuration of the study that may be seen.

    Returns
    -------
    The visible ones, and the others as running trials, each in order of number.
    """
    own = [trial for trial in recorded if trial.user_attrs["search"] == search]
    seen = [trial for trial in own if trial.user_attrs["number"] <= horizon]
    hidden = [_as_running(trial) for trial in own if trial.user_attrs["number"] > horizon]
    asked = sorted((p for p in pending if p.turn.search == search), key=lambda p: p.turn.number)
    return seen, hidden + [p.asked for p in asked]


def finished(proposal: Proposal, values: Sequence[float] | None, reason: str | None) -> FrozenTrial:
    """The proposal as a trial to be stored: complete with `values`, or failed with a `reason`."""
    asked = proposal.asked
    configuration = record.Configuration(
        number=proposal.turn.number,
        regime=proposal.turn.regime,
        search=proposal.turn.search,
        parameters=asked.params,
        keys=tuple(spec.key for spec in proposal.suggestion.specs),
        thresholds=proposal.suggestion.thresholds,
        objectives=None if values is None else tuple(values),
        reason=reason,
        sampler=asked.system_attrs,
        screened=proposal.screened,
    )
    trial = _finished(configuration, asked.distributions)
    trial.datetime_start = asked.datetime_start
    return trial


def recalled(
    study: StudySpec, on: TrainedOn, configuration: record.Configuration, *, fewer: bool = False
) -> FrozenTrial:
    """A recorded configuration as the trial that `finished` made of it; otherwise as `repeated`."""
    fixed = optuna.trial.FixedTrial(dict(configuration.parameters))
    _suggest_again(fixed, study, on, configuration, fewer)
    return _finished(configuration, fixed.distributions)


def repeated(
    study: StudySpec, on: TrainedOn, configuration: record.Configuration, *, fewer: bool = False
) -> Suggestion:
    """The trials of a recorded configuration, to be trained anew.

    Parameters
    ----------
    fewer
        Whether it may have been recorded on fewer seeds than the study has.

    Raises
    ------
    InputError
        Its parameters are not of this study, or its trials would now have other keys.
    """
    fixed = optuna.trial.FixedTrial(dict(configuration.parameters))
    return _suggest_again(fixed, study, on, configuration, fewer)


def _suggest_again(
    fixed: optuna.trial.FixedTrial,
    study: StudySpec,
    on: TrainedOn,
    configuration: record.Configuration,
    fewer: bool,
) -> Suggestion:
    where = f"study {study.name}: configuration {configuration.number}"
    try:
        trained = rung_of(study, configuration)
        suggestion = suggest(fixed, trained, configuration.regime, on)
    except (KeyError, ValueError, InputError) as error:
        raise InputError(f"{where} is not of this study ({error}); --restart starts over") from None
    keys = tuple(spec.key for spec in suggestion.specs)
    if keys != configuration.keys and not (fewer and {*configuration.keys} < {*keys}):
        raise InputError(
            f"{where} was recorded with the trials {', '.join(configuration.keys)} and would now "
            f"have {', '.join(keys)}; --restart starts over"
        )
    return suggestion


def _finished(
    configuration: record.Configuration,
    distributions: Mapping[str, optuna.distributions.BaseDistribution],
) -> FrozenTrial:
    values, screened = configuration.objectives, configuration.screened
    return optuna.trial.create_trial(
        state=TrialState.FAIL if values is None else TrialState.COMPLETE,
        values=None if values is None else list(values),
        params=dict(configuration.parameters),
        distributions=dict(distributions),
        system_attrs=dict(configuration.sampler),
        user_attrs={
            "number": configuration.number,
            "search": configuration.search,
            "keys": list(configuration.keys),
            **({"reason": configuration.reason} if configuration.reason else {}),
            **({"screened": screened.model_dump(mode="json")} if screened else {}),
        },
    )


def to_record(regime: str, trial: FrozenTrial) -> record.Configuration:
    """A finished trial as the study's record keeps it."""
    thresholds = [v for k, v in trial.params.items() if k.startswith("threshold_")]
    return record.Configuration(
        number=trial.user_attrs["number"],
        regime=regime,
        search=trial.user_attrs["search"],
        parameters=trial.params,
        keys=tuple(trial.user_attrs["keys"]),
        thresholds=tuple(thresholds) or None,
        objectives=tuple(trial.values) if trial.state == TrialState.COMPLETE else None,
        reason=trial.user_attrs.get("reason"),
        sampler=dict(sorted(trial.system_attrs.items())),  # a database keeps no order
        screened=trial.user_attrs.get("screened"),
    )


def _as_running(trial: FrozenTrial) -> FrozenTrial:
    return optuna.trial.create_trial(
        state=TrialState.RUNNING,
        params=trial.params,
        distributions=trial.distributions,
        system_attrs=trial.system_attrs,
    )


def _sampler(study: StudySpec, turn: Turn, given: int) -> optuna.samplers.BaseSampler:
    """The sampler of a turn, before which `given` configurations of its regime were enqueued."""
    # Draws are counted from the first that is none of these, so that regimes share them still.
    startup, own = study.startup + given, replace(turn, index=turn.index - given)
    drawn = {"random": math.inf, "nsga2": study.population, "tpe": startup, "gp": startup}
    at_random = own.index >= 0 and turn.index < drawn.get(study.method, 0)
    # Samplers draw parameters in the order in which they are suggested, the shared ones first.
    seed = _seed(study, own, "" if at_random else turn.regime)
    match study.method:
        case "tpe":
            return optuna.samplers.TPESampler(n_startup_trials=startup, seed=seed)
        case "gp":
            return optuna.samplers.GPSampler(n_startup_trials=startup, seed=seed)
        case "nsga2":
            return optuna.samplers.NSGAIISampler(population_size=study.population, seed=seed)
        case "grid":
            # The seed orders the cells, and the position in the study picks one of them.
            return optuna.samplers.GridSampler(grid(study, turn.regime), seed=0)
        case "random":
            return optuna.samplers.RandomSampler(seed=seed)


def _seed(study: StudySpec, turn: Turn, of: str) -> int:
    """Seed of a sampler; `of` tells those apart that have the same turn."""
    return int(content_key([study.name, list(study.seeds), turn.search, turn.index, of], 8), 16)
