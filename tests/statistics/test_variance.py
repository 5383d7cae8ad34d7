"""Shares of variance, against values drawn with known components."""

import numpy as np
import pytest

from harness.statistics.variance import Shares, variance_shares


@pytest.mark.parametrize("spreads", [(3.0, 1.0, 1.0), (0.0, 2.0, 1.0), (1.0, 0.0, 2.0)])
def test_known_components_are_found(spreads):
    generator = np.random.default_rng(0)
    searches, seeds, resamples = 400, 5, 100
    found, own, samples = spreads
    truth = found * generator.normal(size=(searches, 1, 1))
    truth = truth + own * generator.normal(size=(searches, seeds, 1))
    plain = truth + samples * generator.normal(size=(searches, seeds, 1))
    drawn = plain + samples * generator.normal(size=(searches, seeds, resamples))
    shares = variance_shares(np.concatenate([plain, drawn], axis=-1))
    expected = np.square(spreads) / np.square(spreads).sum()
    assert (shares.searches, shares.seeds, shares.samples) == pytest.approx(expected, abs=0.08)
    assert shares.searches + shares.seeds + shares.samples == pytest.approx(1)


def test_where_nothing_varies_there_are_no_shares():
    assert variance_shares(np.ones((2, 2, 4))) == Shares(0.0, 0.0, 0.0)
