"""A small study, launched by the command line, disturbed, and compared with an undisturbed one."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import pandas as pd
from mlflow.tracking import MlflowClient

from harness.analysis.frontier_stage import write_frontier
from harness.analysis.trial_tables import FOLDER
from harness.results import study_record, trials
from harness.results.checkpoint import FILE
from tests.command import run_command
from tests.conftest import make_project
from tests.study.test_launcher import write_study

SOAK = bool(os.environ.get("HARNESS_SOAK"))
PATIENCE = 600
"""Seconds that any wait may take on a machine with other work."""
_MARK = "HARNESS_TEST_MARK"


def times(few, many):
    """How often a fault is injected."""
    return many if SOAK else few


def _take_signals():
    """Whoever runs the tests may ignore these, as nohup does."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def wait_for(condition, what="a condition"):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.02)
    return found


class Disturbed:
    """A project with the tiny study, and processes that launch it.

    Parameters
    ----------
    tables
        An MLflow database with tables and nothing else.
    """

    def __init__(self, root, tables):
        self.project = make_project(root)
        self.file = write_study(self.project)
        self.folder = self.project.results / "tiny"
        self.project.results.mkdir(exist_ok=True)
        shutil.copy(tables, self.project.results / "mlflow.db")
        self.mark = uuid.uuid4().hex
        self.tracking_uri = self.project.tracking_uri
        self.injected = Counter()

    def start(self, *arguments):
        """A command of harness in a process group of its own."""
        code = "from harness.cli.app import main; main()"
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=self.project.root,
            env=os.environ
            | {
                _MARK: self.mark,
                "HARNESS_DATA_MIRROR": "",
                "MLFLOW_TRACKING_URI": self.tracking_uri,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_take_signals,  # noqa: PLW1509 -- nothing runs beside it yet
        )

    def launch(self, *arguments, workers=2):
        return self.start("launch", self.file, "--workers", workers, *arguments)

    def run(self, *arguments):
        """A command to its end: exit code and what it printed."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def to_the_end(self, workers=1):
        """Launch until the study is done: on another number of workers, which changes nothing."""
        code, said = self.run("launch", self.file, "--workers", workers)
        assert code == 0, said

    def time_to_the_end(self):
        """Launch until the study is done, and keep the seconds that it took."""
        began = time.monotonic()
        self.to_the_end(workers=2)
        self.seconds = time.monotonic() - began

    def kill_all(self):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self):
        """Processes that this study's commands left, by number: launchers, workers, helpers."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environment = (entry / "environ").read_bytes()
                ended = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
                if self.mark.encode() in environment and not ended:
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found

    def workers(self):
        return [pid for pid, command in self.processes().items() if "LokyProcess" in command]

    def all_gone(self):
        wait_for(lambda: not self.processes(), "all processes to end")

    def stored(self):
        return set(trials.stored_keys(self.folder)) if self.folder.is_dir() else set()

    def state(self):
        return study_record.read_study_record(self.folder).state

    def assert_equals(self, other):
        """Equal tables, arrays and records; each trial logged once; nothing left behind."""
        self.all_gone()
        name = "configurations.jsonl"
        assert (self.folder / name).read_bytes() == (other.folder / name).read_bytes()
        assert self.stored() == other.stored()
        for key in self.stored():
            for name in ("outputs.npz", "weights.npz", "test.npz"):
                path = Path("trials") / key / name
                assert (self.folder / path).read_bytes() == (other.folder / path).read_bytes(), path
        pd.testing.assert_frame_equal(table(self), table(other), check_exact=True)
        assert Counter(self.logged()) == Counter(self.stored())
        hidden = {path.name for path in self.folder.rglob(".*")}
        assert hidden <= {".lock", ".tables.lock", FILE, FOLDER}

    def logged(self):
        """Keys of the finished trials in MLflow."""
        run_command(self.project.root, "sync", "tiny", tracking_uri=self.tracking_uri)
        client = MlflowClient(self.tracking_uri)
        experiment = client.get_experiment_by_name("tiny").experiment_id
        runs = client.search_runs([experiment], "tags.`harness.kind` = 'trial'", max_results=1000)
        return [run.data.tags["key"] for run in runs if run.info.status == "FINISHED"]


def table(study):
    write_frontier(study.folder)
    return pd.read_csv(study.folder / "frontier.csv")


def kill(process, number=signal.SIGKILL):
    """Send a signal to a launcher and return its exit code and words."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def counted(name, found):
    """Print how often a fault was injected, for docs/reliability.md."""
    sys.stdout.write(f"injected: {name}: {json.dumps(dict(found))}\n")
