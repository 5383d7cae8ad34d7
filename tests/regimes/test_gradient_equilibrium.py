import pytest

from harness.regimes.gradient_equilibrium import GradientEquilibrium


def test_scales_of_four_exits():
    (phase,) = GradientEquilibrium().plan(4)
    own, deeper = zip(*phase.scales, strict=True)
    assert own == pytest.approx((1 / 4, 1 / 3, 1 / 2))
    assert deeper == pytest.approx((3 / 4, 2 / 3, 1 / 2))
    assert phase.stages == phase.heads == (1, 2, 3, 4)


def test_one_exit_has_no_branch():
    assert GradientEquilibrium().plan(1)[0].scales == ()
