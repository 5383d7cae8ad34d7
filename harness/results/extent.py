"""How far a study went: where it stopped, and who was trained in full."""

from collections import Counter
from collections.abc import Sequence

from harness.core.study_spec import StudySpec
from harness.results.study_record import Configuration, StudyRecord


def seeds_of(study: StudySpec, configuration: Configuration) -> tuple[int, ...]:
    """The seeds that a configuration was trained on: the first ones where it was not promoted."""
    promote, screened = study.promote, configuration.screened
    if promote is None or screened is None or screened.rung > 0:
        return study.seeds
    return study.seeds[: promote.after]


def trained_keys(configuration: Configuration) -> tuple[str, ...]:
    """The keys of all trials of a configuration, those of lower rungs first."""
    screened = configuration.screened
    return (*(screened.lower if screened else ()), *configuration.keys)


def spared_by(study: StudySpec, configuration: Configuration) -> int:
    """Trials that were planned for a configuration and not trained, as it did not go on."""
    screened = configuration.screened
    if screened and study.fidelity:
        return (len(study.fidelity.epochs) - 1 - screened.rung) * len(configuration.keys)
    seeds = len(seeds_of(study, configuration))
    return len(configuration.keys) // seeds * (len(study.seeds) - seeds)


def planned_now(record: StudyRecord) -> int:
    """Trials of a study in all, at most: without those that recorded configurations were spared."""
    if record.state == "done":
        return record.planned
    return record.planned - sum(spared_by(record.spec, each) for each in record.configurations)


def furthest(configurations: Sequence[Configuration]) -> tuple[Configuration, ...]:
    """Those of some configurations that were trained furthest: all of them without rungs."""
    last = max((_rung(each) for each in configurations), default=0)
    return tuple(each for each in configurations if _rung(each) == last)


def extent_in_words(record: StudyRecord) -> str:
    """How far a study's configurations were trained, in a sentence; empty where all were alike."""
    if record.fresh is not None:
        return ""  # a confirmation trains all in full
    study, done = record.spec, record.succeeded()
    counts = Counter(map(_rung, done))
    if study.promote is not None and counts[0]:
        first = study.seeds[: study.promote.after]
        on = f"seed{'s' if len(first) > 1 else ''} {', '.join(map(str, first))}"
        return (
            f"{counts[1]} of {len(done)} configurations were promoted to all seeds "
            f"({_by_regime(record)}); the others, trained on {on} alone, have no point on the "
            "frontier of a seed."
        )
    if study.fidelity is not None:
        each = enumerate(study.fidelity.epochs)
        epochs = ", ".join(f"{counts[rung]} for {count}" for rung, count in each if counts[rung])
        return (
            f"Of {len(done)} configurations, by the epochs that they were trained, {epochs} "
            f"({_by_regime(record)})."
        )
    return ""


def _by_regime(record: StudyRecord) -> str:
    """How many configurations of each regime reached the last rung."""
    study = record.spec
    last = len(study.fidelity.epochs) - 1 if study.fidelity else 1
    found = Counter(each.regime for each in record.succeeded() if _rung(each) == last)
    return ", ".join(f"{regime} {found[regime]}" for regime in study.regimes)


def _rung(configuration: Configuration) -> int:
    return configuration.screened.rung if configuration.screened else 0


def state_in_words(record: StudyRecord) -> str:
    """A study's state, and why it is done before all of its plan was trained."""
    if record.stopped is None:
        return record.state
    return (
        f"{record.state}, stopped: its hypervolume has not grown for {record.stopped} "
        "configurations per regime"
    )
