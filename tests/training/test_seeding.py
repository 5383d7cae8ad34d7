import os

import torch

from harness.training.seeding import seed_everything


def test_the_same_seed_gives_the_same_numbers():
    seed_everything(3)
    first = torch.rand(5)
    seed_everything(3)
    assert torch.equal(torch.rand(5), first)
    seed_everything(4)
    assert not torch.equal(torch.rand(5), first)


def test_only_repeatable_algorithms_are_allowed():
    seed_everything(0)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.utils.deterministic.fill_uninitialized_memory  # for nothing, at a price
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_products_are_of_full_precision_unless_asked():
    switches = (torch.backends.cuda.matmul, torch.backends.cudnn)
    seed_everything(0, tf32=True)
    assert all(switch.allow_tf32 for switch in switches)
    seed_everything(0)
    assert not any(switch.allow_tf32 for switch in switches)
