import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.policies.routing import route


@given(st.integers(1, 5), st.integers(1, 20), st.integers(0, 2**31))
def test_route_against_a_plain_loop(exits, samples, seed):
    generator = np.random.default_rng(seed)
    confidence = generator.random((exits, samples)).round(1)
    thresholds = generator.random(exits - 1).round(1)
    expected = []
    for sample in range(samples):
        leaves = [e for e in range(exits - 1) if confidence[e, sample] >= thresholds[e]]
        expected.append(leaves[0] if leaves else exits - 1)
    assert route(confidence, thresholds).tolist() == expected
