"""The records of an imported study and of its fresh seeds, as those of any other study."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeVar

import numpy as np
import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain
from harness.core.manifest import Manifest, SplitSpec
from harness.core.study_spec import StudySpec
from harness.results.fresh_seeds import FreshSeeds
from harness.results.study_record import Configuration, Reference, StudyRecord
from harness.study.imported.description import Description
from harness.study.imported.entries import IMPORTED, NAME, Entry, Samples
from harness.study.imported.layout import in_order

_T = TypeVar("_T")
_FIXED = {
    "description": "",
    "expected_duration": "none: imported",
    "backbone": {"name": IMPORTED},
}
"""What the files of all imported studies would hold."""
_DESCRIBED = "Outputs of networks that were trained elsewhere."


@dataclass(frozen=True)
class Contents:
    """All that an imported study is made of.

    Attributes
    ----------
    entries
        Its networks.
    said
        What the user says of them.
    """

    name: str
    entries: tuple[Entry, ...]
    samples: Samples
    said: Description

    @property
    def fresh_seeds(self) -> tuple[int, ...]:
        """The seeds on which nothing was chosen.

        Raises
        ------
        InputError
            A seed is named that no network has.
        """
        every, fresh = sorted({e.seed for e in self.entries}), self.said.fresh
        if fresh is None:
            return ()
        if fresh == "all":
            return tuple(every)
        if unknown := sorted(set(fresh) - set(every)):
            raise InputError(
                f"fresh: no network has the seed {unknown[0]}; there are "
                f"{', '.join(map(str, every))}"
            )
        return tuple(sorted(set(fresh)))

    @property
    def searched(self) -> tuple[Entry, ...]:
        """Networks of the seeds on which configurations may have been chosen.

        A configuration that has fresh seeds alone is there with these.
        """
        fresh = set(self.fresh_seeds)
        chosen = {(e.regime, e.configuration) for e in self.entries if e.seed not in fresh}
        return tuple(
            e
            for e in self.entries
            if e.seed not in fresh or (e.regime, e.configuration) not in chosen
        )

    @property
    def fresh(self) -> tuple[Entry, ...]:
        """Networks of the fresh seeds."""
        seeds = set(self.fresh_seeds)
        return tuple(e for e in self.entries if e.seed in seeds)


def check_name(name: str) -> None:
    """Refuse a name that no study may have; raises InputError."""
    _validated({**_FIXED, "name": name, "split": "none", "regimes": {"none": {}}, "run_cap": 1})


def search_record(contents: Contents) -> StudyRecord:
    """The record of the searched seeds, its configurations without objectives.

    Raises
    ------
    InputError
        The name or the description is not allowed, no network is of the baseline, or there is not
        one name or count per class.
    """
    entries, samples, said = contents.searched, contents.samples, contents.said
    return StudyRecord(
        spec=_spec(contents),
        manifest=_manifest(contents.name, samples, said),
        reference=Reference(
            macs=max(e.full for e in contents.entries), score=_majority(samples, said)
        ),
        planned=len(entries),
        state="done",
        versions={"harness": (version("harness"),)},
        sources={},
        imported=True,
        configurations=_configurations(entries),
    )


def fresh_record(contents: Contents, search: StudyRecord) -> StudyRecord:
    """The record of the fresh seeds, its configurations without objectives.

    Parameters
    ----------
    search
        The record of the searched seeds, whole.
    """
    entries, seeds = contents.fresh, contents.fresh_seeds
    numbers = {(c.regime, c.parameters[NAME]): c.number for c in search.configurations}
    configurations = _configurations(entries)
    fresh = FreshSeeds(
        searches=(seeds,),
        digests=dict.fromkeys(seeds, search.manifest.digest),
        searched=search.recorded_digest(),
        candidates=tuple(numbers[c.regime, c.parameters[NAME]] for c in configurations),
        configurations=None,
        resplit=False,
    )
    return search.model_copy(
        update={
            "spec": search.spec.model_copy(update={"seeds": seeds}),
            "planned": len(entries),
            "fresh": fresh,
            "configurations": configurations,
        }
    )


def _configurations(entries: Iterable[Entry]) -> tuple[Configuration, ...]:
    by_name: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        by_name.setdefault((entry.configuration, entry.regime), []).append(entry)
    ordered = sorted(by_name.items(), key=lambda item: in_order(*item[0]))
    return tuple(
        Configuration(
            number=number,
            regime=regime,
            parameters={NAME: name},
            keys=tuple(e.key for e in sorted(own, key=lambda e: e.seed)),
            thresholds=None,
            objectives=None,
        )
        for number, ((name, regime), own) in enumerate(ordered)
    )


def _spec(contents: Contents) -> StudySpec:
    said, entries = contents.said, contents.entries
    regimes = sorted({e.regime for e in entries})
    return _validated(
        {
            **_FIXED,
            "name": contents.name,
            "description": said.description or _DESCRIBED,
            "split": contents.name,
            "regimes": {regime: {} for regime in regimes},
            "seeds": sorted({e.seed for e in contents.searched}),
            "run_cap": len(entries),
            **({"baseline": said.baseline} if said.baseline else {}),
        }
    )


def _validated(plain: Mapping[str, object]) -> StudySpec:
    try:
        return StudySpec.model_validate(plain)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, "import", plain)) from None


def _manifest(name: str, samples: Samples, said: Description) -> Manifest:
    counts = dict(samples.counts)
    if said.train_counts is not None:
        counts = {"train": _one_per_class(said.train_counts, samples, "train_counts"), **counts}
    names = said.classes or tuple(map(str, range(samples.classes)))
    # Of the samples that are known: no part of the split is drawn by it.
    total = sum(map(sum, counts.values())) + ("train" not in counts)
    train, validation = (sum(counts.get(part, (1,))) / total for part in ("train", "validation"))
    return Manifest(
        name=name,
        spec=SplitSpec(dataset=said.data or name, train=train, validation=validation),
        source={"outputs": "imported outputs"},
        classes=_one_per_class(names, samples, "classes"),
        input_shape=(),
        counts=counts,
        digest=samples.digest,
        code="",
    )


def _one_per_class(values: Sequence[_T], samples: Samples, where: str) -> tuple[_T, ...]:
    if len(values) != samples.classes:
        raise InputError(
            f"{where}: one per class, {samples.classes}, is wanted, found {len(values)}"
        )
    return tuple(values)


def _majority(samples: Samples, said: Description) -> float:
    """Share of the validation samples that are of the training part's most frequent class."""
    counts = np.array(samples.counts["validation"])
    trained = said.train_counts or counts
    return float(counts[int(np.argmax(trained))] / counts.sum())
