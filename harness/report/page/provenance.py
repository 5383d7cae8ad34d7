"""What a study's numbers rest on: data, seeds, network, training, versions."""

from collections.abc import Mapping

import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.core.settings import Between, OneOf, Settings
from harness.report.formats import SCORE_NAMES
from harness.results.extent import extent_in_words
from harness.results.study_record import StudyRecord


def provenance(record: StudyRecord, seeds: SeedTables) -> pd.DataFrame:
    """What a study's numbers rest on, a line each: columns what and value, both text.

    Parameters
    ----------
    record
        Of the search.
    seeds
        Of its confirmation, where it is confirmed.
    """
    spec, fresh, rmse = record.spec, seeds.record, record.reference.rmse
    floor = (
        f"{record.reference.score:.4f}, the majority class's"
        if rmse is None
        else f"0, the training mean's, whose RMSE is {rmse:.4g}"
    )
    rows = {
        "data": record.manifest.provenance,
        "split": spec.split,
        "data digest": record.manifest.digest,
        "searched seeds": str(list(spec.seeds)),
        **(
            {"fresh seeds": str(list(fresh.spec.seeds)), "their data digest": fresh.data_digest}
            if seeds.fresh
            else {}
        ),
        "network": "trained elsewhere; its outputs were imported"
        if record.imported
        else f"{spec.backbone.name}: {_in_words(spec.backbone.parameters)}",
        "full static network": f"{record.reference.macs:,.0f} MACs per sample (cost 1)",
        **({} if record.imported else {"training": _in_words(spec.training)}),
        "exit policy": spec.policy.name,
        "configurations": " ".join(
            filter(None, [str(len(record.configurations)), extent_in_words(record)])
        ),
        "state": record.state,
        "hypervolumes count from": f"{SCORE_NAMES[record.score]} {floor}",
        **{name: ", ".join(found) for name, found in record.versions.items()},
    }
    return pd.DataFrame({"what": rows.keys(), "value": rows.values()})


def _in_words(settings: Settings) -> str:
    return ", ".join(f"{name} {_setting(value)}" for name, value in settings.items()) or "defaults"


def _setting(value: object) -> str:
    if isinstance(value, Between):
        return f"{value.min:g} to {value.max:g}"
    if isinstance(value, OneOf):
        return f"one of {', '.join(map(str, value.values))}"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def side_by_side(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The same of several studies: columns what and one per study, empty where it says nothing."""
    columns = {name: frame.set_index("what")["value"] for name, frame in found.items()}
    return pd.concat(columns, axis=1, sort=False).fillna("").rename_axis("what").reset_index()
