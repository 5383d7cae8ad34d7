"""Tables on narrow terminals: nothing of a cell is split, and what is left out is named."""

import pytest

from harness.cli.layout import fitted, total_width, wrapped
from harness.cli.printing import print_table

WIDTHS = (40, 60, 80, 100, 120, 160)
ROWS = [
    {
        "regime": "gradient_equilibrium",
        "hypervolume_[95%]": "0.3171 [0.2880, 0.3417]",
        "p": None,
        "key": "750bfe35de917357",
        "inputs": [1, 28, 28],
        "test_accuracy_at_25%": 0.5,
        "what_it_does": "balances the gradients where the network branches",
    },
    {
        "regime": "joint",
        "hypervolume_[95%]": "0.3132 [0.2862, 0.3382]",
        "p": 0.03125,
        "key": "b4fcd5649811289e",
        "inputs": [3, 9, 9],
        "test_accuracy_at_25%": 0.25,
        "what_it_does": "[all] exits at once",
    },
]
WHOLE = [
    ("gradient_equilibrium", "joint"),
    ("0.3171 [0.2880, 0.3417]", "0.3132 [0.2862, 0.3382]"),
    ("0.0312",),
    ("750bfe35de917357", "b4fcd5649811289e"),
    ("[1, 28, 28]", "[3, 9, 9]"),
    ("0.5000", "0.2500"),
    ("balances", "the", "gradients", "where", "network", "branches", "[all]", "exits", "once"),
]
"""By column, what must stand whole in one line of a cell."""


@pytest.fixture
def printed(capsys, monkeypatch):
    """The lines of a table at a width, and the cells of each of its lines."""

    def lines(rows, width):
        monkeypatch.setenv("COLUMNS", str(width))
        print_table("A title of the table", rows)
        found = capsys.readouterr().out.splitlines()
        cells = [
            [cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")]
            for line in found
            if line.startswith(("│", "┃"))
        ]
        return found, cells

    return lines


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(printed, width):
    lines, _ = printed(ROWS, width)
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_names_numbers_lists_and_words_stay_whole(printed, width):
    _, lines = printed(ROWS, width)
    for index in range(len(lines[0])):
        column = [line[index] for line in lines]
        for text in WHOLE[index]:
            assert any(f" {text} " in f" {cell} " for cell in column), text


@pytest.mark.parametrize("width", WIDTHS)
def test_heads_are_broken_between_words_only(printed, width):
    _, lines = printed(ROWS, width)
    heads = [" ".join(filter(None, parts)) for parts in zip(*lines, strict=True)]
    for name, head in zip(ROWS[0], heads, strict=False):
        assert name.replace("_", " ") in head


@pytest.mark.parametrize("width", WIDTHS)
def test_columns_are_left_out_from_the_right_and_named(printed, width):
    lines, cells = printed(ROWS, width)
    names = [name.replace("_", " ") for name in ROWS[0]]
    missing = names[len(cells[0]) :]
    said = " ".join(lines)
    assert (f"Left out at {width} columns: {', '.join(missing)}." in said) == bool(missing)
    assert bool(missing) == (width < 120)


def test_the_first_column_stays_whole_whatever_its_width(printed):
    rows = [{"name": "a_name_that_no_terminal_of_thirty_columns_holds", "value": 1}]
    lines, cells = printed(rows, 30)
    assert cells[-1] == [rows[0]["name"]]
    assert "value" in " ".join(lines[-2:])


def test_all_columns_stay_where_they_just_fit():
    columns = {"name": ["one", "three"], "value": ["0.25", "0.5000"]}
    shown, left_out = fitted(columns, 1 + 5 + 3 + 6 + 3)
    assert [(column.name, column.width) for column in shown] == [("name", 5), ("value", 6)]
    assert not left_out
    assert fitted(columns, 17)[1] == ("value",)


def test_width_to_spare_goes_to_text_and_heads():
    columns = {"a long head": ["1"], "words": ["one two three four five six"]}
    narrow, _ = fitted(columns, 16)
    assert [column.width for column in narrow] == [4, 5]
    assert narrow[0].head == "a\nlong\nhead"
    wide, _ = fitted(columns, 100)
    assert [column.width for column in wide] == [11, 27]
    assert wide[0].head == "a long head"
    for width in range(16, 60):
        assert total_width(fitted(columns, width)[0]) <= width


def test_numbers_are_distinguished_from_text():
    columns = {
        "numbers": ["0.5", "-1", ""],
        "interval": ["-0.1 [-0.2, 0.3]", "1 [0, 2]"],
        "names": ["joint", "soft_cgt"],
        "text": ["all exits", "joint"],
        "empty": ["", ""],
    }
    shown, _ = fitted(columns, 200)
    assert [column.numeric for column in shown] == [True, True, False, False, False]
    assert [column.text for column in shown] == [False, False, False, True, False]


def test_paragraphs_are_wrapped_between_words():
    text = "study quickstart-smoke · seeds [0, 1] · indian_pines-spectrum-10"
    lines = wrapped(text, 26).splitlines()
    assert " ".join(lines) == text
    assert "indian_pines-spectrum-10" in lines
    assert max(map(len, lines)) <= 26
