"""The in-memory Optuna studies that samplers look at, kept from one proposal to the next."""

import copy
from collections.abc import Iterator, Mapping, Sequence

import optuna
from optuna.trial import FrozenTrial, Trial

from harness.core.settings import Scalar
from harness.core.study_spec import StudySpec


class Memory:
    """One regime's search as a sampler sees it: what is finished, then what is pending.

    Finished trials stay where they were pending, as a search records in the order in which it
    asked: what is shown appends one trial each time, and finishes those that became visible.

    Parameters
    ----------
    seen, pending
        As of `show`.
    """

    def __init__(
        self,
        study: StudySpec,
        seen: Sequence[FrozenTrial] = (),
        pending: Sequence[FrozenTrial] = (),
    ) -> None:
        self._goals = [metric.goal for metric in study.metrics]
        self._make(seen, pending)

    def show(self, seen: Sequence[FrozenTrial], pending: Sequence[FrozenTrial]) -> None:
        """Let samplers see these trials, all that there are: finished ones and running ones."""
        if not self._follow(seen, pending):
            self._make(seen, pending)

    def __len__(self) -> int:
        """Number of the trials that are shown."""
        return len(self._study.get_trials(deepcopy=False))

    def parameters(self) -> Iterator[Mapping[str, object]]:
        """The parameters of the trials that are shown, in their order."""
        return (trial.params for trial in self._study.get_trials(deepcopy=False))

    def ask(
        self, sampler: optuna.samplers.BaseSampler, first: Mapping[str, Scalar] | None = None
    ) -> Trial:
        """Begin the next trial; its parameters are sampled as they are asked for.

        Parameters
        ----------
        first
            Values of parameters that are not to be sampled.
        """
        self._study.sampler = sampler
        if first is not None:
            self._study.enqueue_trial(dict(first))
        return self._study.ask()

    def newest(self) -> FrozenTrial:
        """A copy of the trial that was begun last, as it stands."""
        return copy.deepcopy(self._study.get_trials(deepcopy=False)[-1])

    def _make(self, seen: Sequence[FrozenTrial], pending: Sequence[FrozenTrial]) -> None:
        self._study = optuna.create_study(directions=self._goals)
        self._study.add_trials([*seen, *pending])
        self._finished = len(seen)

    def _follow(self, seen: Sequence[FrozenTrial], pending: Sequence[FrozenTrial]) -> bool:
        """Finish what became visible; whether the study then holds these trials."""
        # With the study NSGA-II keeps parents: once more is visible, they would be others.
        if isinstance(self._study.sampler, optuna.samplers.NSGAIISampler):
            return False
        known, begun = self._study.get_trials(deepcopy=False), self._finished
        fresh = [*seen[begun:], *pending]
        if len(known) != len(seen) + len(pending) or len(seen) < begun:
            return False
        if any(old.params != new.params for old, new in zip(known[begun:], fresh, strict=True)):
            return False
        self._study.sampler = optuna.samplers.RandomSampler()  # others act when they are told
        for number in range(begun, len(seen)):
            self._study.tell(number, seen[number].values, seen[number].state)
        self._finished = len(seen)
        return True
