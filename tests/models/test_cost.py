import pytest

from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.cost import exit_costs


def test_macs_by_hand():
    """Images [1, 4, 4], two exits, pools of 2 x 2 cells, 3 classes."""
    costs = exit_costs(ImageCNN(widths=(2, 4), exits=2, pool=2), (1, 4, 4), 3)
    stage_1, head_1 = 4 * 4 * 2 * 1 * 9, 2 * 2 * 2 * 3
    stage_2, head_2 = 2 * 2 * 4 * 2 * 9, 4 * 2 * 2 * 3
    assert costs.macs.tolist() == [stage_1 + head_1, stage_1 + head_1 + stage_2 + head_2]
    assert costs.full == stage_1 + stage_2 + head_2
    # Convolution weights and biases, group norm's two vectors, linear weights and biases.
    parameters_1 = 9 * 2 + 2 + 2 * 2 + 8 * 3 + 3
    parameters_2 = 9 * 2 * 4 + 4 + 2 * 4 + 16 * 3 + 3
    assert costs.parameters.tolist() == [parameters_1, parameters_1 + parameters_2]


def test_spectral_macs_by_hand():
    costs = exit_costs(SpectralCNN(widths=(4,), exits=1, kernel=3, pool=2), (1, 10), 5)
    assert costs.macs.tolist() == [5 * 4 * 3 + 4 * 2 * 5]
    assert costs.full == costs.macs[0]


@pytest.mark.parametrize("static_exit", [1, 2, 3])
def test_a_static_network_passes_one_head_only(static_exit):
    recipe = ImageCNN(widths=(2, 4, 8))
    every = exit_costs(recipe, (1, 8, 8), 10)
    static = exit_costs(recipe, (1, 8, 8), 10, static_exit)
    assert len(static.macs) == 1
    assert static.full == every.full
    heads_passed = static_exit - 1
    assert (static.macs[0] == every.macs[static_exit - 1]) == (heads_passed == 0)
    assert static.macs[0] <= every.macs[static_exit - 1]


def test_every_static_network_but_the_last_is_cheaper_than_the_full_one():
    recipe = ImageCNN(widths=(2, 4, 8))
    macs = [exit_costs(recipe, (1, 8, 8), 10, e).macs[0] for e in (1, 2, 3)]
    full = exit_costs(recipe, (1, 8, 8), 10).full
    assert macs[0] < macs[1] < macs[2] == full
