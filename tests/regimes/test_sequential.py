import numpy as np
import torch
from torch.nn import functional

from harness.regimes import Phase
from harness.regimes.branch_wise import BranchWise
from harness.regimes.sequential import Sequential
from tests.regimes.sequences import trained


def test_phase_e_trains_what_exit_e_reads_and_the_heads_before_it():
    assert Sequential().plan(3) == (
        Phase(1 / 3, (1,), (1,)),
        Phase(1 / 3, (1, 2), (1, 2)),
        Phase(1 / 3, (1, 2, 3), (1, 2, 3)),
    )


def test_the_loss_is_the_newest_exit_s():
    logits = torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 1, 2, 3, 0])
    found = Sequential().loss(logits, labels, 0.5)
    torch.testing.assert_close(found, functional.cross_entropy(logits[2], labels))


def test_the_backbone_goes_on_learning_where_branch_wise_freezes_it():
    moved, _ = trained(Sequential(), weight_decay=0.0)
    frozen, _ = trained(BranchWise(), weight_decay=0.0)
    for name, weight in moved.weights().items():
        # Both are one regime until the second phase; nothing trains the first head in it.
        same = np.array_equal(weight, frozen.weights()[name])
        assert same == name.startswith("heads.0"), name
