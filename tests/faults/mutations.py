"""Mutations of valid files: of their structure, their text and their bytes.

A mutation is a step of three whole numbers, so that Hypothesis draws and shrinks it cheaply: where,
how, and with what.
"""

import copy
import json
import re

import yaml

BIG = "xBIGx"
"""Stands for an integer of 5000 digits, which neither json nor yaml writes."""
ODD = (
    None, True, False, 0, 1, 2, -1, 3.0, 0.5, 1e-300, 1e300, 2**31, 2**53 + 1, 2**63, -(2**63) - 1,
    BIG, float("inf"), float("-inf"), float("nan"), "", " ", "3", "../x", "/etc/passwd", "a/b",
    "CON", "x" * 300, "x" * 100_000, "\u2028", "\x00", "\ud800", "a\nb", "*", "${HOME}",
    "mlflow.db", "0" * 16, "f" * 16, "joint", "digits", [], {}, [[]], [None], [1, "a"], {"a": "b"},
    {"min": 0, "max": 1}, {"min": 2, "max": 1}, {"values": [1, 2]}, {"values": []}, {"value": None},
    {"min": 0, "max": 1e300, "step": 1e-300},
    {"min": 1, "max": 2**53, "distribution": "int_uniform"},
    {"min": -1e308, "max": 1e308}, {"min": 1, "max": 9, "per_exit": True},
    {"values": list(range(300))}, list(range(3000)), {f"k{n}": n for n in range(300)},
)  # fmt: skip
TOKENS = (
    "", "~", "yes", "-1", "3.0", "1e-3", "1e400", ".nan", "-.inf", "'3'", "0x1f", "9" * 5000,
    "[null]", "{a: b}", "&a [*a]", "*b", "<<", "? [x]", "!!int x", "!!float x", "!!binary x",
    "!!set {x}", "!!timestamp 2024-13-01", "!!python/object/apply:os.getcwd []", "2024-13-45", "@",
    "%", "\t", "\"\\ud800\"", "\"\\U00110000\"", "\u0000", "[" * 60, "- " * 60, "\u2028", "x: y: z",
    "{", "}", "]", ",", ":", "#", "NaN", "Infinity", "null", "1" * 400, "\\", "\"", "'",
)  # fmt: skip
CHUNKS = (
    b"\x00", b"\xff", b"\x80", b"\x00" * 8, b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"PK\x03\x04", b"O",
    b"9" * 30, b"\x93NUMPY", b"(", b"'|O'", b"\n", b"\xe9", b"\x80\x04\x95", b"-1", b"1e999",
    b",,,",
)  # fmt: skip

Step = tuple[int, int, int]


def in_tree(tree, steps):
    """A copy of plain data with some of its values, keys and levels changed."""
    root = [copy.deepcopy(tree)]
    for where, how, what in steps:
        places = list(_places(root))
        parent, key = places[where % len(places)]
        value, odd = parent[key], copy.deepcopy(ODD[what % len(ODD)])
        kind = how % 9
        if kind == 0 and len(places) > 1:
            del parent[key]
            root = root or [None]
        elif kind == 1:
            parent[key] = [value]
        elif kind == 2:
            parent[key] = {"inner": value}
        elif kind == 3 and isinstance(parent, dict):
            parent[str(odd)[:200]] = parent.pop(key)
        elif kind == 4 and isinstance(value, list):
            value.append(copy.deepcopy(value[what % len(value)]) if value else odd)
        elif kind == 5 and isinstance(value, dict):
            value[str(odd)[:200]] = odd
        elif kind == 6:
            other, name = places[what % len(places)]
            parent[key] = copy.deepcopy(other[name])
        elif kind == 7 and isinstance(value, int | float) and not isinstance(value, bool):
            parent[key] = (-value, value + 1, value * 1e6, 0 * value)[what % 4]
        else:
            parent[key] = odd
    return root[0]


def _places(parent):
    """Every value in plain data, by what holds it and under which key."""
    for key in list(parent) if isinstance(parent, dict) else range(len(parent)):
        yield parent, key
        if isinstance(parent[key], list | dict):
            yield from _places(parent[key])


def in_text(text, steps):
    """A text with some of its lines, words and characters changed."""
    for where, how, what in steps:
        lines = text.split("\n")
        at, kind, token = where % len(lines), how % 8, TOKENS[what % len(TOKENS)]
        words = re.split(r"(\W)", lines[at])
        word = how // 8 % len(words)
        if kind == 0:
            lines[at] = f"{lines[at].partition(':')[0]}: {token}"
        elif kind == 1:
            lines.insert(at, lines[what % len(lines)])
        elif kind == 2:
            del lines[at]
        elif kind == 3:
            lines[at] = " " * (what % 4) + lines[at]
        elif kind == 4:
            words[word] = token
            lines[at] = "".join(words)
        elif kind == 5:
            words.insert(word, token)
            lines[at] = "".join(words)
        elif kind == 6:
            cut = how // 8 % (len(lines[at]) + 1)
            lines[at] = lines[at][:cut] + chr(what % 0x2100) + lines[at][cut + what % 2 :]
        else:
            cut = what % (len(text) + 1)
            lines = text[:cut].split("\n")
        text = "\n".join(lines)
    return text


def in_bytes(raw, steps):
    """Bytes of which some are changed, cut out, repeated or put in; heads more often than rest."""
    found = bytearray(raw)
    for where, how, what in steps:
        at = where % (min(len(found), 256) + 1 if how & 1 else len(found) + 1)
        kind, chunk = how // 2 % 6, CHUNKS[what % len(CHUNKS)]
        if kind == 0:
            found[at : at + 1] = bytes([what % 256])
        elif kind == 1:
            found[at : at + len(chunk)] = chunk
        elif kind == 2:
            found[at:at] = chunk
        elif kind == 3:
            del found[at : at + 1 + what % 64]
        elif kind == 4:
            found[at:at] = found[at : at + 1 + what % 512]
        else:
            del found[at:]
    return bytes(found)


def as_json(tree):
    """Plain data as JSON, with what JSON cannot hold."""
    return json.dumps(tree).replace(f'"{BIG}"', "9" * 5000).encode("utf-8", "surrogatepass")


def as_yaml(tree):
    """Plain data as YAML; what YAML cannot hold is written as JSON, which is YAML as well."""
    try:
        text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    except (yaml.YAMLError, ValueError):
        text = json.dumps(tree)
    return text.replace(BIG, "9" * 5000).encode("utf-8", "surrogatepass")
