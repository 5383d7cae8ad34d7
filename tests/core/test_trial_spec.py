import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core import result_format
from harness.core.errors import InputError
from harness.core.parameters import build, parameters_of
from harness.core.records import read_record, write_record
from harness.core.result_format import RESULT_FORMAT
from harness.core.trial_spec import Choice, TrialSpec
from harness.data.sets import DATASETS
from harness.models.backbones import BACKBONES
from harness.policies import POLICIES
from harness.regimes import REGIMES

SPEC = TrialSpec(
    split="digits",
    digest="d" * 32,
    backbone=Choice("image_cnn", {"widths": (8, 16), "exits": 2}, "source of image_cnn"),
    regime=Choice("hard_cgt", {"tau": (0.5, 1), "beta": 0.25}, "source of hard_cgt"),
    training={"epochs": 2, "learning_rate": 0.003},
    seed=1,
)


def test_a_spec_that_is_read_back_has_the_same_types_and_key(tmp_path):
    write_record(tmp_path / "spec.json", SPEC)
    back = read_record(tmp_path / "spec.json", TrialSpec)
    assert back == SPEC
    assert repr(back) == repr(SPEC)  # 1 and 1.0 are equal, and give other keys
    assert back.key == SPEC.key


def test_the_key_of_a_spec_never_changes():
    """Stored results are found by it: another one needs another RESULT_FORMAT."""
    assert SPEC.key == "c2cdf5fb8cbd6f94"


def test_an_unknown_field_is_refused(tmp_path):
    path = tmp_path / "spec.json"
    write_record(path, SPEC)
    path.write_text(path.read_text().replace('"seed"', '"sead"'))
    with pytest.raises(InputError, match=r"spec.json: s..d: "):
        read_record(path, TrialSpec)


def test_every_field_counts_in_the_key():
    changes = {
        "split": "other",
        "digest": "e" * 32,
        "backbone": dataclasses.replace(SPEC.backbone, parameters={"exits": 2}),
        "regime": dataclasses.replace(SPEC.regime, source="another source"),
        "training": {"epochs": 3},
        "seed": 2,
        "static_exit": 1,
        "company": (1, 2),
        "device": "cuda",
        "format": 1,
    }
    assert set(changes) == {field.name for field in dataclasses.fields(SPEC)}
    keys = {dataclasses.replace(SPEC, **{k: v}).key for k, v in changes.items()} | {SPEC.key}
    assert len(keys) == len(changes) + 1


def test_a_spec_is_of_the_current_format(monkeypatch):
    assert SPEC.format == RESULT_FORMAT
    plain = {f.name: getattr(SPEC, f.name) for f in dataclasses.fields(SPEC) if f.name != "format"}
    monkeypatch.setattr(result_format, "RESULT_FORMAT", RESULT_FORMAT + 1)
    assert TrialSpec(**plain).format == RESULT_FORMAT + 1
    assert TrialSpec(**plain).key != SPEC.key


def key_of(registry, name, parameters):
    chosen = Choice.of(registry, build(registry.get(name), parameters, name))
    return dataclasses.replace(SPEC, regime=chosen).key


def alike(value):
    """The ways in which a study may write a value."""
    if isinstance(value, tuple):
        return st.tuples(*map(alike, value)).flatmap(lambda v: st.sampled_from([v, list(v)]))
    whole = isinstance(value, float) and value.is_integer()
    return st.sampled_from([value, int(value)]) if whole else st.just(value)


@pytest.mark.parametrize("registry", [REGIMES, BACKBONES, POLICIES, DATASETS])
@settings(max_examples=30)
@given(st.data())
def test_equal_parameters_give_one_key_however_they_are_written(registry, data):
    name = data.draw(st.sampled_from(registry.names()))
    defaults = parameters_of(registry.get(name)(), name)
    written = data.draw(
        st.fixed_dictionaries({}, optional={k: alike(v) for k, v in defaults.items()})
    )
    assert key_of(registry, name, written) == key_of(registry, name, {})


@pytest.mark.parametrize("registry", [REGIMES, BACKBONES])
def test_a_spec_of_each_plugin_is_read_back_as_it_was(registry, tmp_path):
    for name in registry.names():
        chosen = Choice.of(registry, registry.get(name)())
        spec = dataclasses.replace(SPEC, regime=chosen, training={"learning_rate": 1.0})
        write_record(tmp_path / "spec.json", spec)
        assert repr(read_record(tmp_path / "spec.json", TrialSpec)) == repr(spec)


@settings(max_examples=30)
@given(st.one_of(st.integers(0, 1), st.floats(0, 1)), st.one_of(st.integers(0, 1), st.floats(0, 1)))
def test_parameters_have_one_key_exactly_where_they_are_equal(one, other):
    keys = [key_of(REGIMES, "hard_cgt", {"beta": beta}) for beta in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)
    keys = [key_of(REGIMES, "hard_cgt", {"tau": [tau, 1]}) for tau in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


def test_a_constructor_or_default_that_is_not_converted_gives_the_same_key():
    plain = REGIMES.get("hard_cgt")
    assert Choice.of(REGIMES, plain(beta=1, tau=[0, 1])) == Choice.of(
        REGIMES, plain(tau=(0.0, 1.0))
    )
    with pytest.raises(InputError, match=r"hard_cgt: beta: .*less than or equal to 1"):
        Choice.of(REGIMES, plain(beta=2))
