import re

import pytest

from harness.core.errors import InputError
from harness.core.settings import OneOf
from harness.core.study_spec import StudySpec
from harness.data.load import task_of_split
from harness.study.checks import check
from harness.study.study_file import difference, read_study
from tests.conftest import REPOSITORY

STUDIES = sorted((REPOSITORY / "studies").glob("*.yaml"))
QUICKSTART = REPOSITORY / "studies" / "quickstart.yaml"


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_every_study_of_the_repository_is_sound(path):
    study = read_study(path)
    check(study, str(path), task_of_split(REPOSITORY / "params.yaml", study.split))
    assert study.name == path.stem


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nonsense": 1}, r"study.yaml: nonsense: no such field. Allowed: name, description"),
        ({"metods": 1}, r"study.yaml: metods: no such field; did you mean 'method'\?"),
        (
            {"thresholds": {"level": 3}},
            r"thresholds: level: no such field; did you mean 'levels'\?",
        ),
        ({"method": "anneal"}, r"method: .*'tpe', 'nsga2'.*found 'anneal'"),
        ({"run_cap": 0}, r"run_cap: .*greater than or equal to 1, found 0"),
        ({"seeds": [1, 1]}, r"seeds: .*seeds must differ, found \[1, 1\]"),
        ({"name": "../up"}, r"name: String should match pattern"),
        ({"regimes__hard_cgt__beta": {"min": 1, "max": 0}}, r"min must lie below max"),
        (
            {"regimes__hard_cgt__beta": {"min": 0, "max": 1, "distribution": "log_uniform_values"}},
            r"a log distribution needs min > 0",
        ),
        ({"metrics": []}, r"metrics: .*at least 1 item"),
        ({"metrics": [{"name": "cost", "goal": "minimize"}] * 2}, r"metrics must differ"),
        ({"thresholds": {"min": 0.9, "max": 0.3}}, r"thresholds: min must lie below max"),
        ({"run_cap": 10**7}, r"run_cap: .*less than or equal to 1000000"),
        (
            {"regimes": {"joint": None}},
            r"regimes.joint: .*mapping, found None; write {} for an empt",
        ),
    ],
)
def test_faults_of_the_file_are_named_in_one_line(written, changes, message):
    with pytest.raises(InputError, match=message) as raised:
        read_study(written(**changes))
    assert len(str(raised.value).splitlines()) == 1


FORMS = r"Write a value, {value: x}, {values: \[x, y\]} or {min: a, max: b, distribution: uniform}"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("{min: 1}", r"max: Field required"),
        ("{min: 1, max: x}", r"max: Input should be a valid number, found 'x'"),
        ("{min: 1, mox: 2}", r"mox: no such field; did you mean 'max'\? Allowed: min, max, distr"),
        ("{min: 1, max: 2, distribution: normal}", r"distribution: .*'q_uniform', found 'normal'"),
        ("{}", FORMS),
        ("null", FORMS),
        ("{distribution: uniform}", FORMS),
        ("{values: [0.1, null]}", r"values: null is no value of any parameter; write the value"),
        ("{values: [1e-3, weak]}", r"values must be of one kind, found numbers and texts"),
        ("{values: [1, true]}", r"values must be of one kind, found numbers and true or false"),
        ("{values: [1, 1.0]}", r"values must differ, found \[1, 1.0\]"),
        ("{values: 1}", r"values: Input should be a valid list, found 1"),
        ("[0.1, [0.2]]", r".1: .*found \[0.2\]"),
        ("{min: 0, max: 1, q: 0.1}", r"q goes with `distribution: q_uniform`"),
        ("{min: 0, max: 1, step: 2}", r"a step of 2.0 is wider than the range"),
        ("{min: 1, max: 2, distribution: log_uniform_values, step: 0.1}", r"takes no step"),
    ],
)
def test_a_wrong_setting_has_one_line_with_the_forms_allowed(setting, message):
    with pytest.raises(
        InputError, match=rf"quickstart.yaml: regimes.hard_cgt.beta.*{message}"
    ) as e:
        read_study(QUICKSTART, [f"regimes.hard_cgt.beta={setting}"])
    assert len(str(e.value).splitlines()) == 1
    assert "function-after" not in str(e.value)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("run_cap='3'", r"run_cap: .*valid integer, found '3'; a number stands without quotes"),
        ("run_cap=3.0", r"run_cap: .*valid integer, found 3.0; write 3"),
        ("run_cap=true", r"run_cap: .*valid integer, found True"),
        ("seeds=[-1]", r"seeds.0: .*greater than or equal to 0, found -1"),
        ("seeds=[4294967296]", r"seeds.0: .*less than 4294967296"),
        ("seeds=[1.0]", r"seeds.0: .*valid integer, found 1.0"),
        ("time_cap_minutes='5'", r"time_cap_minutes: .*valid number, found '5'"),
        ("description=3", r"description: .*valid string, found 3"),
        ("run_cap=1\nrun_cap: 2", r"--set run_cap=1.*not valid YAML"),
        ("training={epochs: 1, epochs: 2}", r"'epochs' is given twice, in lines 1 and 1"),
    ],
)
def test_no_value_is_converted(assignment, message):
    with pytest.raises(InputError, match=re.compile(message, re.DOTALL)):
        read_study(QUICKSTART, [assignment])


def test_the_forms_of_wandb_are_read():
    settings = {
        "{value: 64}": 64,
        "{value: [0.1, 0.2]}": (0.1, 0.2),
        "{value: 64, distribution: constant}": 64,
        "{values: [1e-3, 0.01]}": OneOf(values=(0.001, 0.01)),
        "{values: [1, 2], distribution: categorical}": OneOf(values=(1, 2)),
    }
    for written, meant in settings.items():
        study = read_study(QUICKSTART, [f"regimes.hard_cgt.beta={written}"])
        assert study.regimes["hard_cgt"]["beta"] == meant
        assert StudySpec.model_validate_json(study.model_dump_json()) == study
    one = read_study(QUICKSTART, ["training.epochs={value: 15}"])
    assert one.identity() == read_study(QUICKSTART).identity()


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(InputError, match="no such study file"):
        read_study(tmp_path / "none.yaml")
    for content, message in (("a: [", "not valid YAML"), ("- 1", "is a mapping, found list")):
        (tmp_path / "bad.yaml").write_text(content)
        with pytest.raises(InputError, match=message):
            read_study(tmp_path / "bad.yaml")


def test_assignments_change_single_fields():
    study = read_study(QUICKSTART, ["training.epochs=3", "seeds=[4]", "regimes.joint.eps=0.1"])
    assert study.training["epochs"] == 3
    assert study.seeds == (4,)
    assert study.regimes["joint"]["eps"] == 0.1
    for assignment in ("epochs", "name.first=1"):
        with pytest.raises(InputError, match=f"--set {assignment}"):
            read_study(QUICKSTART, [assignment])


@pytest.mark.parametrize("assignment", ["\udcff=1", "training.\udcff=1", "name=\udcff"])
def test_assignments_of_bytes_that_are_no_text_are_refused(assignment):
    with pytest.raises(InputError, match=r"--set .*: not UTF-8"):
        read_study(QUICKSTART, [assignment])


def test_yaml_cannot_run_code(tmp_path):
    (tmp_path / "evil.yaml").write_text("name: !!python/object/apply:os.getcwd []")
    with pytest.raises(InputError, match=r"line 1: .*os.getcwd is not allowed"):
        read_study(tmp_path / "evil.yaml")


def test_the_order_of_regimes_is_part_of_a_study_s_identity():
    one, two = (
        read_study(QUICKSTART, [f"regimes={{{order}}}"])
        for order in ("joint: {}, mixed: {}", "mixed: {}, joint: {}")
    )
    assert difference(one.identity(), two.identity())


def test_budgets_are_no_part_of_a_study_s_identity():
    one, two = read_study(QUICKSTART), read_study(QUICKSTART, ["run_cap=500", "description=x"])
    assert one.identity() == two.identity()
    other = read_study(QUICKSTART, ["training.epochs=99"])
    assert "+  epochs: 99" in difference(one.identity(), other.identity())
