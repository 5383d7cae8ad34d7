"""Stacked optimisers against torch's own, one for each member."""

import pytest
import torch

from harness.training.options import TrainingOptions
from harness.training.phases import make_optimizer, make_schedule
from harness.training.stacked_optimizer import (
    learning_rates,
    make_stacked_optimizer,
    precision_on,
)

STEPS = 12
RATES = ((0.01, 0.1), (0.3, 0.0), (0.002, 0.5))


def members(optimizer, **others):
    return [
        TrainingOptions(optimizer=optimizer, learning_rate=rate, weight_decay=decay, **others)
        for rate, decay in RATES
    ]


@pytest.mark.parametrize(
    ("optimizer", "others"),
    [("adamw", {}), ("adamw", {"schedule": "cosine"}), ("sgd", {}), ("sgd", {"momentum": 0.0})],
)
@pytest.mark.parametrize("leaves", [None, 4])
def test_each_member_moves_as_under_an_optimizer_of_its_own(optimizer, others, leaves):
    options = members(optimizer, **others)
    torch.manual_seed(0)
    values, gradients = torch.randn(3, 7), torch.randn(STEPS, 3, 7)
    alone = [values[member].clone().requires_grad_() for member in range(3)]
    own = [make_optimizer([p], each) for p, each in zip(alone, options, strict=True)]
    schedules = [make_schedule(o, each, STEPS) for o, each in zip(own, options, strict=True)]
    stack, rates = make_stacked_optimizer(values.clone(), options), learning_rates(options, STEPS)
    rows = [0, 1, 2]
    for step in range(STEPS):
        if step == leaves:
            rows = [0, 2]
            stack.keep(torch.tensor(rows))
        stack.update(gradients[step, rows], rates[step, rows][:, None])
        for member in rows:
            assert rates[step, member].item() == own[member].param_groups[0]["lr"]
            alone[member].grad = gradients[step, member]
            own[member].step()
            schedules[member].step()
    for row, member in enumerate(rows):
        assert torch.allclose(stack.values[row], alone[member], rtol=1e-5, atol=1e-6)
        assert rates[STEPS, member].item() == own[member].param_groups[0]["lr"]


def test_coefficients_are_doubles_where_the_device_has_them():
    found = {kind: precision_on(torch.device(kind)) for kind in ("cpu", "cuda", "mps")}
    assert found == {"cpu": torch.float64, "cuda": torch.float64, "mps": torch.float32}
