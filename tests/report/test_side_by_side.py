"""Several made-up studies on one page: each in its column, the same regimes in the same colours."""

import base64
import gzip
import io
import json
import re
import shutil

import pandas as pd
import pytest
from markupsafe import escape

from harness.analysis.comparison import regime_table
from harness.analysis.frontier_stage import write_frontier
from harness.analysis.pairs import seed_tables
from harness.analysis.verdict import findings, limits, verdict
from harness.core.errors import InputError
from harness.report import side_by_side
from harness.report.figures.style import INK
from harness.report.recommended import difference_in_words, mean_in_words
from harness.report.side_by_side import page_name, write_side_by_side
from harness.results import study_record
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import read_recommendations
from tests.made_up import REGIMES, make_confirmation, make_study
from tests.records import changed


def other_study(folder, name="other", lacking=(), **facts):
    """The made-up study under another name, without some regimes, with other facts."""
    made = study_record.read_study_record(make_study(folder))
    record = changed(made, spec={"name": name, **facts.pop("spec", {})}, **facts)
    kept = [each for each in record.configurations if each.regime not in lacking]
    numbered = tuple(each.model_copy(update={"number": n}) for n, each in enumerate(kept))
    study_record.write_study_record(folder, record.model_copy(update={"configurations": numbered}))
    write_frontier(folder)
    return folder


@pytest.fixture(scope="session")
def other(tmp_path_factory):
    """A second study, of other data, which is searched alone; made once."""
    folder = tmp_path_factory.mktemp("side-by-side") / "other"
    return other_study(folder, manifest={"digest": "e" * 32})


@pytest.fixture(scope="session")
def folders(tmp_path_factory, other):
    """The made-up study, confirmed on seven fresh seeds, which can decide; and the second one."""
    folder = make_study(tmp_path_factory.mktemp("side-by-side") / "made-up")
    make_confirmation(folder, (tuple(range(1000, 1007)),))
    write_frontier(folder)
    return [folder, other]


@pytest.fixture(scope="session")
def written(folders, tmp_path_factory):
    """The page and what its writer told of its steps."""
    steps = []
    return write_side_by_side(folders, tmp_path_factory.mktemp("pages"), steps.append), steps


@pytest.fixture(scope="session")
def page(written):
    return written[0].read_text()


def section(page, anchor):
    return page.split(f'<section id="{anchor}"')[1].split("</section>")[0]


def words(html):
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def cards(page, anchor):
    """By study the words of its column in a section, in the order of the page."""
    parts = section(page, anchor).split('<div class="card">')[1:]
    return {re.search("<h3>([^<]*)</h3>", part).group(1): words(part) for part in parts}


def rows_of(page, anchor):
    """By first cell the words of the others."""
    body = section(page, anchor).split("<tbody>")[1].split("</tbody>")[0]
    lines = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("<tr>")]
    return {line[0]: [words(cell) for cell in line[1:]] for line in lines if line}


def test_it_is_one_file_named_by_its_studies_that_asks_for_nothing(written, page):
    path, steps = written
    assert path.name == "made-up+other.html"
    assert steps == ["made-up drawn", "other drawn", "page written"]
    assert len(page) < 1e6
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert re.findall(r'<a href="#(\w+)">', page) == re.findall(r'<section id="(\w+)"', page)


def test_each_study_has_its_verdict_and_limits_in_its_own_column(page, folders):
    found = cards(page, "results")
    assert list(found) == ["made-up", "other"]
    for folder, text in zip(folders, found.values(), strict=True):
        tables = seed_tables(folder)
        own, static = verdict(tables, "joint"), verdict(tables, "single_exit")
        for said in (
            tables.record.caption, own.headline, findings(own), limits(own), static.headline
        ):  # fmt: skip
            assert str(escape(said)) in text
    assert "Exploratory" in found["other"]
    assert "Exploratory" not in found["made-up"]


def lines_of(drawing):
    """Colour of each regime's line in a column's picture, by the names at the lines' ends."""
    (panel,) = drawing.figure.axes
    leaders = panel.get_lines()[-len(panel.texts) :]
    named = zip(panel.texts, leaders, strict=True)
    return {text.get_text().replace("\n", ""): line.get_color() for text, line in named}


@pytest.fixture
def contents_of(monkeypatch, tmp_path):
    """What is written of some studies, in place of its page."""

    def contents(folders):
        seen = []
        monkeypatch.setattr(side_by_side, "write_page", lambda _, found: seen.append(found))
        write_side_by_side(folders, tmp_path)
        return seen[0]

    return contents


def test_all_columns_show_the_same_regimes_in_the_same_colours(contents_of, folders):
    first, second = (lines_of(column.drawing) for column in contents_of(folders).columns)
    assert first == second
    assert set(first) == set(REGIMES)
    assert first["joint"] == INK
    assert len(set(first.values())) == len(REGIMES)


def test_where_baselines_differ_neither_is_black_and_gains_are_over_each_own(
    contents_of, folders, tmp_path
):
    spec = {"baseline": "hard_cgt"}
    found = contents_of([folders[0], other_study(tmp_path / "third", "third", spec=spec)])
    first, second = (lines_of(column.drawing) for column in found.columns)
    assert first == second
    assert INK not in first.values()
    assert [column.verdicts[0].baseline for column in found.columns] == ["joint", "hard_cgt"]
    assert any("different baselines" in sentence for sentence in found.not_comparable)


def test_a_regime_that_a_study_lacks_is_named_and_takes_no_other_s_colour(
    contents_of, folders, tmp_path
):
    lacking = other_study(tmp_path / "few", "few", lacking=["hard_cgt"])
    found = contents_of([folders[0], lacking])
    first, second = (lines_of(column.drawing) for column in found.columns)
    assert set(first) == set(REGIMES)
    assert {name: first[name] for name in second} == second
    assert [column.absent for column in found.columns] == [(), ("hard_cgt",)]
    assert found.regimes[-1] == "hard_cgt"  # ranked are those that all studies have
    assert set(found.ranks.text["regime"]) == {"joint", "single_exit"}


def test_studies_without_a_shared_regime_have_no_ranks(tmp_path):
    one = other_study(tmp_path / "one", "one", lacking=["joint", "single_exit"])
    less = other_study(tmp_path / "less", "less", lacking=["hard_cgt"])
    text = write_side_by_side([one, less], tmp_path).read_text()
    assert "The studies share no regime." in section(text, "ranks")
    assert rows_of(text, "gains")["hard_cgt"][1] == "not in this study"
    assert "Nothing to compare with joint" in cards(text, "results")["one"]


def test_gains_are_those_of_the_comparison_and_exploratory_ones_are_marked(page, folders):
    rows = rows_of(page, "gains")
    assert set(rows) == set(REGIMES)
    assert rows["joint"] == ["baseline", "baseline"]
    for place, folder in enumerate(folders):
        table = regime_table(seed_tables(folder)).set_index("regime")
        for regime in ("hard_cgt", "single_exit"):
            gain = table.loc[regime]
            size = f"{gain['gain']:+.4f} [{gain['gain_low']:+.4f}, {gain['gain_high']:+.4f}]"
            assert rows[regime][place].startswith(size)
            if place == 0:
                assert f"p {gain['p_holm']:.2g}: " in rows[regime][place]
            assert ("exploratory ‡" in rows[regime][place]) == (place == 1)
    assert "too few fresh ones (other)." in words(section(page, "gains"))


def test_ranks_and_the_verdict_over_studies_are_on_it(page):
    text = words(section(page, "ranks"))
    assert "Regimes with more mean test hypervolume than joint, of 2 studies" in text
    rows = rows_of(page, "ranks")
    ranks = {regime: [float(cell) for cell in cells] for regime, cells in rows.items()}
    assert all(mean == pytest.approx((one + two) / 2) for one, two, mean in ranks.values())
    assert sorted(one for one, _, _ in ranks.values()) == [1, 2, 3]


def test_recommendations_are_the_frontier_stage_s_at_three_budgets(page, folders):
    found = cards(page, "budgets")
    stored = read_recommendations(confirmation_folder(folders[0]))
    places = []
    for budget in (0.25, 0.5, 0.75):
        each = stored.found[stored.budgets.index(budget)]
        said = [f"within {100 * budget:.0f} %"]
        if each is None:
            said.append("Nothing confirmed is this cheap with every seed.")
        else:
            said += [each.chosen.regime, f"accuracy {mean_in_words(each.chosen.score)}"]
        if each is not None and each.runner_up:
            said += [each.runner_up.regime, difference_in_words(each, "accuracy")]
        places += [found["made-up"].find(each, places[-1] if places else 0) for each in said]
    assert -1 not in places
    assert places == sorted(places)
    assert "the study is not confirmed. harness confirm other trains" in found["other"]


def test_what_may_not_be_compared_stands_before_all_sections(page):
    head = words(page.split("<header>")[1].split("</header>")[0])
    assert "Each study is tested on samples of its own" in head
    assert "Exploratory alone: other." in head


def test_the_data_of_pictures_and_gains_are_files(page, folders):
    links = re.findall(r'download="([^"]+)" href="data:application/gzip;base64,([^"]+)"', page)
    data = {
        name: pd.read_csv(io.BytesIO(gzip.decompress(base64.b64decode(packed))))
        for name, packed in links
    }
    assert set(data) == {
        *(f"made-up+other-pareto-{name}.csv.gz" for name in ("made-up", "other")),
        "made-up+other-regimes.csv.gz",
    }
    numbers = data["made-up+other-regimes.csv.gz"]
    assert list(numbers["study"].unique()) == ["made-up", "other"]
    table = regime_table(seed_tables(folders[1]))
    own = numbers[numbers["study"] == "other"]
    assert own["gain"].tolist() == pytest.approx(table["gain"].tolist(), abs=1e-5)
    assert set(data["made-up+other-pareto-other.csv.gz"]["level"]) == {"best", "median", "worst"}


def test_a_study_named_twice_is_refused(folders, tmp_path):
    with pytest.raises(InputError, match=r"^made-up: named twice"):
        write_side_by_side([folders[0], folders[1], folders[0]], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_study_that_is_not_evaluated_is_refused_and_named(folders, tmp_path):
    unread = make_study(tmp_path / "unread")
    with pytest.raises(InputError, match=r"unread.*harness frontier"):
        write_side_by_side([folders[0], unread], tmp_path)
    record = study_record.read_study_record(unread)
    empty = {"objectives": None, "reason": "diverged"}
    none = tuple(each.model_copy(update=empty) for each in record.configurations)
    study_record.write_study_record(unread, record.model_copy(update={"configurations": none}))
    with pytest.raises(InputError, match="unread: no configuration has a result yet"):
        write_side_by_side([folders[0], unread], tmp_path)
    assert not list(tmp_path.glob("*.html"))


def test_outdated_tables_are_refused(folders, tmp_path):
    stale = shutil.copytree(folders[1], tmp_path / "stale")
    record = json.loads((stale / "study.json").read_text())
    record["spec"]["training"] = {"epochs": 99}
    (stale / "study.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"the study changed \(training\)"):
        write_side_by_side([folders[0], stale], tmp_path)


def test_names_of_pages_are_no_longer_than_file_systems_take():
    names = [f"{'study' * 19}{index}" for index in range(12)]
    found = page_name(names)
    assert len(found) < 255
    assert found.startswith(names[0])
    assert found != page_name([*names[:-1], "another"])
