"""Logging a study to MLflow: what its runs say of it, and the trials that MLflow lacks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.results import study_record
from harness.results.launch_lock import only_launch
from harness.results.launches import origin_of
from harness.results.study_record import StudyRecord
from harness.study.scoring import Scorer
from harness.study.trial_logger import TrialLogger
from harness.tracking.runs import DataTag, LaunchLog, Tracker
from harness.tracking.store import Store


@dataclass(frozen=True)
class SyncOutcome:
    """How many trials were logged to MLflow, what it still lacks and why, and what else to know."""

    logged: int
    fault: str | None
    notice: str | None


def sync_study(folder: Path, store: Store) -> SyncOutcome:
    """Log the trials of a study, or of its confirmation, that MLflow lacks.

    They are logged below its newest launch there.
    """
    record = study_record.read_study_record(folder)
    with only_launch(folder):
        scorer = Scorer(record, folder)
        # No commit: today's need not be the one that the trials were trained at.
        logger = TrialLogger(scorer, lambda: tracker_of(store, folder, record, {}), goes_on=True)
        for configuration in record.configurations:
            scorer.add(configuration)
            logger.log([configuration])
        # The folder is ours: a launch that the record calls running was killed.
        killed = {"state": "interrupted"} if record.state == "running" else {}
        logger.finish(record.model_copy(update=killed))
    return SyncOutcome(logger.logged, logger.fault, logger.notice)


def tracker_of(store: Store, folder: Path, record: StudyRecord, tags: Mapping[str, str]) -> Tracker:
    """Open a store for the log of a study.

    Parameters
    ----------
    tags
        Put on its runs beside its own, such as the git commit.
    """
    study, manifest = record.spec, record.manifest
    names = "classes" if manifest.task == "classification" else "targets"
    shape = list(manifest.input_shape)
    profile = json.dumps({names: len(manifest.classes), "input_shape": shape})
    data = DataTag(manifest.spec.dataset, record.data_digest, manifest.provenance, profile)
    settings = {
        "stage": "search" if record.fresh is None else "confirmation",
        "split": study.split,
        "backbone": study.backbone.name,
        "regimes": ", ".join(study.regimes),
        "baseline": study.baseline,
        "method": study.method,
        "seeds": list(study.seeds),
        "run_cap": study.run_cap,
        "policy": study.policy.name,
        "thresholds": study.thresholds.selection,
    }
    fresh = record.fresh is not None
    launch = LaunchLog(
        name=f"{study.name}, fresh seeds" if fresh else study.name,
        note=study.description,
        data=data,
        parameters=settings,
        tags={
            "stage": "confirm" if fresh else "search",
            "data_source": manifest.provenance,
            **tags,
        },
    )
    return Tracker(store, origin_of(folder, record), launch)
