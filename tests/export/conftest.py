"""A small real study, run once: its networks are exported in many ways."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.frontier_stage import write_frontier
from harness.core.project import Project
from harness.core.trial_spec import TrialSpec
from harness.core.types import Split
from harness.data.load import ensure, load
from harness.export.artifact import ExportChoices, write_export
from harness.frontier.operating_point import OperatingPoint
from harness.models.backbones import BACKBONES
from harness.policies.predictions import apply_policy
from harness.policies.routing import route
from harness.regimes import REGIMES
from harness.results import study_record, trials
from harness.results.sealed import read_test
from harness.results.study_record import Configuration, StudyRecord
from harness.study.resume import new_record
from harness.study.study_file import read_study
from harness.study.worker import run_trial
from tests.conftest import make_project, with_tables
from tests.raw_inputs import raw_digits
from tests.records import changed, choice

STUDY = """
name: tiny
description: A study for tests.
expected_duration: seconds
split: digits
backbone: {name: image_cnn, parameters: {widths: [6, 8, 12], exits: 3, pool: 2}}
training: {epochs: 4, batch_size: 64, learning_rate: 0.01}
regimes: {joint: {}, boosted: {}, learned_gate: {}, meta_weighted: {}, single_exit: {}}
seeds: [0]
run_cap: 7
"""


@dataclass
class Study:
    """A finished study and the data its networks learned from."""

    project: Project
    folder: Path
    record: StudyRecord
    split: Split

    def key(self, regime):
        """The early-exit network of a regime; of static ones the shallowest."""
        return next(c.keys[0] for c in self.record.configurations if c.regime == regime)

    def result(self, key):
        """What the trial left behind."""
        return trials.read_trial(self.folder, key)

    def raw(self, part):
        """The images of a part, as the export takes them."""
        return raw_digits(self.project, "digits", part)

    def under(self, policy, **parameters):
        """The study's record, had it named this policy."""
        return changed(self.record, spec={"policy": {"name": policy, "parameters": parameters}})

    def export(self, key, thresholds, target, record=None, **choices):
        """Export one trial with these thresholds."""
        point = OperatingPoint("regime", key, 0, tuple(thresholds), {"validation_accuracy": 0.5})
        made = ExportChoices(**choices)
        write_export(self.project, self.folder, record or self.record, point, target, made)
        return target

    def expected(self, key, thresholds, policy, part):
        """The predictions of harness: labels, exits from 1 and confidences on a part."""
        result = self.result(key)
        outputs = result.validation if part == "validation" else read_test(self.folder, key)
        predictions = apply_policy(policy, outputs, result.fitting)
        exits = route(predictions.confidence, np.array(thresholds))
        taken = (exits, np.arange(len(exits)))
        return predictions.predicted[taken], exits + 1, predictions.confidence[taken]


@pytest.fixture(scope="session")
def study(tmp_path_factory, mlflow_tables):
    """A study of five regimes with its frontier, trained in this process."""
    made = make_project(tmp_path_factory.mktemp("export") / "project")
    project = with_tables(made, mlflow_tables)
    done = finished(project, STUDY)
    write_frontier(done.folder)
    return done


def finished(project, text, mirror=None):
    """The study of a file, trained in this process: a configuration of each regime."""
    file = project.root / "studies" / "tiny.yaml"
    file.write_text(text)
    plan = read_study(file, [])
    manifest = ensure(project, plan.split, mirror, lambda *_: None)
    folder = project.results / plan.name
    configurations = []
    for number, regime in enumerate(plan.regimes):
        exits = REGIMES.get(regime)().static_exits(plan.backbone.parameters["exits"])
        keys = tuple(train(project, folder, plan, manifest.digest, regime, exit) for exit in exits)
        objectives = (0.5,) * len(plan.metrics)
        found = {"number": number, "regime": regime, "keys": keys, "objectives": objectives}
        configurations.append(Configuration(parameters={}, thresholds=None, **found))
    opened = new_record(plan, manifest, "cpu")
    done = {"configurations": tuple(configurations), "state": "done"}
    record = opened.model_copy(update=done)
    study_record.write_study_record(folder, record)
    return Study(project, folder, record, load(project, plan.split))


def train(project, folder, plan, digest, regime, static_exit):
    given = plan.backbone.parameters.items()
    parameters = {name: tuple(v) if isinstance(v, list | tuple) else v for name, v in given}
    spec = TrialSpec(
        split=plan.split,
        digest=digest,
        backbone=choice(BACKBONES, plan.backbone.name, **parameters),
        regime=choice(REGIMES, regime),
        training=dict(plan.training),
        seed=0,
        static_exit=static_exit,
    )
    assert run_trial(spec, project, folder).reason is None
    return spec.key


@pytest.fixture
def in_project(study, monkeypatch):
    """The study's project as the current folder."""
    monkeypatch.chdir(study.project.root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return study
