"""How far a study went: where it stopped, and who was trained in full."""

from harness.core.study_spec import StudySpec
from harness.results.study_record import Configuration, StudyRecord


def seeds_of(study: StudySpec, configuration: Configuration) -> tuple[int, ...]:
    """The seeds that a configuration was trained on: the first ones where it was not promoted."""
    promote, screened = study.promote, configuration.screened
    if promote is None or screened is None or screened.rung > 0:
        return study.seeds
    return study.seeds[: promote.after]


def spared_by(study: StudySpec, configuration: Configuration) -> int:
    """Trials that were planned for a configuration and not trained, as it was not promoted."""
    seeds = len(seeds_of(study, configuration))
    return len(configuration.keys) // seeds * (len(study.seeds) - seeds)


def planned_now(record: StudyRecord) -> int:
    """Trials of a study in all, at most: without those that recorded configurations were spared."""
    if record.state == "done":
        return record.planned
    return record.planned - sum(spared_by(record.spec, each) for each in record.configurations)


def in_full(record: StudyRecord) -> tuple[Configuration, ...]:
    """The configurations that have objectives and were trained as far as the study trains any."""
    study = record.spec
    return tuple(c for c in record.succeeded() if seeds_of(study, c) == study.seeds)


def extent_in_words(record: StudyRecord) -> str:
    """How many configurations were trained on all seeds, in a sentence; empty where all were."""
    done, full = record.succeeded(), in_full(record)
    if record.spec.promote is None or len(full) == len(done):
        return ""
    first = ", ".join(map(str, record.spec.seeds[: record.spec.promote.after]))
    some = {regime: sum(c.regime == regime for c in full) for regime in record.spec.regimes}
    counts = ", ".join(f"{regime} {count}" for regime, count in some.items())
    return (
        f"{len(full)} of {len(done)} configurations were promoted to all seeds ({counts}); the "
        f"others, trained on seed{'s' if record.spec.promote.after > 1 else ''} {first} alone, "
        "have no point on a frontier there."
    )


def state_in_words(record: StudyRecord) -> str:
    """A study's state, and why it is done before all of its plan was trained."""
    if record.stopped is None:
        return record.state
    return (
        f"{record.state}, stopped: its hypervolume has not grown for {record.stopped} "
        "configurations per regime"
    )
