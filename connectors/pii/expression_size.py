"""How much an expression asks for, told from its text alone.

Compiling `x{1000000000}` or `((x{1000}){1000}){1000}` keeps the `regex` module busy for hours, and compiling has no
time limit: so the size is looked at before.
"""

import re

_REPEAT = re.compile(r"\{(\d+)(?:,\d*)?\}")
_NAMED = re.compile(r"\\[pPNxgkL]\{[^}]*\}|\\.", re.DOTALL)
_SET = re.compile(r"\[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\]?", re.DOTALL)


def least_elements(source: str) -> int:
    """About how many characters a match must have, repetitions multiplied out; alternatives are added up."""
    groups = [0]
    last = 0
    position = 0
    while position < len(source):
        if repeat := _REPEAT.match(source, position):
            times = max(int(repeat[1][:12]), 1)
            groups[-1] += last * (times - 1)
            last *= times
            position = repeat.end()
            continue
        if source[position] == "(":
            groups.append(0)
        elif source[position] == ")" and len(groups) > 1:
            last = groups.pop()
            groups[-1] += last
        else:
            last = 1
            groups[-1] += 1
        element = _NAMED.match(source, position) or _SET.match(source, position)
        position = element.end() if element else position + 1
    return sum(groups)
