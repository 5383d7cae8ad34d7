"""A confirmation: candidates of a search trained again on fresh seeds, each with its own split."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import optuna

from harness.core.errors import InputError, NoSplitError
from harness.core.files import discard
from harness.core.manifest import Manifest
from harness.core.project import Project
from harness.core.trial_spec import Device
from harness.data.download import FetchProgress
from harness.data.load import ensure
from harness.data.named_splits import redrawn
from harness.data.prepare import read_split_indices
from harness.results import study_record
from harness.results.confirmation import write_test_samples
from harness.results.failures import forget_failures
from harness.results.fresh_seeds import FreshSeeds
from harness.results.study_record import Configuration, StudyRecord
from harness.study.rungs import rungs
from harness.study.schedule import Turn
from harness.study.space import Suggestion, configurations, suggest

_FIRST, _APART = 1000, 1000
"""The first fresh seed, and the distance of the first ones of two searches."""


@dataclass(frozen=True)
class FreshSplits:
    """The fresh seeds of each search, and the manifest of the split that each is trained on.

    Attributes
    ----------
    skipped
        Why seeds were passed over: no split could be drawn with them.
    """

    searches: tuple[tuple[int, ...], ...]
    manifests: Mapping[int, Manifest]
    skipped: tuple[str, ...]


def fresh_splits(
    project: Project,
    searched: StudyRecord,
    mirror: Path | None,
    progress: FetchProgress,
    watch: Callable[[int], None],
) -> FreshSplits:
    """Choose a study's fresh seeds and prepare a split for each.

    A seed is fresh where neither the search nor its split used it. One that gives no split, as a
    class would have no training sample, is passed over: that does not depend on any result.

    Parameters
    ----------
    searched
        The study, with the split that it searched.
    watch
        Called with each seed that is ready.

    Raises
    ------
    DataError
        Raw files cannot be fetched, a prepared split is damaged, or too few seeds give a split: the
        message is of the last.
    """
    study = searched.spec
    used = {*study.seeds, searched.manifest.spec.seed}
    manifests: dict[int, Manifest] = {}
    skipped: list[str] = []
    searches = []
    for search in range(study.searches):
        found: list[int] = []
        for seed in itertools.islice(itertools.count(_FIRST + _APART * search), _APART):
            if len(found) == study.confirm.seeds:
                break
            if seed in used:
                continue
            name = redrawn(study.split, seed) if study.confirm.resplit else study.split
            try:
                manifests[seed] = ensure(project, name, mirror, progress)
            except NoSplitError as error:  # a damaged file is no reason for another seed
                skipped.append(str(error))
                if len(skipped) > study.confirm.seeds * study.searches:
                    raise
                continue
            found.append(seed)
            watch(seed)
        searches.append(tuple(found))
    return FreshSplits(tuple(searches), manifests, tuple(skipped))


@dataclass(frozen=True)
class ConfirmationPlan:
    """What a confirmation trains.

    Attributes
    ----------
    search
        The study that was searched.
    chosen
        Its candidates, as `harness.study.candidates.candidates` gives them.
    """

    search: StudyRecord
    chosen: tuple[Configuration, ...]
    fresh: FreshSplits


class Confirmation:
    """The proposals of a confirmation (`harness.study.proposals.Proposals`): its candidates.

    Parameters
    ----------
    record
        The confirmation as opened.
    chosen
        The candidates, as the search recorded them.
    """

    def __init__(self, folder: Path, record: StudyRecord, chosen: Sequence[Configuration]) -> None:
        self.turns = tuple(
            Turn(number, each.regime, 0, each.search) for number, each in enumerate(chosen)
        )
        self._folder, self._record, self._chosen = folder, record, chosen

    def recorded(self) -> tuple[Configuration, ...]:
        """The candidates recorded so far, in order."""
        return study_record.whole_configurations(self._folder)

    def propose(self, turn: Turn) -> Suggestion:
        """The trials of a candidate: its parameters on the fresh seeds of its search."""
        return fresh_trials(self._record, self._chosen[turn.number])

    def check_decided(self) -> None:
        """Nothing was decided of candidates."""

    def further(self, turn: Turn) -> None:
        """None: candidates are trained on all fresh seeds at once."""

    def record(
        self, turn: Turn, values: tuple[float, ...] | None, reason: str | None
    ) -> Configuration:
        """The candidate with its objectives on fresh seeds, or with why it failed."""
        searched, specs = self._chosen[turn.number], self.propose(turn).specs
        return Configuration(
            number=turn.number,
            regime=turn.regime,
            search=turn.search,
            parameters=searched.parameters,
            keys=tuple(spec.key for spec in specs),
            thresholds=searched.thresholds,
            objectives=values,
            reason=reason,
        )

    def repeated(self, configuration: Configuration) -> Suggestion:
        """The trials of a recorded candidate."""
        return fresh_trials(self._record, self._chosen[configuration.number])


def fresh_trials(record: StudyRecord, candidate: Configuration) -> Suggestion:
    """The trials of a candidate on the fresh seeds of its search.

    Raises
    ------
    InputError
        Its parameters are not of this study.
    """
    fresh, study = record.fresh, record.spec
    if fresh is None:
        raise InputError(f"study {study.name}: a confirmation expected, found a search")
    seeds = fresh.searches[candidate.search]
    own = rungs(study)[-1].model_copy(update={"seeds": seeds, "promote": None})
    fixed = optuna.trial.FixedTrial(dict(candidate.parameters))
    found = suggest(fixed, own, candidate.regime, record.trained_on)
    specs = [
        replace(
            spec,
            split=redrawn(study.split, spec.seed) if fresh.resplit else study.split,
            digest=fresh.digests[spec.seed],
            company=() if fresh.resplit else spec.company,  # a stack trains on one split
        )
        for spec in found.specs
    ]
    return Suggestion(tuple(specs), found.thresholds)


def open_confirmation(
    project: Project, folder: Path, plan: ConfirmationPlan, device: Device, *, retry_failed: bool
) -> StudyRecord:
    """The record of a confirmation, which goes on where one of the same plan is stored.

    Otherwise it is begun anew; trials that both have stay.

    Parameters
    ----------
    folder
        Of the confirmation.
    device
        Kind of the device to train on.
    retry_failed
        Whether trials that failed are trained again.
    """
    if retry_failed:
        forget_failures(folder)
    record, fresh = _planned(plan, device), plan.fresh
    tested = {
        seed: read_split_indices(project.prepared, manifest.name).test
        for seed, manifest in fresh.manifests.items()
    }
    header = _stored(folder)
    same = header and (header.identity(), header.fresh) == (record.identity(), record.fresh)
    if header and same and not retry_failed:
        kept = {"versions": header.versions, "superseded": header.superseded}
        record = record.model_copy(update=kept)
    else:
        for name in (study_record.CONFIGURATIONS, study_record.RECORD):
            discard(folder / name)
        record = record.model_copy(update={"superseded": True})
    write_test_samples(folder, tested)
    return record


def _planned(plan: ConfirmationPlan, device: Device) -> StudyRecord:
    search, fresh = plan.search, plan.fresh
    seeds = tuple(seed for found in fresh.searches for seed in found)
    record = StudyRecord(
        spec=search.spec.model_copy(update={"seeds": seeds}),
        manifest=search.manifest,
        reference=search.reference,
        planned=0,
        state="running",
        versions={},
        sources=search.sources,
        device=device,
        fresh=FreshSeeds(
            searches=fresh.searches,
            digests={seed: manifest.digest for seed, manifest in fresh.manifests.items()},
            searched=search.recorded_digest(),
            candidates=tuple(each.number for each in plan.chosen),
            configurations=_fewest_configurations(search),
            resplit=search.spec.confirm.resplit,
        ),
    )
    planned = sum(len(fresh_trials(record, each).specs) for each in plan.chosen)
    return record.model_copy(update={"planned": planned})


def _fewest_configurations(search: StudyRecord) -> int | None:
    """Fewest configurations that a search tried of a regime which has more; None where none has."""
    study, tried = search.spec, Counter((c.regime, c.search) for c in search.configurations)
    fewest = {r: min(tried[r, own] for own in range(study.searches)) for r in study.regimes}
    short = [count for r, count in fewest.items() if count < configurations(study, r)]
    return min(short, default=None)


def _stored(folder: Path) -> StudyRecord | None:
    """The stored record of a confirmation; None where there is none that can be read."""
    with contextlib.suppress(InputError):
        return study_record.read_header(folder)
    return None
