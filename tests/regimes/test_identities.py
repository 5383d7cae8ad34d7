"""The identities of every regime (docs/methods.md, "Identities"), over all of its parameters."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from harness.core.errors import InputError
from harness.core.parameters import build, parameter_schema
from harness.regimes import REGIMES, Regime
from harness.regimes.hard_cgt import HardCGT
from harness.regimes.joint import Joint
from harness.regimes.soft_cgt import SoftCGT

SHARED = {field.name: field.default for field in dataclasses.fields(Regime)}
NAMES = REGIMES.names()
STRENGTH = parameter_schema(HardCGT)["beta"]["description"]
GATED = tuple(
    name
    for name in NAMES
    if parameter_schema(REGIMES.get(name)).get("beta", {}).get("description") == STRENGTH
)


def values(described, exits):
    """What a parameter may be, from its JSON Schema."""
    if "enum" in described:
        return st.sampled_from(described["enum"])
    if "anyOf" in described:
        one = values(described["anyOf"][0], exits)
        return one | st.tuples(*[one] * exits)
    if described["type"] == "boolean":
        return st.booleans()
    return {"integer": st.integers, "number": st.floats}[described["type"]](
        described["minimum"], described["maximum"]
    )


@st.composite
def cases(draw, names=NAMES, exits=None, **fixed):
    """A regime with any allowed parameters but the fixed ones, and a batch: logits, labels.

    The batch is of any task that the regime is for; targets of a regression are not smoothed.
    """
    e = exits or draw(st.integers(1, 5))
    plugin = REGIMES.get(draw(st.sampled_from(names)))
    task = draw(st.sampled_from(plugin.tasks))
    if task == "regression":
        fixed["label_smoothing"] = 0.0
    searched = {
        key: described for key, described in parameter_schema(plugin).items() if key not in fixed
    }
    drawn = {key: draw(values(described, e)) for key, described in searched.items()}
    fixed = {key: draw(v) if isinstance(v, st.SearchStrategy) else v for key, v in fixed.items()}
    n, k = draw(st.integers(1, 12)), draw(st.integers(2, 6))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    scale = draw(st.sampled_from([0.1, 1.0, 10.0]))
    logits = scale * torch.randn(e, n, k, generator=generator, dtype=torch.float64)
    if task == "regression":
        d = draw(st.integers(1, 3))
        outputs = min(scale, 2.0) * torch.randn(e, n, 2 * d, generator=generator).double()
        targets = torch.randn(n, d, generator=generator).double()
        return build(plugin, {**drawn, **fixed}, "drawn"), outputs, targets
    labels = torch.randint(0, k, (n,), generator=generator)
    return build(plugin, {**drawn, **fixed}, "drawn"), logits, labels


def ungated(regime):
    """Joint training with the options that all regimes share as `regime` has them."""
    return Joint(**{name: getattr(regime, name) for name in SHARED})


def likelihood(output, labels, smoothing=0.0):
    """Negative log-likelihood of one exit [N], by torch's own functions."""
    if not labels.is_floating_point():
        smoothed = {"reduction": "none", "label_smoothing": smoothing}
        return functional.cross_entropy(output, labels, **smoothed)
    mean, log_variance = output.chunk(2, -1)
    found = {"reduction": "none", "full": True, "eps": 0}
    return functional.gaussian_nll_loss(mean, labels, log_variance.exp(), **found).mean(-1)


def largest(value):
    return max(value) if isinstance(value, tuple) else value


def test_which_regimes_are_for_real_values_too():
    both = {name for name in NAMES if "regression" in REGIMES.get(name).tasks}
    assert both >= {"joint", "hard_cgt", "soft_cgt", "disjoint", "mixed", "branch_wise", "separate"}
    assert both.isdisjoint({"distilled", "learned_gate"})


def test_the_gated_regimes_are_found():
    assert set(GATED) >= {"hard_cgt", "soft_cgt", "cgt_official"}


@given(cases(GATED, beta=0.0), st.floats(0, 1))
def test_no_gate_strength_is_joint(case, progress):
    regime, *batch = case
    assert torch.equal(regime.loss(*batch, progress), ungated(regime).loss(*batch, progress))


@pytest.mark.parametrize(
    ("name", "off"),
    [
        ("separate", {}),
        ("gradient_equilibrium", {}),
        ("learned_gate", {}),
        ("meta_weighted", {}),
        ("distilled", {"alpha": 0.0}),
        ("boosted", {"temperature": 0.0}),
    ],
)
@given(data=st.data())
def test_switched_off_or_without_its_companion_a_regime_is_joint(name, off, data):
    regime, *batch = data.draw(cases((name,), **off))
    assert torch.equal(regime.loss(*batch, 0.3), ungated(regime).loss(*batch, 0.3))


@given(cases())
def test_an_exit_predicts_the_same_whatever_follows_it(case):
    regime, logits, _ = case
    every = regime.outputs(logits)
    assert every.shape == logits.shape
    for exits in range(1, len(logits)):
        assert torch.equal(regime.outputs(logits[:exits]), every[:exits])


@given(cases(exits=1, **SHARED), st.floats(0, 1))
def test_one_exit_is_plain_likelihood(case, progress):
    regime, logits, labels = case
    plain = likelihood(logits[0], labels).mean()
    torch.testing.assert_close(regime.loss(logits, labels, progress), plain)


@given(cases(normalise=False), st.floats(0, 1))
def test_weights_lie_between_zero_and_the_largest_lambda_plus_eps(case, progress):
    regime, *batch = case
    weights = regime.weights(*batch, progress)
    top = max(largest(regime.lambda_start), largest(regime.lambda_end)) + regime.eps
    assert weights.min() >= 0
    assert weights.max() <= top * (1 + 1e-12)


@given(cases(normalise=True), st.floats(0, 1))
def test_normalised_weights_sum_to_one_unless_all_are_zero(case, progress):
    regime, *batch = case
    plain = dataclasses.replace(regime, normalise=False).weights(*batch, progress)
    learns = (plain.sum(0) > 0).double()
    torch.testing.assert_close(regime.weights(*batch, progress).sum(0), learns)


@given(cases())
def test_eligibility_lies_between_zero_and_one(case):
    regime, *batch = case
    gate = regime.eligibility(*batch)
    assert gate.min() >= 0
    assert gate.max() <= 1


@given(cases(GATED))
def test_eligibility_never_rises_with_depth(case):
    regime, *batch = case
    gate = regime.eligibility(*batch)
    assert torch.all(gate[0] == 1)
    assert torch.all(gate.diff(dim=0) <= 1e-12)


@given(cases(("hard_cgt",), tau=st.floats(1, 2, exclude_min=True)), st.floats(0, 1))
def test_a_hard_gate_above_one_is_joint(case, progress):
    regime, *batch = case
    assert torch.equal(regime.loss(*batch, progress), ungated(regime).loss(*batch, progress))


@given(cases(), st.integers(0, 2**31))
def test_permuting_samples_permutes_weights(case, seed):
    regime, logits, labels = case
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    moved = regime.weights(logits[:, order], labels[order], 0.5)
    reordered = regime.weights(logits, labels, 0.5)[:, order]
    torch.testing.assert_close(moved, reordered, rtol=1e-12, atol=0)


@given(cases(), st.floats(0, 1))
def test_no_gradient_flows_through_gates(case, progress):
    regime, logits, labels = case
    logits.requires_grad_()
    weights = regime.weights(logits, labels, progress)
    assert not weights.requires_grad
    (found,) = torch.autograd.grad(regime.loss(logits, labels, progress), logits)
    if type(regime).losses is Regime.losses:
        losses = torch.stack([likelihood(z, labels, regime.label_smoothing) for z in logits])
    else:
        losses = regime.losses(logits, labels)
    (expected,) = torch.autograd.grad((weights * losses).sum(0).mean(), logits)
    torch.testing.assert_close(found, expected)


def test_gates_by_hand():
    logits = torch.log(torch.tensor([[[0.95, 0.05], [0.6, 0.4]], [[0.5, 0.5], [0.9, 0.1]]]))
    labels = torch.tensor([0, 0])
    hard = HardCGT(beta=0.5, tau=0.9).eligibility(logits, labels)
    torch.testing.assert_close(hard, torch.tensor([[1.0, 1.0], [0.5, 1.0]]))
    soft = SoftCGT(beta=1.0).eligibility(logits, labels)
    torch.testing.assert_close(soft, torch.tensor([[1.0, 1.0], [0.05, 0.4]]))
    # docs/methods.md, "Gates": at kappa = 1, tau = 0.9 the gate spans only 0.711 to 0.475.
    ends = torch.tensor([[[-40.0, 40.0], [40.0, -40.0]]] * 2)
    logistic = SoftCGT(h="logistic").eligibility(ends, labels)
    torch.testing.assert_close(logistic[1], torch.tensor([0.711, 0.475]), atol=1e-3, rtol=0)


def test_a_confident_mistake_stays_eligible():
    logits = torch.log(torch.tensor([[[0.01, 0.99]], [[0.5, 0.5]]]))
    assert HardCGT().eligibility(logits, torch.tensor([0]))[1, 0] == 1


def test_lambda_anneals_linearly():
    regime = Joint(lambda_start=(1.0, 0.0), lambda_end=(0.0, 1.0))
    weights = regime.weights(torch.zeros(2, 3, 4), torch.zeros(3, dtype=torch.int64), 0.25)
    torch.testing.assert_close(weights[:, 0], torch.tensor([0.75, 0.25]))


def test_joint_presets():
    batch = torch.zeros(3, 1, 2), torch.zeros(1, dtype=torch.int64)
    ramp = Joint(preset="linear_ramp").weights(*batch, 0.0)[:, 0]
    torch.testing.assert_close(ramp, torch.tensor([1 / 3, 2 / 3, 1.0]))
    branchy = Joint(preset="branchynet").weights(*batch, 0.0)[:, 0]
    torch.testing.assert_close(branchy, torch.tensor([1.0, 0.3, 0.3]))


def test_per_exit_values_of_the_wrong_number_are_refused():
    batch = torch.zeros(3, 1, 2), torch.zeros(1, dtype=torch.int64)
    with pytest.raises(InputError, match=r"tau: 4 values for 2 exits"):
        HardCGT(tau=(0.1, 0.2, 0.3, 0.4)).weights(*batch, 0.0)
    for allowed in ((0.5, 0.9), (0.5, 0.9, 0.0)):
        assert HardCGT(tau=allowed).weights(*batch, 0.0).shape == (3, 1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tau": -0.1}, "greater than or equal to 0"),
        ({"tau": (0.5, 2.1)}, "less than or equal to 2"),
        ({"lambda_start": -1.0}, "greater than or equal to 0"),
        ({"lambda_end": (1.0, -1.0, 1.0)}, "greater than or equal to 0"),
    ],
)
def test_values_out_of_range_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        build(HardCGT, parameters, "here")


def test_a_phase_keeps_the_exit_weights_of_its_heads():
    regime = Joint(lambda_start=(1.0, 0.5, 0.2), lambda_end=2.0).restricted((1, 3), 3)
    assert regime == Joint(lambda_start=(1.0, 0.2), lambda_end=2.0)
    with pytest.raises(InputError, match="lambda_start: 3 values for 2 exits"):
        Joint(lambda_start=(1.0, 0.5, 0.2)).restricted((1, 2), 2)


@pytest.mark.parametrize("name", REGIMES.names())
@pytest.mark.parametrize("exits", [1, 2, 3, 5])
def test_plans_share_out_all_epochs_and_train_every_exit(name, exits):
    plan = REGIMES.get(name)().plan(exits)
    assert sum(phase.share for phase in plan) == pytest.approx(1)
    assert {head for phase in plan for head in phase.heads} == set(range(1, exits + 1))
    assert {stage for phase in plan for stage in phase.stages} == set(range(1, exits + 1))
    for phase in plan:
        assert phase.heads == tuple(sorted(set(phase.heads)))
        assert phase.stages == tuple(sorted(set(phase.stages)))


@pytest.mark.parametrize("name", REGIMES.names())
def test_which_networks_a_configuration_trains(name):
    found = REGIMES.get(name)().static_exits(3)
    assert found == ((1, 2, 3) if name == "single_exit" else (0,))
