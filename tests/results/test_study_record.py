"""The record of a study and its configurations, written and read back."""

import json
import os

import pytest

from harness.core.errors import DataError, InputError
from harness.core.result_format import RESULT_FORMAT
from harness.core.study_spec import StudySpec
from harness.results import study_record
from harness.results.launch_lock import only_launch
from harness.results.study_record import (
    CONFIGURATIONS,
    RECORD,
    Configuration,
    append_configuration,
    read_study_record,
    whole_configurations,
    write_study_record,
)
from tests.made_up import MANIFEST
from tests.records import SPEC, record_of


def configuration(number, objectives=(0.5,)):
    return Configuration(
        number=number,
        regime="joint",
        parameters={"regime.beta": 1.0, "regime.h": "logistic", "training.epochs": 3},
        keys=("k",),
        thresholds=None,
        objectives=objectives,
        reason=None if objectives else "went wrong",
    )


def test_what_was_written_and_appended_is_read(tmp_path):
    record = record_of(MANIFEST).model_copy(update={"configurations": (configuration(0),)})
    write_study_record(tmp_path, record)
    append_configuration(tmp_path, configuration(1, None))
    found = read_study_record(tmp_path)
    assert found.configurations == (configuration(0), configuration(1, None))
    assert repr(found.configurations[0].parameters) == repr(configuration(0).parameters)
    assert found.recorded == 1
    assert found.model_copy(update={"configurations": (), "recorded": 0}) == record_of(MANIFEST)
    assert [c.number for c in found.succeeded()] == [0]
    assert [c.number for c in found.failed()] == [1]
    assert "configurations" not in json.loads((tmp_path / RECORD).read_text())


def test_configurations_are_read_again_once_their_file_changed(tmp_path):
    """By its content: neither its size nor its time need tell."""
    done = (configuration(0), configuration(1))
    write_study_record(tmp_path, record_of(MANIFEST).model_copy(update={"configurations": done}))
    first = read_study_record(tmp_path).configurations
    assert read_study_record(tmp_path).configurations is first
    path = tmp_path / CONFIGURATIONS
    before = path.stat()
    path.write_text(path.read_text().replace("[0.5]", "[0.7]"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    found = read_study_record(tmp_path)
    assert [each.objectives for each in found.configurations] == [(0.7,), (0.7,)]
    assert (
        found.recorded_digest()
        != record_of(MANIFEST).model_copy(update={"configurations": first}).recorded_digest()
    )


def test_a_study_that_no_launch_holds_is_not_running(tmp_path):
    write_study_record(tmp_path, record_of(MANIFEST).model_copy(update={"state": "running"}))
    with only_launch(tmp_path):
        assert read_study_record(tmp_path).state == "running"
    assert read_study_record(tmp_path).state == "interrupted"


def test_an_infinite_objective_survives(tmp_path):
    done = (configuration(0, (float("inf"), -1.0)),)
    write_study_record(tmp_path, record_of(MANIFEST).model_copy(update={"configurations": done}))
    assert read_study_record(tmp_path).configurations == done


def test_a_line_that_is_still_being_written_does_not_count(tmp_path):
    write_study_record(tmp_path, record_of(MANIFEST))
    append_configuration(tmp_path, configuration(0))
    with (tmp_path / CONFIGURATIONS).open("a") as stream:
        stream.write('{"number": 1, "reg')
    assert [c.number for c in read_study_record(tmp_path).configurations] == [0]


def test_damage_is_named(tmp_path):
    with pytest.raises(InputError, match=r"study\.json: no such study; `harness launch` makes it"):
        read_study_record(tmp_path)
    write_study_record(tmp_path, record_of(MANIFEST))
    (tmp_path / CONFIGURATIONS).write_text('{"number": "one"}\n')
    with pytest.raises(InputError, match=r"configurations\.jsonl: line 1: number: "):
        read_study_record(tmp_path)
    (tmp_path / CONFIGURATIONS).unlink()
    with pytest.raises(
        InputError, match=r"configurations\.jsonl: no such file; launch the study again"
    ):
        read_study_record(tmp_path)
    (tmp_path / RECORD).write_text("{")
    with pytest.raises(InputError, match=r"study\.json: .*JSON"):
        read_study_record(tmp_path)


@pytest.mark.parametrize(
    ("plain", "found"),
    [
        ({"name": "s", "told": [1], "spec": {}}, 2),
        ({"format": RESULT_FORMAT + 1, "new": 0}, RESULT_FORMAT + 1),
    ],
)
def test_a_record_of_another_format_says_in_a_line_how_to_go_on(tmp_path, plain, found):
    (tmp_path / RECORD).write_text(json.dumps(plain))
    with pytest.raises(InputError) as caught:
        read_study_record(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / RECORD}: format {found}, this version reads {RESULT_FORMAT}: "
        "`harness launch` the study with --restart"
    )


def test_a_study_without_results_is_not_finished(tmp_path):
    write_study_record(tmp_path, record_of(MANIFEST))
    with pytest.raises(InputError, match=r"no configuration has a result yet \(state: done\)"):
        study_record.read_finished(tmp_path)


@pytest.mark.parametrize(
    ("regimes", "named", "expected"),
    [
        ({"joint": {}, "mixed": {}}, {}, "joint"),
        ({"mixed": {}, "joint": {}}, {"baseline": "mixed"}, "mixed"),
        ({"mixed": {}, "hard_cgt": {}}, {}, "mixed"),
    ],
)
def test_the_baseline_is_named_or_joint_or_the_first_regime(regimes, named, expected):
    study = StudySpec.model_validate({**SPEC, "regimes": regimes, **named})
    assert study.baseline == expected
    assert StudySpec.model_validate_json(study.model_dump_json()) == study
    assert "baseline" not in study.identity()


def test_a_baseline_that_is_no_regime_of_the_study_is_refused():
    with pytest.raises(ValueError, match=r"soft_cgt is not one of the regimes \(joint, hard_cgt"):
        StudySpec.model_validate({**SPEC, "baseline": "soft_cgt"})


def test_versions_are_those_of_all_trials_and_shown_where_they_differ():
    one = record_of(MANIFEST).model_copy(update={"versions": {}})
    one = one.seen_with({"torch": "2.12", "numpy": "2.0"})
    assert "torch" not in one.caption
    both = one.seen_with({"torch": "2.13", "numpy": "2.0"}).seen_with({"torch": "2.12"})
    assert both.versions == {"torch": ("2.12", "2.13"), "numpy": ("2.0",)}
    assert both.caption == f"{one.caption} · torch 2.12, 2.13"


def test_of_a_damaged_list_the_whole_lines_are_kept(tmp_path):
    assert whole_configurations(tmp_path) == ()
    write_study_record(tmp_path, record_of(MANIFEST))
    for number in range(3):
        append_configuration(tmp_path, configuration(number))
    path = tmp_path / CONFIGURATIONS
    lines = path.read_text().splitlines(keepends=True)
    assert whole_configurations(tmp_path) == tuple(map(configuration, range(3)))
    path.write_text(lines[0] + "{\n" + lines[2])
    assert whole_configurations(tmp_path) == (configuration(0),)
    path.write_text(lines[0] + lines[2])
    assert whole_configurations(tmp_path) == (configuration(0),)
    with pytest.raises(DataError, match=r"not numbered from 0 on; launch the study again"):
        read_study_record(tmp_path)


def test_a_list_that_lost_its_end_is_damaged(tmp_path):
    known = tuple(map(configuration, range(3)))
    write_study_record(tmp_path, record_of(MANIFEST).model_copy(update={"configurations": known}))
    path = tmp_path / CONFIGURATIONS
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    with pytest.raises(DataError, match=r"it holds 2 of 3 configurations; launch the study again"):
        read_study_record(tmp_path)
