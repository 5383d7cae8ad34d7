import dataclasses

import pytest

from harness.core.errors import InputError
from harness.core.types import DataShape
from harness.study import checks
from harness.study.checks import check, check_networks, network_notes, stacking_notes, window_notes
from harness.study.study_file import read_study
from harness.training import stackable


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"regimes__jont": {}}, r"unknown name 'jont' in regimes"),
        ({"regimes__hard_cgt__beta": {"min": 0, "max": 3}}, r"regimes.hard_cgt: beta: .*found 3.0"),
        ({"regimes__joint__preset": {"values": ["uniform", "flat"]}}, r"preset: .*found 'flat'"),
        ({"regimes__hard_cgt__tau": [0.5]}, r"tau: 1 values for 2 exits, found \[0.5\]"),
        ({"training__epoch": 3}, r"training: epoch: no such field; did you mean 'epochs'\?"),
        ({"backbone__name": "no_such"}, r"unknown name 'no_such' in backbones"),
        ({"method": "grid"}, r"method: grid: training.learning_rate is a continuous range"),
        ({"training__batch_size": {"min": 0.5, "max": 8}}, r"batch_size: takes whole numbers"),
        ({"training__batch_size": 64.0}, r"training: batch_size: .*integer, found 64.0; write 64"),
        ({"training__epochs": "15"}, r"training: epochs: .*integer, found '15'"),
        ({"regimes__joint__normalise": 1}, r"joint: normalise: .*valid boolean, found 1"),
        ({"regimes__hard_cgt__tau": {"values": [0.5, 3.0]}}, r"hard_cgt: tau: .*found 3.0"),
        ({"training__limit": {"values": [0, 1.5]}}, r"limit: .*valid integer, found 1.5"),
        ({"backbone__parameters__kernel": 3}, r"kernel: no such field"),
        ({"backbone__parameters__exits": {"min": 1, "max": 4}}, r"4 exits need as many blocks"),
        ({"thresholds": {"levels": 20000}}, r"thresholds.levels: .*at most 10000 levels"),
        (
            {"policy": {"name": "learned_gate"}},
            r"learned_gate reads gate heads, which networks of regime .* lack",
        ),
        ({"policy": {"parameters": {"calibrated": "yes"}}}, r"calibrated: .*write true or false"),
    ],
)
def test_faults_of_plug_ins_are_found_before_training(written, changes, message):
    with pytest.raises(InputError, match=f"^study.yaml: .*{message}"):
        check(read_study(written(**changes)), "study.yaml")


def test_whole_ends_of_a_whole_numbered_parameter_are_whole_numbers(written):
    study = read_study(written(training__batch_size={"min": 16, "max": 64}))
    check(study, "study.yaml")


def test_a_grid_too_large_to_list_is_refused(written):
    wide = {"min": 1, "max": 1000}
    changes = {"training": {"epochs": wide, "batch_size": wide}, "method": "grid"}
    with pytest.raises(InputError, match=r"method: grid: .* has .* cells, at most 100000"):
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


def test_networks_that_cannot_read_the_data_are_found_without_it(written):
    study = read_study(written())
    check_networks(study, DataShape((1, 8, 8), 10, "classification"), "study.yaml")
    with pytest.raises(InputError, match=r"^study.yaml: backbone image_cnn reads"):
        check_networks(study, DataShape((1, 200), 10, "classification"), "study.yaml")


def test_a_plan_says_what_exits_cost_and_which_metrics_that_makes_constant(written):
    study = read_study(written())
    costs = check_networks(study, DataShape((1, 8, 8), 10, "classification"), "study.yaml")
    (shares,) = network_notes(study, costs)
    macs, full = costs[0].macs, costs[0].full
    assert shares.startswith(f"exits of the network cost {macs[0] / full:.1%}, ")
    assert f" of {full:,.0f} MACs per sample" in shares
    dear = dataclasses.replace(costs[0], macs=macs + 0.3 * full)
    *_, constant = network_notes(study, [dear])
    assert "accuracy_at_25 is the same for every configuration" in constant
    assert "accuracy_at_75" not in constant


DIGITS = DataShape((1, 8, 8), 10, "classification")


def test_a_plan_says_which_regimes_stack_and_why_others_do_not(written, monkeypatch):
    def some_values(backbone, regime, *others):
        if getattr(regime, "rescaled", False):
            return "torch cannot map it"
        return stackable.why_not(backbone, regime, *others)

    monkeypatch.setattr(checks, "why_not", some_values)
    regimes = {
        "joint": {},
        "boosted": {"rescaled": {"values": [True, False]}},
        "sequential_ewc": {},
        "single_exit": {},
    }
    study = read_study(written(regimes=regimes, seeds=[0, 1, 2], stack=16))
    stacks, boosted, consolidated, fresh = stacking_notes(study, DIGITS)
    assert stacks.startswith("stack 16: 3 seeds of a configuration train together")
    assert stacks.endswith(": boosted, joint, single_exit")
    assert boosted == "regime boosted trains one by one in part: torch cannot map it"
    assert consolidated.startswith("regime sequential_ewc trains one by one: ")
    assert "penalty" in consolidated
    assert "splits of their own" in fresh


def test_a_plan_says_nothing_of_stacks_where_there_are_none(written):
    assert stacking_notes(read_study(written()), DIGITS) == ()
    (alone,) = stacking_notes(read_study(written(seeds=[0], stack=4)), DIGITS)
    assert "one seed" in alone


@pytest.mark.parametrize("stack", [0, 1, -3, 2.0, "4", 10_000])
def test_a_stack_is_a_whole_number_from_two(written, stack):
    with pytest.raises(InputError, match="stack"):
        read_study(written(stack=stack))


@pytest.mark.parametrize(
    ("method", "window", "regimes", "lacking"),
    [
        ("gp", 8, ["joint"], 7),
        ("tpe", 8, ["joint", "hard_cgt"], 3),
        ("tpe", 8, ["joint", "hard_cgt", "soft_cgt"], None),  # 2
        ("gp", 2, ["joint"], None),
        ("random", 8, ["joint"], None),
    ],
)
def test_a_plan_says_where_proposals_know_little_of_their_regime(
    written, method, window, regimes, lacking
):
    study = read_study(
        written(method=method, window=window, regimes={name: {} for name in regimes})
    )
    notes = window_notes(study)
    assert len(notes) == (lacking is not None)
    for note in notes:
        assert f"{method} proposes without the last {lacking} results of a regime" in note
