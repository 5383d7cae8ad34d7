import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import Phase
from harness.training.options import TrainingOptions
from harness.training.phases import epochs_per_phase, learn_only, make_optimizer, make_schedule


def plan_of(*shares):
    return [Phase(share, (), ()) for share in shares]


@pytest.mark.parametrize(
    ("shares", "epochs", "expected"),
    [
        ((1.0,), 7, [7]),
        ((0.6, 0.4), 10, [6, 4]),
        ((0.95, 0.05), 6, [5, 1]),
        ((0.05, 0.95), 6, [1, 5]),
        ((1 / 3,) * 3, 2, [1, 1, 1]),
        ((0.5, 0.5), 1, [1, 1]),
    ],
)
def test_epochs_per_phase(shares, epochs, expected):
    assert epochs_per_phase(plan_of(*shares), epochs) == expected


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=8), st.integers(1, 200))
def test_no_plan_gets_more_epochs_than_another(parts, epochs):
    lengths = epochs_per_phase(plan_of(*(part / sum(parts) for part in parts)), epochs)
    assert sum(lengths) == max(epochs, len(parts))
    assert min(lengths) >= 1


def test_what_a_phase_does_not_train_is_frozen_and_in_eval_mode():
    network = build_network(ImageCNN(), (1, 8, 8), 10)
    learning = learn_only(network, Phase(1.0, stages=(2,), heads=(2, 3)))
    trained = [network.stages[1], network.heads[1], network.heads[2]]
    assert {*map(id, learning)} == {id(p) for module in trained for p in module.parameters()}
    assert [stage.training for stage in network.stages] == [False, True, False]
    assert [head.training for head in network.heads] == [False, True, True]
    assert {id(p) for p in network.parameters() if p.requires_grad} == {*map(id, learning)}


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
@pytest.mark.parametrize("schedule", ["one_cycle", "cosine"])
@pytest.mark.parametrize("steps", [1, 10])
def test_every_schedule_ends_near_zero_below_its_peak(kind, schedule, steps):
    options = TrainingOptions(optimizer=kind, schedule=schedule, learning_rate=0.1)
    network = build_network(ImageCNN(), (1, 8, 8), 10)
    optimizer = make_optimizer(list(network.parameters()), options)
    scheduler = make_schedule(optimizer, options, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert max(rates) <= 0.1 + 1e-12
    assert optimizer.param_groups[0]["lr"] < 0.01
