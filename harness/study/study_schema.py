"""The JSON Schema of study files, with the plug-ins that they may name."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar

import pydantic

from harness.core.errors import InputError
from harness.core.parameters import parameter_schema
from harness.core.plugins import Registry
from harness.core.study_spec import StudySpec
from harness.models.backbones import BACKBONES
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.training.options import TrainingOptions

Schema: TypeAlias = dict[str, pydantic.JsonValue]
_T = TypeVar("_T")


def study_schema() -> Schema:
    """The JSON Schema by which editors complete and check study files.

    Of plug-ins, those that can be imported now are in it, with what their parameters mean. A name
    that it does not know is left to `harness launch`: the file may be newer than the schema.
    """
    schema: Schema = StudySpec.model_json_schema()
    definitions, fields = _inner(schema, "$defs"), _inner(schema, "properties")
    regimes = _inner(fields, "regimes")
    regimes["properties"] = {
        name: {"description": summary, "properties": parameters, "propertyNames": {"enum": known}}
        for name, summary, parameters, known in _described(REGIMES)
    }
    _inner(fields, "training")["properties"] = _hints(parameter_schema(TrainingOptions))
    _add_choices(_inner(definitions, "BackboneChoice"), BACKBONES)
    _add_choices(_inner(definitions, "PolicyChoice"), POLICIES)
    return schema


def _add_choices(choice: Schema, registry: Registry[_T]) -> None:
    """What the parameters of a plug-in mean, by the name that was chosen."""
    choice["allOf"] = [
        {
            "if": {"properties": {"name": {"const": name}}, "required": ["name"]},
            "then": {
                "properties": {
                    "parameters": {"properties": parameters, "propertyNames": {"enum": known}}
                }
            },
        }
        for name, _, parameters, known in _described(registry)
    ]
    _inner(_inner(choice, "properties"), "name")["examples"] = list(registry.names())


def _described(
    registry: Registry[_T],
) -> Iterator[tuple[str, str, Schema, list[pydantic.JsonValue]]]:
    """Name, summary, parameters and their names of each plug-in that can be imported."""
    for name in registry.names():
        try:
            parameters = parameter_schema(registry.get(name))
        except InputError:
            continue
        yield name, registry.summary(name), _hints(parameters), list(parameters)


def _hints(parameters: Mapping[str, Mapping[str, pydantic.JsonValue]]) -> Schema:
    """What each parameter means: its values may be ranges to search, which its type knows not."""
    return {
        name: {key: field[key] for key in ("description", "default") if key in field}
        for name, field in parameters.items()
    }


def _inner(schema: Schema, name: str) -> Schema:
    inner = schema[name]
    assert isinstance(inner, dict)  # noqa: S101 -- as pydantic writes it
    return inner
