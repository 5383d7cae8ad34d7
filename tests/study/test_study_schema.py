import json

from harness.core.plugin_files import PluginFolder
from harness.study.study_schema import study_schema
from tests.conftest import REPOSITORY


def test_the_published_schema_is_the_current_one():
    """But for plug-ins that are newer: one is a single file."""
    published = json.loads((REPOSITORY / "studies" / "study.schema.json").read_text())
    assert published == dict(only_known(study_schema(), published))


def only_known(schema, published):
    """A schema with those plug-ins alone that a published one knows."""
    fields, known = schema["properties"]["regimes"], published["properties"]["regimes"]
    fields["properties"] = {n: fields["properties"][n] for n in known["properties"]}
    for choice in ("BackboneChoice", "PolicyChoice"):
        here, there = (each["$defs"][choice] for each in (schema, published))
        here["allOf"] = [rule for rule in here["allOf"] if rule["if"] in ifs(there)]
        here["properties"]["name"]["examples"] = there["properties"]["name"]["examples"]
    return schema


def test_the_schema_knows_the_parameters_of_plugins():
    schema = study_schema()
    beta = schema["properties"]["regimes"]["properties"]["soft_cgt"]["properties"]["beta"]
    assert beta == {"description": "residual-gate strength", "default": 1.0}
    backbones = schema["$defs"]["BackboneChoice"]["allOf"]
    (image,) = (
        r["then"] for r in backbones if r["if"]["properties"]["name"]["const"] == "image_cnn"
    )
    assert "widths" in image["properties"]["parameters"]["propertyNames"]["enum"]


def ifs(choice):
    return [rule["if"] for rule in choice["allOf"]]


def test_plugins_of_the_users_are_in_it_and_broken_ones_left_out(tmp_path, use):
    folder = tmp_path / "regimes"
    folder.mkdir()
    source = (REPOSITORY / "harness" / "regimes" / "hard_cgt.py").read_text()
    (folder / "mine.py").write_text(source)
    (folder / "broken.py").write_text("import nothing_here\n")
    use(PluginFolder.read(tmp_path))
    regimes = study_schema()["properties"]["regimes"]["properties"]
    assert "beta" in regimes["mine"]["properties"]
    assert "broken" not in regimes
