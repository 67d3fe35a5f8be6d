"""Custom attributes in the two notations of imports, read by hand and never evaluated (AC-104, AC-117)."""

import json
import re
from collections.abc import Mapping, Sequence

from connectors.errors import Fault
from connectors.messages import N_

MOST = 50
LONGEST_KEY, LONGEST_VALUE = 100, 1000

UNREADABLE = Fault(
    "user_import.attributes",
    422,
    N_("The custom attributes cannot be read."),
    N_("Write them as {'key1':'value1','key2':'value2'} or as a JSON object; keys and values are texts."),
    spec="AC-104",
)

_QUOTED = r"'((?:[^'\\]|\\['\\])*)'"
_PAIR = re.compile(rf"\s*{_QUOTED}\s*:\s*{_QUOTED}\s*")
_ESCAPED = re.compile(r"\\(['\\])")


def read_attributes(text: str) -> dict[str, str]:
    """The attributes behind `{'key':'value'}` or `{"key":"value"}`; raises `UNREADABLE` for anything else."""
    pairs = _json_pairs(text) if '"' in text else _single_quoted_pairs(text.strip())
    found = dict(pairs)
    too_long = any(len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE for key, value in pairs)
    if len(found) != len(pairs) or len(found) > MOST or too_long or "" in found:
        raise UNREADABLE()
    return found


def write_attributes(attributes: Mapping[str, str]) -> str:
    """The attributes as JSON, which `read_attributes` reads; empty for none."""
    return json.dumps(dict(attributes), ensure_ascii=False, separators=(",", ":")) if attributes else ""


def _json_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of one flat object: they become a tuple, which nothing else in JSON does."""
    try:
        read = json.loads(text, object_pairs_hook=tuple)
    except (ValueError, RecursionError) as error:
        raise UNREADABLE() from error
    if not isinstance(read, tuple) or not all(isinstance(value, str) for _, value in read):
        raise UNREADABLE()
    return [(key, value) for key, value in read]


def _single_quoted_pairs(text: str) -> Sequence[tuple[str, str]]:
    if not (text.startswith("{") and text.endswith("}")):
        raise UNREADABLE()
    inside, pairs, place = text[1:-1], list[tuple[str, str]](), 0
    if not inside.strip():
        return pairs
    while True:
        found = _PAIR.match(inside, place)
        if found is None:
            raise UNREADABLE()
        pairs.append((_ESCAPED.sub(r"\1", found[1]), _ESCAPED.sub(r"\1", found[2])))
        place = found.end()
        if place == len(inside):
            return pairs
        if inside[place] != ",":
            raise UNREADABLE()
        place += 1
