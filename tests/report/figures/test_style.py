"""How regimes, exits and classes are drawn."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from harness.report.figures.style import (
    _KNOWN,
    BASELINE_STYLE,
    COLOURS,
    STATIC_REFERENCE,
    STATIC_STYLE,
    exit_colours,
    styles,
)


def test_regimes_differ_whoever_they_are():
    names = [*_KNOWN, *(f"regime_{i}" for i in range(2 * len(COLOURS))), STATIC_REFERENCE]
    found = styles(names, "joint")
    assert len(set(found.values())) == len(names)


def test_regimes_of_one_colour_differ_in_their_dash():
    found = styles(_KNOWN, "")
    for one, other in itertools.combinations(found.values(), 2):
        assert one.colour != other.colour or one.dash != other.dash
    assert {style.dash for style in found.values()} == {"solid", "dash", "dot", "dashdot"}


# Machado, Oliveira and Fernandes 2009, severity 1: linear RGB as it is seen.
SEEN = {
    "as it is": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.01182, 0.04294, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)


def oklab(colour, seen):
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return TO_OKLAB @ np.cbrt(TO_LMS @ np.clip(SEEN[seen] @ linear, 0, 1))


@pytest.mark.parametrize("seen", SEEN)
def test_regimes_of_one_dash_differ_in_colour_also_to_colour_blind_eyes(seen):
    found = styles([*_KNOWN, STATIC_REFERENCE], "")
    for (one, a), (other, b) in itertools.combinations(found.items(), 2):
        if a.dash == b.dash:
            distance = np.linalg.norm(oklab(a.colour, seen) - oklab(b.colour, seen))
            assert distance > 0.1, (one, other)


def test_a_regime_looks_the_same_in_every_study():
    few, many = (
        styles(["mixed", "joint", "of_mine"], "joint"),
        styles([*_KNOWN, "of_mine"], "joint"),
    )
    assert few == {name: many[name] for name in few}


def test_baseline_and_static_reference_are_always_drawn_alike():
    for baseline in ("joint", "mixed"):
        found = styles([*_KNOWN, STATIC_REFERENCE], baseline)
        assert found[baseline] == BASELINE_STYLE
        assert found[STATIC_REFERENCE] == STATIC_STYLE
        assert list(found.values()).count(BASELINE_STYLE) == 1
    assert styles([STATIC_REFERENCE], STATIC_REFERENCE)[STATIC_REFERENCE] == STATIC_STYLE


def luminance(colour):
    scaled = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(colour)]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), scaled, strict=True))


@pytest.mark.parametrize("exits", [2, 3, 5])
def test_every_exit_is_visible_on_the_dark_page(exits):
    paper = luminance("#16181c") + 0.05
    for colour in exit_colours(exits):
        assert (luminance(colour) + 0.05) / paper >= 3
