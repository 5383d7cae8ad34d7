"""Regimes compared on made-up trials."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from harness.analysis.comparison import regime_table
from harness.analysis.evaluation import evaluations, every_policy, of_study
from harness.analysis.frontier_stage import write_frontier
from harness.analysis.frontiers import validation_points
from harness.analysis.pairs import seed_tables
from harness.analysis.policy_comparison import (
    EvaluationChoice,
    policy_comparison,
    policy_evaluations,
)
from harness.core.errors import InputError
from harness.frontier.cost_axis import CostAxis, macs
from harness.policies.predictions import apply_policy
from harness.report.evaluation_sheets import evaluation_sheets
from harness.results import study_record, trials
from harness.results.confirmation import confirmation_folder, read_confirmed
from harness.results.sealed import read_test
from harness.results.tables import records
from tests.records import changed


@pytest.fixture
def record(folder):
    return study_record.read_study_record(folder)


def compared(folder, record, policies=(), selection="exact_table", calibrated=False, axis=None):
    found = evaluations(record, policies, selection, calibrated, axis or macs(record))
    seen = []
    table = policy_comparison(folder, record, found, seen.append)
    assert seen == list(found)
    return table


def test_the_studys_own_policy_gives_the_frontier_stages_figures(folder, record):
    _, indices = write_frontier(folder)
    table = compared(folder, record).set_index("regime")
    for row in indices.itertuples():
        assert table.loc[row.regime, "test_hypervolume"] == row.test_hypervolume
        assert table.loc[row.regime, "test_accuracy_at_50"] == row.test_accuracy_at_50


def test_gain_is_against_joint_under_the_same_policy(folder, record):
    table = compared(folder, record, ("max_softmax", "entropy"))
    assert len(table) == 6
    for _, rows in table.groupby("policy"):
        joint = rows.loc[rows["regime"] == "joint", "test_hypervolume"].item()
        assert np.allclose(rows["gain"], rows["test_hypervolume"] - joint)
        assert rows["test_hypervolume"].is_monotonic_decreasing


def test_every_policy_applies_to_networks_without_gates(folder, record):
    names = every_policy(folder, record)
    assert "learned_gate" not in names
    table = compared(folder, record, names)
    assert set(table["policy"]) == set(names)
    assert table["test_hypervolume"].between(0, 1).all()


def test_a_policy_that_needs_gates_is_refused_where_no_network_has_any(folder, record):
    with pytest.raises(InputError, match="no network with gate heads"):
        compared(folder, record, ("learned_gate",))


def with_gates(logits):
    predicted = np.argmax(logits.values, axis=-1)
    return dataclasses.replace(logits, gates=(predicted == logits.labels).astype(np.float32))


def test_only_networks_with_gates_are_evaluated(folder, record):
    key = record.configurations[0].keys[0]
    result, test = trials.read_trial(folder, key), read_test(folder, key)
    trials.keep_only(folder, set(trials.stored_keys(folder)) - {key})
    gated = dataclasses.replace(result, validation=with_gates(result.validation))
    trials.write_trial(folder, gated, {}, with_gates(test))
    assert "learned_gate" in every_policy(folder, record)
    assert compared(folder, record, ("learned_gate",))["regime"].tolist() == ["joint"]


def test_another_cost_axis_changes_costs_and_not_the_routing(folder, record):
    doubled = CostAxis("latency", 1.0, lambda result: result.costs.macs / 90.0)
    table, same = compared(folder, record, axis=doubled), compared(folder, record)
    assert np.allclose(table["test_hypervolume"], same["test_hypervolume"])
    costly = CostAxis("latency", 1.0, lambda result: np.ones(len(result.costs.macs)))
    assert (compared(folder, record, axis=costly)["test_hypervolume"] == 0).all()


def test_calibration_leaves_the_best_thresholds_of_max_softmax_comparable(folder, record):
    plain, scaled = compared(folder, record), compared(folder, record, calibrated=True)
    merged = plain.merge(scaled, on="regime")
    assert np.allclose(merged["test_hypervolume_x"], merged["test_hypervolume_y"], atol=0.1)


def test_policies_that_no_temperature_changes_are_left_out_or_refused(folder, record):
    choice = EvaluationChoice(policies=("all",), calibrated=True)
    assert set(every_policy(folder, record)) - set(
        every_policy(folder, record, calibrated=True)
    ) == {"patience"}
    assert "patience" not in policy_evaluations(folder, record, choice)
    with pytest.raises(InputError, match="policy patience: calibrated: a temperature changes no"):
        policy_evaluations(
            folder, record, EvaluationChoice(policies=("patience",), calibrated=True)
        )


def test_thresholds_that_the_study_searched_are_its_own_policys_alone(folder, record):
    searched = tuple(c.model_copy(update={"thresholds": (0.7,)}) for c in record.configurations)
    fixed = record.model_copy(update={"configurations": searched})
    pd.testing.assert_frame_equal(compared(folder, fixed), compared(folder, record))


def test_unknown_names_are_refused(record):
    with pytest.raises(InputError, match="unknown name 'nonsense' in policies"):
        evaluations(record, ("nonsense",), "exact_table", False, macs(record))
    with pytest.raises(InputError, match="unknown name 'nonsense' in selections"):
        evaluations(record, (), "nonsense", False, macs(record))


def test_selections_and_foreign_policies_take_parameters(record):
    asked = ("margin:{calibrated: true}", "margin", "predicted_precision")
    found = evaluations(record, asked, "risk_control:{epsilons: [0.02], procedure: ltt}", False,
                        macs(record))  # fmt: skip
    assert tuple(found) == asked
    assert [each.policy.calibrated for each in found.values()] == [True, False, False]
    (selection,) = {each.selection for each in found.values()}
    assert (selection.epsilons, selection.procedure, selection.delta) == ((0.02,), "ltt", 0.1)


def test_a_policy_without_parameters_has_the_studys_where_it_is_the_studys(record):
    own = changed(record, spec={"policy": {"name": "margin", "parameters": {"calibrated": True}}})
    found = evaluations(own, ("margin", "margin:{}", "entropy"), "exact_table", False, macs(own))
    assert [each.policy.calibrated for each in found.values()] == [True, False, False]
    (own_policy,) = evaluations(own, (), "exact_table", False, macs(own)).values()
    assert own_policy.policy.calibrated


@pytest.mark.parametrize(
    ("policy", "selection", "message"),
    [
        ("max_softmax", "risk_control:{epsilon: [0.02]}", "selection risk_control: epsilon: "),
        ("max_softmax", "risk_control:{delta: 2}", "selection risk_control: delta: .* 0.5"),
        ("max_softmax", "risk_control: 0.02", "selection risk_control: 0.02: parameters are writ"),
        ("max_softmax", "risk_control:{", "selection risk_control:{: line 1: not valid YAML"),
        ("max_softmax:{scale: 2}", "exact_table", "policy max_softmax: scale: "),
        ("a b", "exact_table", "unknown name 'a b' in policies"),
    ],
)
def test_parameters_that_are_not_allowed_are_refused(record, policy, selection, message):
    with pytest.raises(InputError, match=message):
        evaluations(record, (policy,), selection, False, macs(record))


def test_records_are_plain_data():
    frame = pd.DataFrame({"a": [1.5, float("nan")], "b": ["x", None]})
    assert records(frame) == [{"a": 1.5, "b": "x"}, {"a": None, "b": None}]


def test_the_studys_own_evaluation(record):
    own = of_study(record)
    assert type(own.policy).__name__ == "MaxSoftmax"
    assert own.axis.reference == 90.0


def test_a_guarantee_is_given_on_a_calibration_part_alone(folder, calibrated):
    words = {}
    for study in (folder, calibrated):
        record = study_record.read_study_record(study)
        table = compared(study, record, selection="risk_control")
        words[study] = table["guarantee"].unique().tolist()
        sheets = evaluation_sheets([table], EvaluationChoice(selection="risk_control"))
        assert f"Guarantee in {record.name}: {words[study][0]}." in sheets.sheets[0].note
        assert "guarantee" in sheets.numbers
    assert words[folder] == ["none: no calibration part, networks were chosen on the same samples"]
    assert words[calibrated] == [
        "of each network and level by itself; none of a frontier that picks among networks"
    ]
    assert "guarantee" not in compared(folder, study_record.read_study_record(folder))


def test_each_selection_and_policy_sees_the_part_that_it_may(calibrated):
    """A guarantee has the calibration part for itself; other policies are fitted on it."""
    record = study_record.read_study_record(calibrated)
    result = trials.read_trial(calibrated, record.configurations[0].keys[0])
    for selection, fit_on in (("exact_table", "calibration"), ("risk_control", "validation")):
        (own,) = evaluations(record, ("per_class",), selection, False, macs(record)).values()
        found = own.predict(result, result.validation)
        expected = apply_policy(own.policy, result.validation, getattr(result, fit_on))
        assert np.array_equal(found.confidence, expected.confidence)
    (own,) = evaluations(record, (), "risk_control", False, macs(record)).values()
    chosen = validation_points(calibrated, record, own)
    key = result.spec.key
    on_calibration = own.selection.select(
        own.predict(result, result.calibration), result.costs.macs
    )
    assert chosen.loc[chosen["key"] == key, "threshold_1"].tolist() == on_calibration[:, 0].tolist()


@pytest.fixture(scope="module")
def on_fresh_seeds(judged):
    """The made-up study's fresh seeds under two policies."""
    folder = confirmation_folder(judged)
    return compared(folder, read_confirmed(judged), ("max_softmax", "margin"))


def test_fresh_seeds_under_the_studys_own_policy_have_the_figures_of_its_tables(
    judged, on_fresh_seeds
):
    wanted = regime_table(seed_tables(judged)).set_index("regime")
    own = on_fresh_seeds[on_fresh_seeds["policy"] == "max_softmax"].set_index("regime")
    assert own["fresh"].all()
    names = {"test_hypervolume": "hypervolume", "test_best_accuracy": "best_accuracy"}
    for column in ("gain", "gain_low", "gain_high", "p_holm", "seeds", "test_accuracy_at_50"):
        names[column] = column.removeprefix("test_")
    for column, name in names.items():
        found = own[column].to_numpy(float)
        assert np.allclose(found, wanted.loc[own.index, name].to_numpy(float), equal_nan=True)


def test_fresh_seeds_and_searched_seeds_make_sheets_of_their_own(judged, on_fresh_seeds):
    searched = study_record.read_study_record(judged)
    pooled = compared(judged, searched, ("max_softmax",))
    made = evaluation_sheets([on_fresh_seeds, pooled], EvaluationChoice())
    assert len(made.numbers) == len(on_fresh_seeds) + len(pooled)
    fresh, exploratory = made.sheets
    assert fresh.title.endswith("over fresh seeds")
    assert "means over the fresh seeds" in fresh.note
    row = on_fresh_seeds.iloc[0]
    cell = fresh.text["gain [95%]"].iloc[0]
    assert cell == f"{row.gain:.4f} [{row.gain_low:.4f}, {row.gain_high:.4f}]"
    assert exploratory.title.endswith("over searched seeds (exploratory)")
    assert not any("95%" in head or "Holm" in head for head in exploratory.text)


def test_the_studys_own_grid_is_that_of_all_policies(record):
    narrow = changed(record, spec={"thresholds": {"levels": 7}})
    choice = EvaluationChoice(policies=("max_softmax", "entropy"))
    found = policy_evaluations(Path(), narrow, choice)
    assert {each.selection.levels for each in found.values()} == {7}
    wide = policy_evaluations(
        Path(), narrow, dataclasses.replace(choice, selection="exact_table:{levels: 9}")
    )
    assert {each.selection.levels for each in wide.values()} == {9}
