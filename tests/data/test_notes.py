from harness.core.manifest import Manifest, SplitSpec
from harness.core.records import write_record
from harness.data.notes import lacking, split_notes, split_row

SPEC = SplitSpec(dataset="d", kind="spatial", margin="patch", train=0.5, validation=0.25)
MANIFEST = Manifest(
    name="s",
    spec=SPEC,
    source={},
    classes=("a", "b"),
    input_shape=(1, 5, 5),
    counts={"train": (10, 5), "validation": (4, 0), "test": (0, 3)},
    digest="d" * 32,
    code="c" * 16,
    unused=(3, 5),
    shared_pixels=0.0,
)


def test_a_sound_split_needs_no_note():
    plain = {"spec": SplitSpec(dataset="d", train=0.5, validation=0.25), "shared_pixels": None}
    counts = {"train": (4, 4), "validation": (2, 2), "test": (2, 2)}
    assert split_notes(MANIFEST.model_copy(update=plain | {"counts": counts})) == ()


def test_what_a_split_lacks_and_loses():
    assert lacking(MANIFEST) == {"validation": ("b",), "test": ("a",)}
    assert split_notes(MANIFEST) == (
        "the validation part of s has no samples of b",
        "the test part of s has no samples of a",
        "8 of 30 samples are lost to the margin",
    )
    shared = MANIFEST.model_copy(update={"shared_pixels": 0.72})
    assert split_notes(shared)[-1] == "72% of the test patches share pixels with a training patch"


def test_classes_that_have_fewer_samples_than_asked():
    spec = SplitSpec(dataset="d", train=8, validation=0.25)
    assert "train takes fewer than 8 samples of b (5)" in split_notes(
        MANIFEST.model_copy(update={"spec": spec})
    )


def test_rows_of_the_listing(tmp_path):
    row = split_row(tmp_path, "s", SPEC)
    assert (row["train"], row["test"], row["unused"], row["prepared"]) == (0.5, None, None, False)
    write_record(tmp_path / "s" / "manifest.json", MANIFEST)
    row = split_row(tmp_path, "s", SPEC)
    assert (row["train"], row["calibration"], row["test"], row["unused"]) == (15, 0, 3, 8)
    assert row["lacks"] == "validation: b; test: a"
    plain = split_row(tmp_path, "s", SPEC, by_class=True)
    assert plain["by_class"]["unused"] == {"a": 3, "b": 5}
    assert plain["by_class"]["test"] == {"a": 0, "b": 3}
    # Prepared from an earlier spec: shown as it will be.
    assert split_row(tmp_path, "s", SPEC.model_copy(update={"seed": 1}))["prepared"] is False
