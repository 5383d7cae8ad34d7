"""What a set of tables was made from: current tables are read, all others refused."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from harness.core.errors import InputError
from harness.core.plugin_files import PluginFolder
from harness.core.records import write_record
from harness.results import budget_table, stamp, tables
from harness.results.budget_table import BUDGET_TABLE, BudgetTable
from harness.results.stamp import STAMP, Stamp, outdated, stage_code, table_set
from harness.results.study_record import read_study_record, write_study_record
from harness.scaffold.new_file import TEMPLATES
from tests.conftest import REPOSITORY
from tests.damage import deleted, replaced_by_a_folder
from tests.made_up import make_study
from tests.records import changed

READERS = {
    tables.FRONTIER: tables.read_frontier,
    tables.INDICES: tables.read_regime_indices,
    tables.SAMPLES: tables.read_samples,
    tables.CLASSES: tables.read_classes,
    tables.ROUTING: tables.read_routing,
    tables.RELIABILITY: tables.read_reliability,
    tables.GATES: tables.read_gates,
    tables.UNDERTRAINING: tables.read_undertraining,
    stamp.TRIALS: tables.read_trials,
    tables.SEEDS: tables.read_seeds,
    tables.HYPERVOLUMES: tables.read_hypervolumes,
    BUDGET_TABLE: budget_table.read_budgets,
}


COLUMNS = (
    *("number", "regime", "key", "class", "configuration", "seed", "static_exit", "trials"),
    *("validation_cost", "validation_accuracy", "test_cost", "validation_hypervolume"),
    *("sample", "exit", "samples", "mean_exit", "replicate", "hypervolume", "share", "overall"),
    *("bin", "confidence", "accuracy", "ece", "epoch", "mean", "low", "high"),
    *("rising", "amount", "p", stamp.SECONDS),
)


def write_tables(folder, number=1):
    """A set of tables that hold nothing but a number, in every column that some table needs."""
    with table_set(folder, read_study_record(folder)) as scratch:
        frame = pd.DataFrame({name: [number] for name in COLUMNS})
        for name in READERS:
            if name.endswith(".parquet"):
                frame.to_parquet(scratch / name)
            elif name.endswith(".csv"):
                frame.to_csv(scratch / name, index=False)
        budgets = BudgetTable(budgets=(float(number),), regimes={}, classes=None)
        write_record(scratch / BUDGET_TABLE, budgets)
        (scratch / tables.METRICS).mkdir()
        (scratch / tables.METRICS / f"regime_{number}.json").write_text("{}")


@pytest.fixture
def written(folder):
    write_tables(folder)
    return folder


def update(folder, **fields):
    write_study_record(folder, changed(read_study_record(folder), **fields))


def more_trials(folder):
    known = read_study_record(folder).configurations
    more = known[0].model_copy(update={"number": len(known), "keys": ("new", "newer")})
    update(folder, configurations=(*known, more))


def retried(folder):
    *known, failed = read_study_record(folder).configurations
    done = failed.model_copy(update={"objectives": (0.5,), "reason": None})
    update(folder, configurations=(*known, done))


CHANGES = {
    "9 trials are recorded, the tables are of 7": more_trials,
    "other trials are recorded": retried,
    r"the study changed \(seeds\)": lambda folder: update(folder, spec={"seeds": [0, 1, 2]}),
    r"the study changed \(policy, regimes\)": lambda folder: update(
        folder, spec={"regimes": {"joint": {}}, "policy": {"name": "margin"}}
    ),
    r"the data changed \(digest eeeeeeeeeeee, the tables are of dddddddddddd\)": lambda folder: (
        update(folder, manifest={"digest": "e" * 32})
    ),
    "the reference point changed": lambda folder: update(
        folder, reference=read_study_record(folder).reference.model_copy(update={"macs": 1.0})
    ),
    "not there yet": lambda folder: (folder / STAMP).unlink(),
    "cannot be read": lambda folder: (folder / STAMP).write_text('{"format": 0}'),
}


@pytest.mark.parametrize("name", READERS)
def test_current_tables_are_read(written, name):
    found = READERS[name](written)
    number = found.budgets[0] if name == BUDGET_TABLE else found["number"].iloc[0]
    assert number == 1


@pytest.mark.parametrize("reason", CHANGES)
@pytest.mark.parametrize("name", [tables.FRONTIER, tables.SEEDS, BUDGET_TABLE])
def test_tables_of_something_else_are_refused_with_what_changed_and_what_to_run(
    written, name, reason
):
    CHANGES[reason](written)
    with pytest.raises(InputError, match=rf"{reason}.*; run `harness frontier made-up`$"):
        READERS[name](written)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_refuses_a_table_that_is_missing_or_was_changed(written, name):
    path = written / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(InputError, match=rf"{name}: changed after it was written; run `harness fr"):
        READERS[name](written)
    path.unlink()
    with pytest.raises(InputError, match=rf"{name}: missing; run `harness frontier made-up`"):
        READERS[name](written)


def test_what_no_table_depends_on_may_change(written):
    update(written, state="interrupted", planned=99, spec={"description": "other", "run_cap": 99})
    assert outdated(written, read_study_record(written)) == ""


def test_tables_of_other_code_are_refused(written, monkeypatch):
    monkeypatch.setattr(stamp, "stage_code", lambda _: "other")
    with pytest.raises(InputError, match="the code that makes them changed; run `harness front"):
        tables.read_frontier(written)


def test_the_last_set_replaces_the_one_before_it_whole(written):
    write_tables(written, 2)
    assert tables.read_frontier(written)["number"].tolist() == [2]
    assert [path.name for path in (written / tables.METRICS).iterdir()] == ["regime_2.json"]
    assert not list(written.glob(".tables/*"))


@pytest.mark.parametrize("name", [STAMP, *READERS])
def test_a_folder_in_the_place_of_a_table_is_refused_and_replaced(written, name):
    replaced_by_a_folder(written / name)
    (written / name / "kept").write_text("")
    read = READERS.get(name, tables.read_frontier)
    with pytest.raises(InputError, match="run `harness frontier made-up`"):
        read(written)
    write_tables(written, 2)
    assert tables.read_frontier(written)["number"].tolist() == [2]


def test_a_file_in_the_place_of_a_folder_of_tables_is_replaced(written):
    deleted(written / tables.METRICS)
    (written / tables.METRICS).write_text("")
    write_tables(written, 2)
    assert [path.name for path in (written / tables.METRICS).iterdir()] == ["regime_2.json"]


@pytest.mark.parametrize("moved", range(len(READERS) + 1))
def test_a_set_that_is_cut_off_among_its_moves_is_refused(written, monkeypatch, moved):
    left, replace = [*range(moved)], Path.replace

    def crash(path, target):
        if Path(target).parent == written and path.parent.name == ".tables":
            if not left:
                raise KeyboardInterrupt
            left.pop()
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            write_tables(written, 2)
    for name, read in READERS.items():
        assert (written / name).exists()
        with pytest.raises(InputError, match="not there yet; run `harness frontier made-up`"):
            read(written)


def test_a_set_whose_making_fails_leaves_the_old_one(written):
    def fail():
        with table_set(written, read_study_record(written)) as scratch:
            (scratch / tables.FRONTIER).write_text("number\n2\n")
            raise InputError("a trial is damaged")

    with pytest.raises(InputError, match="a trial is damaged"):
        fail()
    assert tables.read_frontier(written)["number"].tolist() == [1]


def test_the_seconds_of_the_trainings_alone_may_be_others(written):
    path = written / stamp.TRIALS
    table = pd.read_parquet(path)
    table.assign(**{stamp.SECONDS: 99}).to_parquet(path)
    assert tables.read_trials(written)[stamp.SECONDS].tolist() == [99]
    table.assign(seed=99).to_parquet(path)
    with pytest.raises(InputError, match=r"trials\.parquet: changed after it was written"):
        tables.read_trials(written)


def test_two_stages_do_not_write_at_once(written):
    record = read_study_record(written)
    with (
        table_set(written, record),
        pytest.raises(InputError, match="another `harness frontier` is writing its tables"),
        table_set(written, record),
    ):
        pass


def test_a_stamp_is_the_same_for_the_same_study(tmp_path):
    for name in ("one", "two"):
        write_tables(make_study(tmp_path / name))
    assert (tmp_path / "one" / STAMP).read_text() == (tmp_path / "two" / STAMP).read_text()


@pytest.fixture
def read_files(monkeypatch):
    """The files whose code counts for a policy, relative to the repository."""

    def run(policy):
        found, read = [], Path.read_bytes
        stamp._code.cache_clear()
        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", lambda path: found.append(path) or read(path))
            stage_code(policy)
        return {Path(path).relative_to(REPOSITORY).as_posix() for path in found}

    return run


def test_the_code_that_counts_is_what_the_stage_computes_with(read_files):
    found = read_files("margin")
    assert {
        "harness/analysis/frontier_stage.py", "harness/analysis/scores.py",
        "harness/frontier/pareto.py", "harness/frontier/selections/exact_table.py",
        "harness/metrics/network.py", "harness/policies/predictions.py",
        "harness/policies/margin.py", "harness/core/budgets.py", "harness/results/tables.py",
    } <= found  # fmt: skip
    # The comparison is in a confirmation's metrics; a verdict in words is in no table.
    assert {"harness/analysis/comparison.py", "harness/analysis/recommend.py"} <= found
    assert not {"harness/policies/entropy.py", "harness/analysis/verdict.py"} & found


def test_dvc_runs_the_stage_again_wherever_its_code_counts(read_files):
    stage = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]["frontier"]["do"]
    deps = [dep for dep in stage["deps"] if dep.startswith("harness/")]
    missing = [
        file
        for file in read_files("max_softmax") - {"harness/__init__.py"}
        if not any(f"{file}/".startswith(f"{dep}/") for dep in deps)
    ]
    assert not missing


def test_a_stamp_says_what_its_tables_were_made_from(written):
    found = Stamp.model_validate_json((written / STAMP).read_text())
    record = read_study_record(written)
    assert found.study == record.spec.identity()
    assert (found.data, found.trials) == (record.manifest.digest, 7)
    assert set(found.tables) == {*READERS, f"{tables.METRICS}/regime_1.json"}


def test_tables_follow_the_code_of_a_users_policy(tmp_path, use):
    path = tmp_path / "policies" / "template.py"
    path.parent.mkdir()
    path.write_text((TEMPLATES / "policies" / "template.py").read_text())
    use(PluginFolder.read(tmp_path))
    before = stage_code("template")
    assert before != stage_code("max_softmax")
    path.write_text(path.read_text().replace("** self.power", "** (2 * self.power)"))
    use(PluginFolder.read(tmp_path))
    assert stage_code("template") != before
