import pandas as pd
import pytest

from harness.core.errors import InputError
from harness.core.trial_spec import Choice, TrialSpec
from harness.results.failures import (
    Failure,
    FailureFacts,
    forget_failures,
    has_failure,
    read_failure,
    write_failure,
)

SPEC = TrialSpec(
    "digits", "d", Choice("image_cnn", {}, ""), Choice("joint", {}, ""), {"epochs": 1}, 0
)
FACTS = FailureFacts(
    spec=SPEC, reason="the loss is not finite", seconds=1.5, versions={"torch": "2"}
)
CURVE = pd.DataFrame({"train_loss": [0.5, float("nan")], "validation_loss": [1.0, float("inf")]})


@pytest.mark.parametrize("curve", [CURVE, pd.DataFrame()])
def test_what_was_written_is_read(tmp_path, curve):
    assert not has_failure(tmp_path, SPEC.key)
    write_failure(tmp_path, Failure(FACTS, curve))
    write_failure(tmp_path, Failure(FACTS.model_copy(update={"seconds": 9.0}), curve))
    assert has_failure(tmp_path, SPEC.key)
    found = read_failure(tmp_path, SPEC.key)
    assert found.facts == FACTS
    assert found.curve.equals(curve)
    forget_failures(tmp_path)
    assert not has_failure(tmp_path, SPEC.key)
    forget_failures(tmp_path)


def test_damage_is_named(tmp_path):
    write_failure(tmp_path, Failure(FACTS, CURVE))
    (tmp_path / "failures" / SPEC.key / "curve.csv").write_bytes(b"")
    with pytest.raises(InputError, match=r"curve\.csv: not a readable curve"):
        read_failure(tmp_path, SPEC.key)
    (tmp_path / "failures" / SPEC.key / "failure.json").write_text("{")
    with pytest.raises(InputError, match=r"failure\.json"):
        read_failure(tmp_path, SPEC.key)
