from dataclasses import dataclass
from typing import Annotated, Literal

import pytest

from harness.core.errors import InputError
from harness.core.parameters import bounded, build, described, parameter_schema, whole_numbered
from harness.regimes.hard_cgt import HardCGT
from harness.training.options import TrainingOptions


def test_defaults_and_per_exit_values():
    assert build(HardCGT, {}, "here").beta == 1.0
    assert build(HardCGT, {"tau": [0.5, 0.9]}, "here").tau == (0.5, 0.9)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"beta": 2.0}, r"study.yaml: beta: .*less than or equal to 1, found 2.0"),
        ({"beta": "strong"}, r"study.yaml: beta: .*valid number.*found 'strong'"),
        (
            {"betta": 1.0},
            r"study.yaml: betta: no such field; did you mean 'beta'\? Allowed: lambda_",
        ),
        ({"eps": float("nan")}, r"study.yaml: eps: .*finite number, found nan"),
        ({"beta": "0.5"}, r"valid number, found '0.5'; a number stands without quotes"),
        ({"beta": True}, r"study.yaml: beta: Input should be a valid number, found True"),
        ({"normalise": 1}, r"normalise: Input should be a valid boolean, found 1"),
        ({"normalise": "yes"}, r"valid boolean, found 'yes'; write true or false"),
        ({"tau": "x"}, r"^study.yaml: tau: .*valid number or a valid list, found 'x'[^\n]*$"),
        ({"tau": [0.5, "x"]}, r"^study.yaml: tau.1: .*valid number, found 'x'[^\n]*$"),
        ({"tau": 3}, r"^study.yaml: tau: Input should be less than or equal to 2, found 3$"),
    ],
)
def test_bad_parameters_name_field_found_and_allowed(parameters, message):
    with pytest.raises(InputError, match=message):
        build(HardCGT, parameters, "study.yaml")


def test_a_whole_number_stands_for_a_float_and_no_float_for_a_whole_number():
    assert build(HardCGT, {"beta": 1, "tau": [1, 0.5]}, "here") == HardCGT(beta=1.0, tau=(1.0, 0.5))
    assert type(build(HardCGT, {"beta": 1}, "here").beta) is float
    with pytest.raises(InputError, match=r"epochs: .*valid integer, found 3.0; write 3$"):
        build(TrainingOptions, {"epochs": 3.0}, "here")


def test_parameters_that_take_whole_numbers_alone():
    @dataclass(frozen=True)
    class Plugin:
        many: Annotated[tuple[Annotated[int, bounded(0, 9, "each")], ...], described("all")] = ()
        one: int = 1
        named: int | Literal["auto"] = "auto"
        real: float = 1.0
        both: int | float = 1
        on: bool = True
        text: str = ""

    assert whole_numbered(Plugin) == {"many", "one", "named"}
    assert "batch_size" in whole_numbered(TrainingOptions)
    assert "tau" not in whole_numbered(HardCGT)


def test_schema_holds_range_and_meaning():
    beta = parameter_schema(HardCGT)["beta"]
    assert (beta["minimum"], beta["maximum"], beta["default"]) == (0, 1, 1.0)
    assert beta["description"] == "residual-gate strength"
