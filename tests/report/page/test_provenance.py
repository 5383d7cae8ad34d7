"""What numbers rest on, of one study and of several."""

import pandas as pd

from harness.analysis.pairs import seed_tables
from harness.report.page.provenance import provenance, side_by_side
from harness.results import study_record
from harness.results.study_record import Reference
from tests.records import changed


def values(frame):
    return dict(zip(frame["what"], frame["value"], strict=True))


def test_it_says_how_network_and_training_were_set(seeded):
    tables = seed_tables(seeded)
    spec = {
        "backbone": {"name": "image_cnn", "parameters": {"widths": [8, 16], "pool": 2}},
        "training": {
            "epochs": 5,
            "learning_rate": {"min": 0.001, "max": 0.02},
            "optimizer": {"values": ["adamw", "sgd"]},
        },
    }
    record = changed(tables.record, spec=spec, reference=Reference(macs=12345.0, score=0.25))
    said = values(provenance(record, tables))
    assert said["network"] == "image_cnn: widths [8, 16], pool 2"
    assert said["training"] == "epochs 5, learning_rate 0.001 to 0.02, optimizer one of adamw, sgd"
    assert said["full static network"] == "12,345 MACs per sample (cost 1)"
    assert said["hypervolumes count from"] == "accuracy 0.2500, the majority class's"
    assert "fresh seeds" not in said


def test_a_regression_counts_from_the_mean(seeded):
    tables = seed_tables(seeded)
    reference = Reference(macs=90.0, score=0.0, rmse=77.0812)
    record = changed(tables.record, manifest={"task": "regression"}, reference=reference)
    said = values(provenance(record, tables))
    assert said["hypervolumes count from"] == "R² 0, the training mean's, whose RMSE is 77.08"


def test_fresh_seeds_have_lines_of_their_own(reported_fresh):
    record = study_record.read_study_record(reported_fresh.folder)
    said = values(provenance(record, seed_tables(reported_fresh.folder)))
    assert said["searched seeds"] == "[0, 1]"
    assert said["fresh seeds"] == "[1000, 1001, 1002, 1003, 1004, 1005, 1006]"
    assert said["training"] == "defaults"


def test_side_by_side_a_line_that_a_study_lacks_is_empty():
    one = pd.DataFrame({"what": ["data", "seeds"], "value": ["digits", "[0]"]})
    other = pd.DataFrame({"what": ["data", "fresh seeds"], "value": ["pines", "[1]"]})
    found = side_by_side({"a": one, "b": other})
    assert list(found) == ["what", "a", "b"]
    rows = {row.what: (row.a, row.b) for row in found.itertuples()}
    expected = {"data": ("digits", "pines"), "seeds": ("[0]", ""), "fresh seeds": ("", "[1]")}
    assert rows == expected
