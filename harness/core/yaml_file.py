"""YAML that users write: read by the rules of YAML 1.2, every fault an error with its line."""

import re
from pathlib import Path
from typing import Never

import yaml

from harness.core.errors import InputError

LONGEST, LARGEST, DEEPEST = 1_000_000, 20_000, 32
"""Most characters of a text, most values once its aliases are written out, most levels."""
_BITS = 64
"""Of an integer."""

_TAG = "tag:yaml.org,2002:"
_NULL, _BOOL, _INT, _FLOAT, _STR, _MERGE = (
    _TAG + name for name in ("null", "bool", "int", "float", "str", "merge")
)
# The core schema of YAML 1.2 (section 10.3.2): `1e-3` is a number, `yes`, `1:30` and dates are
# text. A whole number also looks like a float, so that the order counts.
_SCALARS = {
    _NULL: (re.compile(r"~|null|Null|NULL|"), "null"),
    _BOOL: (re.compile(r"true|True|TRUE|false|False|FALSE"), "true or false"),
    _INT: (re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"), "a whole number"),
    _FLOAT: (
        re.compile(
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
        ),
        "a number",
    ),
    _MERGE: (re.compile(r"<<"), "<<"),
}


class _Fault(yaml.MarkedYAMLError):
    """What YAML's grammar allows and a file for harness does not."""


def read_yaml(path: Path, otherwise: str = "no such file") -> object:
    """The content of a YAML file: mappings, lists, texts, numbers, booleans and nulls.

    Parameters
    ----------
    otherwise
        Message where the file does not exist.

    Raises
    ------
    InputError
        The file cannot be read, or as `parse_yaml` does.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: {otherwise}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not valid YAML: not UTF-8: {error.reason}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> object:
    """The content of a YAML text; each alias gives a copy.

    Raises
    ------
    InputError
        The text is no YAML, gives a key twice, holds anything but plain data, or is too long, too
        large or too deep. The message opens with `where` and names the line.
    """
    if len(text) > LONGEST:
        raise InputError(f"{where}: {len(text)} characters; at most {LONGEST} are read")
    try:
        root = yaml.compose(text, Loader=_Loader)
        if root is None:
            return None
        _check_extent(root)
        return _content(root)
    except yaml.MarkedYAMLError as error:
        raise InputError(f"{where}: {_in_words(error)}") from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        raise InputError(f"{where}: not valid YAML: {' '.join(str(error).split())}") from None
    except ValueError as error:  # an escape of what is no character, a directive of many digits
        raise InputError(f"{where}: not valid YAML: {error}") from None
    except RecursionError:
        raise InputError(f"{where}: nested deeper than {DEEPEST} levels") from None


def write_yaml(value: object, flow: bool = False) -> str:
    """A value as YAML that `parse_yaml` reads back, keys in their order.

    Parameters
    ----------
    flow
        Whether the innermost mappings and lists stand on one line.
    """
    style = None if flow else False
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=style, sort_keys=False, width=100
    )
    return text


class _Loader(yaml.SafeLoader):
    """Tells scalars apart by the core schema; gives up on a file as soon as it is too large."""

    composed = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node; a million values would take a minute to be read and then refused."""
        self.composed += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        if node is not None and self.composed > LARGEST:
            _refuse(f"more than {LARGEST} values", node)
        return node


class _Dumper(yaml.SafeDumper):
    """Quotes a text that the core schema would take for something else."""


for _kind in (_Loader, _Dumper):
    _kind.yaml_implicit_resolvers = {}
    for _tag, (_rule, _) in _SCALARS.items():
        # Under None: tried whatever the first character is.
        _kind.add_implicit_resolver(_tag, re.compile(f"^(?:{_rule.pattern})$"), [None])


def _in_words(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    line = f"line {mark.line + 1}: " if mark else ""
    context = f" ({error.context})" if error.context else ""
    kind = "" if isinstance(error, _Fault) else "not valid YAML: "
    return f"{line}{kind}{error.problem or 'cannot be read'}{context}"


def _refuse(problem: str, node: yaml.Node) -> Never:
    raise _Fault(problem=problem, problem_mark=node.start_mark)


def _check_extent(root: yaml.Node) -> None:
    """Refuse what is too large or too deep once all aliases are written out."""
    left, waiting = LARGEST, [(root, 1)]
    while waiting:
        node, level = waiting.pop()
        left -= 1
        if left < 0:
            _refuse(f"more than {LARGEST} values, those of aliases counted each time", node)
        if level > DEEPEST:
            _refuse(f"nested deeper than {DEEPEST} levels", node)
        if isinstance(node, yaml.MappingNode):
            waiting += [(inner, level + 1) for pair in node.value for inner in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(inner, level + 1) for inner in node.value]


def _content(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
        return [_content(inner) for inner in node.value]
    if isinstance(node, yaml.ScalarNode) and node.tag in {_STR, _NULL, _BOOL, _INT, _FLOAT}:
        return _scalar(node)
    tag = node.tag.replace(_TAG, "!!")
    _refuse(f"{tag} is not allowed: a file holds texts, numbers, lists and mappings", node)


def _mapping(node: yaml.MappingNode) -> dict[str, object]:
    lines: dict[str, int] = {}
    merged: dict[str, object] = {}
    own: dict[str, object] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(part, yaml.MappingNode):
                    _refuse("<< takes mappings alone", part)
                merged = {**_mapping(part), **merged}
            continue
        if not isinstance(key, yaml.ScalarNode) or key.tag != _STR:
            _refuse(f"a key is a name, found {_shown(key)}; write it in quotes", key)
        name, line = _text(key), key.start_mark.line + 1
        if name in lines:
            _refuse(f"{name!r} is given twice, in lines {lines[name]} and {line}", key)
        lines[name] = line
        own[name] = _content(value)
    return {**merged, **own}


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text = _text(node)
    if node.tag == _STR:
        return text
    rule, allowed = _SCALARS[node.tag]
    if not rule.fullmatch(text):
        _refuse(f"{node.tag.replace(_TAG, '!!')} takes {allowed}, found {_shown(node)}", node)
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL:
        return text.lower() == "true"
    if node.tag == _FLOAT:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    # Python itself refuses to convert very many digits.
    whole = int(text, {"0o": 8, "0x": 16}.get(text[:2], 10)) if len(text) <= _BITS else None
    if whole is None or abs(whole) >= 2 ** (_BITS - 1):
        _refuse(f"an integer of {len(text)} digits; at most {_BITS} bits are read", node)
    return whole


def _text(node: yaml.ScalarNode) -> str:
    text: str = node.value
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse(f"{text[:60]!a} holds half a character (a surrogate)", node)
    return text


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else repr(node.value[:60]) or "nothing"
