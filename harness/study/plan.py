"""The plan of a study: its configurations in order, and how many trials they are."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.errors import InputError
from harness.core.settings import Between, OneOf, Setting
from harness.core.study_spec import StudySpec
from harness.models.backbones import BACKBONES
from harness.results.growth import Growth, spec_at
from harness.study.schedule import Turn, first_turns, turns
from harness.study.space import configurations, exit_counts, trials_per_configuration

SMOKE_SAMPLES = 256
_SMOKE_CONFIGURATIONS = 2
_LONGEST = 94
"""Characters of a name to which an ending is added: a name has at most 100."""


def plan(study: StudySpec, growth: Sequence[Growth] = ()) -> tuple[Turn, ...]:
    """All configurations of a study, in order: whole ones, of at most `run_cap` trials together.

    Regimes take turns. A regime takes no more turns than it has different configurations; the
    others then share what is left of `run_cap`.

    Parameters
    ----------
    growth
        What the study consisted of before it was given regimes or seeds: the turns that were taken
        then stay as they are.

    Raises
    ------
    InputError
        The first configuration alone has more trials than `run_cap`, or the configurations that
        were recorded before seeds were added have more on all seeds.
    """
    sizes, most = _sizes(study), _most(study)
    begun = _turns_before(study, growth)
    found = turns(tuple(study.regimes), sizes, study.run_cap, most, study.searches, begun)
    if not found:
        raise InputError(
            f"run_cap: a configuration of {next(iter(study.regimes))} takes {sizes[0]} trials, "
            f"found {study.run_cap}"
        )
    if growth:
        _check_cap(study, growth, begun, found)
    return found


def _check_cap(
    study: StudySpec, growth: Sequence[Growth], begun: Sequence[Turn], found: Sequence[Turn]
) -> None:
    """Refuse a `run_cap` that leaves nothing of what a study was given."""
    size = dict(zip(study.regimes, _sizes(study), strict=True))
    least = sum(size[turn.regime] for turn in begun)
    without = [name for name in study.regimes if all(turn.regime != name for turn in found)]
    more_seeds = any({*each.seeds} < {*study.seeds} for each in growth)
    if not (without or (more_seeds and least > study.run_cap)):
        return
    had = Counter(turn.regime for turn in begun)
    share = sum(size[name] * max(had.values()) for name in without)
    also = f"; as many configurations of {', '.join(without)} take {share}" if without else ""
    raise InputError(
        f"run_cap: the {len(begun)} recorded configurations take {least} trials on seeds "
        f"{list(study.seeds)}{also}; found {study.run_cap}, raise it to {least + share} or more"
    )


def _turns_before(study: StudySpec, growth: Sequence[Growth]) -> tuple[Turn, ...]:
    """The turns that were taken before a study was given what it has now."""
    begun: tuple[Turn, ...] = ()
    for each in growth:
        then = spec_at(study, growth, len(begun))
        begun = first_turns(each.regimes, _most(then), study.searches, each.number, begun)
    return begun


def smoke(study: StudySpec) -> StudySpec:
    """The study made tiny: two configurations per regime, one seed, few epochs and samples.

    The backbone has its plug-in's parameters `tiny`.
    """
    parameters = {**study.backbone.parameters, **BACKBONES.get(study.backbone.name).tiny}
    small = {
        "name": f"{study.name[:_LONGEST]}-smoke",
        "backbone": study.backbone.model_copy(update={"parameters": parameters}),
        "training": {**study.training, "epochs": 3, "limit": SMOKE_SAMPLES},
        "seeds": study.seeds[:1],
        "promote": None,
        "fidelity": None,
        "stop": None,
        "enqueue": (),
        "searches": 1,
        "time_cap_minutes": None,
    }
    tiny = study.model_copy(update=small)
    each = zip(_sizes(tiny), _most(tiny), strict=True)
    trials = sum(size * int(min(most, _SMOKE_CONFIGURATIONS)) for size, most in each)
    return tiny.model_copy(update={"run_cap": trials})


@dataclass(frozen=True)
class RegimePlan:
    """What a study plans for one regime.

    Attributes
    ----------
    trials
        Of all its configurations; where the number of exits is searched, with the most exits.
    possible
        Number of different configurations of all searches; None where a real number is searched.
    parameters
        Its parameters, fixed or searched, in words.
    """

    regime: str
    configurations: int
    trials: int
    possible: int | None
    parameters: str


def regime_plans(study: StudySpec, growth: Sequence[Growth] = ()) -> tuple[RegimePlan, ...]:
    """The plan by regime, in the order of the study file; raises InputError as `plan` does."""
    counts = Counter(turn.regime for turn in plan(study, growth))
    each = zip(study.regimes.items(), _sizes(study), _most(study), strict=True)
    return tuple(
        RegimePlan(
            regime=regime,
            configurations=counts[regime],
            trials=counts[regime] * size,
            possible=None if most == math.inf else int(most) * study.searches,
            parameters=", ".join(f"{k}={_in_words(v)}" for k, v in searched.items()) or "defaults",
        )
        for (regime, searched), size, most in each
    )


def planned_trials(study: StudySpec, growth: Sequence[Growth] = ()) -> int:
    """Number of trials (networks) in the whole plan, at most `run_cap`."""
    return sum(each.trials for each in regime_plans(study, growth))


def plan_notes(study: StudySpec) -> tuple[str, ...]:
    """What a user may not expect of the plan, in sentences."""
    rows = regime_plans(study)
    trials = sum(row.trials for row in rows)
    without = [row.regime for row in rows if not row.configurations]
    notes = []
    if all(row.configurations == row.possible for row in rows):
        if trials < study.run_cap:
            notes.append(
                f"run_cap {study.run_cap}: every configuration there is takes {trials} trials; the "
                "study ends with them"
            )
    elif trials < study.run_cap:
        notes.append(
            f"run_cap {study.run_cap}: only whole configurations are trained, {trials} trials"
        )
    if without:
        notes.append(
            f"run_cap {study.run_cap} leaves regimes without a configuration: {', '.join(without)}"
        )
    notes += _rung_notes(study, trials)
    enqueued = Counter(each.regime for each in study.enqueue)
    notes += [
        f"enqueue: {enqueued[row.regime]} configurations of {row.regime}, of which run_cap leaves "
        f"{row.configurations // study.searches} a turn"
        for row in rows
        if enqueued[row.regime] * study.searches > row.configurations
    ]
    if study.stop is not None:
        wait = study.stop.no_gain
        in_a_row = wait * len(rows) * study.searches
        notes.append(
            f"stop: the study ends before that once its hypervolume on validation has not grown "
            f"for {wait} configurations per regime, {in_a_row} in a row"
        )
    if len(set(exit_counts(study))) > 1:
        notes.append("the number of exits is searched: trials are counted with the most exits")
    return tuple(notes)


def _rung_notes(study: StudySpec, trials: int) -> list[str]:
    """What of the planned trials is certain where only the better configurations go on."""
    if (by := study.promote or study.fidelity) is None:
        return []
    if study.fidelity is not None:
        rungs = len(study.fidelity.epochs)
        epochs = study.fidelity.epochs[0]
        least, first = trials // rungs, f"of {epochs} epoch{'s' if epochs > 1 else ''}"
        some = sum(round(least * by.keep**rung) for rung in range(rungs))
    else:
        count, seeds = len(study.seeds), study.seeds[: study.promote.after if study.promote else 0]
        least, first = trials * len(seeds) // count, f"on seeds {', '.join(map(str, seeds))}"
        some = least + round(by.keep * (trials - least))
    return [
        f"{'promote' if study.promote else 'fidelity'}: {least} of the {trials} trials are "
        f"{first}, of all configurations; the others are of those that go on: about {some} trials "
        f"in all where {by.keep:.0%} do, more where more are on their regime's frontier"
    ]


def _in_words(setting: Setting) -> str:
    if isinstance(setting, OneOf):
        return f"one of {list(setting.values)}"
    if isinstance(setting, Between):
        step = f" by {setting.spacing:g}" if setting.spacing else ""
        return f"{setting.min}..{setting.max}{step}"
    return str(setting)


def _sizes(study: StudySpec) -> list[int]:
    return [trials_per_configuration(study, regime) for regime in study.regimes]


def _most(study: StudySpec) -> list[float]:
    return [configurations(study, regime) for regime in study.regimes]
