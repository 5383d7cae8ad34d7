"""Training the trials of recorded configurations that have no sound result."""

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness.core.errors import InputError
from harness.core.trial_spec import TrialSpec
from harness.results import trials
from harness.results.checkpoint import set_aside_damaged
from harness.results.extent import trained_keys
from harness.results.study_record import Configuration, whole_configurations
from harness.study.companies import together
from harness.study.executors import TrialOutcome
from harness.study.pool import Pool
from harness.study.proposals import Proposals

_LOG = logging.getLogger(__name__)


def train_anew(
    folder: Path,
    proposals: Proposals,
    pool: Pool,
    check_stop: Callable[[], None],
    note: Callable[[TrialOutcome, int], None],
    whole: dict[str, str],
) -> tuple[Configuration, ...]:
    """Bring a study's folder to hold a sound result for every trial of what is recorded.

    Damaged trial folders, recorded or not, are moved to `damaged/`. What is missing are trials that
    were lost, and those of seeds that the study was given since.

    Parameters
    ----------
    proposals
        Say which configurations are recorded, with which trials.
    check_stop
        Raises `Stopped` once the launch was asked to stop.
    note
        Called with each trial that was trained, and how many are left.
    whole
        As of `harness.results.checkpoint.set_aside_damaged`.

    Returns
    -------
    The recorded configurations.

    Raises
    ------
    InputError
        A trial cannot be made again, or fails where it had a result.
    """
    damaged = set_aside_damaged(folder, whole)
    for fault in damaged.values():
        _LOG.warning("%s", fault.partition(";")[0])
    if damaged:
        _LOG.warning("%d damaged trials moved to %s", len(damaged), folder / trials.DAMAGED)
    recorded = proposals.recorded()
    lost = _lost(folder, recorded, proposals)
    if not lost:
        return recorded
    _say(folder, lost)
    for task in together(lost):
        pool.submit(*task)
    diverged: dict[str, str] = {}
    while len(pool):
        check_stop()
        for done in pool.collect(timeout=1.0):
            if done.status == "error":
                raise InputError(
                    f"{folder}: trial {done.key} of a recorded configuration cannot be trained: "
                    f"{done.reason}; mend the cause and launch again"
                )
            if done.reason:
                diverged[done.key] = done.reason
            note(done, len(pool))
    recorded = proposals.recorded()  # one that failed on a seed that was added has failed
    for key in (
        key for each in _succeeded(recorded) for key in trained_keys(each) if key in diverged
    ):
        _refuse(folder, key, diverged[key])
    return recorded


def _say(folder: Path, lost: Sequence[TrialSpec]) -> None:
    known = {key for each in whole_configurations(folder) for key in trained_keys(each)}
    missing = sum(spec.key in known for spec in lost)
    if missing:
        _LOG.warning("%d recorded trials are missing or damaged: training them anew", missing)
    if added := len(lost) - missing:
        seeds = sorted({spec.seed for spec in lost if spec.key not in known})
        _LOG.warning("%d trials of recorded configurations on added seeds %s", added, seeds)


def _refuse(folder: Path, key: str, reason: str) -> None:
    raise InputError(
        f"{folder}: trial {key} had a result and cannot be trained anew: {reason}; --restart "
        "starts over with the others"
    )


def _succeeded(recorded: Sequence[Configuration]) -> Iterator[Configuration]:
    return (each for each in recorded if each.objectives is not None)


def _lost(folder: Path, recorded: Sequence[Configuration], proposals: Proposals) -> list[TrialSpec]:
    return [
        spec
        for configuration in _succeeded(recorded)
        if not all(trials.has_result(folder, key) for key in trained_keys(configuration))
        for spec in proposals.repeated(configuration).specs
        if not trials.has_result(folder, spec.key)
    ]
