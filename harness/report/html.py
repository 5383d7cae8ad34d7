"""`report.html`: one self-contained file that opens by double click, without a network."""

from html import escape
from pathlib import Path
from string import Template

import pandas as pd

from harness.core.files import write_text
from harness.report.figures import caption, measure, pareto_data, pareto_figure
from harness.results.study_record import StudyRecord

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$name</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #ccc; }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #16181c; --line: #444; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
.scroll { overflow-x: auto; } .figure { background: #fff; border-radius: 6px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
caption { text-align: left; padding: .3rem 0; } small { opacity: .8; }
</style></head><body><main>
<h1>$name</h1><p>$description</p><p><small>$caption</small></p>
<h2>Frontiers</h2>
<p>Lines are chosen on validation; open circles (click a "test" entry of the legend) are the same
networks and thresholds evaluated once on test. Cost 1 is the study's largest full static network,
$macs MACs per sample. The dashed grey line is the static reference that an early-exit network
has to beat.</p>
<div class="figure">$figure</div>
<h2>Regimes compared</h2><div class="scroll">$indices</div>
<p>$verdict</p>
<h2>Operating points</h2><div class="scroll">$points</div>
<h2>Trials without a result</h2>$failures
<h2>Data and versions</h2><div class="scroll">$provenance</div>
</main></body></html>
""")


def write_report(
    path: Path, record: StudyRecord, frame: pd.DataFrame, indices: pd.DataFrame
) -> None:
    """Write a study's report.

    Parameters
    ----------
    frame
        The regimes' frontiers with their test images.
    indices
        One row per regime.
    """
    data = pareto_data(frame)
    figure = pareto_figure(data, f"{measure(data).capitalize()} against cost", caption(record))
    figure.update_layout(height=620)
    text = PAGE.substitute(
        name=escape(record.name),
        description=escape(record.description),
        caption=escape(caption(record)),
        macs=f"{record.reference.macs:,.0f}",
        figure=figure.to_html(include_plotlyjs=True, full_html=False, default_height="620px"),
        indices=_table(indices, "Indices per regime, validation and test"),
        verdict=escape(verdict(indices)),
        points=_table(frame.drop(columns=["configuration"]).head(400), "At most 400 points"),
        failures=_failures(record),
        provenance=_table(_provenance(record), "What the figures rest on"),
    )
    write_text(path, text)


def verdict(indices: pd.DataFrame) -> str:
    """Wins and losses against `joint` and `single_exit`, in one sentence each."""
    sentences = []
    measure = indices.set_index("regime")["test_hypervolume"]
    for rival in ("joint", "single_exit"):
        if rival not in measure:
            continue
        others = measure.drop(rival)
        better = sorted(str(name) for name in others[others > measure[rival]].index)
        worse = sorted(str(name) for name in others[others <= measure[rival]].index)
        sentences.append(
            f"Test hypervolume against {rival} ({measure[rival]:.4f}): "
            f"above: {', '.join(better) or 'none'}; not above: {', '.join(worse) or 'none'}."
        )
    return " ".join([*sentences, "Differences are not tested for significance here."])


def _table(frame: pd.DataFrame, title: str) -> str:
    table = frame.to_html(index=False, border=0, float_format="{:.4f}".format, na_rep="")
    return table.replace("<thead>", f"<caption>{escape(title)}</caption><thead>", 1)


def _failures(record: StudyRecord) -> str:
    rows = [
        f"<li>#{c.number} {escape(c.regime)}: {escape(str(c.reason))}</li>" for c in record.failed()
    ]
    return f"<ul>{''.join(rows)}</ul>" if rows else "<p>None.</p>"


def _floor(record: StudyRecord) -> dict[str, str]:
    if record.reference.rmse is None:
        return {"majority-class accuracy": f"{record.reference.accuracy:.4f}"}
    return {"RMSE of the training mean, R² of 0": f"{record.reference.rmse:.4g}"}


def _provenance(record: StudyRecord) -> pd.DataFrame:
    rows = {
        "data": record.provenance,
        "split": record.split,
        "data digest": record.digest,
        "seeds": str(record.spec.get("seeds")),
        "configurations": str(len(record.configurations)),
        "state": record.state,
        **_floor(record),
        **record.versions,
    }
    return pd.DataFrame({"what": rows.keys(), "value": rows.values()})
