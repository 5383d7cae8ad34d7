"""How regimes, exits and classes are drawn."""

import itertools

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
