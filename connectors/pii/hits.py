"""Places in a text that must go, and how overlapping ones become one."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """The half-open character range `[start, end)` of the searched text.

    `what` names the reason for people: an entity of the catalogue (`IBAN_CODE`) or `custom text 1`, the number of the
    entry. It never holds the text itself.
    """

    start: int
    end: int
    what: str


def merged(hits: Iterable[Hit]) -> list[Hit]:
    """`hits` in reading order, with overlapping ones joined.

    A joined hit covers all that its parts cover, because each part must go, and is named for its longest part.
    """
    groups: list[list[Hit]] = []
    reach = -1
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start < reach:
            groups[-1].append(hit)
        else:
            groups.append([hit])
        reach = max(reach, hit.end)
    return [_union(group) for group in groups]


def _union(group: list[Hit]) -> Hit:
    longest = max(group, key=lambda hit: hit.end - hit.start)
    return Hit(group[0].start, max(hit.end for hit in group), longest.what)
