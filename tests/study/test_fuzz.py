"""No study file ends in a traceback, whatever was mistyped in it."""

import contextlib
import random
import sys
from pathlib import Path

import pytest

from harness.core.errors import InputError
from harness.core.study_spec import StudySpec
from harness.data.load import task_of_split
from harness.data.named_splits import read_splits
from harness.study.checks import check
from harness.study.plan import plan_notes
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY

SPLITS = REPOSITORY / "params.yaml"
FILES = sorted((REPOSITORY / "studies").glob("*.yaml"))
SEEDS = range(0, 160, 40)
ODD = (
    "0", "1", "2", "8", "64", "0.5", "0.01", "{min: 0.1, max: 0.9}", "{min: 1, max: 3}",
    "{values: [1, 2]}", "{min: 1e-4, max: 0.1, distribution: log_uniform_values}",
    "{min: 2, max: 8, step: 2}", "[0.5, 0.9]", "", "~", "null", "true", "yes", "-1", "3.0", "1e-3",
    "1e400", ".nan", "-.inf", "'3'", "0x1f", "9" * 5000, "[]", "{}", "[null]", "[[1]]", "{a: b}",
    "{value: 1}", "{value: null}", "{values: 3}", "{values: [1, a]}", "{values: [1, null]}",
    "{values: [[1], 2]}", "{min: 1}", "{min: 2, max: 1}",
    "{min: 0, max: 1e300, distribution: int_uniform}", "{min: 1, max: 9, per_exit: true}",
    "{min: 0, max: 1, step: 1e-9}", "{min: 0, max: 1, q: 2, distribution: q_uniform}",
    "{min: 1, max: 64}", "&a [*a]", "*b", "<<", "? [x]", "!!int x", "!!float x", "!!binary x",
    "!!timestamp 2024-13-01", "2024-13-45", "!!set {x}", "!!python/object/apply:os.getcwd []", "@",
    "\"\\ud800\"", "\"\\U00110000\"", "\u0000", "\t", "%", "[" * 60, "- " * 60, "\u2028",
    "x: y: z",
)  # fmt: skip


def mutated(text, draw):
    """The text with one to three places changed: values, keys, lines, single characters."""
    for _ in range(draw.randint(1, 3)):
        lines = text.splitlines() or [""]
        at = draw.randrange(len(lines))
        key, colon, _ = lines[at].partition(":")
        kind = draw.randrange(7)
        if kind == 0:
            lines[at] = f"{key}{colon} {draw.choice(ODD)}"
        elif kind == 1:
            lines[at] = f"{draw.choice(ODD)}: 1"
        elif kind == 2:
            lines.insert(at, draw.choice(lines))
        elif kind == 3:
            del lines[at]
        elif kind == 4:
            lines[at] = " " * draw.randint(0, 3) + lines[at]
        elif kind == 5:
            words = lines[at].split(" ")
            words[draw.randrange(len(words))] = draw.choice(ODD)
            lines[at] = " ".join(words)
        else:
            cut = draw.randrange(len(lines[at]) + 1)
            character = chr(draw.choice((draw.randrange(32, 127), draw.randrange(0, 0x2100))))
            lines[at] = lines[at][:cut] + character + lines[at][cut + draw.randint(0, 1) :]
        text = "\n".join(lines)
    return text


def read(text, path):
    """The study, checked and planned; None where that ended in an input error."""
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        study = read_study(path)
        check(study, str(path), task_of_split(SPLITS, study.split))
        plan_notes(study)
    except InputError:
        return None
    assert StudySpec.model_validate_json(study.model_dump_json()) == study
    return study


@pytest.mark.parametrize("first", SEEDS)
def test_a_mutated_study_file_is_a_study_or_an_input_error(first, tmp_path):
    for seed in range(first, first + 40):
        draw = random.Random(seed)  # noqa: S311 -- not for secrets
        text = draw.choice(FILES).read_text(encoding="utf-8")
        read(mutated(text, draw), tmp_path / "study.yaml")


def test_a_mutated_file_of_splits_is_one_or_an_input_error(tmp_path):
    text = SPLITS.read_text(encoding="utf-8")
    for seed in range(60):
        path = tmp_path / "params.yaml"
        path.write_text(mutated(text, random.Random(seed)), encoding="utf-8")  # noqa: S311
        with contextlib.suppress(InputError):
            read_splits(path)


def main(count):
    """`python -m tests.study.test_fuzz 5000`: many mutations, and what became of them."""
    valid, path = 0, Path(sys.argv[2])
    for seed in range(count):
        draw = random.Random(seed)  # noqa: S311
        text = mutated(draw.choice(FILES).read_text(encoding="utf-8"), draw)
        try:
            valid += read(text, path) is not None
        except Exception as error:
            print(seed, type(error).__name__, str(error)[:300].replace("\n", " | "))  # noqa: T201
    print(count, "mutated study files:", valid, "valid")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
