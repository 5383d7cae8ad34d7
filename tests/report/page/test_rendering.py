"""What all pages are rendered with."""

import base64
import gzip
import io
import json

import numpy as np
import pandas as pd
import pytest
from jinja2 import UndefinedError

from harness.report.formats import cells
from harness.report.page.rendering import asset, environment, packed_csv


def test_a_name_that_nothing_defines_is_an_error():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ mistyped }}").render()


def test_no_text_ends_the_embedded_data_early():
    shown = environment().from_string("{{ data | tojson }}")
    text = shown.render(data={"name": "</script><b>"})
    assert "</" not in text
    assert json.loads(text) == {"name": "</script><b>"}


def test_tables_have_heads_for_readers_of_screens():
    frame = cells(pd.DataFrame({"a_b": [0.5, None], "c": ["<x>", "y"]}), {})
    text = environment().get_template("tables.html").module.table("What & why", frame)
    assert '<th scope="col">a b</th>' in text
    assert "<caption>What &amp; why</caption>" in text
    assert "&lt;x&gt;" in text
    assert "0.5000" in text
    assert "nan" not in text.lower()


def test_a_table_is_packed_with_six_digits():
    table = pd.DataFrame({"name": ["a", "b"], "value": [np.pi, 1e-9]})
    text = gzip.decompress(base64.b64decode(packed_csv(table))).decode()
    found = pd.read_csv(io.StringIO(text))
    pd.testing.assert_frame_equal(found, table, rtol=1e-5)
    assert "3.14159\n" in text
    assert packed_csv(table) == packed_csv(table.copy())  # the same page each time


def test_style_and_scripts_are_read_whole():
    assert "prefers-color-scheme" in asset("page.js")
    assert "--ink" in asset("page.css")
