"""The sections of the report, in the order of the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from harness.report.figures.drawing import Drawing
from harness.report.figures.files import inline
from harness.report.page.tables import table
from harness.report.sheets import Sheets
from harness.results.budget_table import BudgetTable
from harness.results.study_record import StudyRecord

MOST_ROWS = 200
RIVALS = ("joint", "single_exit")


@dataclass(frozen=True)
class Contents:
    """What a report is made of.

    Attributes
    ----------
    frontier
        The regimes' frontiers with their test images.
    compared, pairs
        The regimes compared over seeds, and all pairs of them, see `harness.report.sheets`.
    budgets
        What each regime gives for each cost budget, see `harness.analysis.operating_points`.
    drawings
        All figures; the page draws the frontiers anew, so that one can point at them.
    """

    record: StudyRecord
    frontier: pd.DataFrame
    compared: Sheets
    pairs: Sheets
    budgets: BudgetTable
    drawings: tuple[Drawing, ...]


@dataclass(frozen=True)
class Section:
    """A part of the page; its anchor is what links lead to."""

    anchor: str
    title: str
    body: str

    @property
    def html(self) -> str:
        """The section as an element of the page."""
        return (
            f'<section id="{self.anchor}" aria-labelledby="{self.anchor}-title">'
            f'<h2 id="{self.anchor}-title">{escape(self.title)}</h2>{self.body}</section>'
        )


def sections(contents: Contents) -> tuple[Section, ...]:
    """All sections that the study has something for."""
    made = (
        Section("results", "Wins and losses", _verdicts(contents.pairs.numbers)),
        Section("frontiers", "Frontiers", _frontiers(contents.record)),
        Section("budgets", "What a cost budget buys", _budgets(contents.budgets)),
        Section("regimes", "Regimes compared", _compared(contents)),
        *_drawn([drawing for drawing in contents.drawings if drawing.name != "pareto"]),
        Section("points", "Operating points", _points(contents.frontier)),
        Section("failures", "Trials without a result", _failures(contents.record)),
        Section("provenance", "Data and versions", _provenance(contents.record)),
    )
    return tuple(section for section in made if section.body)


def _verdicts(pairs: pd.DataFrame) -> str:
    """Against each rival, side by side: who gains on it, who loses, and what stays open."""
    cards = []
    for rival in RIVALS:
        gains = _gains_on(rival, pairs)
        sides = {
            "Above": gains["low"] > 0,
            "Below": gains["high"] < 0,
            "Not told apart from": (gains["low"] <= 0) & (gains["high"] >= 0),
        }
        for title, kept in sides.items() if len(gains) else ():
            rows = "".join(_gain(row) for row in gains[kept].itertuples(index=False))
            cards.append(
                f'<div class="card"><h3>{title} <code>{rival}</code> ({kept.sum()})</h3>'
                f"<ul>{rows or '<li>none</li>'}</ul></div>"
            )
    return (
        "<p>Differences of test hypervolume, regime less rival, with 95 % intervals over seeds and "
        "test samples. A regime is above or below where its interval leaves 0 out; intervals are "
        "not corrected for the number of regimes. Corrected p-values and n stand in "
        '<a href="#regimes">Regimes compared</a>.</p>'
        f'<div class="columns">{"".join(cards)}</div>'
    )


def _gains_on(rival: str, pairs: pd.DataFrame) -> pd.DataFrame:
    """Columns regime, gain, low, high: the pairs with a rival, seen from the other regime."""
    names = ["gain", "low", "high"]
    values = pairs[["difference", "difference_low", "difference_high"]].set_axis(names, axis=1)
    ahead = values.assign(regime=pairs["regime"])[pairs["other"] == rival]
    turned = -values.set_axis(["gain", "high", "low"], axis=1)
    behind = turned.assign(regime=pairs["other"])[pairs["regime"] == rival]
    return pd.concat([ahead, behind])[["regime", *names]].sort_values("gain", ascending=False)


def _gain(row: "tuple[str, float, float, float]") -> str:
    regime, gain, low, high = row
    return f"<li>{escape(regime)}: {gain:+.4f} [{low:+.4f}, {high:+.4f}]</li>"


def _compared(contents: Contents) -> str:
    regimes = "".join(
        f"<p>{escape(sheet.note)}</p>{table(sheet.text, sheet.title)}"
        for sheet in contents.compared.sheets
    )
    pairs = "".join(table(sheet.text, sheet.title) for sheet in contents.pairs.sheets)
    return f"{regimes}<details><summary>All pairs of regimes</summary>{pairs}</details>"


def _frontiers(record: StudyRecord) -> str:
    measure = "accuracy" if record.reference.rmse is None else "R²"
    parts = "".join(
        f'<label><input type="radio" name="part" value="{part}"'
        f"{' checked' if part == 'validation' else ''}> {part}</label>"
        for part in ("validation", "test", "both")
    )
    return (
        "<p>Lines are chosen on validation; open markers are the same networks and thresholds "
        "evaluated once on test. Cost 1 is the study's largest full static network, "
        f"{record.reference.macs:,.0f} MACs per sample. The dashed grey line is the static "
        "reference that an early-exit network has to beat. Point at a marker to see its trial, "
        "thresholds and routing; click a name to hide its line.</p>"
        f'<fieldset class="controls"><legend>Show</legend>{parts}</fieldset>'
        '<div class="plot" id="frontier-chart" role="img" '
        f'aria-label="Frontiers of {measure} against cost per regime; '
        'the tables below hold the same numbers"></div>'
    )


def _budgets(budgets: BudgetTable) -> str:
    levels, regimes = budgets.budgets, budgets.regimes
    options = "".join(f"<option>{escape(name)}</option>" for name in regimes)
    middle = len(levels) // 4
    return (
        "<p>Move the slider: of each regime, the point that is best on validation among those "
        "within the budget, and what it does on test.</p>"
        '<div class="controls"><label>Cost budget <input type="range" id="budget" min="0" '
        f'max="{len(levels) - 1}" value="{middle}"></label><output id="budget-words" '
        'for="budget"></output><label>Regime <select id="budget-regime">'
        f"{options}</select></label></div>"
        '<div class="columns"><div class="card" id="budget-network" aria-live="polite"></div>'
        '<div class="card scroll"><table><caption>All regimes within this budget, on test</caption>'
        '<thead><tr><th scope="col">regime</th><th scope="col">accuracy</th>'
        '<th scope="col">cost</th><th scope="col">routing</th></tr></thead>'
        '<tbody id="ranking"></tbody></table></div></div>'
        '<div class="scroll" id="budget-confusion"></div>'
    )


def _drawn(drawings: Sequence[Drawing]) -> Iterator[Section]:
    """A section for each group of drawings: those whose names agree up to the first underscore."""
    groups: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        groups.setdefault(drawing.name.partition("_")[0], []).append(drawing)
    for name, group in groups.items():
        choice = _choice(name, group) if len(group) > 1 else ""
        figures = "".join(map(_figure, group))
        yield Section(name, group[0].title.partition(":")[0], choice + figures)


def _choice(name: str, group: Sequence[Drawing]) -> str:
    """What chooses one of a group's drawings; without script all are shown."""
    options = "".join(
        f'<option value="drawing-{d.name}">{escape(d.title.partition(":")[2].strip())}</option>'
        for d in group
    )
    return (
        f'<div class="controls"><label>Show <select class="drawings" id="{name}-choice">'
        f"{options}</select></label></div>"
    )


def _figure(drawing: Drawing) -> str:
    return (
        f'<figure id="drawing-{drawing.name}"><div class="scroll" role="img" '
        f'aria-label="{escape(drawing.title)}">{inline(drawing.figure, drawing.name)}</div>'
        f"<figcaption>{escape(drawing.caption)}</figcaption></figure>"
    )


def _points(frontier: pd.DataFrame) -> str:
    shown = frontier.drop(columns=["configuration"]).head(MOST_ROWS)
    title = f"{len(shown)} of {len(frontier)} points; frontier.csv holds all"
    return f"<details><summary>Show the table</summary>{table(shown, title)}</details>"


def _failures(record: StudyRecord) -> str:
    rows = [
        f"<li>#{c.number} {escape(c.regime)}: {escape(str(c.reason))}</li>" for c in record.failed()
    ]
    return f"<ul>{''.join(rows)}</ul>" if rows else "<p>None.</p>"


def _provenance(record: StudyRecord) -> str:
    rmse = record.reference.rmse
    floor = (
        {"majority-class accuracy": f"{record.reference.score:.4f}"}
        if rmse is None
        else {"RMSE of the training mean, R² of 0": f"{rmse:.4g}"}
    )
    rows = {
        "data": record.manifest.provenance,
        "split": record.spec.split,
        "data digest": record.manifest.digest,
        "seeds": str(list(record.spec.seeds)),
        "configurations": str(len(record.configurations)),
        "state": record.state,
        **floor,
        **record.versions,
    }
    frame = pd.DataFrame({"what": rows.keys(), "value": rows.values()})
    return table(frame, "What the figures rest on", kind="words")
