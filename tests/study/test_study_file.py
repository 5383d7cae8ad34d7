import json

import pytest
import yaml

from harness.core.errors import InputError
from harness.core.study_spec import StudySpec
from harness.data.load import task_of_split
from harness.study.space import check
from harness.study.study_file import difference, read_study
from tests.conftest import REPOSITORY

STUDIES = sorted((REPOSITORY / "studies").glob("*.yaml"))
QUICKSTART = REPOSITORY / "studies" / "quickstart.yaml"


@pytest.fixture
def written(tmp_path):
    """Writes a changed copy of the quickstart."""

    def write(**changes):
        plain = yaml.safe_load(QUICKSTART.read_text())
        for dotted, value in changes.items():
            section = plain
            *parents, last = dotted.split("__")
            for parent in parents:
                section = section[parent]
            section[last] = value
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump(plain))
        return path

    return write


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_every_study_of_the_repository_is_sound(path):
    study = read_study(path)
    check(study, str(path), task_of_split(REPOSITORY / "params.yaml", study.split))
    assert study.name == path.stem


@pytest.mark.parametrize(
    "name",
    [
        "diabetes",
        "fashion_mnist",
        "indian_pines",
        "indian_pines_bands",
        "indian_pines_graph",
        "quickstart",
    ],
)
def test_our_own_studies_compare_many_regimes(name):
    study = read_study(REPOSITORY / "studies" / f"{name}.yaml")
    assert len(study.regimes) >= 5
    assert study.run_cap >= 24


def test_the_published_schema_is_the_current_one():
    published = json.loads((REPOSITORY / "studies" / "study.schema.json").read_text())
    assert published == StudySpec.model_json_schema()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nonsense": 1}, r"study.yaml: nonsense: Extra inputs are not permitted, found 1"),
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
    ],
)
def test_faults_of_the_file_are_named(written, changes, message):
    with pytest.raises(InputError, match=message):
        read_study(written(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regimes__jont": {}}, r"unknown name 'jont' in regimes"),
        ({"regimes__hard_cgt__beta": {"min": 0, "max": 3}}, r"regimes.hard_cgt: beta: .*found 3.0"),
        ({"regimes__joint__preset": {"values": ["uniform", "flat"]}}, r"preset: .*found 'flat'"),
        ({"regimes__hard_cgt__tau": [0.5]}, r"tau: 1 values for 2 exits, found \[0.5\]"),
        ({"training__epoch": 3}, r"training: epoch: Unexpected keyword"),
        ({"backbone__name": "no_such"}, r"unknown name 'no_such' in backbones"),
        ({"method": "grid"}, r"method: grid: training.learning_rate is a continuous range"),
    ],
)
def test_faults_of_plug_ins_are_found_before_training(written, changes, message):
    with pytest.raises(InputError, match=message):
        check(read_study(written(**changes)), "study.yaml")


REGRESSION = {"policy": {"name": "predicted_precision"}, "split": "diabetes"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regimes": {"distilled": {}}}, r"regimes: distilled is not for regression; these are: "),
        ({"regimes": {"learned_gate": {}}}, r"learned_gate is not for regression; .*soft_cgt"),
        ({"policy": {}}, r"policy: max_softmax is not for regression; these are: .*predicted_prec"),
        ({"regimes": {"cgt_official": {}}}, r"regimes: cgt_official is not for regression; these"),
        ({"regimes": {"joint": {"label_smoothing": {"min": 0.0, "max": 0.2}}}}, r"found 0.2"),
    ],
)
def test_what_is_not_for_real_values_is_found_before_training(written, changes, message):
    study = read_study(written(**{**REGRESSION, **changes}))
    with pytest.raises(InputError, match=message):
        check(study, "study.yaml", "regression")


def test_what_is_for_real_values_alone_is_refused_for_classes(written):
    study = read_study(written(policy={"name": "predicted_precision"}))
    with pytest.raises(InputError, match="policy: predicted_precision is not for classification"):
        check(study, "study.yaml")
    regimes = {"boosted": {}, "meta_weighted": {}}
    check(read_study(written(**REGRESSION, regimes=regimes)), "study.yaml", "regression")


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


def test_yaml_cannot_run_code(tmp_path):
    (tmp_path / "evil.yaml").write_text("name: !!python/object/apply:os.getcwd []")
    with pytest.raises(InputError, match="not valid YAML"):
        read_study(tmp_path / "evil.yaml")


def test_budgets_are_no_part_of_a_study_s_identity():
    one, two = read_study(QUICKSTART), read_study(QUICKSTART, ["run_cap=500", "description=x"])
    assert one.identity() == two.identity()
    other = read_study(QUICKSTART, ["training.epochs=99"])
    assert "+  epochs: 99" in difference(one.identity(), other.identity())
