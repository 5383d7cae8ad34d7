import dataclasses
import json

from harness.core.trial_spec import Choice, TrialSpec, from_json, to_json

SPEC = TrialSpec(
    split="digits",
    digest="d" * 32,
    backbone=Choice("image_cnn", {"widths": (8, 16), "exits": 2}),
    regime=Choice("hard_cgt", {"tau": (0.5, 0.9), "beta": 0.25}),
    training={"epochs": 2, "learning_rate": 0.003},
    seed=1,
)


def test_json_round_trip_keeps_the_key():
    back = from_json(json.loads(json.dumps(to_json(SPEC))))
    assert back == SPEC
    assert back.key == SPEC.key


def test_every_field_counts_in_the_key():
    changes = {
        "split": "other",
        "digest": "e" * 32,
        "backbone": Choice("image_cnn", {"exits": 2}),
        "regime": Choice("joint", {}),
        "training": {"epochs": 3},
        "seed": 2,
        "static_exit": 1,
    }
    assert set(changes) == {field.name for field in dataclasses.fields(SPEC)}
    keys = {dataclasses.replace(SPEC, **{k: v}).key for k, v in changes.items()} | {SPEC.key}
    assert len(keys) == len(changes) + 1
