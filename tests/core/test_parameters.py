import pytest

from harness.core.errors import InputError
from harness.core.parameters import build, parameter_schema
from harness.regimes.hard_cgt import HardCGT


def test_defaults_and_per_exit_values():
    assert build(HardCGT, {}, "here").beta == 1.0
    assert build(HardCGT, {"tau": [0.5, 0.9]}, "here").tau == (0.5, 0.9)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"beta": 2.0}, r"study.yaml: beta: .*less than or equal to 1, found 2.0"),
        ({"beta": "strong"}, r"study.yaml: beta: .*valid number.*found 'strong'"),
        ({"betta": 1.0}, r"study.yaml: betta: Unexpected keyword"),
        ({"eps": float("nan")}, r"study.yaml: eps: .*finite number, found nan"),
    ],
)
def test_bad_parameters_name_field_found_and_allowed(parameters, message):
    with pytest.raises(InputError, match=message):
        build(HardCGT, parameters, "study.yaml")


def test_schema_holds_range_and_meaning():
    beta = parameter_schema(HardCGT)["beta"]
    assert (beta["minimum"], beta["maximum"], beta["default"]) == (0, 1, 1.0)
    assert beta["description"] == "residual-gate strength"
