"""optuna-dashboard opens a study, in a journal file or a database, and names what it shows."""

import io
import json
from wsgiref.util import setup_testing_defaults

import pytest

from harness.results.study_record import JOURNAL
from harness.study.journal import Journal
from harness.study.memory import Memory
from harness.study.plan import plan
from harness.study.proposer import finished, propose
from harness.study.storages.journal_file import JournalFile
from harness.study.storages.postgresql import held_database
from tests.made_up import MANIFEST
from tests.records import record_of

dashboard = pytest.importorskip("optuna_dashboard")

WIDTHS = {"values": [[4, 8], [4, 8, 16]]}
RECORD = record_of(
    MANIFEST,
    name="shown",
    method="random",
    backbone={"name": "image_cnn", "parameters": {"widths": WIDTHS, "exits": 2}},
    training={"learning_rate": {"min": 0.001, "max": 0.1}},
    regimes={"joint": {"preset": {"values": ["uniform", "linear_ramp"]}}},
)


def fill(folder, storage):
    journal = Journal(folder, RECORD, storage)
    turn = plan(RECORD.spec)[0]
    proposal = propose(RECORD.spec, RECORD.trained_on, turn, Memory(RECORD.spec))
    journal.add(turn.regime, finished(proposal, (0.5,), None))
    return journal.configurations()[0]


def ask(app, path):
    request = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}
    setup_testing_defaults(request)
    return json.loads(b"".join(app(request, lambda *_: None)))


def check_shown(app, configuration):
    (study,) = ask(app, "/api/studies")["study_summaries"]
    assert study["study_name"] == "shown/joint"
    found = ask(app, f"/api/studies/{study['study_id']}")
    assert found["objective_names"] == ["hypervolume"]
    (trial,) = found["trials"]
    shown = {each["name"]: each["param_external_value"] for each in trial["params"]}
    assert shown == {name: str(value) for name, value in configuration.parameters.items()}
    assert shown["regime.preset"] in {"uniform", "linear_ramp"}
    assert json.loads(shown["backbone.widths"]) in WIDTHS["values"]
    assert 0.001 <= float(shown["training.learning_rate"]) <= 0.1


def test_a_journal_is_shown(tmp_path):
    storage = JournalFile(tmp_path / JOURNAL)
    configuration = fill(tmp_path, storage)
    check_shown(dashboard.wsgi(storage.backend()), configuration)


def test_a_database_is_shown_by_the_address_that_a_launch_takes(tmp_path, database):
    with held_database(database.url, "shown", lambda: None) as storage:
        configuration = fill(tmp_path, storage)
    address = database.url.replace("postgresql://", "postgresql+psycopg://")
    check_shown(dashboard.wsgi(address), configuration)
