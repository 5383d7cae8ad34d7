"""Checkpoints of a launch: what it has read and counted, for the launch that resumes it."""

from collections.abc import Sequence
from pathlib import Path

from harness.core.files import content_key
from harness.core.records import write_record
from harness.results.checkpoint import Checkpoint, fingerprint, read_checkpoint, write_checkpoint
from harness.results.extent import trained_keys
from harness.results.study_record import RECORD, Configuration, StudyRecord
from harness.study.scoring import Scorer

_EVERY = 500
"""Configurations recorded between two checkpoints: a killed launch left no more to be read."""


class Checkpoints:
    """Reads the checkpoint of a study, and keeps it.

    Parameters
    ----------
    record
        The study as resumed; its configurations are not read.
    scorer
        Counts the points of configurations.

    Attributes
    ----------
    whole
        As of a `Checkpoint`.
    """

    def __init__(self, folder: Path, record: StudyRecord, scorer: Scorer) -> None:
        self._folder, self._scorer = folder, scorer
        self._study = content_key([record.identity()], 32)
        self._stored = read_checkpoint(folder, self._study)
        self.whole = dict(self._stored.whole)
        # Who is trained on added seeds, or waits for growth, looks at each configuration.
        self._counts = not record.growth and record.spec.stop is None and bool(record.versions)

    def take_up(self, known: Sequence[Configuration]) -> int:
        """Give the scorer the stored points; the number of configurations that they are of."""
        counted = self._stored.counted
        # Others may be recorded in their place since, by a launch in another folder.
        if not self._counts or self._stored.configurations != _digest(known[:counted]):
            return 0
        self._scorer.take_up(self._stored.front)
        return counted

    def trained_anew(self, key: str) -> None:
        """Note that a recorded trial was trained again: all is counted again, and it is read."""
        self._counts = False
        self.whole.pop(key, None)

    def recorded(self, record: StudyRecord) -> None:
        """Note that one more configuration is recorded and counted; writes every so often."""
        known = record.configurations
        self._note(known[-1])
        if len(known) % _EVERY == 0:
            # The versions of what is counted stand in the record alone.
            write_record(self._folder / RECORD, record.model_copy(update={"recorded": len(known)}))
            self._write(known)

    def close(self, known: Sequence[Configuration]) -> None:
        """Write, as all of these are counted."""
        for configuration in known:
            self._note(configuration)
        self._write(known)

    def _note(self, configuration: Configuration) -> None:
        for key in trained_keys(configuration):
            if key not in self.whole and (found := fingerprint(self._folder, key)):
                self.whole[key] = found

    def _write(self, known: Sequence[Configuration]) -> None:
        found = Checkpoint(
            study=self._study,
            counted=len(known),
            configurations=_digest(known),
            front=self._scorer.front,
            whole=self.whole,
        )
        write_checkpoint(self._folder, found)


def _digest(known: Sequence[Configuration]) -> str:
    """Digest of what the points of configurations depend on."""
    return content_key([[[*each.keys], [*(each.thresholds or ())]] for each in known], 32)
