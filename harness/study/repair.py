"""Training anew the trials of recorded configurations whose results are missing or damaged."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.core.errors import InputError
from harness.core.trial_spec import TrialSpec
from harness.results import trials
from harness.results.study_record import Configuration
from harness.study.pool import Pool
from harness.study.proposals import Proposals

_LOG = logging.getLogger(__name__)


def train_anew(
    folder: Path,
    succeeded: Sequence[Configuration],
    proposals: Proposals,
    pool: Pool,
    check_stop: Callable[[], None],
) -> None:
    """Bring a study's folder to hold a sound result for every recorded trial.

    Damaged trial folders, recorded or not, are moved to `damaged/`.

    Parameters
    ----------
    succeeded
        The recorded configurations with objectives.
    proposals
        Say which trials they had.
    check_stop
        Raises `Stopped` once the launch was asked to stop.

    Raises
    ------
    InputError
        A trial cannot be made again, or fails where it had a result.
    """
    damaged = trials.set_aside_damaged(folder)
    for fault in damaged.values():
        _LOG.warning("%s", fault.partition(";")[0])
    if damaged:
        _LOG.warning("%d damaged trials moved to %s", len(damaged), folder / trials.DAMAGED)
    lost = _lost(folder, succeeded, proposals)
    if not lost:
        return
    _LOG.warning("%d recorded trials are missing or damaged: training them anew", len(lost))
    for spec in lost:
        pool.submit(spec)
    while len(pool):
        check_stop()
        for done in pool.collect(timeout=1.0):
            if done.reason:
                raise InputError(
                    f"{folder}: trial {done.key} had a result and cannot be trained anew: "
                    f"{done.reason}; --restart starts over with the others"
                )


def _lost(
    folder: Path, succeeded: Sequence[Configuration], proposals: Proposals
) -> list[TrialSpec]:
    return [
        spec
        for configuration in succeeded
        if not all(trials.has_result(folder, key) for key in configuration.keys)
        for spec in proposals.repeated(configuration).specs
        if not trials.has_result(folder, spec.key)
    ]
